package hop

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"github.com/miekg/dns"

	"edgenet/internal/iothub"
	"edgenet/internal/neterr"
	"edgenet/report"
)

// Resolve turns a host name into addresses and records the step. IP literals are
// given back without a step: nothing was resolved.
func Resolve(ctx context.Context, env *Env, t *Trace, h report.Hop, host string, port int) ([]netip.AddrPort, *Fault) {
	if to, ok := env.ConnectTo[HostPort(host, port)]; ok {
		m := t.Begin(h, report.StageDNS)
		m.OK(&report.DNSDetail{Name: host, Addresses: []string{to.Addr().String()}, Resolver: "connect-to"})
		return []netip.AddrPort{to}, nil
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.AddrPort{netip.AddrPortFrom(a.Unmap(), uint16(port))}, nil
	}
	if known := env.Known[host]; known != nil {
		return env.redirected(known, port), nil
	}
	m := t.Begin(h, report.StageDNS)
	a := env.resolver().lookup(ctx, env, host)
	addrs, fault := judge(host, a, env)
	if fault != nil {
		d := *a.detail // shared with the other paths that asked for the same name
		d.At = env.UTC()
		if a.code == codeUnreachable {
			env.cutOff(&d)
		}
		return nil, m.Fail(*fault, &d)
	}
	m.OK(a.detail)
	t.foundAt(host, addrs)
	return env.redirected(addrs, port), nil
}

// redirected are addresses with a port, as Redirect has them.
func (e *Env) redirected(addrs []netip.Addr, port int) []netip.AddrPort {
	out := make([]netip.AddrPort, len(addrs))
	for i, x := range addrs {
		out[i] = netip.AddrPortFrom(x, uint16(port)) //nolint:gosec // a port
		if to, ok := e.Redirect[out[i]]; ok {
			out[i] = to
		}
	}
	return out
}

// Pinned tells whether the addresses of a name come from the hosts file.
func Pinned(env *Env, host string, port int) bool {
	r := env.resolver()
	if _, led := env.ConnectTo[HostPort(host, port)]; led || len(r.Servers) > 0 {
		return false
	}
	addrs, _ := r.hostsFile(host)
	return len(addrs) > 0
}

// Looked tells whether the addresses of a name come from a name server: it is no address, and neither
// the hosts file nor --connect-to has it.
func Looked(env *Env, host string, port int) bool {
	_, led := env.ConnectTo[HostPort(host, port)]
	_, err := netip.ParseAddr(host)
	return err != nil && !led && !Pinned(env, host, port)
}

// AskDNS is what the resolvers say of a name, whatever the hosts file has. It records no step.
func AskDNS(ctx context.Context, env *Env, host string) []string {
	return DNSBeside(ctx, env, host).Addresses
}

// DNSBeside is AskDNS with all that the resolvers answered.
func DNSBeside(ctx context.Context, env *Env, host string) report.DNSDetail {
	r := env.resolver()
	r.once.Do(r.configure)
	if _, ok := dns.IsDomainName(host); !ok || len(r.servers) == 0 {
		return report.DNSDetail{}
	}
	return *r.search(ctx, env, host).detail
}

// judge is the classifier of the stage dns.
func judge(host string, a answer, env *Env) ([]netip.Addr, *Fault) {
	name := report.Clean(host, 100)
	from := a.detail.Resolver
	if a.code != codeOK {
		summary := dnsSummary(name, from, a)
		if a.tcp != "" {
			summary += fmt.Sprintf("; over TCP %s answers, so it is UDP 53 that does not pass", a.tcp)
		}
		return nil, &Fault{Cause: dnsCause[a.code], Summary: summary}
	}
	var usable []netip.Addr
	for _, x := range a.addrs {
		if env.Family.Allows(x) {
			usable = append(usable, x)
		}
	}
	if len(usable) == 0 {
		return nil, &Fault{Cause: report.DNSNoAddress,
			Summary: fmt.Sprintf("%s exists and has no %s address (asked %s)", name, familyWord(env.Family), from)}
	}
	if usable = leadSomewhere(usable); len(usable) == 0 {
		return nil, &Fault{Cause: report.DNSSinkhole,
			Summary: fmt.Sprintf("%s resolves to %s, where no host can be (asked %s)", name, join(a.addrs), from)}
	}
	if cloud, azure := iothub.CloudOf(host); !a.local && azure && allSinkholes(usable, cloud.Public) {
		return nil, &Fault{Cause: report.DNSSinkhole,
			Summary: fmt.Sprintf("%s resolves to %s, which is no public address (asked %s)", name, join(usable), from)}
	}
	return usable, nil
}

var dnsCause = map[code]report.Cause{
	codeNXDomain: report.DNSNXDomain, codeNoData: report.DNSNoAddress, codeServfail: report.DNSServfail,
	codeRefused: report.DNSRefused,
	codeTimeout: report.DNSTimeout, codeUnreachable: report.DNSUnreachable, codeMalformed: report.DNSMalformed,
	codeOther: report.Unknown, codeLimit: report.HostLimit, codeNoName: report.Unknown,
}

func dnsSummary(name, from string, a answer) string {
	if a.long && (a.code == codeTimeout || a.code == codeUnreachable) {
		how := "gives no answer"
		if a.code == codeUnreachable {
			how = "cannot be reached (" + a.reason + ")"
		}
		return fmt.Sprintf("%s says over UDP that its answer for %s is too long for that, and %s over TCP "+
			"53", from, name, how)
	}
	switch a.code {
	case codeNXDomain:
		return fmt.Sprintf("%s does not exist, says %s", name, from)
	case codeNoData:
		return fmt.Sprintf("%s exists and has no address, says %s", name, from)
	case codeTimeout:
		return fmt.Sprintf("no answer for %s from %s", name, from)
	case codeUnreachable:
		if from == "" {
			return fmt.Sprintf("no resolver is configured, so %s cannot be resolved", name)
		}
		return fmt.Sprintf("%s cannot be reached to resolve %s (%s)", from, name, a.reason)
	case codeLimit:
		return fmt.Sprintf("this host has run out of %s (%s), so %s could not be asked for",
			neterr.ScarceBy(a.detail.Errno), a.detail.Errno, name)
	case codeNoName:
		return fmt.Sprintf("%q is no name that can be asked for", name)
	case codeMalformed:
		return fmt.Sprintf("the answer of %s for %s is not DNS (%s)", from, name, a.reason)
	}
	return fmt.Sprintf("%s answers %s for %s", from, a.reason, name)
}

func familyWord(f Family) string {
	switch f {
	case IPv4Only:
		return "IPv4"
	case IPv6Only:
		return "IPv6"
	}
	return "usable"
}

func join(addrs []netip.Addr) string {
	s := make([]string, len(addrs))
	for i, a := range addrs {
		s[i] = a.String()
	}
	return strings.Join(s, ", ")
}

// notPublic are the ranges that no public service lives in and that DNS filters
// answer with: unspecified, loopback, link-local (RFC 6890), documentation (RFC 5737,
// RFC 3849, RFC 9637). Private ranges are not among them: private link, tunnels.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("169.254.0.0/16"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("::/128"), netip.MustParsePrefix("::1/128"), netip.MustParsePrefix("fe80::/10"),
	netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("3fff::/20"),
}

// leadSomewhere leaves out the addresses that no single host has: what is sent to a group or to
// all is not sent to a hub.
func leadSomewhere(addrs []netip.Addr) []netip.Addr {
	everybody := netip.AddrFrom4([4]byte{255, 255, 255, 255})
	var out []netip.Addr
	for _, a := range addrs {
		if x := a.Unmap(); !x.IsMulticast() && x != everybody {
			out = append(out, a)
		}
	}
	return out
}

// allSinkholes tells whether no address is one that a service lives at. The lab's own
// names, which are not public, live on loopback.
func allSinkholes(addrs []netip.Addr, public bool) bool {
	for _, a := range addrs {
		in := false
		for _, p := range notPublic {
			in = in || p.Contains(a.Unmap())
		}
		if !in || !public && a.IsLoopback() {
			return false
		}
	}
	return true
}
