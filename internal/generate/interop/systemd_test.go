//go:build interop && linux

package interop

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"edgenet/internal/device"
	"edgenet/internal/generate"
	"edgenet/internal/proxyurl"
	"edgenet/internal/secret"
	"edgenet/report"
)

// limit bounds every program that is started here.
const limit = 2 * time.Minute

// tool finds a program, or ends the test: in CI loudly.
func tool(t *testing.T, names ...string) string {
	t.Helper()
	for _, n := range names {
		if p, err := exec.LookPath(n); err == nil {
			return p
		}
	}
	if os.Getenv("EDGENET_CI") != "" {
		t.Fatalf("%s is not installed", names[0])
	}
	t.Skipf("%s is not installed", names[0])
	return ""
}

// shared is a directory that other users can read, with a short name.
func shared(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "u")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func plant(t *testing.T, root, name, text string) {
	t.Helper()
	path := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// systemd loads units of a directory as systemd's user manager does, which needs no
// running systemd, and gives what it prints: what it has read, and its complaints.
func systemd(t *testing.T, dir string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	run := filepath.Join(shared(t), "run")
	if err := os.Mkdir(run, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(run, 0o777); err != nil { // whatever the umask
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = []string{"XDG_RUNTIME_DIR=" + run, "HOME=" + run, "PATH=" + os.Getenv("PATH"),
		"SYSTEMD_UNIT_PATH=" + dir + ":"}
	if os.Geteuid() == 0 { // the user manager refuses to be root
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	out, err := cmd.CombinedOutput()
	if err != nil && !bytes.Contains(out, []byte("By units")) && args[0] != tool(t, "systemd-analyze") {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return string(out)
}

// environments reads the dump of systemd --test: each unit's environment by name.
func environments(dump string) map[string]map[string]string {
	out := map[string]map[string]string{}
	unit := ""
	for l := range strings.Lines(dump) {
		l = strings.TrimRight(l, "\n")
		if name, ok := strings.CutPrefix(strings.TrimSpace(l), "-> Unit "); ok {
			unit = strings.TrimSuffix(name, ":")
			out[unit] = map[string]string{}
		}
		if kv, ok := strings.CutPrefix(strings.TrimLeft(l, "\t"), "Environment: "); ok {
			k, v, _ := strings.Cut(kv, "=")
			out[unit][k] = v
		}
	}
	return out
}

func readBack(t *testing.T, dir, unit string) map[string]map[string]string {
	t.Helper()
	return environments(systemd(t, dir, tool(t, "systemd", "/lib/systemd/systemd"), "--test", "--user", "--unit="+unit))
}

const evil = "p:@%=# w\\\"'$`{}é?/+&;,"

func plan(t *testing.T, root string, noProxy string) (*generate.Set, *proxyurl.Proxy) {
	t.Helper()
	p := &proxyurl.Proxy{Scheme: proxyurl.HTTP, Host: "proxy.corp", Port: 3128, User: "edge user",
		Password: secret.New(evil), HasAuth: true}
	s, err := generate.Plan(generate.Input{Device: device.Read(context.Background(),
		device.Options{Root: root, Engine: "none"}), Protocol: report.AMQPWS, Proxy: p, NoProxy: noProxy})
	if err != nil {
		t.Fatal(err)
	}
	return s, p
}

// TestSystemdReadsDropIns: systemd gives the services exactly the proxy that was meant,
// and systemd-analyze verify has no complaint.
func TestSystemdReadsDropIns(t *testing.T) {
	verify := tool(t, "systemd-analyze")
	const noProxy = `10.0.0.0/8,*.corp,"odd 100%" \back`
	s, p := plan(t, t.TempDir(), noProxy)
	dir := shared(t)
	wants := "[Unit]\nDescription=all\n"
	var names []string
	for _, f := range s.Files {
		unit, file, ok := strings.Cut(strings.TrimPrefix(f.Path, "/etc/systemd/system/"), ".service.d/")
		if !ok {
			continue
		}
		names = append(names, unit)
		plant(t, dir, unit+".service", "[Unit]\nDescription=x\n[Service]\nExecStart=/bin/true\n")
		plant(t, dir, unit+".service.d/"+file, f.Text)
		wants += "Wants=" + unit + ".service\n"
	}
	plant(t, dir, "all.target", wants)
	if len(names) != 4 {
		t.Fatalf("units %v", names)
	}
	got := readBack(t, dir, "all.target")
	for _, n := range names {
		env := got[n+".service"]
		if env["https_proxy"] != p.URL() || env["HTTPS_PROXY"] != p.URL() {
			t.Errorf("%s: systemd reads %q, want %q", n, env, p.URL())
		}
		if n == "docker" && env["NO_PROXY"] != noProxy {
			t.Errorf("docker: systemd reads NO_PROXY %q, want %q", env["NO_PROXY"], noProxy)
		}
		out := systemd(t, dir, verify, "--user", "--man=no", "verify", filepath.Join(dir, n+".service"))
		if strings.Contains(out, ".service.d/") || strings.Contains(out, "ignoring") {
			t.Errorf("systemd-analyze verify %s: %s", n, out)
		}
	}
}

// alphabet has what quoting, escapes and specifiers are made of, and no letter that
// expands to what only the running system knows.
const alphabet = `ek "'\%=0147xzZ- ` + "\t"

// TestSystemdAgrees: what discovery reads out of any Environment= line is what systemd
// does, for lines made at random.
func TestSystemdAgrees(t *testing.T) {
	const lines = 400
	random := rand.New(rand.NewPCG(1, 2))
	dir := shared(t)
	wants := "[Unit]\nDescription=all\n"
	var texts []string
	for i := range lines {
		var b strings.Builder
		b.WriteString([]string{"https_proxy=", `"https_proxy=`, `'https_proxy=`, "A=1 https_proxy="}[random.IntN(4)])
		for range random.IntN(14) {
			b.WriteByte(alphabet[random.IntN(len(alphabet))])
		}
		b.WriteString([]string{"", `"`, `'`, " B=2"}[random.IntN(4)])
		texts = append(texts, b.String())
		plant(t, dir, fmt.Sprintf("u%d.service", i), "[Service]\nExecStart=/bin/true\nEnvironment="+b.String()+"\n")
		wants += fmt.Sprintf("Wants=u%d.service\n", i)
	}
	plant(t, dir, "all.target", wants)
	got := readBack(t, dir, "all.target")
	agreed := 0
	for i, text := range texts {
		env, loaded := got[fmt.Sprintf("u%d.service", i)]
		if !loaded {
			t.Fatalf("systemd did not load unit %d", i)
		}
		want, set := env["https_proxy"]
		root := t.TempDir()
		plant(t, root, "etc/systemd/system/docker.service", "[Service]\nExecStart=/bin/true\nEnvironment="+text+"\n")
		s, found := device.Read(context.Background(), device.Options{Root: root, Engine: "none"}).At(device.EngineUnit,
			device.Proxy)
		if found != set || s.Value.Reveal() != want {
			t.Errorf("Environment=%s: systemd reads %q (%v), discovery %q (%v)", text, want, set,
				s.Value.Reveal(), found)
			continue
		}
		if set {
			agreed++
		}
	}
	if agreed < lines/10 {
		t.Errorf("only %d of %d lines set anything: the test says little", agreed, lines)
	}
}
