package probe

import (
	"context"
	"maps"
	"net/netip"
	"sync"
	"time"

	"edgenet/internal/hop"
	"edgenet/report"
)

// At so many connections a port is looked at in a run, with those that the paths make. A port
// that lets one in five pass is seen so but once in 125 times where the verdict may go by it,
// and once in 25 times elsewhere: a healthy run pays for it, 140 bytes a look.
const (
	looks   = 3
	aGlance = 2
)

// looksFor is how many connections a path's port is worth.
func (p *Path) looksFor() int {
	if p.rank > 1 {
		return aGlance
	}
	return looks
}

// lastLooks is how long the looks that are under way are waited for when all paths are through.
const lastLooks = 250 * time.Millisecond

// look makes bare connections beside a path whose handshake stands, one at a time, where the
// plan has few paths to the port. They take less time than what the paths still have to say.
func (a *attempt) look() {
	s := a.survey
	if s == nil || a.peers == 0 || a.peers >= a.looksFor() || a.alone || s.brake.slow() {
		return
	}
	_, host, port := a.dials()
	c := s.censusOf(host, port)
	c.looked.Do(func() {
		path, env := *a.Path, *a.env
		if at := a.trace.Reached().At; at.IsValid() { // nobody is asked for the name again, and no other address
			env.ConnectTo = maps.Clone(env.ConnectTo)
			if env.ConnectTo == nil {
				env.ConnectTo = map[string]netip.AddrPort{}
			}
			env.ConnectTo[hop.HostPort(host, port)] = a.env.Led(host, port, at)
		}
		s.looks.Go(func() {
			for range path.looksFor() - path.peers {
				if s.doubtful(&path, &env, c) {
					return
				}
			}
		})
	})
}

// lookedEnough ends the looks, soon.
func (s *survey) lookedEnough() {
	timer := time.AfterFunc(lastLooks, s.enough)
	s.looks.Wait()
	timer.Stop()
	s.enough()
}

// doubtful makes one bare connection; true is the end of looking.
func (s *survey) doubtful(p *Path, env *hop.Env, c *census) bool {
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	defer context.AfterFunc(s.looking, cancel)()
	a := p.connect(ctx, s.ctx, env, s.base)
	if a.fault != nil && a.fault.Cause == report.TCPRefused && ctx.Err() == nil {
		c.doubted.Store(true)
	}
	return a.fault != nil || ctx.Err() != nil
}

// confirmLuck counts for the paths that work at ports that are refused now and then: what got
// through by luck does not work.
func confirmLuck(round context.Context, paths []*Path, results []report.Result, env *hop.Env, base time.Time) {
	var wg sync.WaitGroup
	for i, p := range paths {
		if results[i].Status != report.OK || results[i].Attempts > 1 || !p.survey.suspicious(p) {
			continue
		}
		wg.Go(func() {
			ctx, cancel := context.WithTimeoutCause(round, p.Timeout, ErrDeadline)
			defer cancel()
			p.survey.calm(ctx)
			p.weigh(&results[i], p.census(ctx, round, env, base, false))
		})
	}
	wg.Wait()
}

// suspicious tells whether a port was refused while it was looked at, or comes and goes on the
// same way.
func (s *survey) suspicious(p *Path) bool {
	_, host, port := p.dials()
	if s.censusOf(host, port).doubted.Load() {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.counts {
		if c.host == host && c.comesAndGoes() {
			return true
		}
	}
	return false
}

// weigh adds a count to a result that is good.
func (p *Path) weigh(r *report.Result, c *census) {
	if c.bad == 0 {
		return
	}
	r.Attempts += c.open + c.bad
	r.Failures += c.bad
	r.Confirmations += c.open + c.bad
	if r.FailureCauses == nil {
		r.FailureCauses = map[report.Cause]int{}
	}
	r.FailureCauses[report.TCPRefused] += c.bad
	if !c.mostly() && c.failed != nil {
		p.seal(r, c.failed)
		r.Latency = nil
	}
}
