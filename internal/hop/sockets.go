package hop

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// How long and for how many questions a socket to a name server is used again: one that asks
// about many hubs opens fewer sockets so, and a port is not known for long.
const (
	socketAge  = time.Second
	socketUses = 16
	mostIdle   = 32
)

// sockets are those of answered questions over UDP, of which nothing is under way. The zero
// value is ready.
type sockets struct {
	mu    sync.Mutex
	idle  []socket
	timer *time.Timer // closes what is idle; nil where nothing is
}

// socket is a connected socket, by which so many questions were answered.
type socket struct {
	net.Conn
	server netip.AddrPort
	source Source
	uses   int
}

// take gives an idle socket to a server from a source; false where there is none.
func (s *sockets) take(server netip.AddrPort, from Source) (socket, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.idle, func(x socket) bool { return x.server == server && x.source == from })
	if i < 0 {
		return socket{}, false
	}
	x := s.idle[i]
	s.idle = slices.Delete(s.idle, i, i+1)
	return x, true
}

// put keeps a socket whose question was answered, for a while, or closes it.
func (s *sockets) put(x socket) {
	x.uses++
	if s == nil || x.uses >= socketUses || x.SetDeadline(time.Time{}) != nil {
		_ = x.Close()
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.idle) >= mostIdle {
		_ = x.Close()
		return
	}
	s.idle = append(s.idle, x)
	if s.timer == nil {
		s.timer = time.AfterFunc(socketAge, s.drop)
	}
}

// Rest closes the sockets that are kept for the next question: who asks the next one much later has
// nothing of them, and would be woken to close them.
func (r *Resolver) Rest() { r.udp.drop() }

// drop closes what is idle.
func (s *sockets) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.timer != nil {
		s.timer.Stop()
	}
	for _, x := range s.idle {
		_ = x.Close()
	}
	s.idle, s.timer = nil, nil
}

// askBy connects to a server, or gives a socket that is connected already.
func (e *Env) askBy(ctx context.Context, network string, server netip.AddrPort) (socket, error) {
	if e.DNS != nil && network == "udp" {
		if s, ok := e.DNS.udp.take(server, e.Source); ok {
			return s, nil
		}
	}
	var d net.Dialer
	if !server.Addr().IsLoopback() { // a stub on this host is reached from this host, whatever --source says
		d = net.Dialer{Control: e.control(), LocalAddr: e.Source.local(network, server.Addr())}
	}
	conn, err := d.DialContext(ctx, network, server.String())
	return socket{Conn: conn, server: server, source: e.Source}, err
}

// tie has the end of a context end what waits on a connection, until the function that it gives
// is called; false there says that the context was first.
func tie(ctx context.Context, c net.Conn) (free func() bool) {
	if d, ok := ctx.Deadline(); ok {
		_ = c.SetDeadline(d) // fails only on a closed connection, which the next read says
	}
	return context.AfterFunc(ctx, func() { _ = c.SetDeadline(past) })
}

// converse asks and reads until the answer; over UDP it asks again while there is none, and tells whether
// it did: what comes late then belongs to nobody who asks by the same socket.
func converse(co *dns.Conn, q *dns.Msg, udp bool) (m *dns.Msg, again bool, err error) {
	if err := co.WriteMsg(q); err != nil {
		return nil, false, err
	}
	var a anew
	if udp {
		a.begin(co, q)
		defer func() { again = a.stop() }()
	}
	for {
		m, err := co.ReadMsg()
		switch {
		case err != nil:
			return nil, false, err
		case !answers(m, q) && !a.asked(m): // another question's datagram is not ours to judge
		case !m.Response:
			return nil, false, errNoAnswer
		default:
			return m, false, nil
		}
	}
}

// anewAfter is how long a question over UDP stays without an answer until it is sent once more. What was
// asked before may still be answered: a server that asks others may take seconds.
var anewAfter = [...]time.Duration{time.Second, time.Second, 2 * time.Second, 4 * time.Second}

// anew sends a question again while another one by the same socket is not answered. It goes without
// EDNS, as the C library asks: there are firewalls that drop what has it. The zero value has asked
// nothing.
type anew struct {
	mu    sync.Mutex
	timer *time.Timer
	co    *dns.Conn
	q     *dns.Msg
	plain *dns.Msg // nil until it is sent
	times int
	over  bool
}

func (a *anew) begin(co *dns.Conn, q *dns.Msg) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.co, a.q = co, q
	a.timer = time.AfterFunc(anewAfter[0], a.send)
}

func (a *anew) send() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.over {
		return
	}
	if a.plain == nil {
		a.plain = a.q.Copy()
		a.plain.Id, a.plain.Extra = dns.Id(), nil
	}
	if a.times++; a.co.WriteMsg(a.plain) == nil && a.times < len(anewAfter) { // else who reads is told
		a.timer.Reset(anewAfter[a.times])
	}
}

// asked tells whether a message belongs to what was sent again.
func (a *anew) asked(m *dns.Msg) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.plain != nil && answers(m, a.plain)
}

// stop sends no more, and tells whether anything was sent.
func (a *anew) stop() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.over = true
	if a.timer != nil {
		a.timer.Stop()
	}
	return a.times > 0
}
