package main

import (
	"strings"
	"testing"

	"edgenet/internal/command"
	"edgenet/internal/manifest"
	"edgenet/report"
)

// TestEveryCodeIsExplained: whatever code a command can print, explain knows it, with who
// acts and what to do, and completion offers it.
func TestEveryCodeIsExplained(t *testing.T) {
	t.Parallel()
	all := command.Codes()
	for _, r := range manifest.Rules() {
		all = append(all, string(r))
	}
	seen := map[string]int{}
	for _, c := range command.Codes() {
		seen[c]++
	}
	for _, code := range all {
		exit, out, errs := inProcess(t, "explain", code)
		if exit != 0 || !strings.HasPrefix(out, code) || !strings.Contains(out, "to do") &&
			!strings.Contains(out, "at the hub") {
			t.Errorf("%s: exit %d, %s%s", code, exit, out, errs)
		}
		if strings.Contains(out, " 0 ") || strings.ContainsAny(out, "{}") {
			t.Errorf("%s: a value that nobody gave: %s", code, out)
		}
		if seen[code] != 1 {
			t.Errorf("%s is listed %d times", code, seen[code])
		}
	}
	for _, x := range command.Terms() {
		if x.Kind == "" || x.Rule == "" || x.Means == "" || x.Remedy == "" || x.Actor == "" {
			t.Errorf("%s: something is missing: %+v", x.Code, x)
		}
		if _, is := report.FindingCode(x.Code).Info(); is {
			t.Errorf("%s is a finding already", x.Code)
		}
	}
}
