package hop

import (
	"net/netip"

	"edgenet/report"
)

// What a host lacks that has no route: an address of its own, or the family of addresses that a name has.

// stranded is what this host has in place of an address of its own: one that it gave itself (RFC 3927), or "none".
// Empty where it has one, or where that is not known.
func (e *Env) stranded() string {
	all := e.Interfaces.addresses()
	if len(all) == 0 {
		return ""
	}
	own := "none"
	for _, a := range all {
		switch {
		case a.IsLoopback():
		case !a.IsLinkLocalUnicast():
			return ""
		case a.Is4():
			own = a.String()
		}
	}
	return own
}

// otherFamily is the family that this host has a route for, where addresses are of the other alone, of which it has
// no address itself; else empty: it may lack a route and no more. What is asked about stands for all of a family
// (RFC 5737, RFC 3849), and nothing is sent.
func (e *Env) otherFamily(addrs []netip.AddrPort) string {
	six := addrs[0].Addr().Is6()
	for _, a := range addrs {
		if a.Addr().Is6() != six {
			return ""
		}
	}
	for _, own := range e.Interfaces.addresses() {
		if own.Is6() == six && !own.IsLoopback() && !own.IsLinkLocalUnicast() {
			return ""
		}
	}
	other, anywhere := "IPv6", "2001:db8::1"
	if six {
		other, anywhere = "IPv4", "192.0.2.1"
	}
	src, err := e.localAddress(netip.AddrPortFrom(netip.MustParseAddr(anywhere), 443))
	if err != nil || !src.IsValid() {
		return ""
	}
	return other
}

// lacks notes what a host without a route lacks.
func (e *Env) lacks(d *report.TCPDetail, addrs []netip.AddrPort) {
	if d.HostAddress = e.stranded(); d.HostAddress == "" {
		d.OtherFamily = e.otherFamily(addrs)
	}
}

// absent notes who does not answer on the links that lead to silent resolvers.
func (a *answer) absent() {
	if a.code != codeTimeout && a.code != codeUnreachable {
		return
	}
	for i := range a.detail.Resolvers {
		s := &a.detail.Resolvers[i]
		to, err := netip.ParseAddrPort(s.Resolver)
		if err == nil && !to.Addr().IsLoopback() && (s.Answer == "timeout" || s.Answer == "unreachable") {
			s.Neighbour = silentNeighbour(to.Addr(), netip.Addr{})
		}
	}
}

// cutOff notes that this host has no route to its resolver.
func (e *Env) cutOff(d *report.DNSDetail) {
	to, err := netip.ParseAddrPort(d.Resolver)
	if err != nil {
		return
	}
	if _, err = e.localAddress(to); err != nil {
		d.NoRoute, d.HostAddress = true, e.stranded()
	}
}
