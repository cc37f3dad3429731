package device_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"edgenet/internal/device"
)

// TestUnitFiles: what of a unit's files counts, where one of them is spoilt, hidden or taken back.
// internal/generate/interop holds the same against systemd.
func TestUnitFiles(t *testing.T) {
	t.Parallel()
	const dir = "etc/systemd/system/"
	const unit = "[Service]\nExecStart=/x\n"
	const drop = dir + "aziot-edged.service.d/"
	for _, tt := range []struct {
		name   string
		files  map[string]string
		want   string // of https_proxy, empty where none counts
		unread int
	}{
		{"a drop-in", map[string]string{drop + "p.conf": "[Service]\nEnvironment=https_proxy=http://p:1"}, "http://p:1", 0},
		{"a hidden drop-in", map[string]string{drop + ".p.conf": "[Service]\nEnvironment=https_proxy=http://p:1"}, "", 0},
		{"a section that does not end", map[string]string{drop + "p.conf": "[Service]\nEnvironment=https_proxy=http://p:1\n[Install\n" +
			"[Service]\nEnvironment=https_proxy=http://p:2"}, "http://p:1", 1},
		{"a unit with one", map[string]string{dir + "aziot-edged.service": unit + "[Install",
			drop + "p.conf": "[Service]\nEnvironment=https_proxy=http://p:1\n"}, "", 1},
		{"a unit that is not UTF-8", map[string]string{dir + "aziot-edged.service": unit + "Environment=https_proxy=http://p\xe9:1"}, "", 1},
		{"a comment that is not", map[string]string{dir + "aziot-edged.service": unit + "# \xe9\nEnvironment=https_proxy=http://p:1"},
			"http://p:1", 0},
		{"taken away", map[string]string{drop + "p.conf": "[Service]\nEnvironment=https_proxy=http://p:1\nUnsetEnvironment=https_proxy"}, "", 0},
		{"taken away with its value", map[string]string{drop + "p.conf": "[Service]\nEnvironment=https_proxy=http://p:1\n" +
			"UnsetEnvironment=https_proxy=http://p:1"}, "", 0},
		{"another value", map[string]string{drop + "p.conf": "[Service]\nEnvironment=https_proxy=http://p:1\n" +
			"UnsetEnvironment=https_proxy=http://p:2"}, "http://p:1", 0},
		{"given back", map[string]string{drop + "p.conf": "[Service]\nEnvironment=https_proxy=http://p:1\nUnsetEnvironment=https_proxy\n" +
			"UnsetEnvironment="}, "http://p:1", 0},
		{"a marked file of variables", map[string]string{drop + "p.conf": "\ufeff[Service]\nEnvironmentFile=/etc/e\n",
			"etc/e": "\ufeffhttps_proxy=http://p:1\nhttps_proxy=http://p:2\n"}, "http://p:2", 0},
		{"the manager's drop-ins", map[string]string{"usr/lib/systemd/system.conf.d/p.conf": "[Manager]\nDefaultEnvironment=https_proxy=http://p:1",
			"etc/systemd/system.conf.d/a.conf": "[Manager]\nDefaultEnvironment=https_proxy=http://p:2"}, "http://p:1", 0},
		{"a manager's drop-in that is hidden", map[string]string{
			"usr/lib/systemd/system.conf.d/p.conf": "[Manager]\nDefaultEnvironment=https_proxy=http://p:1",
			"etc/systemd/system.conf.d/p.conf":     ""}, "", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			for name, text := range tt.files {
				put(t, root, name, text)
			}
			if tt.files[dir+"aziot-edged.service"] == "" {
				put(t, root, dir+"aziot-edged.service", unit)
			}
			d := read(root, "none")
			s, found := d.At(device.Place("unit:aziot-edged"), device.Proxy)
			if found != (tt.want != "") || s.Value.Reveal() != tt.want || len(d.Unread) != tt.unread {
				t.Errorf("got %q, %v unread", s.Value.Reveal(), d.Unread)
			}
			for _, u := range d.Unread {
				if !strings.Contains(u.Error(), "systemd reads no further than line ") {
					t.Error(u)
				}
			}
		})
	}
}

func put(t *testing.T, root, name, text string) {
	t.Helper()
	path := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
