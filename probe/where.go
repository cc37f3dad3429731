package probe

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"time"

	"edgenet/internal/hop"
	"edgenet/internal/judge"
	"edgenet/internal/neterr"
	"edgenet/report"
)

// travelTime is how long SYNs are waited for: their second copies leave after a second.
const travelTime = 1500 * time.Millisecond

// where follows SYNs hop by hop: to the port that fails, and directly also to another
// port of the same address to compare with.
func where(ctx context.Context, t *trial) (report.Outcome, string) {
	host, port := t.Host, t.Protocol.Port()
	if t.hop == report.HopProxy {
		host, port = t.Route.Proxy.Host, t.Route.Proxy.Port
	}
	ports := []int{port}
	if t.hop == report.HopTarget {
		ports = append(ports, t.survey.comparable(t.ports, port))
	}
	to, fault := t.address(ctx, host, port)
	if fault != nil {
		return report.Blocked, report.Clean("no address to send SYNs to: "+fault.Summary, 400)
	}
	if to.Addr().IsLoopback() {
		return report.Unavailable, "the address is this host's own"
	}
	if o, why := t.follow(ctx, host, to, ports); why != "" {
		return o, why
	}
	return report.Answered, judge.SYNTraceOf(t.travels).String()
}

// follow follows SYNs to ports of an address; why is empty where that came to its end.
func (t *trial) follow(ctx context.Context, host string, to netip.AddrPort, ports []int) (_ report.Outcome,
	why string) {
	for i, p := range ports {
		if i > 0 {
			to = t.env.Led(host, p, to.Addr())
		}
		wait := travelTime
		if left, ok := hop.Until(ctx); ok { // what is left is shared
			wait = min(wait, left/time.Duration(len(ports)-i)*9/10)
		}
		travel, err := t.survey.travel(ctx, t.env, to, wait, i > 0)
		if err != nil {
			return report.Unavailable, "how far SYNs travel is not known: " + neterr.Text(err)
		}
		t.travels = append(t.travels, travel)
	}
	if ctx.Err() != nil {
		return report.Unavailable, "how far SYNs travel was not finished"
	}
	return "", ""
}

// unused is a port that nobody has assigned: whoever answers on it answers for every port.
const unused = 4

// beyond tells whether this host itself connects to the target, and that is another one.
func beyond(t *trial) bool {
	return t.hop == report.HopTarget && t.Route.Proxy == nil && !t.trace.Reached().At.IsLoopback()
}

// whoAnswers follows SYNs to the port of a path that stands and stays silent, and to one that nobody uses: what
// answers nearer than the target, or on every port, is not the target.
func whoAnswers(ctx context.Context, t *trial) (report.Outcome, string) {
	to, fault := t.address(ctx, t.Host, t.Protocol.Port())
	if fault != nil {
		return report.Blocked, report.Clean("no address to send SYNs to: "+fault.Summary, 400)
	}
	if o, why := t.follow(ctx, t.Host, to, []int{t.Protocol.Port(), unused}); why != "" {
		return o, why
	}
	return report.Answered, judge.FrontOf(t.travels).String()
}

// journey is the way of SYNs to a port, once done is closed.
type journey struct {
	done   chan struct{}
	travel report.Travel
	err    error
	began  time.Time
}

// fresh is how old the way of SYNs to a port may be that another one is compared with.
const fresh = 3 * time.Second

// travel follows SYNs to a port. Where it is for comparison alone, what another path follows to its
// own port, or did a moment ago, will do.
func (s *survey) travel(ctx context.Context, env *hop.Env, to netip.AddrPort, wait time.Duration,
	comparison bool) (report.Travel, error) {
	own := &journey{done: make(chan struct{}), began: time.Now()}
	s.mu.Lock()
	other := s.journeys[to]
	if comparison && other != nil && time.Since(other.began) < fresh {
		s.mu.Unlock()
		select {
		case <-other.done:
		case <-ctx.Done():
			return report.Travel{}, context.Cause(ctx)
		}
		if other.err == nil {
			return other.travel, nil
		}
		s.mu.Lock()
	}
	s.journeys[to] = own
	s.mu.Unlock()
	defer close(own.done)
	own.travel, own.err = hop.Travel(ctx, env, to, wait, s.before.count())
	if own.err == nil && ctx.Err() != nil {
		own.err = context.Cause(ctx) // for others: it was not finished
		return own.travel, nil
	}
	return own.travel, own.err
}

// address is the one that a path's cause goes by: the one that failed where that is known,
// else IPv4's with the smallest number.
func (t *trial) address(ctx context.Context, host string, port int) (netip.AddrPort, *hop.Fault) {
	if t.env.Only.IsValid() {
		return netip.AddrPortFrom(t.env.Only, uint16(port)), nil //nolint:gosec // a port
	}
	addrs, fault := hop.Resolve(ctx, t.env, t.trace, t.hop, host, port)
	if fault != nil {
		return netip.AddrPort{}, fault
	}
	return firstIPv4(addrs), nil
}

// firstIPv4 is the address with the smallest number, IPv4's before IPv6's.
func firstIPv4(addrs []netip.AddrPort) netip.AddrPort {
	return slices.MinFunc(addrs, func(a, b netip.AddrPort) int {
		return cmp.Or(cmp.Compare(a.Addr().BitLen(), b.Addr().BitLen()), a.Compare(b))
	})
}
