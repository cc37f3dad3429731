//go:build interop

package interop

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"edgenet/internal/iothub"
	"edgenet/internal/lab"
	"edgenet/internal/lab/hub"
)

// packages are what the Node scripts need.
var packages = []string{"azure-iot-device", "azure-iot-device-mqtt", "azure-iot-device-amqp", "azure-iothub", "mqtt",
	"rhea", "https-proxy-agent@7"}

// madeDir is the folder that npmDir made, to be removed at the end.
var madeDir string

func TestMain(m *testing.M) {
	code := m.Run()
	for _, dir := range []string{madeDir, madeVenv} {
		if dir != "" {
			_ = os.RemoveAll(dir) // it is a temporary folder in any case
		}
	}
	os.Exit(code)
}

// npmDir is set up once for all tests.
var npmDir = sync.OnceValues(func() (string, error) {
	dir := os.Getenv("EDGENET_INTEROP_NPM")
	if dir == "" {
		made, err := os.MkdirTemp("", "edgenet-interop-")
		if err != nil {
			return "", err
		}
		dir, madeDir = made, made
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "azure-iot-device")); err == nil {
		return dir, nil
	}
	var err error
	for range 3 { // registries have their moments
		if err = install(dir); err == nil {
			return dir, nil
		}
	}
	return "", err
})

func install(dir string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "npm", append([]string{"install", "--prefix", dir, "--no-audit", "--no-fund"},
		packages...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return &installError{string(out), err}
	}
	return nil
}

type installError struct {
	out string
	err error
}

func (e *installError) Error() string { return e.err.Error() + "\n" + e.out }

// startLab starts a lab on the ports that the vendor's SDKs have fixed. Port 443
// needs the right to bind it.
func startLab(t *testing.T, faults ...string) *lab.Lab {
	t.Helper()
	o := lab.Options{Listen: "127.0.0.51", EdgeListen: "127.0.0.52", DPSListen: "127.0.0.53",
		StandardPorts: true}
	for _, spec := range faults {
		f, err := lab.ParseFault(spec)
		if err != nil {
			t.Fatal(err)
		}
		o.Faults = append(o.Faults, f)
	}
	l, err := lab.Start(context.Background(), o)
	if err != nil {
		t.Skipf("the standard ports cannot be had here: %v", err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			for _, e := range l.Events() {
				t.Logf("%s %s %s %s", e.Place, e.Kind, e.Identity, e.Detail)
			}
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// process is a foreign client that tells its steps.
type process struct {
	t      *testing.T
	steps  chan step
	stdin  io.WriteCloser
	stderr *bytes.Buffer
}

type step struct {
	Step  string          `json:"step"`
	Value json.RawMessage `json:"value"`
}

// node runs a script of testdata with the lab's names resolved.
func node(t *testing.T, l *lab.Lab, script string, env map[string]string) *process {
	t.Helper()
	dir, err := npmDir()
	if err != nil {
		t.Fatalf("npm packages: %v", err)
	}
	here, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	code, err := os.ReadFile(filepath.Join(here, script))
	if err != nil {
		t.Fatal(err)
	}
	// Beside node_modules, so that require finds them.
	copied := filepath.Join(dir, "edgenet-"+script)
	if err := os.WriteFile(copied, code, 0o600); err != nil {
		t.Fatal(err)
	}
	return run(t, l, env, "node", "-r", filepath.Join(here, "resolve.js"), copied)
}

func run(t *testing.T, l *lab.Lab, env map[string]string, name string, args ...string) *process {
	t.Helper()
	i := l.Info()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	cmd := exec.CommandContext(ctx, name, args...)
	names, err := json.Marshal(map[string]string{i.Hub: i.Addresses.Hub, i.Gateway: i.Addresses.Gateway,
		i.Provisioning.Host: i.Provisioning.Address})
	if err != nil {
		t.Fatal(err)
	}
	cmd.Env = append(os.Environ(), "LAB_NAMES="+string(names), "LAB_CA="+i.CAFile, "NODE_EXTRA_CA_CERTS="+i.CAFile)
	for key, value := range env {
		cmd.Env = append(cmd.Env, key+"="+value)
	}
	p := &process{t: t, steps: make(chan step, 100), stderr: new(bytes.Buffer)}
	cmd.Stderr = p.stderr
	if p.stdin, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Skipf("%s is not here: %v", name, err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(p.steps)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			var s step
			if json.Unmarshal(lines.Bytes(), &s) == nil && s.Step != "" {
				p.steps <- s
			}
		}
		_ = cmd.Wait() // how it ends is told by its steps
	}()
	t.Cleanup(func() { cancel(); <-done })
	return p
}

// expect waits for a step, passes over others, and returns its value.
func (p *process) expect(name string) string {
	p.t.Helper()
	timeout := time.After(30 * time.Second)
	var seen []string
	for {
		select {
		case s, ok := <-p.steps:
			if !ok {
				p.t.Fatalf("ended before %q; steps %v; stderr %s", name, seen, p.stderr)
			}
			if s.Step == name {
				return string(s.Value)
			}
			seen = append(seen, s.Step+" "+string(s.Value))
			if s.Step == "failed" {
				p.t.Fatalf("failed before %q: %s; steps %v", name, s.Value, seen)
			}
		case <-timeout:
			p.t.Fatalf("no %q; steps %v; stderr %s", name, seen, p.stderr)
		}
	}
}

// expectValue is expect with the value held against what it should be.
func (p *process) expectValue(name, want string) {
	p.t.Helper()
	if got := p.expect(name); got != want {
		p.t.Errorf("%s: %s, want %s", name, got, want)
	}
}

// tokenFor signs with the identity's own key.
func tokenFor(t *testing.T, l *lab.Lab, id hub.Identity, expiry time.Time) string {
	t.Helper()
	key, err := l.Hub().Key(id)
	if err != nil {
		t.Fatal(err)
	}
	sign, err := iothub.KeySigner(key)
	if err != nil {
		t.Fatal(err)
	}
	token, err := iothub.NewToken(iothub.DeviceResource(lab.HubName, id.Device, id.Module), "", expiry, sign)
	if err != nil {
		t.Fatal(err)
	}
	return token.Reveal()
}

// within gives one step of a test its time.
func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func last(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
