package probe

import (
	"context"
	"time"

	"edgenet/internal/hop"
	"edgenet/report"
)

// walkSilent walks again, alone, the paths that failed by a silence that may be chance or the price of walking
// side by side: at a port that is open, or where packets get lost.
func walkSilent(round context.Context, paths []*Path, results []report.Result, env *hop.Env, base time.Time) {
	for i, p := range paths {
		r := &results[i]
		if r.Status != report.Failed || !waits(r.Cause) && r.Cause != report.PathSlow || p.Attempts > 1 ||
			r.Stage == report.StageAuth || hop.Ended(round) {
			continue
		}
		again, _ := r.Experiment(report.Again)
		walks := silentWalks
		if !openAfterAll(r) && again.Outcome != report.Answered {
			walks = min(signs(paths, results, p.Route.ID)/manySigns, 1)
		}
		p.survey.alone(round, func() bool {
			p.walkAlone(round, env, base, r, walks)
			return true
		})
	}
}

// How often a path is walked again after a silence, and how long each waits at most.
const (
	silentWalks = 3
	silentWait  = 5 * time.Second
)

// walkAlone walks a path that failed until it comes through, so many times at most.
func (p *Path) walkAlone(round context.Context, env *hop.Env, base time.Time, r *report.Result, walks int) {
	own := *p
	own.alone = true
	own.Timeout = min(p.Timeout, silentWait)
	if r.Cause == report.TCPTimeout && walks == 1 {
		bare := losses{Path: &own, round: round, env: *env, base: base}
		if n, _ := bare.batch(mostHeld, shortest, nil); n == 0 {
			return // no chance
		}
	}
	for range walks {
		a := own.once(round, env, base)
		if a.stopped() {
			return
		}
		r.Attempts++
		r.Confirmations++
		if a.fault == nil {
			r.Status, r.Steps, r.Pace, r.Experiments = report.OK, a.steps, a.pace, a.experiments
			r.Hop, r.Stage, r.Cause, r.Summary, r.Actor, r.Remedy = "", "", "", "", "", ""
			r.DurationMs, r.Latency = report.MillisOf(time.Since(a.start)), spread([]time.Duration{a.proof})
			return
		}
		r.Failures++
		r.FailureCauses[a.fault.Cause]++
	}
}
