package check

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/inputs"
	"edgenet/internal/outputs"
	"edgenet/internal/verify/sample"
	"edgenet/report"
	"edgenet/report/watch"
)

// TestAMonthOfMinutes: a simulated month of rounds a minute, with an outage a day, stays
// under 20 MB, says every hour that it lives, sums up at its end, and is told as it was.
func TestAMonthOfMinutes(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("43,200 rounds")
	}
	path := filepath.Join(t.TempDir(), "watch.jsonl")
	var said bytes.Buffer
	const days, minutes = 30, 24 * 60
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		con := &console.Console{Stdout: &bytes.Buffer{}, Stderr: &said, Getenv: func(string) string { return "" }}
		j := &job{con: con, o: Options{Every: time.Minute, Options: outputs.Options{Files: []string{path}}}}
		n := 0
		err := j.every(ctx, func(context.Context, bool) ([]*report.Report, error) {
			r := sample.AllOK()
			if m := n % minutes; m >= 600 && m < 605 {
				r = sample.Nothing()
			}
			r.StartedAt, r.DurationMs = time.Now(), 800
			if n++; n > days*minutes { // the round that an interrupt meets does not count
				cancel()
			}
			return []*report.Report{r}, nil
		})
		if exit.Code(err) != exit.Interrupted {
			t.Errorf("got %v", err)
		}
	})
	total := int64(0)
	for _, p := range []string{path, outputs.Previous(path)} {
		if info, err := os.Stat(p); err == nil {
			total += info.Size()
		}
	}
	if total == 0 || total > 20_000_000 {
		t.Errorf("%d bytes", total)
	}
	t.Logf("%d rounds, %d bytes", days*minutes, total)
	if n := strings.Count(said.String(), " watching: "); n < days*24-2 || n > days*24 {
		t.Errorf("it said %d times that it lives", n)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	list, err := inputs.ParseLines(text)
	if err != nil || len(list) != 1 || list[0].Last == nil {
		t.Fatalf("%d hubs, %v", len(list), err)
	}
	tl := watch.Of(list[0].Points)
	outages := tl.Outages()
	if len(outages) != days || outages[3].For() != 5*time.Minute || outages[3].Cause == "" {
		t.Errorf("%d outages: %+v", len(outages), outages[:min(4, len(outages))])
	}
	if !strings.Contains(said.String(), "43200 rounds: 99.65 % available, 30 outages, the longest 5 min") {
		t.Errorf("the sum says %q", said.String()[max(0, said.Len()-200):])
	}
}

func TestSizeOf(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"20MB": 20e6, "500k": 500e3, "1 GiB": 1 << 30, "1.5m": 1_500_000, "7": 7} {
		if got, err := sizeOf(text); err != nil || got != want {
			t.Errorf("%q: %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "MB", "20XB", "-1MB", "20MBB", "NaN", "1e400", "Inf"} {
		if got, err := sizeOf(text); err == nil {
			t.Errorf("%q: %d", text, got)
		}
	}
}
