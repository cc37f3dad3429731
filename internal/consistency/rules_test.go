package consistency_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"edgenet/internal/consistency"
	"edgenet/internal/manifest"
	"edgenet/internal/rule"
)

// TestRulesDoc: docs/lint.md is what the tables say, and no row is incomplete.
func TestRulesDoc(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Rules over files\n\n```\nedgenet manifest lint deployment.json\n```\n\nWhat `edgenet manifest " +
		"lint` and `edgenet config show` judge by, beside the " +
		"[findings of a check](causes.md). " +
		"Errors make both exit 1.\nThis page is written from the tables: `go test ./internal/consistency -update`.\n")
	seen := map[string]bool{}
	for _, part := range []struct {
		title string
		rows  []rule.Row
	}{{"Deployment manifests", manifest.Table()}, {"This host's files", consistency.Rules()}} {
		fmt.Fprintf(&b, "\n## %s\n", part.title)
		for _, r := range part.rows {
			if r.Code == "" || r.Severity == "" || r.Actor == "" || r.Meaning == "" || r.Follows == "" ||
				r.Remedy == "" || r.Source == "" || seen[r.Code] {
				t.Errorf("incomplete, or there twice: %+v", r)
			}
			seen[r.Code] = true
			severity := string(r.Severity)
			if r.SeverityNote != "" {
				severity += "; " + r.SeverityNote
			}
			fmt.Fprintf(&b, "\n### `%s`\n\n%s%s: %s.\n\n%s (%s. Source: %s)\n",
				r.Code, strings.ToUpper(r.Meaning[:1]), r.Meaning[1:], r.Follows, r.Remedy, severity, r.Source)
		}
	}
	const file = "../../docs/lint.md"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != b.String() {
		t.Errorf("%s is not what the tables say: %v", file, err)
	}
}
