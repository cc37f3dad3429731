package probe

import (
	"context"
	"net"

	"edgenet/internal/hop"
	"edgenet/internal/proxyurl"
	"edgenet/proxy"
	"edgenet/report"
)

// through asks the route's proxy for a tunnel as the component would that the path stands
// for: the daemon sends its credentials at once; the containers do when they are asked, and
// how a proxy asks is seen once.
func (a *attempt) through(ctx context.Context, p *proxyurl.Proxy) (net.Conn, *hop.Fault) {
	how := proxy.Manner{Bare: a.consumer() == hop.Containers && (a.survey == nil || !a.survey.challenged(a.Route.ID))}
	c, fault := proxy.DialAs(ctx, a.env, a.trace, p, a.Host, a.Protocol.Port(), how)
	if c != nil && a.survey != nil {
		a.survey.knocksOf(a.Path).stood.Store(true)
	}
	if last, ok := a.trace.Last(); ok && a.survey != nil {
		if d, is := last.Detail.(*report.ConnectDetail); is && d.First != nil {
			a.survey.challenge(a.Route.ID)
		}
	}
	return c, fault
}

// challenge notes that a route's proxy asks for credentials where none are sent.
func (s *survey) challenge(route string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asks[route] = true
}

func (s *survey) challenged(route string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asks[route]
}

// refusals are what a proxy's rule may be behind.
func refusals() []report.Cause {
	return []report.Cause{report.ConnectForbidden, report.ConnectStatus, report.ConnectUnsupported,
		report.ConnectClosed, report.ConnectRedirect}
}

// unlike asks a proxy that refuses the runtime's CONNECT in a manner that is not the
// runtime's: who is let in then would be seen as working by any other tool.
func unlike(how proxy.Manner, what string) func(context.Context, *trial) (report.Outcome, string) {
	return func(ctx context.Context, t *trial) (report.Outcome, string) {
		c, fault := proxy.DialAs(ctx, t.env, t.trace, t.Route.Proxy, t.Host, t.Protocol.Port(), how)
		if c != nil {
			_ = c.Close()
		}
		switch {
		case fault == nil && t.letIn(ctx): // so it was not the manner
			return report.Unavailable, "the proxy lets the same CONNECT in with and without: it comes and goes"
		case fault == nil:
			return report.Answered, "the proxy lets the same CONNECT in " + what
		case fault.Stopped || !fault.Cause.Proves():
			return report.Unavailable, "a CONNECT " + what + " was not finished"
		}
		return report.Blocked, report.Clean("the proxy refuses a CONNECT "+what+" as well"+statusWords(t.trace.Steps()),
			400)
	}
}

// letIn asks a few times more as the runtime does.
func (t *trial) letIn(ctx context.Context) bool {
	for range 3 {
		pause(ctx, settling)
		how := proxy.Manner{Bare: t.consumer() == hop.Containers}
		c, fault := proxy.DialAs(ctx, t.env, t.trace.Aside(), t.Route.Proxy, t.Host, t.Protocol.Port(), how)
		if c != nil {
			_ = c.Close()
		}
		if fault == nil {
			return true
		}
	}
	return false
}

// refusedAlone tells whether the runtime would send the path's CONNECT, and its refusal has
// been confirmed.
func refusedAlone(t *trial) bool {
	return t.alone && t.Protocol.Proxied() && t.Route.Proxy != nil && t.Route.Proxy.Scheme != proxyurl.SOCKS5 &&
		t.Path.survey.knocksOf(t.Path).open == 0
}

func bareRefused(t *trial) bool {
	return refusedAlone(t) && t.Route.Proxy.HasAuth && t.consumer() == hop.Containers
}
