package main

import (
	"context"
	"time"

	"edgenet/probe"
	"edgenet/report"
)

// waitPause is between two rounds of --wait.
const waitPause = 2 * time.Second

// waitFor repeats what fails until the answer is good or the time is over. It says how
// long it took until the answer was good; zero where it was at once, or never.
func (a *app) waitFor(ctx context.Context, j *job, f *checkFlags, r *report.Report, show display) (*report.Report, time.Duration) {
	began := time.Now()
	end := time.NewTimer(f.wait)
	defer end.Stop()
	for r.Verdict.ExitCode != exitGood {
		if ctx.Err() != nil {
			return r, 0
		}
		show.Wait(r, max(0, f.wait-time.Since(began)))
		select {
		case <-ctx.Done():
			return r, 0
		case <-end.C:
			return r, 0
		case <-time.After(waitPause):
		}
		before := r
		r = probe.Recheck(ctx, j.plan, j.env, r, show.Update)
		show.Changed(before, r)
		if r.Verdict.ExitCode == exitGood {
			return r, time.Since(began)
		}
	}
	return r, 0
}
