package probe

import (
	"context"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"edgenet/internal/hop"
	"edgenet/proxy"
	"edgenet/report"
)

// What a proxy answers to one CONNECT may be one of its nodes' answer, or the price of other tunnels at the
// same time. So many refusals in a row, alone, are the proxy's; where one is let in, so many are asked for in all.
const (
	steadyRefusals = 6
	allKnocks      = 12
	// between two: a proxy has to see the end of the one before, for which settling is long enough
	knockPause = 30 * time.Millisecond
	// together are held at once to see whether it is their number that is refused
	together = 8
	// quickly is how fast a refusal has to come to be asked for again
	quickly = time.Second
)

// knocks is what became of CONNECTs for one port by one route, asked for as one component does.
type knocks struct {
	once    sync.Once
	stood   atomic.Bool // a path got its tunnel
	open    int
	bad     map[report.Cause]int
	refused *attempt // the last that was
	limit   bool     // all were let in alone, and not all together
}

func (k *knocks) refusals() int {
	n := 0
	for _, c := range k.bad {
		n += c
	}
	return n
}

// differs tells whether the same CONNECT was let in and was refused.
func (k *knocks) differs() bool { return k.open > 0 && k.refused != nil }

// mostly tells whether who tries again gets through, as the runtime does: what lets half of them in is far
// from the border.
func (k *knocks) mostly() bool { return 4*k.open >= k.open+k.refusals() }

// answersConnect tells whether a proxy's own answer ended a walk, which another of its nodes may not give.
func answersConnect(a *attempt) bool {
	last := a.steps[len(a.steps)-1]
	if last.Stage != report.StageConnect || last.DurationMs.Duration() > quickly || a.stopped() {
		return false
	}
	return a.fault.Cause != report.ConnectTimeout && a.fault.Cause != report.ConnectNotHTTP && a.fault.Cause.Proves()
}

// knocksOf is the count for a path, one for all that ask for the same tunnel in the same manner.
func (s *survey) knocksOf(p *Path) *knocks {
	bare := p.consumer() == hop.Containers && p.Route.Proxy.HasAuth
	key := fmt.Sprint(p.door(), bare)
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.knocks[key]
	if k == nil {
		k = &knocks{bad: map[report.Cause]int{}}
		s.knocks[key] = k
	}
	return k
}

// knock counts for the port of a path, which was refused a tunnel or was not.
func (p *Path) knock(round context.Context, env *hop.Env, base time.Time, refused bool) *knocks {
	k := p.survey.knocksOf(p)
	k.once.Do(func() {
		p.survey.alone(round, func() bool {
			p.survey.settle(round)
			p.countKnocks(round, env, base, k, refused)
			return true
		})
	})
	return k
}

func (p *Path) countKnocks(round context.Context, env *hop.Env, base time.Time, k *knocks,
	refused bool) {
	end, wait := time.Now().Add(p.Timeout), knockPause
	if k.stood.Load() {
		k.open = 1
	}
	first := k.open
	for n := 0; n < allKnocks && time.Now().Before(end) && !hop.Ended(round); n++ {
		ctx, cancel := hop.WithPatience(round, p.Timeout)
		a, c := p.tunnel(round, ctx, env, base)
		if c != nil {
			_ = c.Close()
		}
		cancel()
		switch {
		case a.fault == nil:
			k.open++
		case !answersConnect(a):
			return
		default:
			k.bad[a.fault.Cause]++
			k.refused = a
		}
		if k.open == 0 && k.refusals() == steadyRefusals {
			return
		}
		if pause(round, wait); wait == knockPause && k.open > first && k.refused != nil { // did it see the end?
			wait, n, k.open, k.refused, k.bad = settling, -1, first, nil, map[report.Cause]int{}
			pause(round, wait)
		}
	}
	k.limit = refused && k.open >= allKnocks && k.refused == nil && p.crowded(round, env, base) &&
		p.crowded(round, env, base)
}

// crowded tells whether some of several tunnels at once are refused.
func (p *Path) crowded(round context.Context, env *hop.Env, base time.Time) bool {
	var wg sync.WaitGroup
	ctx, cancel := hop.WithPatience(round, p.Timeout)
	refused, held := make([]bool, together), make([]net.Conn, together)
	for i := range together {
		wg.Go(func() {
			var a *attempt
			a, held[i] = p.tunnel(round, ctx, env, base)
			refused[i] = a.fault != nil && answersConnect(a)
		})
	}
	wg.Wait() // all have been answered
	for _, c := range held {
		if c != nil {
			_ = c.Close()
		}
	}
	cancel()
	pause(round, settling)
	return slices.Contains(refused, true)
}

// tunnel asks for one as the path does. It ends with ctx.
func (p *Path) tunnel(round context.Context, ctx *hop.Patience, env *hop.Env, base time.Time) (a *attempt, c net.Conn) {
	a = &attempt{Path: p, env: env, trace: hop.NewTrace(round, base), start: time.Now(), waited: ctx}
	defer func() {
		if v := recover(); v != nil { // as in a walk
			a.fault = a.trace.Panicked(v)
		}
		a.steps = a.trace.Steps()
	}()
	how := proxy.Manner{Bare: p.consumer() == hop.Containers}
	c, a.fault = proxy.DialAs(ctx, env, a.trace, p.Route.Proxy, p.Host, p.Protocol.Port(), how)
	return a, c
}

// letIn tells whether a proxy that refused a path lets some of the same in: what came of it is in the tally then.
func (p *Path) letIn(round context.Context, again *Path, env *hop.Env, base time.Time, t *tally) bool {
	k := p.knock(round, env, base, true)
	if k.open > 0 {
		again.insist(round, env, base, k, t)
	}
	return k.open > 0
}

// insist walks a path that was refused by a proxy that lets others of the same in, until one comes through.
func (p *Path) insist(round context.Context, env *hop.Env, base time.Time, k *knocks, t *tally) {
	t.won, t.lost, t.limit, t.differs = t.won+k.open, t.lost+k.refusals(), k.limit, !k.limit
	for c, n := range k.bad {
		t.causes[c] += n
	}
	if !k.mostly() {
		return
	}
	p.survey.alone(round, func() bool {
		for range allKnocks {
			a := p.once(round, env, base)
			if a.stopped() {
				return false
			}
			if a.fault != nil && !answersConnect(a) {
				if a.fault.Cause.Proves() { // behind the proxy it has a trouble of its own
					*t = tally{}
					t.add(a)
				}
				return false
			}
			if t.add(a); a.fault == nil {
				return true
			}
			pause(round, settling)
		}
		return false
	})
}

// confirmKnocks adds to paths that work what was counted for the same tunnel: what got through by luck is no
// better than what was refused by chance. Where a proxy lets one other port in and not the next, it is counted
// for that.
func confirmKnocks(round context.Context, paths []*Path, results []report.Result, env *hop.Env, base time.Time) {
	for i, p := range paths {
		r := &results[i]
		if r.Status != report.OK || r.Attempts > 1 || p.Route.Proxy == nil || !p.Protocol.Proxied() {
			continue
		}
		if p.oddPorts(paths, results) && !p.survey.brake.slow() {
			p.knock(round, env, base, false)
		}
		if k := p.counted(); k.differs() {
			p.weighKnocks(r, k)
		}
	}
}

// oddPorts tells whether a route's proxy let in a port that the runtime does not use there, and refused another.
func (p *Path) oddPorts(paths []*Path, results []report.Result) bool {
	in, out := false, false
	for i, o := range paths {
		if o.Route.ID != p.Route.ID || o.Protocol.Proxied() {
			continue
		}
		st, asked := results[i].Step(report.HopProxy, report.StageConnect)
		in, out = in || st.Status == report.OK, out || asked && st.Status == report.Failed &&
			st.Cause != report.ConnectTimeout
	}
	return in && out
}

// counted is the count for a path; one in the other manner, where that differs and its own says nothing.
func (p *Path) counted() *knocks {
	k := p.survey.knocksOf(p)
	if !p.Route.Proxy.HasAuth || k.refused != nil {
		return k
	}
	p.survey.mu.Lock()
	defer p.survey.mu.Unlock()
	for _, bare := range []bool{true, false} {
		if o := p.survey.knocks[fmt.Sprint(p.door(), bare)]; o != nil && o.differs() {
			return o
		}
	}
	return k
}

func (p *Path) weighKnocks(r *report.Result, k *knocks) {
	r.Attempts, r.Failures = r.Attempts+k.open+k.refusals(), k.refusals()
	r.Confirmations, r.FailureCauses = r.Attempts-1, k.bad
	if noteRefusal(r.Steps, k.refused, true); !k.mostly() {
		p.seal(r, k.refused)
		r.Latency = nil
	}
}
