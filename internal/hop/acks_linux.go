package hop

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// lateAck has the acknowledgement of the peer's SYN go with what is said first: a packet less
// for each connection, and no time is lost, since nobody waits for it.
func lateAck(c syscall.RawConn) {
	_ = c.Control(func(fd uintptr) { _ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_QUICKACK, 0) })
}

// ackWhenDry acknowledges what has been read where nothing more has come: a peer with Nagle's algorithm
// holds its second small message back until its first is acknowledged, which else takes 40 ms. What is
// answered at once needs no packet of its own, so what comes later is acknowledged late again: the option's
// value is even, which means once (net/ipv4/tcp.c, __tcp_sock_set_quickack).
func ackWhenDry(c syscall.RawConn) {
	_ = c.Control(func(fd uintptr) {
		if n, err := unix.IoctlGetInt(int(fd), unix.TIOCINQ); err == nil && n == 0 {
			_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_QUICKACK, 2)
		}
	})
}

// joinEnd has what is written next go in one packet with the FIN of the close behind it (tcp(7),
// TCP_CORK).
func joinEnd(c syscall.RawConn) {
	_ = c.Control(func(fd uintptr) { _ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_CORK, 1) })
}
