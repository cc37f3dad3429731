package hop

import (
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// How long and for how many questions a socket to a name server is used again: one that asks
// about many hubs opens fewer sockets so, and a port is not known for long.
const (
	socketAge  = time.Second
	socketUses = 16
	mostIdle   = 8
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
