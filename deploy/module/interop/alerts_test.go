//go:build interop && unix

package interop

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"edgenet/deploy/module"
	"edgenet/internal/verify/blackbox"
)

// TestAlertRules: Prometheus's own tool reads the rules, and each alert fires where it
// should and does not where it should not.
func TestAlertRules(t *testing.T) {
	blackbox.Need(t, "promtool")
	dir := t.TempDir()
	cases, err := os.ReadFile("testdata/alerts_test.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"alerts.yaml": module.Alerts(), "alerts_test.yaml": cases} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, line := range [][]string{{"check", "rules", "alerts.yaml"}, {"test", "rules", "alerts_test.yaml"}} {
		cmd := exec.CommandContext(t.Context(), "promtool", line...) //nolint:gosec // the test's own
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", line, err, out)
		}
	}
}
