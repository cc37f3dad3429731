package lab

import (
	"errors"
	"io"
	"net"
	"time"
)

// conn is an accepted connection: what the services read and write, and the
// socket underneath for what only a socket can do.
type conn struct {
	net.Conn
	tcp   *net.TCPConn
	place string // of the port, or of the proxy that brought it
	via   string // the proxy's place; empty on the direct way
	// passes is set by a fault that looked and let the connection go on.
	passes bool
}

// handshakeLimit bounds a TLS handshake, and the wait for a proxy's request.
const handshakeLimit = 30 * time.Second

// reset closes with RST.
func (c *conn) reset() {
	_ = c.tcp.SetLinger(0) // fails on a closed socket, which then is what was wanted
	_ = c.tcp.Close()
	_ = c.Conn.Close()
}

// hello waits for the client's first bytes and returns them, so that what
// follows hits a client that has spoken.
func (c *conn) hello() []byte {
	_ = c.SetReadDeadline(time.Now().Add(handshakeLimit))
	buf := make([]byte, 16<<10)
	n, err := c.Read(buf)
	if err != nil {
		return nil
	}
	return buf[:n]
}

// wholeHello reads one record of TLS, in however many pieces it comes, or what there is of it.
func (c *conn) wholeHello() []byte {
	_ = c.SetReadDeadline(time.Now().Add(handshakeLimit))
	head := make([]byte, 5)
	n, err := io.ReadFull(c, head)
	if err != nil {
		return head[:n]
	}
	body := make([]byte, int(head[3])<<8|int(head[4]))
	n, _ = io.ReadFull(c, body) // a hello cut short has no name either
	_ = c.SetReadDeadline(time.Time{})
	return append(head, body[:n]...)
}

// replayed is a connection of which something was read already.
type replayed struct {
	net.Conn
	first []byte
}

func (r *replayed) Read(p []byte) (int, error) {
	if len(r.first) == 0 {
		return r.Conn.Read(p)
	}
	n := copy(p, r.first)
	r.first = r.first[n:]
	return n, nil
}

// swallow reads whatever comes and says nothing, until the client goes.
func swallow(c net.Conn) {
	_ = c.SetReadDeadline(time.Time{})
	_, _ = io.Copy(io.Discard, c) // any end will do
}

// say writes text and closes the way of TCP: FIN behind the last byte, then
// reading on for a moment, since closing over unread bytes would send RST and
// take the text away from a slow reader.
func say(c net.Conn, text []byte) {
	if _, err := c.Write(text); err == nil {
		bye(c)
	}
}

// bye ends our side and waits a moment for the client's.
func bye(c net.Conn) {
	if half, ok := c.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
		linger(c)
	}
}

// linger reads for a second at most, or until the client closes.
func linger(c net.Conn) {
	_ = c.SetReadDeadline(time.Now().Add(time.Second))
	_, _ = io.Copy(io.Discard, io.LimitReader(c, 1<<20))
}

// CloseWrite sends FIN where nothing lies between us and the socket.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

// NetConn is what lies underneath, in the way of tls.Conn.
func (c *conn) NetConn() net.Conn { return c.Conn }

// drip writes text byte by byte, one each interval, until the client goes.
func drip(c net.Conn, text []byte, interval time.Duration) {
	gone := make(chan struct{})
	go func() { defer close(gone); swallow(c) }()
	defer func() { _ = c.Close(); <-gone }()
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for _, b := range text {
		if _, err := c.Write([]byte{b}); err != nil {
			return
		}
		select {
		case <-gone:
			return
		case <-ticker.C:
		}
	}
}

// dripInterval is the pace of every fault that drips.
const dripInterval = time.Second

// flood writes block over and over until the client goes or total is reached:
// endless for a client, and not for the machine that the lab runs on.
func flood(c net.Conn, block []byte, total int) {
	for sent := 0; sent < total; sent += len(block) {
		_ = c.SetWriteDeadline(time.Now().Add(handshakeLimit))
		if _, err := c.Write(block); err != nil {
			return
		}
	}
	swallow(c)
}

// floodTotal is far more than any client may take in.
const floodTotal = 1 << 30
