package sidecar

import (
	"net"
	"sync/atomic"
)

// Meter counts what probing costs: TCP connections and the bytes in them. The module's
// own session with edgeHub stays on the device and is not in it.
type Meter struct {
	connections, sent, received atomic.Uint64
}

// Wrap counts a connection and what passes it.
func (m *Meter) Wrap(c net.Conn) net.Conn {
	m.connections.Add(1)
	return &metered{c, m}
}

type metered struct {
	net.Conn
	meter *Meter
}

func (c *metered) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.meter.received.Add(uint64(n)) //nolint:gosec // never negative
	return n, err
}

func (c *metered) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.meter.sent.Add(uint64(n)) //nolint:gosec // never negative
	return n, err
}
