package check

import (
	"context"
	"time"

	"edgenet/internal/exit"
	"edgenet/report"
)

// waitPause is between two rounds of --wait.
const waitPause = 2 * time.Second

// waitFor repeats what fails until the answer is good or the time is over, and says how
// that ended; nothing where the answer was good at once.
func (j *job) waitFor(ctx context.Context, r *report.Report, show display) (*report.Report, waited) {
	began := time.Now()
	end := time.NewTimer(j.o.Wait)
	defer end.Stop()
	for r.Verdict.ExitCode != exit.Good {
		show.Wait(r, max(0, j.o.Wait-time.Since(began)))
		select {
		case <-ctx.Done():
			return r, waited{}
		case <-end.C:
			return r, waited{took: time.Since(began), gaveUp: true}
		case <-time.After(waitPause):
		}
		before := r
		r = j.again(ctx, r, show.Update)
		show.Changed(before, r)
		if r.Verdict.ExitCode == exit.Good {
			return r, waited{took: time.Since(began), good: true}
		}
	}
	return r, waited{}
}
