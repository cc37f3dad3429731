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

// meter ends a connection on which more comes than anybody could want. It is read by
// one goroutine at a time.
type meter struct {
	net.Conn
	since time.Time
	bytes int
}

// Read implements net.Conn.
func (m *meter) Read(p []byte) (int, error) {
	n, err := m.Conn.Read(p)
	if now := time.Now(); now.Sub(m.since) > floodWindow {
		m.since, m.bytes = now, 0
	}
	if m.bytes += n; m.bytes > floodBytes {
		return 0, fmt.Errorf("%w: over %d MiB within %s", ErrFlood, floodBytes>>20, floodWindow)
	}
	return n, err
}
