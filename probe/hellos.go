package probe

import (
	"context"
	"fmt"
	"sync"
	"time"

	"edgenet/internal/hop"
	"edgenet/report"
)

// Where a hello was cut somewhere in a run, what came through may have come by luck. Of a network that
// lets one hello in five pass, so many in a row do once in 600 times; what comes and goes is tried until
// one kind of answer leads clearly, or for so many times. More than that, which would tell one in two from
// one in five, is more than a hub is to be asked. What never passes costs a hub nothing, and is tried as
// often as a port that refuses (census): a rule is told so from one that lets one in five pass.
const (
	steadyHellos = 4
	mostHellos   = 24 // some 700 bytes each on the way up
)

// hellos is what became of handshakes with one port by one route.
type hellos struct {
	once           sync.Once
	good, bad, odd int
	more           int           // of the count itself, since one came through
	took           time.Duration // by the count
	failed         *attempt      // the last that was cut in it
}

// hellosOf is the count of a port by a route, one for all paths to it.
func (s *survey) hellosOf(p *Path) *hellos {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.hellos[p.door()]
	if n == nil {
		n = &hellos{}
		s.hellos[p.door()] = n
	}
	return n
}

// cuts counts for the port at which the hello of a path was cut, once for all paths to it.
func (p *Path) cuts(round context.Context, env *hop.Env, base time.Time, first *attempt) *hellos {
	n := p.survey.hellosOf(p)
	n.once.Do(func() {
		n.failed = first // which called for the count, and is no part of it
		own := *env
		if r := first.trace.Reached(); len(r.Others) > 0 {
			own.Only = r.At
		}
		p.survey.alone(round, func() bool {
			p.survey.settle(round)
			p.countHellos(round, &own, base, n)
			return true
		})
	})
	return n
}

// confirmHellos shakes hands again with the ports of paths that work, where a hello was cut in the run.
func confirmHellos(round context.Context, paths []*Path, results []report.Result, env *hop.Env, base time.Time) {
	if len(paths) == 0 || !paths[0].survey.cut.Load() && !anyCut(results) || paths[0].survey.brake.slow() {
		return
	}
	for i, p := range paths {
		if n := p.survey.hellosOf(p); n.failed == nil { // nobody has counted there
			n.add(&results[i])
		}
	}
	ctx, cancel := context.WithTimeoutCause(round, paths[0].Timeout, ErrDeadline) // for all of them
	defer cancel()
	for i, p := range paths {
		r, n := &results[i], p.survey.hellosOf(p)
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
func (p *Path) door() string { return fmt.Sprint(p.Route.ID, " ", p.Host, " ", p.Protocol.Port()) }

// anyCut tells whether a hello was cut in a run.
func anyCut(results []report.Result) bool {
	for i := range results {
		if results[i].Cause == report.TLSReset || results[i].FailureCauses[report.TLSReset] > 0 {
			return true
		}
	}
	return false
}

// add takes what a path has met.
func (n *hellos) add(r *report.Result) {
	n.bad += r.FailureCauses[report.TLSReset]
	if r.Status == report.OK {
		n.good += r.Attempts - r.Failures
	}
}

// mostly tells whether hellos come through.
func (n *hellos) mostly() bool { return n.good >= n.bad }

// clear tells whether the answer is known, or nobody is to be asked more often.
func (n *hellos) clear() bool {
	switch {
	case n.odd >= oddly || n.more >= mostHellos:
		return true
	case n.bad == 0:
		return n.good >= steadyHellos
	case n.good == 0:
		return n.bad >= steadily || n.bad >= fewest && n.took > steadyTime
	case n.bad > n.good && n.failed == nil:
		return false
	}
	return max(n.good, n.bad)-min(n.good, n.bad) >= clearly
}

// countHellos shakes hands until it is clear how a port answers, or what comes is often neither.
func (p *Path) countHellos(round context.Context, env *hop.Env, base time.Time, n *hellos) {
	for start := time.Now(); !n.clear() && !hop.Ended(round); n.took = time.Since(start) {
		a := p.hello(round, env, base)
		switch {
		case a.fault == nil:
			n.good++
		case a.fault.Cause == report.TLSReset && !a.stopped():
			n.bad++
			n.failed = a
		default:
			n.odd++
		}
		if n.good > 0 {
			n.more++
		}
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
	if n.bad == 0 {
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
	if !n.mostly() && n.failed != nil {
		p.seal(r, n.failed)
		r.Latency = nil
	}
}
