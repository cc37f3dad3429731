//go:build interop && linux

package interop

import (
	"os"
	"path/filepath"
	"testing"

	"edgenet/internal/ready"
	"edgenet/internal/ready/gather"
)

// TestReadyAsksRealEngines: what real engines say of themselves, their storage and their
// networks is understood, and nothing of them is changed.
func TestReadyAsksRealEngines(t *testing.T) {
	eachEngine(t, deviceOptions{}, func(t *testing.T, d *device) {
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
		rows, _ := ready.Judge(gather.All(t.Context(), gather.Options{Root: root, Live: true, Engine: d.socket()}))
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
