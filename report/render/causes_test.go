package render

import (
	"strings"
	"testing"

	"edgenet/report"
)

func TestCausesMarkdownIsCurrent(t *testing.T) {
	golden(t, "../../docs/causes.md", CausesMarkdown())
}

func TestCausesMarkdownLeavesNothingOut(t *testing.T) {
	got := CausesMarkdown()
	for _, c := range report.Causes() {
		if n := strings.Count(got, "### `"+string(c.Code)+"`\n"); n != 1 {
			t.Errorf("%s stands %d times", c.Code, n)
		}
		prefix, _, _ := strings.Cut(string(c.Code), ".")
		if sections[prefix] == "" {
			t.Errorf("%s has no section", c.Code)
		}
	}
	for _, f := range report.FindingTable() {
		if !strings.Contains(got, "### `"+string(f.Code)+"`\n") {
			t.Errorf("%s is missing", f.Code)
		}
	}
	if strings.ContainsAny(got, "{}") || strings.Contains(got, "..\n") || strings.Contains(got, ":** .") ||
		strings.Contains(got, ":** \n") {
		t.Error("a placeholder, a double full stop or an empty text")
	}
}
