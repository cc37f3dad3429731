//go:build !linux

package hop

import (
	"net"
	"net/netip"
)

func interfaceTable() map[netip.Addr]string {
	links, err := net.Interfaces()
	if err != nil {
		return nil
	}
	out := map[netip.Addr]string{}
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
			if a, ok := netip.AddrFromSlice(n.IP); ok && out[a.Unmap()] == "" {
				out[a.Unmap()] = l.Name
			}
		}
	}
	return out
}
