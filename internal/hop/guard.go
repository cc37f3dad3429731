package hop

import (
	"context"
	"net"
	"sync/atomic"
	"time"
)

// farewell is how long past the end of its context a connection may still write: enough
// for a close_notify that finds room, and no more.
const farewell = 100 * time.Millisecond

// past is a deadline that is over.
var past = time.Unix(1, 0)

// guarded is a connection whose reads and writes end when its context does.
type guarded struct {
	net.Conn
	ctx      context.Context //nolint:containedctx // its end is the connection's
	stop     func() bool
	patience *Patience   // is told of what comes; nil means nobody
	metered  bool        // and of how fast
	owing    atomic.Bool // something was read since the last write
}

// Guard ties a connection to a context: its deadline becomes the connection's, and
// cancellation ends whatever waits. A path's patience hears what comes.
func Guard(ctx context.Context, c net.Conn) net.Conn { return guard(ctx, c, false) }

func guard(ctx context.Context, c net.Conn, metered bool) net.Conn {
	if d, ok := ctx.Deadline(); ok {
		_ = c.SetDeadline(d) // fails only on a closed connection, which the next read says
	}
	p := patienceOf(ctx)
	return &guarded{Conn: c, ctx: ctx, stop: context.AfterFunc(ctx, func() { _ = c.SetDeadline(past) }), patience: p,
		metered: metered && p != nil}
}

func (g *guarded) Read(b []byte) (int, error) {
	if g.owing.Load() {
		raw(g.Conn, ackWhenDry)
	}
	n, err := g.Conn.Read(b)
	if n > 0 {
		g.owing.Store(true)
	}
	switch {
	case n == 0:
	case g.metered:
		g.patience.read(n)
	case g.patience != nil:
		g.patience.hear(time.Now())
	}
	return n, err
}

func (g *guarded) Write(b []byte) (int, error) {
	g.owing.Store(false)
	n, err := g.Conn.Write(b)
	if g.metered {
		g.patience.wrote(n)
	}
	return n, err
}

// NetConn is the connection that is guarded.
func (g *guarded) NetConn() net.Conn { return g.Conn }

// SetDeadline sets both.
func (g *guarded) SetDeadline(t time.Time) error {
	if err := g.SetReadDeadline(t); err != nil {
		return err
	}
	return g.SetWriteDeadline(t)
}

// SetReadDeadline never gives time once the context has ended.
func (g *guarded) SetReadDeadline(t time.Time) error {
	if d, ok := g.ctx.Deadline(); ok && (t.IsZero() || t.After(d)) {
		t = d
	}
	err := g.Conn.SetReadDeadline(t)
	if g.ctx.Err() != nil {
		return g.Conn.SetReadDeadline(past)
	}
	return err
}

// SetWriteDeadline never gives more time than the context has: crypto/tls grants its
// close_notify five seconds, which a peer that does not read would use up.
func (g *guarded) SetWriteDeadline(t time.Time) error {
	latest := time.Now().Add(farewell)
	if d, ok := g.ctx.Deadline(); g.ctx.Err() == nil && (!ok || d.After(latest)) {
		latest = d
	}
	if !latest.IsZero() && (t.IsZero() || t.After(latest)) {
		t = latest
	}
	err := g.Conn.SetWriteDeadline(t)
	if soon := time.Now().Add(farewell); g.ctx.Err() != nil && (t.IsZero() || t.After(soon)) {
		return g.Conn.SetWriteDeadline(soon)
	}
	return err
}

func (g *guarded) Close() error {
	g.stop()
	return g.Conn.Close()
}

// Reset closes a connection that Guard gave with a reset, which leaves nothing for a
// firewall to remember; any other is closed.
func Reset(c net.Conn) {
	if g, is := c.(*guarded); is {
		if t, can := g.Conn.(interface{ SetLinger(sec int) error }); can {
			_ = t.SetLinger(0)
		}
	}
	_ = c.Close()
}
