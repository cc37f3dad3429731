package main

import (
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"edgenet/internal/hop"
	"edgenet/report"
)

// network reads what changes how connections are made.
func (f *checkFlags) network(env *hop.Env) error {
	if f.four {
		env.Family = hop.IPv4Only
	}
	if f.six {
		env.Family = hop.IPv6Only
	}
	env.DNS = &hop.Resolver{}
	for _, r := range f.resolvers {
		ap, err := resolverAddress(r)
		if err != nil {
			return err
		}
		env.DNS.Servers = append(env.DNS.Servers, ap)
	}
	for _, c := range f.connectTo {
		key, to, err := parseConnectTo(c)
		if err != nil {
			return err
		}
		if env.ConnectTo == nil {
			env.ConnectTo = map[string]netip.AddrPort{}
		}
		env.ConnectTo[key] = to
	}
	if f.source == "" {
		return nil
	}
	return parseSource(f.source, &env.Source)
}

func resolverAddress(s string) (netip.AddrPort, error) {
	if a, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return netip.AddrPortFrom(a, 53), nil
	}
	ap, err := netip.ParseAddrPort(s)
	if err != nil || ap.Port() == 0 {
		return netip.AddrPort{}, fmt.Errorf("--resolver %q: expected an IP address, or ADDRESS:PORT with IPv6 in brackets", report.Clean(s, 60))
	}
	return ap, nil
}

var connectToForm = regexp.MustCompile(`^(\[[^\]]+\]|[^:\[\]]+):(\d+):(\[[^\]]+\]:\d+|[^:\[\]]+:\d+)$`)

// parseConnectTo reads HOST:PORT:ADDR:PORT, IPv6 in brackets.
func parseConnectTo(s string) (string, netip.AddrPort, error) {
	m := connectToForm.FindStringSubmatch(s)
	if m != nil {
		port, err := strconv.ParseUint(m[2], 10, 16)
		to, err2 := netip.ParseAddrPort(m[3])
		if err == nil && err2 == nil && port > 0 && to.Port() > 0 {
			return hop.HostPort(strings.Trim(m[1], "[]"), int(port)), to, nil
		}
	}
	return "", netip.AddrPort{}, fmt.Errorf("--connect-to %q: expected HOST:PORT:ADDR:PORT with an IP address as ADDR, such as contoso.azure-devices.net:5671:127.0.0.1:15671, IPv6 in brackets", report.Clean(s, 120))
}

// parseSource reads a local address or an interface's name.
func parseSource(s string, src *hop.Source) error {
	if a, err := netip.ParseAddr(s); err == nil {
		if a = a.Unmap(); a.Is4() {
			src.IPv4 = a
		} else {
			src.IPv6 = a
		}
		return nil
	}
	ifc, err := net.InterfaceByName(s)
	if err != nil {
		return fmt.Errorf("--source %q: neither an IP address nor an interface of this host", report.Clean(s, 60))
	}
	addrs, err := ifc.Addrs()
	if err != nil {
		return fmt.Errorf("--source %s: %w", s, err)
	}
	src.Interface = ifc.Name
	for _, a := range addrs {
		p, err := netip.ParsePrefix(a.String())
		if err != nil || p.Addr().IsLinkLocalUnicast() {
			continue
		}
		if x := p.Addr().Unmap(); x.Is4() && !src.IPv4.IsValid() {
			src.IPv4 = x
		} else if x.Is6() && !src.IPv6.IsValid() {
			src.IPv6 = x
		}
	}
	return nil
}
