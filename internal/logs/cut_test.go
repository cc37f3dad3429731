package logs_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"edgenet/internal/logs"
	"edgenet/internal/logs/pattern"
)

// TestCutAndReplaced reads the threads cut at a terminal's width, and with their ids replaced:
// less may be told of them, and nothing else be called proved than of the whole.
func TestCutAndReplaced(t *testing.T) {
	t.Parallel()
	names, _ := filepath.Glob("testdata/*/*.txtar")
	for _, name := range names {
		a, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		whole := map[string]string{}
		for _, f := range a.Files {
			whole[f.Name] = string(f.Data)
		}
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			want, err := read(t, whole, logs.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, width := range []int{60, 80, 100, 120} {
				cut := lines(func(_ int, l string) string { return l[:min(len(l), width)] })
				less(t, want, each2(t, whole, cut), "cut")
				less(t, want, each2(t, whole, lines(func(_ int, l string) string {
					if len(l) > width {
						return l[:width] + "…"
					}
					return l
				})), "cut with a sign")
			}
			for _, id := range []string{"****", "<redacted>", "REMOVED BY ME", "XXX"} {
				got := each2(t, whole, strings.NewReplacer("dev1", id, "contoso", "XXXX").Replace)
				if got == nil || got.Conclusion.State != want.Conclusion.State ||
					text(&got.Conclusion) != text(&want.Conclusion) ||
					got.Conclusion.Certainty != want.Conclusion.Certainty {
					t.Errorf("%s: %+v, want %+v", id, got.Conclusion, want.Conclusion)
				}
			}
		})
	}
}

func each2(t *testing.T, files map[string]string, do func(string) string) *logs.Report {
	t.Helper()
	out := map[string]string{}
	for n, text := range files {
		out[n] = do(text)
	}
	r, err := read(t, out, logs.Options{})
	if err != nil {
		return nil // nothing is left of it
	}
	return r
}

// less wants no answer that is surer than that of the whole log, or another one.
func less(t *testing.T, whole, part *logs.Report, how string) {
	t.Helper()
	if part == nil {
		return
	}
	w, p := &whole.Conclusion, &part.Conclusion
	said := func(e logs.Event) bool {
		return e.Cause != nil && *e.Cause == *p.Cause && e.Certainty == pattern.Proves
	}
	if p.Cause != nil && p.Certainty == pattern.Proves && !slices.ContainsFunc(whole.Events, said) {
		t.Errorf("%s: %s is called proved, and the whole log says %s %s", how, *p.Cause, text(w), w.Certainty)
	}
	if p.Cause != nil && w.Cause != nil && *p.Cause != *w.Cause && !slices.Contains(p.Candidates, *w.Cause) {
		t.Errorf("%s: %s %s, and the whole log says %s %s", how, *p.Cause, p.Certainty, *w.Cause, w.Certainty)
	}
}
