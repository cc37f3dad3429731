package hop

import (
	"crypto/tls"
	"net"
	"syscall"
	"time"

	"edgenet/report"
)

// Session is a handshake that was done, verified or not.
type Session struct {
	*tls.Conn
	env    *Env
	trace  *Trace
	hop    report.Hop
	detail *report.TLSDetail
	raw    net.Conn // below
}

// Close says goodbye and ends the connection, in one packet where the system can.
func (s *Session) Close() error {
	s.JoinEnd()
	return s.Conn.Close()
}

// JoinEnd has what is written from now on go with the end of the connection.
func (s *Session) JoinEnd() { raw(s.raw, joinEnd) }

// raw does something to the socket below a connection, where that can be found.
func raw(c net.Conn, do func(syscall.RawConn)) {
	for {
		switch x := c.(type) {
		case interface{ NetConn() net.Conn }:
			c = x.NetConn()
			continue
		case syscall.Conn:
			if r, err := x.SyscallConn(); err == nil {
				do(r)
			}
		}
		return
	}
}

// Arrived is when the last bytes of a connection came, as far as the system tells: at most now.
func Arrived(c net.Conn, now time.Time) time.Time {
	raw(c, func(r syscall.RawConn) { now = arrived(r, now) })
	return now
}
