//go:build interop && linux

package interop

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"edgenet/internal/ready"
	"edgenet/internal/ready/gather"
)

// ready looks at the device as root of its host does.
func (d *device) ready(t *testing.T) []ready.Row {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{
		"etc/aziot/config.toml": "hostname = \"gw.test\"\n",
		"var/lib/dpkg/status":   "Package: aziot-edge\nStatus: install ok installed\nVersion: 1.6.0-1\n",
	} {
		p := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil { //nolint:gosec // a device's own
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/proc", filepath.Join(root, "proc")); err != nil {
		t.Fatal(err)
	}
	rows, _ := ready.Judge(gather.All(t.Context(), gather.Options{Root: root, Live: true, Engine: d.socket()}))
	return rows
}

// TestReadyAsksRealEngines: what real engines say of themselves, their storage and their
// networks is understood, and nothing of them is changed.
func TestReadyAsksRealEngines(t *testing.T) {
	eachEngine(t, deviceOptions{}, func(t *testing.T, d *device) {
		rows := d.ready(t)
		kind := ready.Error // podman
		if d.docker {
			kind = ready.Warning // of the distribution
		}
		want := map[string][]ready.Status{
			"engine.kind": {
				kind,
				ready.Info,
			}, "engine.api": {ready.OK}, "engine.storage-driver": {ready.Warning}, // vfs
			"engine.network": {
				ready.OK,
				ready.Error,
			}, "disk.docker": {ready.OK, ready.Info}, "store.persist": {ready.Skipped},
		}
		for _, r := range rows {
			statuses, asked := want[r.ID]
			if !asked {
				continue
			}
			t.Logf("%s is %s: %s", r.ID, r.Status, r.Summary)
			fits := false
			for _, s := range statuses {
				fits = fits || s == r.Status
			}
			if !fits {
				t.Errorf("%s is %s: %s (%s)", r.ID, r.Status, r.Summary, r.Needs)
			}
		}
	})
}

// TestReadyReadsRealContainers: what real engines tell of containers that they made, as edgeAgent
// asks for them, is understood: of sound ones, and of those with everything wrong.
func TestReadyReadsRealContainers(t *testing.T) {
	built(t)
	eachEngine(t, deviceOptions{}, func(t *testing.T, d *device) {
		d.list("load", "-i", filepath.Join(bench.dir, "tar", "edgenet-amd64.tar"))
		labels := map[string]string{"net.azure-devices.edge.owner": "Microsoft.Azure.Devices.Edge.Agent"}
		type object = map[string]any
		bounded := object{"Type": "json-file", "Config": map[string]string{"max-size": "10m", "max-file": "3"}}
		create := func(name string, env []string, more, host object) {
			host["NetworkMode"] = network
			options := object{"Image": "edgenet:dev", "Cmd": []string{"version"}, "Env": env, "Labels": labels,
				"HostConfig": host}
			maps.Copy(options, more)
			d.post(t, "/containers/create?name="+name, options)
		}
		for _, name := range []string{"edgeAgent", "edgeHub"} {
			create(name, []string{"storageFolder=/store"}, nil,
				object{"LogConfig": bounded, "Binds": []string{strings.ToLower(name) + ":/store"}})
		}
		create("filter", []string{"INTERVAL=5"}, nil, object{"LogConfig": bounded, "Memory": 64 << 20})
		logs := map[bool]ready.Status{true: ready.OK, false: ready.Unknown} // podman does not tell the bound
		rows := d.ready(t)
		wantRows(t, rows, logs[d.docker], "engine.logs")
		wantRows(t, rows, ready.OK, "store.persist", "module.privileged", "module.restart",
			"ports.debug", "module.secrets", "module.limits", "image.debug", "hub.heads")
		for _, name := range []string{"edgeHub", "filter"} {
			d.list("rm", "-f", name)
		}
		create("edgeHub", []string{"storageFolder=/store", "mqttSettings__enabled=false"},
			object{"Volumes": object{"/store": object{}}, "ExposedPorts": object{"8883/tcp": object{}}},
			object{"LogConfig": bounded, "PortBindings": object{"8883/tcp": []object{{"HostPort": "28883"}}}})
		create("filter", []string{"DB_PASSWORD=hunter2"}, object{"ExposedPorts": object{"5678/tcp": object{}}},
			object{"LogConfig": object{"Type": "json-file"}, "Privileged": true,
				"RestartPolicy": object{"Name": "always"},
				"PortBindings":  object{"5678/tcp": []object{{"HostPort": "25678"}}}})
		logs[true] = ready.Warning
		rows = d.ready(t)
		wantRows(t, rows, logs[d.docker], "engine.logs")
		wantRows(t, rows, ready.Warning, "store.persist", "module.privileged", "module.restart",
			"ports.debug", "module.secrets", "hub.heads")
		wantRows(t, rows, ready.Info, "module.limits")
		for _, r := range rows {
			if strings.Contains(r.Summary, "hunter2") {
				t.Errorf("a secret is shown: %s", r.Summary)
			}
		}
	})
}

// wantRows wants a row of each id with the status.
func wantRows(t *testing.T, rows []ready.Row, s ready.Status, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if slices.ContainsFunc(rows, func(r ready.Row) bool { return r.ID == id && r.Status == s }) {
			continue
		}
		t.Errorf("%s is not %s:", id, s)
		for _, r := range rows {
			if r.ID == id {
				t.Logf("%s: %s (%s)", r.Status, r.Summary, r.Needs)
			}
		}
	}
}
