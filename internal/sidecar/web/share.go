package web

import (
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// Bounds of connections: of all, and of one address. A neighbour that holds its share gets
// no more, and while there is one that holds fewer, that one gets in.
const (
	maxConnections = 320
	maxShare       = 256
	// overdue is how long a request may take before its connection may go for another one.
	overdue = time.Second
)

// sharedListener shares the connections out by address. Where there is no room, the
// longest idle connection of whoever holds the most has to go.
type sharedListener struct {
	net.Listener
	mu    sync.Mutex
	open  map[*sharedConn]struct{}
	count map[netip.Prefix]int
}

type sharedConn struct {
	net.Conn
	l    *sharedListener
	from netip.Prefix
	idle bool      // between two requests
	last time.Time // when it was opened, or last changed between busy and idle
	done bool
}

func shareOut(l net.Listener) *sharedListener {
	return &sharedListener{Listener: l, open: map[*sharedConn]struct{}{}, count: map[netip.Prefix]int{}}
}

// Accept implements net.Listener.
func (l *sharedListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if s := l.admit(c); s != nil {
			return s, nil
		}
		_ = c.Close() // it was not ours
	}
}

// admit takes a connection in, at the cost of another one if need be; nil where its
// address has its share and all of its connections are at work.
func (l *sharedListener) admit(c net.Conn) *sharedConn {
	from := source(c.RemoteAddr())
	l.mu.Lock()
	var victim *sharedConn
	switch {
	case l.count[from] >= maxShare:
		if victim = l.oldest(from); !victim.idle && time.Since(victim.last) < overdue {
			l.mu.Unlock()
			return nil
		}
	case len(l.open) >= maxConnections:
		victim = l.oldest(l.greediest())
	}
	if victim != nil {
		l.forget(victim)
	}
	s := &sharedConn{Conn: c, l: l, from: from, last: time.Now()}
	l.open[s] = struct{}{}
	l.count[from]++
	l.mu.Unlock()
	if victim != nil {
		_ = victim.Conn.Close() // its handler, if any, meets an error
	}
	return s
}

// greediest is the address with the most connections.
func (l *sharedListener) greediest() (from netip.Prefix) {
	most := 0
	for address, n := range l.count {
		if n > most {
			from, most = address, n
		}
	}
	return from
}

// oldest is the longest idle connection of an address, or, where none is idle, the oldest.
func (l *sharedListener) oldest(from netip.Prefix) (victim *sharedConn) {
	for c := range l.open {
		if c.from == from && (victim == nil || c.idle && !victim.idle || c.idle == victim.idle &&
			c.last.Before(victim.last)) {
			victim = c
		}
	}
	return victim
}

// forget takes a connection out of the books, once; mu is held.
func (l *sharedListener) forget(c *sharedConn) {
	if c.done {
		return
	}
	c.done = true
	delete(l.open, c)
	if l.count[c.from]--; l.count[c.from] == 0 {
		delete(l.count, c.from)
	}
}

// state notes when a connection becomes idle or busy (http.Server.ConnState).
func (l *sharedListener) state(c net.Conn, state http.ConnState) {
	s, ok := c.(*sharedConn)
	if !ok || state != http.StateIdle && state != http.StateActive {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	s.idle, s.last = state == http.StateIdle, time.Now()
}

// Close implements net.Conn.
func (c *sharedConn) Close() error {
	c.l.mu.Lock()
	c.l.forget(c)
	c.l.mu.Unlock()
	err := c.Conn.Close()
	// its deadlines would wake the process in vain: the runtime drops stopped timers where one is added
	time.AfterFunc(time.Hour, func() {}).Stop()
	return err
}

// source is who a connection comes from: an address, of IPv6 its network, as a host there
// has as many addresses as it likes.
func source(a net.Addr) netip.Prefix {
	at, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.Prefix{}
	}
	ip := at.Addr().Unmap().WithZone("")
	bits := ip.BitLen()
	if ip.Is6() {
		bits = 64
	}
	p, err := ip.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}
