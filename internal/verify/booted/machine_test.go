//go:build interop && linux

package booted

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"edgenet/internal/verify/blackbox"
)

// limit bounds a machine's whole life.
const limit = 2 * time.Minute

// target is what the machine boots to: the bus, and the test's own script, which ends it.
const target = `[Unit]
Requires=basic.target dbus.service edgenet-test.service
After=basic.target
`

const service = `[Unit]
After=basic.target dbus.service
SuccessAction=poweroff-force
FailureAction=poweroff-force
[Service]
Type=oneshot
TimeoutStartSec=100
ExecStart=/bin/bash /told/script
`

// boot runs a script as root on a booted machine that has the given files beside this
// machine's own, and gives the folder into which the script wrote, /told in there.
func boot(t *testing.T, files map[string]string, script string) string {
	t.Helper()
	blackbox.Need(t, "systemd-nspawn", "systemctl", "journalctl", "unshare")
	if os.Geteuid() != 0 {
		blackbox.Miss(t, "booting a machine needs root")
	}
	dir := t.TempDir()
	for _, d := range []string{"over", "plant", "told"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o755); err != nil { //nolint:gosec // as a machine's folders are
			t.Fatal(err)
		}
	}
	edgenet, err := blackbox.Build(dir)
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(edgenet.Path)
	if err != nil {
		t.Fatal(err)
	}
	plant(t, filepath.Join(dir, "plant", "usr/bin/edgenet"), string(program), 0o755)
	const units = "plant/etc/systemd/system"
	plant(t, filepath.Join(dir, units, "edgenet-test.target"), target, 0o644)
	plant(t, filepath.Join(dir, units, "edgenet-test.service"), service, 0o644)
	for name, text := range files {
		plant(t, filepath.Join(dir, "plant", name), text, 0o644)
	}
	plant(t, filepath.Join(dir, "told/script"), script, 0o755)
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "unshare", "-m", "./boot.sh", dir, "edgenet-test.target") //nolint:gosec // our own
	out, err := cmd.CombinedOutput()
	if _, missing := os.Stat(filepath.Join(dir, "told/done")); missing != nil {
		t.Fatalf("the machine ended before the script did: %v\n%s\n%s", err, out, told(t, dir, "log"))
	}
	return dir
}

func plant(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // as a machine's folders are
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// told is what the script wrote into a file; nothing where it did not come to that.
func told(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "told", name))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}
