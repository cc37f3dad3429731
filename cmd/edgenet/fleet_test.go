package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"edgenet/deploy/module"
	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/fleet"
	"edgenet/internal/fleet/fakehub"
)

// fleetWorld is a hub with devices, and a folder with what the commands need.
type fleetWorld struct {
	hub  *fakehub.Hub
	dir  string
	base []string // flags of every command
}

const fleetToken = "very-secret-token"

func newFleetWorld(t *testing.T, devices int) *fleetWorld {
	t.Helper()
	w := &fleetWorld{hub: &fakehub.Hub{Devices: map[string]*fakehub.Device{},
		Configurations: map[string]*fakehub.Configuration{}, GroupBy: true}, dir: t.TempDir()}
	now := time.Now().UTC()
	for i := range devices {
		d := &fakehub.Device{ID: fmt.Sprintf("dev-%d", i), Tags: map[string]any{"site": "plant-3"}, Protocol: "Amqp",
			Works: map[string]bool{"AMQPWS@proxy": true, "AMQP@direct": true}}
		d.Report = map[string]any{"schema": fleet.Schema, "status": "ok", "configured": "AMQP", "consistent": false,
			"recommended": "AMQPWS", "route": "proxy", "proxySource": "env",
			"checkedAt": now.Add(-time.Hour).Format(time.RFC3339),
			"changedAt": now.Add(-100 * time.Hour).Format(time.RFC3339),
			"cause":     "tcp.timeout",
			"direct":    map[string]any{"AMQP": "tcp.timeout", "AMQPWS": "tcp.timeout"},
			"proxy": map[string]any{"AMQPWS": "ok",
				"HTTPS": "ok"}}
		w.hub.Devices[d.ID] = d
	}
	address, certificate := w.hub.StartTLS(t.Cleanup)
	for name, text := range map[string]string{"ca.pem": string(certificate), "base.json": string(module.Base()),
		"proxy.txt": "edge:pass-word\n",
		"classes.toml": "[proxies.plant3]\nurl = \"http://proxy.corp:3128\"\nsites = [\"plant-3\"]\ncredentials = " +
			"\"proxy.txt\"\n"} {
		if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w.base = []string{"--hub", address, "--ca-file", w.path("ca.pem"), "--tier", "S3"}
	return w
}

func (w *fleetWorld) path(name string) string { return filepath.Join(w.dir, name) }

// run gives what a command printed on both outputs, and its exit code.
func (w *fleetWorld) run(t *testing.T, args ...string) (string, int) {
	t.Helper()
	var out bytes.Buffer
	env := map[string]string{"EDGENET_HUB_TOKEN": fleetToken, "LANG": "C.UTF-8"}
	a := &app{Console: &console.Console{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out,
		Getenv: func(k string) string { return env[k] }, Root: t.TempDir()}}
	code := run(t.Context(), append(append([]string{"fleet"}, args...), w.base...), a)
	for _, secret := range []string{fleetToken, "pass-word"} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("%v shows %s:\n%s", args, secret, out.String())
		}
	}
	return out.String(), code
}

func (w *fleetWorld) good(t *testing.T, want string, args ...string) {
	t.Helper()
	if out, code := w.run(t, args...); code != exit.Good || !strings.Contains(out, want) {
		t.Fatalf("%v: code %d, want %q:\n%s", args, code, want, out)
	}
}

func (w *fleetWorld) tagged() int {
	w.hub.Lock()
	defer w.hub.Unlock()
	n := 0
	for _, d := range w.hub.Devices {
		if d.Tags["edgenet"] != nil {
			n++
		}
	}
	return n
}

// TestFleetDay is the operator's day against a hub: see, plan, roll out, see, undo.
func TestFleetDay(t *testing.T) {
	t.Parallel()
	w := newFleetWorld(t, 6)
	w.good(t, "6 of 6 devices are ok", "status")
	w.good(t, "dev-3", "devices")
	w.good(t, "9 of 9 questions", "selftest")
	plan, reports := w.path("plan.json"), w.path("reports.jsonl")
	w.good(t, "6 devices would move, 0 stay, 0 held", "plan", "--deployment", w.path("base.json"), "--classes",
		w.path("classes.toml"), "-o", plan)
	if w.tagged() > 0 || len(w.hub.Configurations) > 0 {
		t.Fatal("plan wrote to the hub")
	}
	for _, name := range []string{plan} {
		text, err := os.ReadFile(name)
		if err != nil || bytes.Contains(text, []byte("pass-word")) {
			t.Fatalf("%s: %v, or it holds a secret", name, err)
		}
	}
	if out, code := w.run(t, "apply", plan); code != exit.Usage || !strings.Contains(out, "--yes") || w.tagged() > 0 {
		t.Fatalf("nobody was asked: code %d\n%s", code, out)
	}
	w.good(t, "6 devices moved and came back", "apply", plan, "--canary", "2", "--wave", "3", "--window",
		"20s", "--yes")
	if text, err := os.ReadFile(plan + ".journal"); err != nil || bytes.Contains(text, []byte("pass-word")) {
		t.Fatalf("journal: %v, or it holds a secret", err)
	}
	for id, d := range w.hub.Devices {
		if d.Protocol != "AmqpWs" || d.Proxy != "http://edge:pass-word@proxy.corp:3128" || d.Down {
			t.Errorf("%s: %s by %s, down %v", id, d.Protocol, d.Proxy, d.Down)
		}
	}
	w.good(t, "amqpws-plant3 6", "status")
	w.good(t, "6 devices answered, 0 did not", "check", "-o", reports)
	w.good(t, "0 devices answered, 0 did not; 6 devices had answered before", "check", "-o", reports)
	w.good(t, "6 devices as before, 1 deployment gone", "undo", plan+".journal")
	if w.tagged() > 0 || len(w.hub.Configurations) > 0 {
		t.Error("undo left something")
	}
	w.good(t, "0 devices as before", "undo", plan+".journal")
}

// TestFleetRefusals: what the hub or the plan do not allow is said with what to do, and
// nothing is written.
func TestFleetRefusals(t *testing.T) {
	t.Parallel()
	plan := []string{"plan", "--deployment", "base.json", "--classes", "classes.toml", "-o", "plan.json"}
	for _, c := range []struct {
		name string
		set  func(t *testing.T, w *fleetWorld)
		args []string
		code int
		says string
	}{
		{"no right", func(_ *testing.T, w *fleetWorld) {
			w.hub.Refuse = func(*http.Request) (int, string, string) { return 403, "IotHubForbidden", "no" }
		}, []string{"status"}, exit.Bad, "IoT Hub Data Reader"},
		{"Basic tier", func(_ *testing.T, w *fleetWorld) {
			w.hub.Refuse = func(*http.Request) (int, string, string) {
				return 403, "OperationNotAvailableInCurrentTier",
					"no"
			}
		}, []string{"status"}, exit.Bad, "this hub is Basic tier"},
		{"a wrong token", func(_ *testing.T, w *fleetWorld) {
			w.hub.Refuse = func(*http.Request) (int, string, string) { return 401, "IotHubUnauthorizedAccess", "no" }
		}, plan, exit.Bad, "does not accept the credentials"},
		{"full", func(_ *testing.T, w *fleetWorld) {
			for i := range 100 {
				id := fmt.Sprint("x", i)
				w.hub.Configurations[id] = &fakehub.Configuration{ID: id, Condition: "tags.none='x'", Priority: 1,
					Content: json.RawMessage(`{"$edgeAgent":{"properties.desired":{}}}`)}
			}
		}, plan, exit.Bad, "F12 the hub holds 100 deployments"},
		{"an overlap", func(_ *testing.T, w *fleetWorld) { overlap(w, 30) }, plan, exit.Bad,
			"F6 at priority 30 it shares devices"},
		{"an overlap that twins do not tell of", func(_ *testing.T, w *fleetWorld) {
			overlap(w, 90)
			w.hub.Blind = true
		}, plan, exit.Bad, "F6 the deployment theirs has the same devices at priority 90"},
		{"a template that lint refuses", func(_ *testing.T, w *fleetWorld) {
			bad := strings.Replace(string(module.Base()), `"schemaVersion": "1.1"`, `"schemaVersion": "2.0"`, 1)
			_ = os.WriteFile(w.path("base.json"), []byte(bad), 0o600)
		}, plan, exit.Bad, "F5 manifest lint refuses it"},
		{"no such template", func(_ *testing.T, w *fleetWorld) { _ = os.Remove(w.path("base.json")) }, plan, exit.Usage,
			"no such file"},
		{"no such deployment", func(*testing.T, *fleetWorld) {}, []string{"plan", "--deployment", "nobody"}, exit.Usage,
			"the hub has no deployment of that id"},
		{"the template changed", func(t *testing.T, w *fleetWorld) {
			w.run(t, "plan", "--deployment", w.path("base.json"), "--classes", w.path("classes.toml"), "-o",
				w.path("plan.json"))
			_ = os.WriteFile(w.path("base.json"), bytes.Replace(module.Base(), []byte("1.6.1"), []byte("1.6.2"), 1),
				0o600)
		}, []string{"apply", "plan.json", "--yes"}, exit.Usage, "changed since the plan was made"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newFleetWorld(t, 2)
			c.set(t, w)
			args := append([]string(nil), c.args...)
			for i, a := range args {
				if strings.HasSuffix(a, ".json") || strings.HasSuffix(a, ".toml") {
					args[i] = w.path(a)
				}
			}
			out, code := w.run(t, args...)
			if code != c.code || !strings.Contains(out, c.says) || w.tagged() > 0 {
				t.Errorf("code %d, want %d and %q:\n%s", code, c.code, c.says, out)
			}
		})
	}
}

// overlap puts a deployment on the same devices, and asks for priority 30.
func overlap(w *fleetWorld, priority int) {
	content := json.RawMessage(`{"$edgeAgent":{"properties.desired":{"systemModules":{},"modules":{}}}}`)
	w.hub.Configurations["theirs"] = &fakehub.Configuration{ID: "theirs", Condition: "tags.site='plant-3'",
		Priority: priority, Content: content}
	text, _ := os.ReadFile(w.path("classes.toml"))
	_ = os.WriteFile(w.path("classes.toml"), append([]byte("priority = 30\n"), text...), 0o600)
}
