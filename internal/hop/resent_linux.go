package hop

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// resent is how many SYNs had to be sent again before a connection stood (tcp(7), TCP_INFO):
// nothing else has been sent over it yet.
func resent(c net.Conn) int {
	s, can := c.(syscall.Conn)
	if !can {
		return 0
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return 0
	}
	n := 0
	_ = raw.Control(func(fd uintptr) {
		if info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
			n = int(min(info.Total_retrans, 16))
		}
	})
	return n
}
