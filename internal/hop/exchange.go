package hop

import (
	"context"
	"errors"
	"fmt"
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
	tcp       string    // what it said over TCP, where UDP failed; empty where it was not asked
	qtype     uint16    // of a single question
	silent    string    // the type that was asked for nine times and not answered, beside one that was
	plain     bool      // only the question without EDNS was answered
	long      bool      // it said over UDP that its answer does not fit
	extended  string    // its own reason of a failure
	asked     time.Time // where what was asked before got lost; zero where nothing did
}

// notAsked is the answer of a resolver that this host had no socket left for.
const notAsked = "not asked"

// decides tells whether a system's resolver would stop here: an answer, or a definite
// "no such name"; SERVFAIL, REFUSED and silence make it ask the next.
func (a serverAnswer) decides() bool {
	return a.code == codeOK || a.code == codeNXDomain || a.code == codeNoData
}

func (a serverAnswer) public() report.ResolverAnswer {
	p := report.ResolverAnswer{Resolver: a.server.String(), Addresses: texts(a.addrs), CNAME: a.cname, TTLSec: a.ttl,
		Transport: a.transport, TCP: a.tcp, Silent: a.silent, WithoutEDNS: a.plain,
		Extended: a.extended, DurationMs: report.MillisOf(a.took)}
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
	case codeLimit:
		p.Answer, p.Error = notAsked, a.reason
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
	ch := make(chan serverAnswer, 3) // A, AAAA, and A once more
	for _, qtype := range []uint16{dns.TypeA, dns.TypeAAAA} {
		wg.Go(func() { ch <- question(ctx, env, server, name, qtype) })
	}
	failed, overTCP := make(chan struct{}), make(chan string, 1)
	wg.Go(func() { overTCP <- besideUDP(ctx, env, server, name, failed, ch) })
	merged := <-ch
	took := time.Since(start)
	var late <-chan time.Time
	// A name that does not exist has no address of any family. Some servers say so of every AAAA that
	// they lack (RFC 4074, section 4.2): it says nothing of the A that is on its way.
	if merged.code == codeOK || merged.code == codeNXDomain && merged.qtype == dns.TypeA {
		late = time.After(grace / 2)
	}
	for both := false; !both; {
		select {
		case other := <-ch:
			if both = other.qtype != merged.qtype; both { // else A, asked once more
				merged = merge(merged, other)
			}
		case <-late:
			merged, both = askAgain(ctx, env, server, name, merged, took, ch), true
		}
	}
	merged.server, merged.took = server, time.Since(start)
	if !merged.asked.IsZero() { // it is not the server that took the time before
		merged.took = time.Since(merged.asked)
	}
	switch merged.code {
	case codeMalformed, codeUnreachable:
		close(failed)
		merged.tcp = <-overTCP
	case codeTimeout:
		cancel() // its time is over
		merged.tcp = <-overTCP
	}
	return merged
}

// question asks for one type over UDP, again after silence, and over TCP when the
// answer is truncated or the system asks so alone.
func question(ctx context.Context, env *Env, server netip.AddrPort, name string, qtype uint16) (out serverAnswer) {
	defer func() { // it runs beside the path, whose own guard does not see it
		if v := recover(); v != nil {
			out = serverAnswer{code: codeOther, reason: PanicText(v), transport: "udp"}
		}
	}()
	q := new(dns.Msg)
	q.SetQuestion(name, qtype)
	q.SetEdns0(udpSize, false)
	out = serverAnswer{transport: "udp", qtype: qtype}
	if env.resolver().tcp {
		out.transport = "tcp"
	}
	m, err := exchange(ctx, env, out.transport, server, q)
	if err == nil && len(q.Extra) > 0 && (m.Rcode == dns.RcodeFormatError || m.Rcode == dns.RcodeNotImplemented ||
		m.Rcode == dns.RcodeBadVers) {
		q.Extra = nil // a server from before EDNS (RFC 6891, section 7)
		m, err = exchange(ctx, env, out.transport, server, q)
	}
	if err == nil && m.Truncated {
		out.transport, out.long = "tcp", true
		m, err = exchange(ctx, env, "tcp", server, q)
	}
	if err == nil {
		out.plain = m.Id != q.Id
		if m.Rcode == dns.RcodeServerFailure {
			out.extended = ownReason(m)
		}
		return read(m, q, out)
	}
	out.code, out.reason, out.errno = queryFailure(err), neterr.Text(err), neterr.ErrnoName(err)
	return out
}

// udpSize is the largest answer over UDP that arrives everywhere (DNS flag day 2020).
const udpSize = 1232

var errNoAnswer = errors.New("a question came back, not an answer")

// exchangeLimit bounds one question where the context does not.
const exchangeLimit = time.Minute

func exchange(ctx context.Context, env *Env, network string, server netip.AddrPort, q *dns.Msg) (*dns.Msg, error) {
	s, err := env.askBy(ctx, network, server)
	if err != nil {
		return nil, err
	}
	free := tie(ctx, s)
	if _, bounded := ctx.Deadline(); !bounded {
		_ = s.SetDeadline(time.Now().Add(exchangeLimit)) // fails only on a closed connection
	}
	m, again, err := converse(&dns.Conn{Conn: s.Conn, UDPSize: udpSize}, q, network == "udp")
	if free() && err == nil && !again && network == "udp" && env.DNS != nil {
		env.DNS.udp.put(s)
		return m, nil
	}
	_ = s.Close()
	return m, err
}

// answers tells whether a message belongs to the question. Servers that do not understand
// a question may leave it out of their answer.
func answers(m, q *dns.Msg) bool {
	if m.Id != q.Id || len(m.Question) == 0 {
		return m.Id == q.Id
	}
	asked, got := q.Question[0], m.Question[0]
	return got.Qtype == asked.Qtype && fqdnEqual(got.Name, asked.Name)
}

func queryFailure(err error) code {
	switch neterr.Of(err) {
	case neterr.HostLimit, neterr.AddressInUse:
		return codeLimit
	case neterr.Timeout, neterr.Canceled:
		return codeTimeout
	case neterr.EOF: // TCP closed without an answer
		return codeMalformed
	case neterr.Other:
		if neterr.HasErrno(err) { // out of sockets, for example
			return codeOther
		}
		return codeMalformed // what miekg/dns cannot unpack
	}
	return codeUnreachable
}

// read takes addresses and the CNAME chain out of an answer; what belongs to other
// names is ignored.
func read(m, q *dns.Msg, out serverAnswer) serverAnswer {
	if m.Rcode != dns.RcodeSuccess {
		out.code, out.reason = refusalCode(m.Rcode)
		return out
	}
	at := out.follow(m, q.Question[0].Name)
	for _, rr := range m.Answer {
		if !fqdnEqual(rr.Header().Name, at) {
			continue
		}
		if a, ok := address(rr); ok && len(out.addrs) < maxAddresses {
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

func refusalCode(rcode int) (code, string) {
	name, ok := dns.RcodeToString[rcode]
	switch {
	case rcode == dns.RcodeNameError:
		return codeNXDomain, name
	case rcode == dns.RcodeServerFailure:
		return codeServfail, name
	case rcode == dns.RcodeRefused:
		return codeRefused, name
	case !ok:
		name = fmt.Sprintf("RCODE %d", rcode)
	}
	return codeOther, name
}

const maxAddresses = 32 // of one answer; hubs have one

// follow goes along the CNAME chain and gives the name at its end.
func (out *serverAnswer) follow(m *dns.Msg, at string) string {
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
	return at
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
