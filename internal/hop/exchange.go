package hop

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/miekg/dns"

	"edgenet/internal/neterr"
	"edgenet/report"
)

// serverAnswer is what one resolver said of a name, both families together.
type serverAnswer struct {
	server    netip.AddrPort
	code      code
	reason    string
	addrs     []netip.Addr
	cname     []string
	ttl       *uint32
	transport string
	errno     string
	took      time.Duration
}

// decides tells whether a system's resolver would stop here: an answer, or a definite
// "no such name"; SERVFAIL, REFUSED and silence make it ask the next.
func (a serverAnswer) decides() bool {
	return a.code == codeOK || a.code == codeNXDomain || a.code == codeNoData
}

func (a serverAnswer) public() report.ResolverAnswer {
	p := report.ResolverAnswer{Resolver: a.server.String(), Addresses: texts(a.addrs), CNAME: a.cname, TTLSec: a.ttl,
		Transport: a.transport, DurationMs: report.MillisOf(a.took)}
	switch a.code {
	case codeOK, codeNoData:
		p.Answer = "NOERROR"
	case codeNXDomain:
		p.Answer = "NXDOMAIN"
	case codeServfail:
		p.Answer = "SERVFAIL"
	case codeRefused:
		p.Answer = "REFUSED"
	case codeTimeout:
		p.Answer = "timeout"
	case codeUnreachable:
		p.Answer, p.Error = "unreachable", a.reason
	case codeMalformed:
		p.Answer, p.Error = "malformed", a.reason
	default:
		p.Answer = a.reason
	}
	return p
}

// askOne asks one resolver for A and AAAA at once. The address family that has an
// answer does not wait long for the other.
func askOne(ctx context.Context, env *Env, server netip.AddrPort, name string) serverAnswer {
	start := time.Now()
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	ch := make(chan serverAnswer, 2)
	for _, qtype := range []uint16{dns.TypeA, dns.TypeAAAA} {
		wg.Go(func() { ch <- question(ctx, env, server, name, qtype) })
	}
	merged := <-ch
	late := make(<-chan time.Time)
	if merged.code == codeOK {
		late = time.After(grace)
	}
	select {
	case other := <-ch:
		merged = merge(merged, other)
	case <-late:
	}
	merged.server, merged.took = server, time.Since(start)
	return merged
}

// merge puts the two families' answers together: addresses of both; else the one
// that says more, where a definite "no such name" says more than a failure.
func merge(a, b serverAnswer) serverAnswer {
	if a.code == codeOK && b.code == codeOK {
		if len(b.addrs) > 0 && b.addrs[0].Is4() { // IPv4 first, as IoT Hub has no other
			a, b = b, a
		}
		a.addrs = append(a.addrs, b.addrs...)
		return a
	}
	if a.code == codeNoData && b.code > codeNoData { // half an answer is none
		return b
	}
	if b.code < a.code && b.code != codeNoData {
		return b
	}
	return a
}

// question asks for one type over UDP, again after silence, and over TCP when the
// answer is truncated.
func question(ctx context.Context, env *Env, server netip.AddrPort, name string, qtype uint16) serverAnswer {
	q := new(dns.Msg)
	q.SetQuestion(name, qtype)
	q.SetEdns0(1232, false) // DNS flag day 2020
	out := serverAnswer{code: codeTimeout, transport: "udp"}
	for _, wait := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, time.Minute} {
		m, err := exchange(ctx, env, "udp", server, q, wait)
		if err == nil && m.Truncated {
			out.transport = "tcp"
			m, err = exchange(ctx, env, "tcp", server, q, time.Minute)
		}
		if err == nil {
			return read(m, q, out)
		}
		out.code, out.reason, out.errno = queryFailure(err), neterr.Text(err), neterr.ErrnoName(err)
		if out.code != codeTimeout || ctx.Err() != nil {
			break
		}
	}
	return out
}

func exchange(ctx context.Context, env *Env, network string, server netip.AddrPort, q *dns.Msg, wait time.Duration) (*dns.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	d := net.Dialer{Control: env.control()}
	conn, err := d.DialContext(ctx, network, server.String())
	if err != nil {
		return nil, err
	}
	guarded := Guard(ctx, conn)
	defer func() { _ = guarded.Close() }()
	co := &dns.Conn{Conn: conn, UDPSize: 1232}
	if err := co.WriteMsg(q); err != nil {
		return nil, err
	}
	for { // datagrams of another question are not ours to judge
		m, err := co.ReadMsg()
		if err != nil || m.Id == q.Id {
			return m, err
		}
	}
}

func queryFailure(err error) code {
	switch neterr.Of(err) {
	case neterr.Timeout, neterr.Canceled:
		return codeTimeout
	case neterr.Other, neterr.EOF: // what miekg/dns cannot unpack, or TCP closed without an answer
		return codeMalformed
	}
	return codeUnreachable
}

// read takes addresses and the CNAME chain out of an answer; what belongs to other
// names is ignored.
func read(m, q *dns.Msg, out serverAnswer) serverAnswer {
	switch m.Rcode {
	case dns.RcodeSuccess:
	case dns.RcodeNameError:
		out.code = codeNXDomain
		return out
	case dns.RcodeServerFailure:
		out.code, out.reason = codeServfail, "SERVFAIL"
		return out
	case dns.RcodeRefused:
		out.code, out.reason = codeRefused, "REFUSED"
		return out
	default:
		out.code, out.reason = codeOther, dns.RcodeToString[m.Rcode]
		return out
	}
	at := q.Question[0].Name
	for range 16 { // longer chains are loops; resolvers give up there too
		next := ""
		for _, rr := range m.Answer {
			if c, ok := rr.(*dns.CNAME); ok && fqdnEqual(c.Hdr.Name, at) {
				next = c.Target
				out.cname = append(out.cname, report.Clean(trimDot(c.Target), 255))
				out.lower(c.Hdr.Ttl)
				break
			}
		}
		if next == "" {
			break
		}
		at = next
	}
	for _, rr := range m.Answer {
		if !fqdnEqual(rr.Header().Name, at) {
			continue
		}
		if a, ok := address(rr); ok && len(out.addrs) < 32 {
			out.addrs = append(out.addrs, a)
			out.lower(rr.Header().Ttl)
		}
	}
	out.code = codeOK
	if len(out.addrs) == 0 {
		out.code = codeNoData
	}
	return out
}

func (a *serverAnswer) lower(ttl uint32) {
	if a.ttl == nil || ttl < *a.ttl {
		a.ttl = &ttl
	}
}

func address(rr dns.RR) (netip.Addr, bool) {
	switch x := rr.(type) {
	case *dns.A:
		a, ok := netip.AddrFromSlice(x.A)
		return a.Unmap(), ok
	case *dns.AAAA:
		return netip.AddrFromSlice(x.AAAA)
	}
	return netip.Addr{}, false
}

func trimDot(s string) string {
	if n := len(s); n > 1 && s[n-1] == '.' {
		return s[:n-1]
	}
	return s
}
