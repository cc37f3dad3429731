//go:build unix

package hop

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"
)

// local is nil: bindSocket binds, and keeps the port that it got.
func (s Source) local(string, netip.Addr) net.Addr { return nil }

// bindSocket binds before connecting, so that the local port is known whatever comes
// of it. A nil local asks for nothing but the source.
func bindSocket(c syscall.RawConn, s Source, addr netip.Addr, local *netip.AddrPort) error {
	var failed error
	err := c.Control(func(fd uintptr) {
		if failed = bindDevice(int(fd), s.Interface); failed != nil {
			return
		}
		if local == nil && addr.IsUnspecified() {
			return
		}
		var sa syscall.Sockaddr = &syscall.SockaddrInet6{Addr: addr.As16()}
		if addr.Is4() {
			sa = &syscall.SockaddrInet4{Addr: addr.As4()}
		}
		if e := syscall.Bind(int(fd), sa); e != nil {
			if errors.Is(e, syscall.EADDRINUSE) && addr.IsUnspecified() {
				return // a port may be free for one destination where none is for all
			}
			failed = os.NewSyscallError("bind", e)
			return
		}
		if local == nil {
			return
		}
		got, e := syscall.Getsockname(int(fd))
		if e != nil {
			return // the port stays unknown
		}
		switch x := got.(type) {
		case *syscall.SockaddrInet4:
			*local = netip.AddrPortFrom(addr, uint16(x.Port))
		case *syscall.SockaddrInet6:
			*local = netip.AddrPortFrom(addr, uint16(x.Port))
		}
	})
	if err != nil {
		return err
	}
	return failed
}
