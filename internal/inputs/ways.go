package inputs

import (
	"context"
	"crypto/x509"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"edgenet/internal/lazyregexp"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/hop"
	"edgenet/report"
)

// Ways say how connections are made. The zero value is this host's own way.
type Ways struct {
	Source      string   // local address or interface
	Resolvers   []string // ADDR[:PORT], in place of the system's
	ConnectTo   []string // HOST:PORT:ADDR:PORT
	IPv4, IPv6  bool     // that family alone
	CAFiles     []string // roots for host and containers
	TrustBundle string   // roots for the containers alone
}

// Network fills in what changes how connections are made.
func (w Ways) Network(env *hop.Env) error {
	switch {
	case w.IPv4 && w.IPv6:
		return exit.Usagef("-4 and -6 exclude each other: without both, both families are used")
	case w.IPv4:
		env.Family = hop.IPv4Only
	case w.IPv6:
		env.Family = hop.IPv6Only
	}
	env.DNS = &hop.Resolver{}
	for _, r := range w.Resolvers {
		ap, err := resolver(r)
		if err != nil {
			return err
		}
		env.DNS.Servers = append(env.DNS.Servers, ap)
	}
	for _, c := range w.ConnectTo {
		key, to, err := ConnectTo(c)
		if err != nil {
			return err
		}
		if env.ConnectTo == nil {
			env.ConnectTo = map[string]netip.AddrPort{}
		}
		env.ConnectTo[key] = to
	}
	if w.Source == "" {
		return nil
	}
	return source(w.Source, &env.Source)
}

// Roots reads the roots of --ca-file and --trust-bundle; the bundle is nil where none is
// named.
func (w Ways) Roots(ctx context.Context, c *console.Console) (extra, bundle []*x509.Certificate, err error) {
	for _, path := range w.CAFiles {
		certs, err := Certificates(ctx, c, path)
		if err != nil {
			return nil, nil, exit.Inputf("--ca-file: %w", err)
		}
		extra = append(extra, certs...)
	}
	if w.TrustBundle == "" {
		return extra, nil, nil
	}
	if bundle, err = Certificates(ctx, c, w.TrustBundle); err != nil {
		return nil, nil, exit.Inputf("--trust-bundle: %w", err)
	}
	return extra, bundle, nil
}

func resolver(s string) (netip.AddrPort, error) {
	if a, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return netip.AddrPortFrom(a, 53), nil
	}
	ap, err := netip.ParseAddrPort(s)
	if err != nil || ap.Port() == 0 {
		return netip.AddrPort{}, exit.Usagef(
			"--resolver %q: expected an IP address, or ADDRESS:PORT with IPv6 in brackets",
			report.Clean(s, 60),
		)
	}
	return ap, nil
}

var connectToForm = lazyregexp.New(`^(\[[^\]]+\]|[^:\[\]]+):(\d+):(\[[^\]]+\]:\d+|[^:\[\]]+:\d+)$`)

// ConnectTo reads HOST:PORT:ADDR:PORT, IPv6 in brackets.
func ConnectTo(s string) (string, netip.AddrPort, error) {
	m := connectToForm().FindStringSubmatch(s)
	if m != nil {
		port, err := strconv.ParseUint(m[2], 10, 16)
		to, err2 := netip.ParseAddrPort(m[3])
		if err == nil && err2 == nil && port > 0 && to.Port() > 0 {
			return hop.HostPort(strings.Trim(m[1], "[]"), int(port)), to, nil
		}
	}
	return "", netip.AddrPort{}, exit.Usagef(
		"--connect-to %q: expected HOST:PORT:ADDR:PORT with an IP address as ADDR, such as "+
			"contoso.azure-devices.net:5671:127.0.0.1:15671, IPv6 in brackets",
		report.Clean(s, 120),
	)
}

// source reads a local address or an interface's name.
func source(s string, src *hop.Source) error {
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
		return exit.Usagef("--source %q: neither an IP address nor an interface of this host", report.Clean(s, 60))
	}
	addrs, err := ifc.Addrs()
	if err != nil {
		return exit.Usagef("--source %s: %w", ifc.Name, err)
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
