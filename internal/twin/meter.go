package twin

import (
	"fmt"
	"net"
	"time"
)

// Flood bounds: what a module's edgeHub may send within a window. A twin has 64 KiB
// and a method call 128, so nothing honest comes near.
const (
	floodWindow = 10 * time.Second
	floodBytes  = 4 << 20
)

// maxUnasked is how many messages that nobody asked for may come within a window:
// changes, calls, heartbeats, and answers to nothing.
const maxUnasked = 2048

// rate counts within a window. The zero value starts with the first.
type rate struct {
	since time.Time
	n     int
}

// over adds n and tells whether the window has more than limit.
func (r *rate) over(n, limit int) bool {
	if now := time.Now(); now.Sub(r.since) > floodWindow {
		r.since, r.n = now, 0
	}
	r.n += n
	return r.n > limit
}

// errUnasked is what too many of them are.
var errUnasked = fmt.Errorf("%w: over %d messages within %s", ErrFlood, maxUnasked, floodWindow)

// meter ends a connection on which more comes than anybody could want. It is read by
// one goroutine at a time.
type meter struct {
	net.Conn
	bytes rate
}

// Read implements net.Conn.
func (m *meter) Read(p []byte) (int, error) {
	n, err := m.Conn.Read(p)
	if m.bytes.over(n, floodBytes) {
		return 0, fmt.Errorf("%w: over %d MiB within %s", ErrFlood, floodBytes>>20, floodWindow)
	}
	return n, err
}
