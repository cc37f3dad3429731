package hop

import (
	"net"
	"net/netip"
	"syscall"
)

// bindSocket does nothing here: ConnectEx wants a socket that Go has bound, so the source
// goes by Dialer.LocalAddr, and the local port of an attempt that failed stays unknown.
func bindSocket(syscall.RawConn, Source, netip.Addr, *netip.AddrPort) error { return nil }

// local is the address to bind to for a remote one, nil where none was chosen.
func (s Source) local(network string, remote netip.Addr) net.Addr {
	addr := s.IPv4
	if remote.Is6() {
		addr = s.IPv6
	}
	if !addr.IsValid() {
		return nil
	}
	if network == "udp" {
		return net.UDPAddrFromAddrPort(netip.AddrPortFrom(addr, 0))
	}
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(addr, 0))
}
