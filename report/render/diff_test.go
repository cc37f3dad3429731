package render

import (
	"bytes"
	"encoding/json"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"edgenet/internal/verify/sample"
	"edgenet/report"
	"edgenet/report/diff"
)

// diffs are pairs of the samples, compared.
func diffs() map[string]diff.Diff {
	out := map[string]diff.Diff{}
	for name, pair := range map[string][2]*report.Report{
		"same": {sample.AllOK(), sample.AllOK()}, "ok-mismatch": {sample.AllOK(), sample.Mismatch()},
		"nothing-proxy-only": {sample.Nothing(), sample.ProxyOnly()},
		"ok-intercepted":     {sample.AllOK(), sample.Intercepted()}, "ok-hostile": {sample.AllOK(), sample.Hostile()},
	} {
		d := diff.Compare(pair[0], pair[1])
		d.A.Name, d.B.Name = "yesterday.json", "today.json"
		out[name] = d
	}
	return out
}

func diffed(t *testing.T, write func(io.Writer, diff.Diff) error, d diff.Diff) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func diffText(o TextOptions) func(io.Writer, diff.Diff) error {
	return func(w io.Writer, d diff.Diff) error { return DiffText(w, d, o) }
}

func TestDiffGolden(t *testing.T) {
	for name, d := range diffs() {
		text := diffed(t, diffText(TextOptions{Width: 60, Unicode: true}), d) + "====\n" +
			diffed(t, diffText(TextOptions{Width: 100}), d)
		golden(t, filepath.Join("testdata", "diff", name+".golden"), text)
		golden(t, filepath.Join("testdata", "diff", name+".md"), diffed(t, DiffMarkdown, d))
		golden(t, filepath.Join("testdata", "diff", name+".json"), diffed(t, DiffJSON, d))
		for _, width := range []int{20, 60, 100} {
			for _, glyphs := range []bool{true, false} {
				for l := range strings.Lines(diffed(t, diffText(TextOptions{Width: width, Unicode: glyphs}), d)) {
					l = strings.TrimSuffix(l, "\n")
					if n := displayWidth(l); n > width {
						t.Errorf("%s: %d columns of %d: %q", name, n, width, l)
					}
					fit(t, l, glyphs)
				}
			}
		}
		if q := diffed(t, diffText(TextOptions{Quiet: true}), d); strings.Count(q, "\n") != 1 {
			t.Errorf("%s: %q", name, q)
		}
		if !json.Valid([]byte(diffed(t, DiffJSON, d))) {
			t.Errorf("%s: no JSON", name)
		}
		if DiffText(broken{}, d, TextOptions{}) == nil || DiffMarkdown(broken{}, d) == nil ||
			DiffJSON(broken{}, d) == nil {
			t.Errorf("%s: no error when writing fails", name)
		}
	}
}

// TestChangesOfARound: a line for what changed, with its time, and nothing else.
func TestChangesOfARound(t *testing.T) {
	lines := func(before, after *report.Report, host string, width int) string {
		var b strings.Builder
		if err := Changes(&b, before, after, host, TextOptions{Width: width, Unicode: true}); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	if got := lines(sample.AllOK(), sample.AllOK(), "", 100); got != "" {
		t.Errorf("nothing changed: %q", got)
	}
	got := lines(sample.AllOK(), sample.Mismatch(), "", 100)
	for _, want := range []string{"03:04:05 UTC  ✗ AMQP 5671 direct: TCP to hub: no answer to the connection attempt " +
		"· tcp.timeout", "○ MQTT 8883 direct", "→ This device is configured for AMQP"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	if back := lines(sample.Mismatch(), sample.AllOK(), "north", 60); !strings.Contains(back,
		"north  ✓ AMQP 5671 direct: works") {
		t.Error(back)
	}
	if cut := lines(sample.AllOK(), sample.Partial(), "", 100); strings.Contains(cut, "skipped") ||
		strings.Contains(cut, "AMQP 5671 direct") {
		t.Errorf("what was not run is no change:\n%s", cut)
	}
	for _, width := range []int{20, 60, 100} {
		for l := range strings.Lines(lines(sample.AllOK(), sample.Hostile(), sample.Evil, width) +
			lines(sample.Nothing(), sample.ProxyOnly(), "a-rather-long-name.azure-devices.net", width)) {
			if l = strings.TrimSuffix(l, "\n"); displayWidth(l) > width {
				t.Errorf("%d columns: %q", displayWidth(l), l)
			}
			fit(t, strings.TrimSuffix(l, "\n"), true)
		}
	}
}
