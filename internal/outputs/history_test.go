package outputs

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"edgenet/internal/verify/sample"
	"edgenet/report"
)

func round(r *report.Report, minute int) *report.Report {
	r.StartedAt = time.Date(2026, 3, 1, 0, minute, 0, 0, time.UTC)
	return r
}

func count(t *testing.T, path string) (reports, beats int) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Count(text, []byte(`{"schema":"edgenet.report/1"`)),
		bytes.Count(text, []byte(`{"schema":"edgenet.beat/1"`))
}

// A full report at the start and at each change, a beat in between; a restart goes on; what
// was no history is replaced.
func TestHistory(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "w.jsonl")
	if err := os.WriteFile(path, []byte("something else\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h := Options{Files: []string{path}}.History(0)
	for m, r := range []*report.Report{sample.AllOK(), sample.AllOK(), sample.Nothing(), sample.Nothing(),
		sample.AllOK()} {
		if err := h.Write(t.Context(), round(r, m)); err != nil {
			t.Fatal(err)
		}
	}
	if r, b := count(t, path); r != 3 || b != 2 {
		t.Errorf("%d reports and %d beats, want 3 and 2", r, b)
	}
	again := Options{Files: []string{path}}.History(0)
	if err := again.Write(t.Context(), round(sample.AllOK(), 9)); err != nil {
		t.Fatal(err)
	}
	if r, b := count(t, path); r != 4 || b != 2 {
		t.Errorf("after a restart %d reports and %d beats, want 4 and 2", r, b)
	}
}

// A way that never rests fills no disk, and each half begins with a full report.
func TestHistoryRotates(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "w.jsonl")
	const keep = 400_000
	h := Options{Files: []string{path}}.History(keep)
	for m := range 200 {
		r := sample.AllOK()
		if m%2 == 1 {
			r = sample.Nothing()
		}
		if err := h.Write(t.Context(), round(r, m)); err != nil {
			t.Fatal(err)
		}
	}
	total := int64(0)
	for _, p := range []string{path, Previous(path)} {
		info, err := os.Stat(p)
		if err != nil {
			t.Fatal(err)
		}
		total += info.Size()
		if text, _ := os.ReadFile(p); !bytes.HasPrefix(text, []byte(`{"schema":"edgenet.report/1"`)) {
			t.Errorf("%s begins with %.60q", p, text)
		}
	}
	if total > keep {
		t.Errorf("%d bytes, want at most %d", total, keep)
	}
}
