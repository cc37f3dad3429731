package hop

import (
	"net"
	"net/netip"
	"time"
)

// resetConn is a connection that the peer accepted and reset before this side had
// looked: connect(2) then gives ECONNRESET, a moment later the first read would. It was
// up all the same, so the next stage meets the reset, whichever came first.
type resetConn struct {
	local, remote netip.AddrPort
	err           error
}

func (c resetConn) Read([]byte) (int, error)         { return 0, c.err }
func (c resetConn) Write([]byte) (int, error)        { return 0, c.err }
func (c resetConn) Close() error                     { return nil }
func (c resetConn) LocalAddr() net.Addr              { return net.TCPAddrFromAddrPort(c.local) }
func (c resetConn) RemoteAddr() net.Addr             { return net.TCPAddrFromAddrPort(c.remote) }
func (c resetConn) SetDeadline(time.Time) error      { return nil }
func (c resetConn) SetReadDeadline(time.Time) error  { return nil }
func (c resetConn) SetWriteDeadline(time.Time) error { return nil }
