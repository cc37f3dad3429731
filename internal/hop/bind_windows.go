package hop

import (
	"net/netip"
	"syscall"
)

// bindSocket does nothing where no source was chosen: ConnectEx wants to bind by
// itself, so the local port of an attempt that failed stays unknown on Windows.
func bindSocket(c syscall.RawConn, _ Source, addr netip.Addr, _ *netip.AddrPort) error {
	return nil
}
