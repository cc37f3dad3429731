//go:build interop && unix

package interop

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"edgenet/deploy/fleet"
	"edgenet/internal/verify/blackbox"
)

// put writes the files into a folder.
func put(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		text, err := fleet.Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func run(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s %s: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// TestAlertRules: Prometheus's own tool reads the rules, and each fires where it should and
// does not where it should not.
func TestAlertRules(t *testing.T) {
	blackbox.Need(t, "promtool")
	dir := put(t, "alerts.yaml")
	cases, err := os.ReadFile("testdata/alerts_test.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "alerts_test.yaml"), cases, 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, dir, nil, "promtool", "check", "rules", "alerts.yaml")
	run(t, dir, nil, "promtool", "test", "rules", "alerts_test.yaml")
}

// TestDashboardQueries: every question of the dashboard is PromQL.
func TestDashboardQueries(t *testing.T) {
	blackbox.Need(t, "promtool")
	text, err := fleet.Files.ReadFile("dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		Panels []struct{ Targets []struct{ Expr string } }
	}
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	rules := strings.Builder{}
	rules.WriteString("groups:\n- name: dashboard\n  rules:\n")
	n := 0
	for _, p := range d.Panels {
		for _, x := range p.Targets {
			expr, err := json.Marshal(strings.NewReplacer("$hub", ".*", "$device", ".*").Replace(x.Expr))
			if err != nil {
				t.Fatal(err)
			}
			n++
			rules.WriteString("  - record: dashboard:" + strings.Repeat("x", n) + "\n    expr: " + string(expr) + "\n")
		}
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "rules.yaml"), []byte(rules.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, dir, nil, "promtool", "check", "rules", "rules.yaml")
}

// TestUnits: systemd reads the job and its timer.
func TestUnits(t *testing.T) {
	blackbox.Need(t, "systemd-analyze")
	dir := put(t, "edgenet-fleet.service", "edgenet-fleet.timer")
	path := filepath.Join(dir, "edgenet-fleet.service")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// systemd looks whether the program is there, and there is none yet
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(text), "/usr/bin/edgenet", "/bin/true")),
		0o600); err != nil {
		t.Fatal(err)
	}
	out := run(t, dir, nil, "systemd-analyze", "verify", "--man=no", path, filepath.Join(dir, "edgenet-fleet.timer"))
	for line := range strings.Lines(out) {
		if strings.Contains(line, dir) || strings.Contains(line, "edgenet-fleet") {
			t.Errorf("systemd-analyze: %s", line)
		}
	}
	run(t, dir, nil, "systemd-analyze", "calendar", "hourly")
}

// TestQuadlet: podman's generator makes a unit of the container.
func TestQuadlet(t *testing.T) {
	const quadlet = "/usr/libexec/podman/quadlet"
	if _, err := os.Stat(quadlet); err != nil {
		t.Log("NOT RUN: podman has had quadlet since 4.4, and this one is older")
		return
	}
	dir := put(t, "edgenet-fleet.container")
	out := run(t, dir, []string{"QUADLET_UNIT_DIRS=" + dir}, quadlet, "-dryrun")
	for _, want := range []string{"edgenet-fleet.service", "--read-only", "--cap-drop=all", "fleet status --hub"} {
		if !strings.Contains(out, want) {
			t.Errorf("the generated unit lacks %q:\n%s", want, out)
		}
	}
}
