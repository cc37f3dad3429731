//go:build !linux

package hop

import (
	"net"
	"net/netip"
)

func interfaceTable() map[netip.Addr]link {
	links, err := net.Interfaces()
	if err != nil {
		return nil
	}
	out := map[netip.Addr]link{}
	for _, l := range links {
		addrs, err := l.Addrs()
		if err != nil {
			continue
		}
		for _, x := range addrs {
			n, ok := x.(*net.IPNet)
			if !ok {
				continue
			}
			if a, ok := netip.AddrFromSlice(n.IP); ok && out[a.Unmap()].name == "" {
				out[a.Unmap()] = link{name: l.Name}
			}
		}
	}
	return out
}

// named: the table has the names already.
func (l link) named() link { return l }
