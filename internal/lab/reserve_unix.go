//go:build unix

package lab

import (
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// listenConfig lets a port's listener and its reservation share the number.
var listenConfig = net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
	var failed error
	if err := c.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
	}); err != nil {
		return err
	}
	return failed
}}

// reservation is a socket that is bound and never listens: while it is there nobody
// else gets the port, and a connection is refused where the lab's own listener is away.
type reservation struct{ fd int }

func reserve(a *net.TCPAddr) (*reservation, error) {
	family, address := unix.AF_INET6, unix.Sockaddr(&unix.SockaddrInet6{Port: a.Port, Addr: [16]byte(a.IP.To16())})
	if four := a.IP.To4(); four != nil {
		family, address = unix.AF_INET, &unix.SockaddrInet4{Port: a.Port, Addr: [4]byte(four)}
	}
	fd, err := unix.Socket(family, unix.SOCK_STREAM, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	unix.CloseOnExec(fd)
	err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
	if err == nil {
		err = unix.Bind(fd, address)
	}
	if err != nil {
		_ = unix.Close(fd)
		return nil, os.NewSyscallError("reserve the port", err)
	}
	return &reservation{fd}, nil
}

func (r *reservation) release() {
	if r != nil {
		_ = unix.Close(r.fd) // nothing is lost with it
	}
}
