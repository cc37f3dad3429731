package command

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"edgenet/internal/console"
	"edgenet/internal/manifest"
	"edgenet/report"
)

// explained is what explain prints of a code.
func explained(t *testing.T, code string) string {
	t.Helper()
	var out, errs bytes.Buffer
	con := &console.Console{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
		Getenv: func(string) string { return "" }, Width: func() int { return 0 }, Root: t.TempDir()}
	if err := Explain(context.Background(), con, code, ExplainOptions{}); err != nil || errs.Len() > 0 {
		t.Errorf("%s: %v %s", code, err, errs.String())
	}
	return out.String()
}

// TestEveryCodeIsExplained: whatever code a command can print, explain knows it, with who
// acts and what to do.
func TestEveryCodeIsExplained(t *testing.T) {
	t.Parallel()
	all := Codes()
	for _, r := range manifest.Rules() {
		all = append(all, string(r))
	}
	seen := map[string]int{}
	for _, c := range Codes() {
		seen[c]++
	}
	for _, code := range all {
		out := explained(t, code)
		if !strings.HasPrefix(out, code) || !strings.Contains(out, "to do") && !strings.Contains(out, "at the hub") {
			t.Errorf("%s: %s", code, out)
		}
		if strings.Contains(out, " 0 ") || strings.ContainsAny(out, "{}") {
			t.Errorf("%s: a value that nobody gave: %s", code, out)
		}
		if seen[code] != 1 {
			t.Errorf("%s is listed %d times", code, seen[code])
		}
	}
	for _, x := range Terms() {
		if x.Kind == "" || x.Rule == "" || x.Means == "" || x.Remedy == "" || x.Actor == "" {
			t.Errorf("%s: something is missing: %+v", x.Code, x)
		}
		if _, is := report.FindingCode(x.Code).Info(); is {
			t.Errorf("%s is a finding already", x.Code)
		}
	}
}
