package gather

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"edgenet/internal/device"
	"edgenet/internal/ready"
	"edgenet/report"
)

func TestHealthyDevice(t *testing.T) {
	t.Parallel()
	began := time.Now()
	for id, rows := range healthy(t).judge() {
		for _, r := range rows {
			if r.Status == ready.Error || r.Status == ready.Warning {
				t.Errorf("%s is %s: %s (%s)", id, r.Status, r.Summary, r.Source)
			}
		}
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
}

// TestBrokenDevice breaks one thing of the device at a time.
func TestBrokenDevice(t *testing.T) {
	t.Parallel()
	host := func(f *fixture) map[string]any { return f.hub["HostConfig"].(map[string]any) }
	for _, tt := range []struct {
		name, id string
		status   ready.Status
		says     string
		brk      func(*fixture)
	}{
		{"healthy CA", "cert.edge-ca", ready.OK, "valid until", func(*fixture) {}},
		{"leaf is seen", "cert.hub-leaf", ready.OK, "edgeHub's certificate", func(*fixture) {}},
		{"leaf for another name", "cert.hub-leaf", ready.Error, "hostname is other.test", func(f *fixture) {
			f.write("etc/aziot/config.toml", strings.Replace(superTOML, "gw.plant.test", "other.test", 1))
		}},
		{"not applied", "config.applied", ready.Warning, "hostname", func(f *fixture) {
			f.write("etc/aziot/config.toml", strings.Replace(superTOML, "gw.plant.test", "other.test", 1))
		}},
		{"applied", "config.applied", ready.OK, "", func(*fixture) {}},
		// What iotedge config apply 1.6.0 makes of a nested device's parent.
		{"nested and applied", "config.applied", ready.OK, "", func(f *fixture) {
			f.write("etc/aziot/config.toml", nestedTOML)
			f.write("etc/aziot/identityd/config.d/00-super.toml", "hostname = \"gw.plant.test\"\n[provisioning]\n"+
				"local_gateway_hostname = \"gw1.corp\"\nsource = \"manual\"\niothub_hostname = \"h\"\n")
		}},
		{"another parent since", "config.applied", ready.Warning, "parent_hostname", func(f *fixture) {
			f.write("etc/aziot/config.toml", nestedTOML)
			f.write("etc/aziot/identityd/config.d/00-super.toml", "hostname = \"gw.plant.test\"\n[provisioning]\n"+
				"local_gateway_hostname = \"gw0.corp\"\nsource = \"manual\"\niothub_hostname = \"h\"\n")
		}},
		{"drop-in that wins", "config.applied", ready.Warning, "wins", func(f *fixture) {
			f.write("etc/aziot/edged/config.d/50-mine.toml", "hostname = \"x\"\n")
		}},
		{"drop-in that adds", "config.applied", ready.OK, "", func(f *fixture) {
			f.write("etc/aziot/certd/config.d/50-mine.toml", "[[principal]]\nuid = 1\n")
		}},
		{"broken TOML", "config.values", ready.Error, "line 1",
			func(f *fixture) { f.write("etc/aziot/config.toml", "hostname: \"x\"\n") }},
		{"days", "config.values", ready.Error, "10d", func(f *fixture) {
			f.write("etc/aziot/config.toml", superTOML+
				"[edge_ca.auto_renew]\nrotate_key = true\nthreshold = \"10d\"\nretry = \"4%\"\n")
		}},
		{"good units", "config.values", ready.OK, "", func(f *fixture) {
			f.write("etc/aziot/config.toml", superTOML+
				"[edge_ca.auto_renew]\nrotate_key = true\nthreshold = \"10day\"\nretry = \"4%\"\n")
		}},
		{"timeout", "config.values", ready.Error, "70",
			func(f *fixture) { f.write("etc/aziot/config.toml", "cloud_timeout_sec = 10\n"+superTOML) }},
		{"quickstart", "cert.edge-ca", ready.Warning, "quickstart", func(f *fixture) {
			f.write("etc/aziot/certd/config.d/00-super.toml",
				"[cert_issuance.aziot-edged-ca]\nmethod = \"self_signed\"\ncommon_name = \"aziot-edge CA\"\n")
		}},
		{"file gone", "cert.edge-ca", ready.Error, "not there",
			func(f *fixture) { _ = os.Remove(filepath.Join(f.root, "etc/certs/ca.pem")) }},
		{"file of rubbish", "cert.edge-ca", ready.Error, "no certificate",
			func(f *fixture) { f.write("etc/certs/ca.pem", "rubbish") }},
		{"old runtime", "release.support", ready.Error, "1.4", func(f *fixture) {
			f.write("var/lib/dpkg/status", "Package: aziot-edge\nStatus: install ok installed\nVersion: 1.4.20-1\n\n")
		}},
		{"Docker 29", "engine.api", ready.Warning, "1.44",
			func(f *fixture) { f.engine["/version"].(map[string]any)["MinAPIVersion"] = "1.44" }},
		{"podman", "engine.kind", ready.Error, "Podman", func(f *fixture) {
			f.engine["/version"] = map[string]any{"Version": "5.0.0",
				"Components": []map[string]string{{"Name": "Podman Engine"}}}
		}},
		{"unbounded log", "engine.logs", ready.Warning, "edgeHub",
			func(f *fixture) { host(f)["LogConfig"] = map[string]any{"Type": "json-file"} }},
		{"in memory", "store.memory", ready.Error, "memory", func(f *fixture) {
			f.engine["/containers/edgeHub/logs"] = "Starting Edge Hub\nFalling back to in-memory store."
		}},
		{"log rotated away", "store.memory", ready.Unknown, "",
			func(f *fixture) { f.engine["/containers/edgeHub/logs"] = "later lines" }},
		{"anonymous volume", "store.persist", ready.Warning, "without a name", func(f *fixture) {
			f.hub["Mounts"] = []map[string]string{{"Type": "volume", "Name": strings.Repeat("0a", 32),
				"Destination": "/store"}}
		}},
		{"foreign owner", "store.owner", ready.Error, "belongs to user", func(f *fixture) {
			f.hub["Mounts"] = []map[string]string{{"Type": "bind", "Source": "/proc/self", "Destination": "/store"}}
			f.hub["Config"].(map[string]any)["User"] = ""
			if os.Getuid() == 0 {
				f.hub["Mounts"] = []map[string]string{{"Type": "bind", "Source": owned(f.t, 4242),
					"Destination": "/store"}}
			}
		}},
		{"agent of yesterday", "config.agent-env", ready.Warning, "UpstreamProtocol", func(f *fixture) {
			f.agent["Config"].(map[string]any)["Env"] = []string{"UpstreamProtocol=Amqp"}
		}},
		{"head off", "hub.heads", ready.Warning, "mqtt", func(f *fixture) {
			f.hub["Config"].(map[string]any)["Env"] = []string{"mqttSettings__enabled=false"}
		}},
		{"privileged", "module.privileged", ready.Warning, "privileged",
			func(f *fixture) { host(f)["Privileged"] = true }},
		{"IPv6 that the engine's network lacks", "engine.network", ready.Error, "no IPv6", func(f *fixture) {
			f.write("etc/aziot/config.toml", superTOML+
				"[moby_runtime.network]\nname = \"azure-iot-edge\"\nipv6 = true\n")
		}},
		{"IPv6 on both sides", "engine.network", ready.OK, "", func(f *fixture) {
			f.write("etc/aziot/config.toml", superTOML+
				"[moby_runtime.network]\nname = \"azure-iot-edge\"\nipv6 = true\n")
			f.engine["/networks"].([]map[string]any)[0]["EnableIPv6"] = true
		}},
		{"network that covers this host's surroundings", "engine.network", ready.OK, "", func(*fixture) {}},
		{"no engine", "engine.api", ready.Unknown, "",
			func(f *fixture) { f.options.Engine = filepath.Join(f.root, "none.sock") }},
		{"deployment", "manifest.size", ready.Error, "60 of 50",
			func(f *fixture) { f.options.Deployment = manyModules(60) }},
		{"admin user", "registry.admin-user", ready.Warning, "plant.azurecr.io",
			func(f *fixture) { f.options.Deployment = manyModules(1) }},
		{"ttl", "hub.ttl", ready.Warning, "60 s", func(f *fixture) { f.options.Deployment = manyModules(1) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := healthy(t)
			tt.brk(f)
			rows := f.judge()[tt.id]
			if !slices.ContainsFunc(
				rows,
				func(r ready.Row) bool { return r.Status == tt.status && strings.Contains(r.Summary, tt.says) },
			) {
				t.Errorf("%s: %+v, want %s with %q", tt.id, rows, tt.status, tt.says)
			}
		})
	}
}

func owned(t testing.TB, uid int) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chown(dir, uid, uid); err != nil {
		t.Skip(err)
	}
	return dir
}

func manyModules(n int) []byte {
	modules := map[string]any{}
	for i := range n {
		modules[fmt.Sprintf("m%d", i)] = map[string]any{"settings": map[string]string{"image": "a"}}
	}
	agent := map[string]any{
		"modules": modules,
		"runtime": map[string]any{"settings": map[string]any{"registryCredentials": map[string]any{
			"r": map[string]string{"address": "plant.azurecr.io", "username": "plant", "password": "hunter2"}}}},
	}
	hub := map[string]any{"storeAndForwardConfiguration": map[string]any{"timeToLiveSecs": 60}}
	text, _ := json.Marshal(
		map[string]any{
			"modulesContent": map[string]any{
				"$edgeAgent": map[string]any{"properties.desired": agent},
				"$edgeHub":   map[string]any{"properties.desired": hub},
			},
		},
	)
	return text
}

// TestImage: below --root nothing of the running machine is told.
func TestImage(t *testing.T) {
	t.Parallel()
	f := healthy(t)
	f.options.Live, f.options.Engine = false, ""
	for id, rows := range f.judge() {
		for _, r := range rows {
			live := strings.HasPrefix(id, "engine.") || strings.HasPrefix(id, "store.") || id == "disk.free" ||
				id == "clock" ||
				id == "boot.enabled"
			if live && r.Status != ready.Skipped {
				t.Errorf("%s is %s of an image: %s", id, r.Status, r.Summary)
			}
			if r.Status == ready.Error || r.Status == ready.Warning {
				t.Errorf("%s is %s: %s", id, r.Status, r.Summary)
			}
		}
	}
}

// TestWithoutRuntime: a machine without the runtime is no device.
func TestWithoutRuntime(t *testing.T) {
	t.Parallel()
	if !Nothing(All(context.Background(), Options{Root: t.TempDir()})) {
		t.Error("an empty folder is taken for a device")
	}
}

// TestPlanned: where no engine is seen, the deployment's modules are judged.
func TestPlanned(t *testing.T) {
	t.Parallel()
	f := healthy(t)
	f.options.Live, f.options.Engine = false, ""
	f.options.Deployment = []byte(`{"modulesContent":{"$edgeAgent":{"properties.desired":{"systemModules":{
"edgeHub":{"settings":{"image":"mcr.test/azureiotedge-hub:1.6","createOptions":"{\"HostConfig\":{\"Binds\":[\"/srv/hub:/store\"]}}"},"env":{"storageFolder":{"value":"/store"}}}},
"modules":{"filter":{"settings":{"image":"r.test/filter:latest","createOptions":"{\"HostConfig\":{\"Privileged\":true}}"},"env":{"DB_PASSWORD":{"value":"hunter2"}}},
"later":{"settings":{"image":"${MODULES.later}"}}}}}}}`)
	rows := f.judge()
	for id, want := range map[string]ready.Status{"release.rolling-tag": ready.Warning, "image.latest": ready.Warning,
		"module.privileged": ready.Warning, "module.secrets": ready.Warning,
		"store.persist": ready.OK, "engine.logs": ready.Skipped, "store.owner": ready.Skipped} {
		if !slices.ContainsFunc(rows[id], func(r ready.Row) bool { return r.Status == want }) {
			t.Errorf("%s: %+v, want %s", id, rows[id], want)
		}
	}
	for _, r := range rows["image.latest"] {
		if strings.Contains(r.Summary, "later") {
			t.Errorf("a placeholder is judged: %+v", r)
		}
	}
}

// TestNetwork: the check's verdict is a row, and the hub's Date judges the clock.
func TestNetwork(t *testing.T) {
	t.Parallel()
	f := healthy(t)
	skew := report.Millis(-400_000) // the hub's minus ours: this clock is ahead
	f.options.Check = func(context.Context, *device.Device) (*report.Report, error) {
		r := &report.Report{
			Results: []report.Result{
				{
					Status: report.OK,
					Steps:  []report.Step{{Stage: report.StageHTTP, Detail: &report.HTTPDetail{SkewMs: &skew}}},
				},
			},
		}
		r.Verdict.ExitCode, r.Verdict.Reason = 1, "nothing works"
		return r, nil
	}
	f.options.Registries = func(context.Context, *device.Device) ([]ready.Registry, error) {
		return []ready.Registry{{Host: "r.test", Why: "no answer"}}, nil
	}
	rows := f.judge()
	for id, says := range map[string]string{"upstream": "nothing works", "clock": "400 s ahead",
		"registry.reachable": "r.test"} {
		if !slices.ContainsFunc(
			rows[id],
			func(r ready.Row) bool { return r.Status == ready.Error && strings.Contains(r.Summary, says) },
		) {
			t.Errorf("%s: %+v", id, rows[id])
		}
	}
	f.options.Check = func(context.Context, *device.Device) (*report.Report, error) {
		return nil, errors.New("no hub is known")
	}
	if rows := f.judge()["upstream"]; rows[0].Status != ready.Unknown || !strings.Contains(rows[0].Needs, "no hub") {
		t.Errorf("%+v", rows)
	}
}
