package probe

import (
	"context"
	"maps"
	"net"
	"net/netip"
	"sync"
	"time"

	"edgenet/internal/hop"
	"edgenet/report"
)

// looks is at how many connections a port is looked at in a run, with those that the paths make, where
// the verdict may go by it: one that lets one in five pass, connections or hellos, is seen so but once in
// 125 times. A healthy run pays for it, some 310 bytes a look; that may not be more.
const looks = 3

// lastLooks is how long the looks that are under way are waited for when all paths are through.
const lastLooks = 250 * time.Millisecond

// look makes connections beside a path whose handshake stands, where the verdict may go by it.
// They take less time than what the path still has to say.
func (a *attempt) look() {
	if a.survey != nil && a.foremost && !a.alone {
		a.survey.lookAt(*a.Path, *a.env, a.trace.Reached().At)
	}
}

// lookLate looks at the port that the verdict may go by where the first choice has failed.
func lookLate(paths []*Path, results []report.Result, env *hop.Env) {
	if best := decisive(paths, results); best >= 0 && !paths[best].foremost {
		p := paths[best]
		p.survey.lookAt(*p, *env, reachedBy(&results[best]))
	}
}

// decisive is the upstream path that the verdict may go by, -1 where none works.
func decisive(paths []*Path, results []report.Result) int {
	best := -1
	for i, p := range paths {
		if results[i].Status == report.OK && p.Protocol != report.HTTPS && (best < 0 || p.rank < paths[best].rank) {
			best = i
		}
	}
	return best
}

// reachedBy is the address by which a path went, invalid where that is not known.
func reachedBy(r *report.Result) netip.Addr {
	if d := tcpOf(r.Steps); d != nil {
		return addrOf(d.Remote)
	}
	return netip.Addr{}
}

// lookAt makes connections to the port of a path, where the plan has few paths
// to it; by that address of the name alone where it is valid, and nobody is asked for the name again.
func (s *survey) lookAt(p Path, env hop.Env, at netip.Addr) {
	if p.peers == 0 || p.peers >= looks || s.brake.slow() {
		return
	}
	_, host, port := p.dials()
	c := s.censusOf(host, port)
	c.looked.Do(func() {
		env = led(env, host, port, at)
		for range looks - p.peers { // side by side: nobody waits for them longer than for the path
			s.looks.Go(func() { s.glance(&p, &env, c) })
		}
	})
}

// led is an environment in which a name leads to an address, where that is known: nobody is asked for it again.
func led(env hop.Env, host string, port int, at netip.Addr) hop.Env {
	if !at.IsValid() {
		return env
	}
	env.ConnectTo = maps.Clone(env.ConnectTo)
	if env.ConnectTo == nil {
		env.ConnectTo = map[string]netip.AddrPort{}
	}
	env.ConnectTo[hop.HostPort(host, port)] = env.Led(host, port, at)
	return env
}

// lookedEnough ends the looks, soon.
func (s *survey) lookedEnough() {
	timer := time.AfterFunc(lastLooks, s.enough)
	s.looks.Wait()
	timer.Stop()
	s.enough()
}

// glance makes one connection, and says hello to the target.
func (s *survey) glance(p *Path, env *hop.Env, c *census) {
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	defer context.AfterFunc(s.looking, cancel)()
	a := p.connect(ctx, s.ctx, env, s.base, func(conn net.Conn) {
		if p.Route.Proxy == nil && p.Depth != DepthTCP && hop.CutAtHello(conn, p.Host) {
			s.cut.Store(true)
		}
	})
	switch {
	case a.fault == nil:
	case a.fault.Cause == report.TCPRefused && ctx.Err() == nil:
		c.doubted.Store(true)
	case a.fault.Cause == report.TCPTimeout:
		s.unheard.Store(max(s.unheard.Load(), int64(time.Since(a.start))))
	}
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
