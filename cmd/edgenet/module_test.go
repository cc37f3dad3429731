package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"edgenet/internal/console"
	"edgenet/internal/iothub"
	"edgenet/internal/lab"
	"edgenet/internal/lab/hub"
)

// patience is more time than a module should need, also on a busy machine.
const patience = 2 * time.Minute

// TestModuleAgainstTheLab runs `edgenet lab --json` and `edgenet module` with nothing but
// the moduleEnv that the lab tells, and sees the twin by the hub's own service API.
func TestModuleAgainstTheLab(t *testing.T) {
	t.Parallel()
	out, in := io.Pipe()
	stopLab := background(
		t,
		[]string{"lab", "--json"},
		&app{Console: &console.Console{Stdout: in, Stderr: io.Discard, Getenv: func(string) string { return "" }}},
	)
	var info lab.Info
	if err := json.NewDecoder(out).Decode(&info); err != nil {
		t.Fatal(err)
	}
	said, log := io.Pipe()
	t.Cleanup(func() { _ = log.Close() })
	info.ModuleEnv["EDGENET_HTTP"] = "all"
	stopModule := background(
		t,
		[]string{"module", "--http", "127.0.0.1:0", "--state", t.TempDir()},
		&app{Console: &console.Console{
			Stdout: io.Discard, Stderr: log, Getenv: func(name string) string { return info.ModuleEnv[name] },
		}},
	)
	site := siteOf(t, said)
	ask := serviceAPI(t, info)
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		twin := ask("/twins/lab-device/modules/edgenet?api-version=2021-04-12")
		if strings.Contains(twin, `"status":"ok"`) && strings.Contains(twin, `"recommended":"AMQP"`) &&
			strings.Contains(twin, `"schema":"edgenet.twin/1"`) {
			break
		}
		if time.Now().After(end) {
			t.Fatal(twin)
		}
	}
	page := get(t, site+"/")
	for _, want := range []string{"<!DOCTYPE html>", "AMQP works directly", "unknown", "Content-Security-Policy"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if code := stopModule(); code != 0 {
		t.Errorf("the module ended with %d", code)
	}
	if code := stopLab(); code != 0 {
		t.Errorf("the lab ended with %d", code)
	}
}

// siteOf reads a module's log until it says where its HTTP side is, and the rest away.
func siteOf(t *testing.T, log io.Reader) string {
	t.Helper()
	const mark = "metrics and health at "
	found := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(log)
		for lines.Scan() {
			if _, at, ok := strings.Cut(lines.Text(), mark); ok {
				found <- at
				break
			}
		}
		_, _ = io.Copy(io.Discard, log) // ends with the pipe
	}()
	select {
	case at := <-found:
		return at
	case <-time.After(patience):
		t.Fatal("the module says nothing of its HTTP side")
		return ""
	}
}

// get fetches a page from a module.
func get(t *testing.T, url string) string {
	t.Helper()
	c := http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", url, resp.Status, err)
	}
	return string(b)
}

// background runs a command until it is stopped, which gives its exit code.
func background(t *testing.T, args []string, a *app) (stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan int, 1)
	go func() { done <- run(ctx, args, a) }()
	code := -1
	stop = func() int {
		if cancel(); code < 0 {
			code = <-done
		}
		return code
	}
	t.Cleanup(func() { stop() })
	return stop
}

// serviceAPI asks the lab's hub as its owner.
func serviceAPI(t *testing.T, info lab.Info) func(path string) string {
	t.Helper()
	cs, err := iothub.ParseConnectionString(info.Service)
	if err != nil {
		t.Fatal(err)
	}
	sign, err := iothub.KeySigner(cs.SharedAccessKey)
	if err != nil {
		t.Fatal(err)
	}
	token, err := iothub.NewToken(cs.HostName, cs.SharedAccessKeyName, time.Now().Add(time.Hour), sign)
	if err != nil {
		t.Fatal(err)
	}
	ca, err := os.ReadFile(info.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	to := net.JoinHostPort(info.Addresses.Hub, strconv.Itoa(info.Ports.HTTPS))
	tr := &http.Transport{
		TLSClientConfig:   &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12},
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "tcp", to)
		},
	}
	return func(path string) string {
		r, err := http.NewRequest(http.MethodGet, "https://"+cs.HostName+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", token.Reveal())
		resp, err := (&http.Client{Transport: tr, Timeout: patience}).Do(r)
		if err != nil {
			return err.Error()
		}
		defer func() { _ = resp.Body.Close() }()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			return err.Error()
		}
		return string(b)
	}
}

// moduleEnvCommand gives a script the environment of a module of its lab.
func moduleEnvCommand(ts *testscript.TestScript, _ bool, _ []string) {
	for name, value := range ts.Value("lab").(*lab.Lab).Info().ModuleEnv {
		ts.Setenv(name, value)
	}
}

// desireCommand patches the module's desired properties: desire JSON.
func desireCommand(ts *testscript.TestScript, _ bool, args []string) {
	_, err := ts.Value("lab").(*lab.Lab).Hub().
		SetDesired(hub.Identity{Device: lab.DeviceID, Module: lab.ModuleID}, []byte(args[0]))
	ts.Check(err)
}

// twinCommand waits until a key of the module's reported section has a value: twin KEY
// VALUE. A value in JSON that is no text is compared as JSON.
func twinCommand(ts *testscript.TestScript, _ bool, args []string) {
	l := ts.Value("lab").(*lab.Lab)
	var got string
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		b, err := l.Hub().Reported(hub.Identity{Device: lab.DeviceID, Module: lab.ModuleID})
		ts.Check(err)
		var all struct {
			Edgenet map[string]any `json:"edgenet"`
		}
		ts.Check(json.Unmarshal(b, &all))
		value, err := json.Marshal(all.Edgenet[args[0]])
		ts.Check(err)
		if got = strings.Trim(string(value), `"`); got == args[1] {
			return
		}
	}
	ts.Fatalf("%s is %s, want %s", args[0], got, args[1])
}

// telemetryCommand waits until so many transitions came to the hub, and no more: telemetry N.
// One that was under way when the module ended may come twice (at least once is the
// promise), so they are told apart by their number.
func telemetryCommand(ts *testscript.TestScript, _ bool, args []string) {
	l := ts.Value("lab").(*lab.Lab)
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	n := -1
	for end := time.Now().Add(patience); time.Now().Before(end) && n != want; time.Sleep(50 * time.Millisecond) {
		seen := map[uint64]bool{}
		for _, m := range l.Hub().Telemetry() {
			var event struct {
				Seq uint64 `json:"seq"`
			}
			ts.Check(json.Unmarshal(m.Body, &event))
			seen[event.Seq] = true
		}
		n = len(seen)
	}
	if n != want {
		ts.Fatalf("%s", fmt.Sprint(n, " transitions came, want ", want))
	}
}
