package probe

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"edgenet/internal/hop"
	"edgenet/report"
)

// A refusal that comes as fast as an answer is counted, by bare connections, one after the other. Two of
// them outweigh what half of the connections have against them: a port works where good ones are more than
// twice the bad ones, so that neither one in five nor one in two is near the border. Until one side leads by
// decided it may be chance: of a network that refuses one in five, or one in two, the other is taken for it
// once in some 1,500 times (the likelihoods differ by e^0.46 a point). So few that no side can lead so far go
// by the majority.
const (
	outweighs = 2
	decided   = 16
	few       = 12
	// most ends a count that comes and goes.
	most = 90
	// oddly is how often something else may come.
	oddly = 3
	// steadily is how many refusals in a row, without a connection among them, tell a port that
	// is closed from one that lets one in five pass; as many as come within steadyTime are enough.
	steadily   = 32
	steadyTime = time.Second
	fewest     = 6 // refusals that are enough then
)

// works tells whether so many good answers beside so many bad ones are those of something that works.
func works(good, bad int) bool {
	if good+bad < few {
		return good > bad
	}
	return good > outweighs*bad
}

// against is how far the bad answers lead; below zero it is the good ones.
func against(good, bad int) int { return outweighs*bad - good }

// census is what became of bare connections to one port.
type census struct {
	host      string
	once      sync.Once
	looked    sync.Once
	doubted   atomic.Bool // it was refused while it was looked at
	open, bad int
	failed    *attempt // the last that was refused; nil where none was
	odd       int      // times that something else came than an answer or a refusal
}

// comesAndGoes tells whether a port was refused, and was open.
func (c *census) comesAndGoes() bool { return c.open > 0 && c.bad > 0 }

// mostly tells whether the port is open, two times in three.
func (c *census) mostly() bool { return works(c.open, c.bad) }

// census counts for the port that a path connects to, once for all paths that do.
func (p *Path) census(ctx context.Context, round context.Context, env *hop.Env, base time.Time,
	first bool) *census {
	_, host, port := p.dials()
	c := p.survey.censusOf(host, port)
	c.once.Do(func() {
		if first {
			c.bad = 1 // a path was refused
		}
		p.survey.alone(ctx, func() bool {
			p.survey.settle(ctx)
			p.count(ctx, round, env, base, c)
			return true
		})
	})
	return c
}

// dials is whom a path connects to.
func (p *Path) dials() (h report.Hop, host string, port int) {
	if px := p.Route.Proxy; px != nil {
		return report.HopProxy, px.Host, px.Port
	}
	return report.HopTarget, p.Host, p.Protocol.Port()
}

// count connects until it is clear how the port answers.
func (p *Path) count(ctx, round context.Context, env *hop.Env, base time.Time, c *census) {
	start := time.Now()
	for ctx.Err() == nil && c.odd < oddly && c.open+c.bad < most {
		switch {
		case against(c.open, c.bad) <= -decided:
			return
		case c.open == 0 && (c.bad >= steadily || c.bad >= fewest && time.Since(start) > steadyTime):
			return
		case c.open > 0 && against(c.open, c.bad) >= decided:
			return
		}
		for _, a := range several(c.open, c.bad, func() *attempt {
			return p.connect(ctx, round, env, base, nil)
		}) {
			switch {
			case a.fault == nil:
				c.open++
			case a.fault.Cause == report.TCPRefused && !a.stopped():
				c.bad++
				c.failed = a
			default:
				c.odd++
			}
		}
	}
}

// atOnce is how many tries are made side by side where the first ones, alone, have all failed: no limit on
// connections is met then, and a long way takes no longer than a short one.
const atOnce = 8

// several makes a try, or, where so many have come to nothing and none was good, more of them at once.
func several(good, bad int, try func() *attempt) []*attempt {
	if good > 0 || bad < fewest {
		return []*attempt{try()}
	}
	all := make([]*attempt, min(atOnce, steadily-bad))
	var wg sync.WaitGroup
	for i := range all {
		wg.Go(func() { all[i] = try() })
	}
	wg.Wait()
	return all
}

// connect makes a bare connection, with which something may be done, and takes it back with a reset,
// which leaves nothing for a firewall to remember.
func (p *Path) connect(ctx, round context.Context, env *hop.Env, base time.Time, do func(net.Conn)) *attempt {
	return p.connectWithin(ctx, min(p.Timeout, shortest), round, env, base, do)
}

// connectWithin is connect with a wait of its own.
func (p *Path) connectWithin(ctx context.Context, wait time.Duration, round context.Context, env *hop.Env,
	base time.Time, do func(net.Conn)) *attempt {
	own, cancel := hop.WithPatience(ctx, wait)
	a := &attempt{Path: p, env: env, trace: hop.NewTrace(round, base), start: time.Now()}
	h, host, port := p.dials()
	c, fault := hop.Dial(own, env, a.trace, h, host, port)
	a.fault = fault
	if c != nil {
		if do != nil {
			do(c)
		}
		hop.Reset(c)
	}
	cancel()
	a.steps = a.trace.Steps()
	return a
}

func (s *survey) censusOf(host string, port int) *census {
	key := hop.HostPort(host, port)
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.counts[key]
	if c == nil {
		c = &census{host: host}
		s.counts[key] = c
	}
	return c
}

// settle waits, once a run, until firewalls have forgotten the connections that ended.
func (s *survey) settle(ctx context.Context) {
	s.mu.Lock()
	settled := s.settled
	s.settled = true
	s.mu.Unlock()
	if !settled {
		pause(ctx, settling)
	}
}
