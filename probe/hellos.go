package probe

import (
	"context"
	"fmt"
	"time"

	"edgenet/internal/hop"
	"edgenet/report"
)

// Where a hello was cut somewhere in a run, what came through may have come by luck. Of a network that
// lets one hello in five pass, so many in a row do once in 600 times; what comes and goes is tried until
// one kind of answer leads clearly, or for so many times. More than that, which would tell one in two from
// one in five, is more than a hub is to be asked.
const (
	steadyHellos = 4
	mostHellos   = 16 // some 700 bytes each on the way up
)

// hellos is what became of handshakes with one port by one route.
type hellos struct {
	good, bad, odd int
	more           int      // of the count itself
	failed         *attempt // the last that was cut in it
}

// confirmHellos shakes hands again with the ports of paths that work, where a hello was cut in the run.
func confirmHellos(round context.Context, paths []*Path, results []report.Result, env *hop.Env, base time.Time) {
	if !anyCut(results) || paths[0].survey.brake.slow() {
		return
	}
	counts := map[string]*hellos{}
	for i, p := range paths {
		if n := counts[p.door()]; n == nil {
			counts[p.door()] = &hellos{}
		}
		counts[p.door()].add(&results[i])
	}
	ctx, cancel := context.WithTimeoutCause(round, paths[0].Timeout, ErrDeadline) // for all of them
	defer cancel()
	for i, p := range paths {
		r, n := &results[i], counts[p.door()]
		if r.Status != report.OK || p.Attempts > 1 || p.Depth == DepthTCP || hop.Ended(ctx) {
			continue
		}
		p.survey.alone(ctx, func() bool {
			p.countHellos(ctx, env, base, n)
			return true
		})
		p.weighHellos(r, n)
	}
}

// door is what all paths to one port by one route have to pass.
func (p *Path) door() string { return fmt.Sprint(p.Route.ID, " ", p.Protocol.Port()) }

// anyCut tells whether a hello was cut in a run.
func anyCut(results []report.Result) bool {
	for i := range results {
		if results[i].Cause == report.TLSReset || results[i].FailureCauses[report.TLSReset] > 0 {
			return true
		}
	}
	return false
}

// add takes what a path has met. One that never came through was tried often, and its tally says once.
func (n *hellos) add(r *report.Result) {
	n.bad += r.FailureCauses[report.TLSReset]
	switch {
	case r.Status == report.OK:
		n.good += r.Attempts - r.Failures
	case r.Cause == report.TLSReset && r.Attempts == 1:
		n.bad += oftenRefused
	}
}

// clear tells whether the answer is known.
func (n *hellos) clear() bool {
	switch {
	case n.bad == 0:
		return n.good >= steadyHellos
	case n.bad > n.good && n.failed == nil:
		return false
	}
	return max(n.good, n.bad)-min(n.good, n.bad) >= clearly
}

// countHellos shakes hands until it is clear how a port answers, or what comes is often neither.
func (p *Path) countHellos(round context.Context, env *hop.Env, base time.Time, n *hellos) {
	for !n.clear() && n.more < mostHellos && !hop.Ended(round) {
		a := p.hello(round, env, base)
		switch {
		case a.fault == nil:
			n.good++
		case a.fault.Cause == report.TLSReset && !a.stopped():
			n.bad++
			n.failed = a
		default:
			if n.odd++; n.odd >= oddly {
				return
			}
		}
		n.more++
	}
}

// hello shakes hands and takes the connection back with a reset.
func (p *Path) hello(round context.Context, env *hop.Env, base time.Time) *attempt {
	ctx, cancel := hop.WithPatience(round, p.Timeout)
	defer cancel()
	a := &attempt{Path: p, env: env, trace: hop.NewTrace(round, base), start: time.Now(), waited: ctx}
	conn, fault := a.reach(ctx)
	if fault == nil {
		_, fault = hop.Handshake(ctx, env, a.trace, report.HopTarget, conn, a.tlsOptions())
		hop.Reset(conn)
	}
	a.fault, a.steps = fault, a.trace.Steps()
	return a
}

// weighHellos adds a count to a result that is good: what got through by luck does not work.
func (p *Path) weighHellos(r *report.Result, n *hellos) {
	if n.bad == 0 || n.more == 0 {
		return
	}
	if r.FailureCauses == nil {
		r.FailureCauses = map[report.Cause]int{}
	}
	lost := n.bad - r.FailureCauses[report.TLSReset]
	r.FailureCauses[report.TLSReset] = n.bad
	r.Attempts, r.Failures = r.Attempts+lost, r.Failures+lost
	if r.Attempts-r.Failures < n.good {
		r.Attempts = n.good + r.Failures
	}
	r.Confirmations = r.Attempts - 1
	if n.bad > n.good && n.failed != nil {
		p.seal(r, n.failed)
		r.Latency = nil
	}
}
