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

// drop closes what is idle.
func (s *sockets) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
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

// converse asks and reads until the answer, to the question or to the same one put otherwise.
func converse(co *dns.Conn, q, other *dns.Msg) (*dns.Msg, error) {
	if err := co.WriteMsg(q); err != nil {
		return nil, err
	}
	for {
		m, err := co.ReadMsg()
		switch {
		case err != nil:
			return nil, err
		case !answers(m, q) && !answers(m, other): // another question's datagram is not ours to judge
		case !m.Response:
			return nil, errNoAnswer
		default:
			return m, nil
		}
	}
}

// anew is how long a question over UDP stays without an answer until it is sent once more. What was
// asked before may still be answered: a server that asks others may take seconds.
var anew = [...]time.Duration{time.Second, time.Second, 2 * time.Second, 4 * time.Second}

// askAnew sends a question again while another one by the same socket is not answered, until the
// function that it gives is called, which tells whether it did. It goes without EDNS, as the C library
// asks: there are firewalls that drop what has it.
func askAnew(ctx context.Context, co *dns.Conn, plain *dns.Msg) (stop func() bool) {
	ctx, cancel := context.WithCancel(ctx)
	sent := make(chan bool, 1)
	go func() {
		again := false
		defer func() { sent <- again }()
		for _, wait := range anew {
			timer := time.NewTimer(wait)
			select {
			case <-timer.C:
			case <-ctx.Done():
				timer.Stop()
				return
			}
			again = true
			if co.WriteMsg(plain) != nil {
				return // who reads is told
			}
		}
	}()
	return func() bool {
		cancel()
		return <-sent
	}
}
