package lab

import (
	"net"
	"syscall"
)

// segmentSize is the largest segment that the peer takes, as it said in its SYN.
// 0 means that the system does not tell.
func segmentSize(tcp *net.TCPConn) int {
	raw, err := tcp.SyscallConn()
	if err != nil {
		return 0
	}
	size := 0
	err = raw.Control(func(fd uintptr) {
		size, err = syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_MAXSEG)
	})
	if err != nil {
		return 0
	}
	return size
}
