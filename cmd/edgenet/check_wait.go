package main

import (
	"context"
	"fmt"
	"time"

	"edgenet/probe"
	"edgenet/report"
	"edgenet/report/render"
)

// waitPause is between two rounds of --wait.
const waitPause = 2 * time.Second

// waitFor repeats what fails until the answer is good or the time is over, and says how
// long that took.
func (a *app) waitFor(ctx context.Context, j *job, f *checkFlags, r *report.Report, show display) *report.Report {
	began := time.Now()
	end := time.NewTimer(f.wait)
	defer end.Stop()
	rounds := 0
	for r.Verdict.ExitCode != exitGood && ctx.Err() == nil {
		show.Wait(r, max(0, f.wait-time.Since(began)))
		select {
		case <-ctx.Done():
			return r
		case <-end.C:
			return r
		case <-time.After(waitPause):
		}
		before := r
		r = probe.Recheck(ctx, j.plan, j.env, r, show.Update)
		show.Changed(before, r)
		rounds++
	}
	if rounds > 0 && r.Verdict.ExitCode == exitGood && !f.quiet {
		defer func() {
			_ = show.Close() // the rows stand in the way of a line
			fmt.Fprintf(a.stderr, "edgenet: %s good after %s\n", time.Now().UTC().Format("15:04:05 UTC"), render.Span(time.Since(began)))
		}()
	}
	return r
}
