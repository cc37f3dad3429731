package hop

import (
	"maps"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// maxWays bounds how many other ways out of this host are tried.
const maxWays = 4

// OtherWays are the sources by which this host could reach an address beside the one that it
// takes: other links that are up, each by the routes that lead over it, then other addresses
// of the same link. Links that lead to containers and to this host itself are none of them.
func OtherWays(env *Env, remote netip.AddrPort) []Source {
	if env.Source == (Source{}) && env.Ways != nil {
		return env.Ways(remote)
	}
	if env.Source != (Source{}) || remote.Addr().IsLoopback() {
		return nil
	}
	used, err := env.localAddress(remote)
	if err != nil {
		used = netip.Addr{} // no route at all: every link is another way
	}
	links, err := net.Interfaces()
	if err != nil {
		return nil
	}
	var others, same []Source
	for _, l := range links {
		if l.Flags&net.FlagUp == 0 || l.Flags&net.FlagLoopback != 0 || inward(l.Name) {
			continue
		}
		own := addressesOf(l, remote.Addr().Unmap().Is4())
		switch {
		case len(own) == 0:
		case slices.Contains(own, used):
			for _, a := range own {
				if a != used {
					same = append(same, sourceOf(a, ""))
				}
			}
		default:
			others = append(others, sourceOf(netip.Addr{}, l.Name))
		}
	}
	ways := slices.Concat(others, same)
	return ways[:min(len(ways), maxWays)]
}

// SeveralWays tells whether this host has another link or address to go out by at all.
func SeveralWays(env *Env) bool {
	if env.Source != (Source{}) {
		return false
	}
	if env.Ways != nil {
		return true
	}
	return env.Interfaces.several()
}

func severalWays() bool {
	links, err := net.Interfaces()
	if err != nil {
		return false
	}
	ways := 0
	for _, l := range links {
		if l.Flags&net.FlagUp != 0 && l.Flags&net.FlagLoopback == 0 && !inward(l.Name) {
			ways += max(len(addressesOf(l, true)), len(addressesOf(l, false)))
		}
	}
	return ways > 1
}

// inward tells whether a link leads to containers or virtual machines of this host.
func inward(link string) bool {
	return bridgeOf(link) != "" || strings.HasPrefix(link, "veth") || strings.HasPrefix(link, "azure-iot-edge")
}

// addressesOf are a link's addresses of a family that reach beyond the link.
func addressesOf(l net.Interface, four bool) []netip.Addr {
	list, err := l.Addrs()
	if err != nil {
		return nil
	}
	var out []netip.Addr
	for _, x := range list {
		p, err := netip.ParsePrefix(x.String())
		if a := p.Addr().Unmap(); err == nil && a.Is4() == four && a.IsGlobalUnicast() {
			out = append(out, a)
		}
	}
	return out
}

func sourceOf(a netip.Addr, link string) Source {
	if a.Is4() {
		return Source{IPv4: a, Interface: link}
	}
	return Source{IPv6: a, Interface: link}
}

// String names a source as --source takes it.
func (s Source) String() string {
	switch {
	case s.Interface != "":
		return s.Interface
	case s.IPv4.IsValid():
		return s.IPv4.String()
	case s.IPv6.IsValid():
		return s.IPv6.String()
	}
	return ""
}

// By gives a copy of the run's environment for another source, in which the name leads to the
// address that it has by the run's own: name servers need not be reached that way.
func (e *Env) By(s Source, host string, port int, remote netip.AddrPort) *Env {
	own := *e
	own.Source = s
	own.ConnectTo = maps.Clone(e.ConnectTo)
	if own.ConnectTo == nil {
		own.ConnectTo = map[string]netip.AddrPort{}
	}
	own.ConnectTo[HostPort(host, port)] = remote
	return &own
}
