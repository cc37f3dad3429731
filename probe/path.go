package probe

import (
	"cmp"
	"context"
	"errors"
	"net/netip"
	"time"

	"edgenet/internal/hop"
	"edgenet/internal/sorting"
	"edgenet/report"
)

// The reasons why a round ends before its paths do.
var (
	ErrDeadline    = errors.New("the deadline of the round came first")
	ErrInterrupted = errors.New("interrupted")
	errNotNeeded   = errors.New("not needed any more")
)

// Run walks the path as often as it has attempts, one after the other, and sums them
// up. Round is the context whose end skips what is not finished.
func (p *Path) Run(round context.Context, env *hop.Env, base time.Time) (r report.Result) {
	p.run(round, env, base, &r)
	return r
}

// run is Run in place: of many paths that wait each has a stack, which a result twice on it doubles.
func (p *Path) run(round context.Context, env *hop.Env, base time.Time, r *report.Result) {
	if p.survey == nil {
		own := *p
		own.survey = newSurvey(round, base)
		defer own.survey.farewells.wg.Wait()
		own.proven = own.survey.expect()
		defer own.survey.close()
		p = &own
	}
	defer p.proven()
	*r = p.result()
	start := time.Now()
	var t tally
	var last *attempt
	for range p.Attempts {
		if last = p.once(round, env, base); last.stopped() {
			break
		}
		t.add(last)
	}
	if first := t.bad; p.Attempts == 1 && first != nil {
		p.confirm(round, env, base, first, &t)
		if t.won == 0 { // it never was otherwise
			t.lost, t.causes = 1, map[report.Cause]int{t.bad.fault.Cause: 1}
		} else if t.good != nil {
			noteRefusal(t.good.steps, first, t.differs)
			t.sideBySide()
		}
	}
	r.Attempts, r.Failures, r.FailureCauses = t.walks(), t.lost, t.causes
	if p.Attempts == 1 {
		r.Confirmations = max(t.walks()-1, 0)
	}
	r.DurationMs = report.MillisOf(time.Since(start))
	r.Latency = spread(t.proofs)
	switch {
	case t.good != nil && (p.Attempts > 1 || t.won >= t.lost || t.differs):
		r.Status, r.Steps, r.Pace, r.Experiments = report.OK, t.good.steps, t.good.pace, t.good.experiments
	case t.bad != nil:
		p.seal(r, t.bad)
		r.Latency = nil
	default:
		r.Status, r.Steps, r.SkipReason = report.Skipped, last.steps, stopReason(round)
	}
	if r.Steps == nil {
		r.Steps = []report.Step{}
	}
}

// seal gives the result the cause of its failed step.
func (p *Path) seal(r *report.Result, a *attempt) {
	r.Status, r.Steps, r.Experiments, r.Pace = report.Failed, a.steps, a.experiments, a.pace
	r.Cause, r.Summary = a.fault.Cause, a.fault.Summary
	for _, s := range a.steps {
		if s.Status == report.Failed {
			r.Hop, r.Stage = s.Hop, s.Stage
		}
	}
	name, host, port := "", p.Host, r.Port
	if px := p.Route.Proxy; px != nil {
		name = px.Address()
		if r.Hop == report.HopProxy && r.Stage != report.StageConnect {
			host, port = px.Host, px.Port
		}
	}
	r.Actor = r.Cause.ActorAt(r.Hop)
	r.Remedy = r.Cause.RemedyAt(r.Hop, host, port, name)
}

// stopReason says why the round ended. Whatever else ended it than its deadline was the
// caller, who speaks for the user; a connection's clock may see the deadline first.
func stopReason(round context.Context) string {
	if cause := context.Cause(round); cause == nil || errors.Is(cause, ErrDeadline) {
		return ErrDeadline.Error()
	}
	return ErrInterrupted.Error()
}

// spread sums up the times to the first proof that the protocol answered.
func spread(proofs []time.Duration) *report.Latency {
	if len(proofs) == 0 {
		return nil
	}
	sorting.By(proofs, cmp.Compare[time.Duration])
	return &report.Latency{MinMs: report.MillisOf(proofs[0]), MedianMs: report.MillisOf(median(proofs)),
		MaxMs: report.MillisOf(proofs[len(proofs)-1])}
}

func median(sorted []time.Duration) time.Duration {
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}

// walkBy walks the path one time, by one address where that is given. It ends when nothing
// has come for a timeout, or after three of them in all.
func (p *Path) walkBy(round context.Context, env *hop.Env, base time.Time, only netip.Addr, e *elsewhere) *attempt {
	ctx, cancel := hop.WithPatience(round, p.Timeout)
	own := *env // its segments may have to be small
	own.Turn = p.turn
	if only.IsValid() {
		own.Only = only
	}
	a := &attempt{Path: p, env: &own, trace: hop.NewTrace(round, base), start: time.Now(), waited: ctx}
	a.single = e != nil && p.Attempts == 1 && !p.alone
	b := watch(ctx, a, e)
	arrived := p.survey.underway()
	a.fault = a.fair(a.guardedWalk(ctx))
	lingers := a.single && a.fault == nil
	if !lingers {
		defer cancel()
	}
	a.part(lingers, func() {
		arrived()
		if lingers {
			_ = a.trace.Steps() // other addresses of the name are still awaited, by the same context
			cancel()
		}
	})
	if a.pace = ctx.Pace(); a.pace != nil {
		a.pace.HeldMs = report.MillisOf(a.gave)
	}
	if a.experiments = b.end(a.fault); len(a.experiments) > 0 {
		a.seal()
	}
	if a.padding != nil {
		a.experiments = append(a.experiments, *a.padding)
	}
	a.steps = a.trace.Steps()
	return a
}

// guardedWalk is walk, in which a panic in a parser of strangers' bytes costs the path alone.
func (a *attempt) guardedWalk(ctx context.Context) (f *hop.Fault) {
	defer func() {
		if v := recover(); v != nil {
			f = a.trace.Panicked(v)
		}
	}()
	return a.walk(ctx)
}

// seal gives the failed step the cause that the experiments tell.
func (a *attempt) seal() {
	sealed, how := tell(*a.fault, a.experiments)
	for _, s := range a.trace.Steps() {
		if s.Status != report.Failed {
			continue
		}
		a.fault = a.trace.Refail(s.Hop, s.Stage, sealed, func(d report.Detail) {
			if t, ok := d.(*report.TLSDetail); ok {
				t.Told = how
			}
		})
		return
	}
}
