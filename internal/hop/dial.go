package hop

import (
	"cmp"
	"context"
	"net"
	"net/netip"
	"slices"
	"time"

	"edgenet/internal/sorting"
	"edgenet/report"
)

// meeting is how long the address that a path prefers may take longer than another one:
// RFC 8305 gives an address 250 ms before the next is tried.
const meeting = 250 * time.Millisecond

// Dial resolves a name and connects to all its addresses at once. It goes on with the one
// whose turn it is, or where that does not answer, with the next. What becomes of the others
// is awaited beside the path, as long as their silence takes to prove something.
func Dial(ctx context.Context, env *Env, t *Trace, h report.Hop, host string, port int) (net.Conn, *Fault) {
	addrs, fault := Resolve(ctx, env, t, h, host, port)
	if fault != nil {
		return nil, fault
	}
	addrs = env.only(addrs, port)
	m := t.Begin(h, report.StageTCP)
	d := &report.TCPDetail{At: *env.UTC()}
	r := newRace(ctx, env, t, addrs)
	if a := r.winner(); a != nil {
		a.describe(env, d)
		m.OK(d)
		t.dialled(h, a.remote, addrs)
		if p := patienceOf(ctx); p != nil {
			p.hear(time.Now())
			p.connected(a.trip, a.conn)
		}
		if tried := func() { d.Tried = r.rest(a.index) }; len(addrs) == 1 {
			tried()
		} else {
			t.beside(tried)
		}
		return guard(ctx, a.conn, true), nil
	}
	worst := decisive(r.came)
	worst.describe(env, d)
	d.Tried = r.rest(-1)
	r.end()
	if worst.cause() == report.TCPNoRoute {
		env.lacks(d, addrs)
	}
	return nil, m.Fail(worst.fault(host, port, m.Elapsed()), d)
}

// only leaves the address that the moves are tied to, whatever the name has by now.
func (e *Env) only(addrs []netip.AddrPort, port int) []netip.AddrPort {
	if !e.Only.IsValid() {
		return addrs
	}
	for _, a := range addrs {
		if a.Addr() == e.Only {
			return []netip.AddrPort{a}
		}
	}
	return []netip.AddrPort{netip.AddrPortFrom(e.Only, uint16(port))} //nolint:gosec // a port
}

// race is the connections to all addresses of a name, under way at once.
type race struct {
	end   context.CancelFunc
	ch    chan attempt
	order []int // of the addresses: whose turn it is first
	came  []attempt
	until time.Time // when the silence of those that have not come proves something; zero is with the context
}

func newRace(ctx context.Context, env *Env, t *Trace, addrs []netip.AddrPort) *race {
	own, cancel := context.WithCancel(ctx)
	r := &race{end: cancel, ch: make(chan attempt, len(addrs)), order: inTurn(addrs, env.Turn)}
	if p := patienceOf(ctx); p != nil {
		r.until = time.Now().Add(Telling(p.quiet))
	}
	if len(addrs) == 1 { // there is nothing to wait for beside it
		r.came = append(r.came, connect(own, env, 0, addrs[0]))
		return r
	}
	for i, a := range addrs {
		t.beside(func() { r.ch <- connect(own, env, i, a) })
	}
	return r
}

// inTurn orders addresses by their numbers, IPv4 first, and begins with the one whose turn
// it is: the order of an answer changes from one to the next.
func inTurn(addrs []netip.AddrPort, turn int) []int {
	order := make([]int, len(addrs))
	for i := range order {
		order[i] = i
	}
	sorting.By(order, func(a, b int) int { return compareAddrs(addrs[a].Addr(), addrs[b].Addr()) })
	turn %= len(order)
	return append(slices.Clone(order[turn:]), order[:turn]...)
}

// compareAddrs puts IPv4 first, and small numbers.
func compareAddrs(a, b netip.Addr) int {
	if a.Is4() != b.Is4() {
		if a.Is4() {
			return -1
		}
		return 1
	}
	return a.Compare(b)
}

// winner waits for the address that the path goes on with; nil where none answers.
func (r *race) winner() *attempt {
	var late <-chan time.Time
	for len(r.came) < len(r.order) {
		select {
		case a := <-r.ch:
			r.came = append(r.came, a)
		case <-late:
			return r.best()
		}
		best := r.best()
		if best != nil && r.first() == best.index {
			return best
		}
		if best != nil && late == nil {
			timer := time.NewTimer(meeting)
			defer timer.Stop()
			late = timer.C
		}
	}
	return r.best()
}

// best is the first in turn that has answered, nil where none has.
func (r *race) best() *attempt {
	for _, i := range r.order {
		if a := r.of(i); a != nil && a.err == nil {
			return a
		}
	}
	return nil
}

// first is the first in turn that has not failed.
func (r *race) first() int {
	for _, i := range r.order {
		if a := r.of(i); a == nil || a.err == nil {
			return i
		}
	}
	return -1
}

// of is what came of an address, nil where nothing has yet.
func (r *race) of(index int) *attempt {
	for i := range r.came {
		if r.came[i].index == index {
			return &r.came[i]
		}
	}
	return nil
}

// rest waits for the outcomes that are still to come, closes the connections that the path
// does not use, and gives all in the order of the answer.
func (r *race) rest(used int) []report.TCPAttempt {
	defer r.end()
	if !r.until.IsZero() {
		timer := time.AfterFunc(time.Until(r.until), r.end)
		defer timer.Stop()
	}
	for len(r.came) < len(r.order) {
		a := <-r.ch
		enough := !r.until.IsZero() && !time.Now().Before(r.until)
		a.brief = a.err != nil && a.cause() == report.TCPTimeout && used >= 0 && !enough
		r.came = append(r.came, a)
	}
	out := make([]report.TCPAttempt, len(r.came))
	for _, a := range r.came {
		if a.conn != nil && a.index != used {
			_ = a.conn.Close()
		}
		out[a.index] = a.public()
	}
	return out
}

// Telling is how long a silence beside a path that works takes to prove something: the SYN
// was sent once more by then.
func Telling(quiet time.Duration) time.Duration {
	return min(max(quiet/10, time.Second)+500*time.Millisecond, quiet)
}

// decisive is the address whose cause is the path's: all failed at the same stage, so IPv4's,
// and among those one that somebody answered for; else the smallest. The order of an answer
// changes, and must not change the cause.
func decisive(came []attempt) attempt {
	return slices.MinFunc(came, func(a, b attempt) int {
		x, y := a.remote.Addr(), b.remote.Addr()
		if a, b := a.cause() == report.TCPTimeout, b.cause() == report.TCPTimeout; x.Is4() == y.Is4() && a != b {
			return cmp.Compare(oneIf(a), oneIf(b))
		}
		return compareAddrs(x, y)
	})
}

func oneIf(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
