package hop

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/miekg/dns"

	"edgenet/report"
)

// ownReason is a server's own reason of a failure (RFC 8914); empty where it gives none.
func ownReason(m *dns.Msg) string {
	opt := m.IsEdns0()
	if opt == nil {
		return ""
	}
	for _, o := range opt.Option {
		if e, is := o.(*dns.EDNS0_EDE); is {
			return report.Clean(fmt.Sprintf("EDE %d %s %s", e.InfoCode, dns.ExtendedErrorCodeToString[e.InfoCode],
				e.ExtraText), 200)
		}
	}
	return ""
}

// unvalidated asks the servers that fail for a name, and failed before, without validation (RFC 4035, section
// 3.2.2), and once more with it: only one that still fails then fails for it, and not now and then.
func unvalidated(ctx context.Context, env *Env, d *report.DNSDetail, host string) {
	rcode := func(server netip.AddrPort, transport string, unchecked bool) int {
		q := new(dns.Msg)
		q.SetQuestion(dns.Fqdn(host), dns.TypeA)
		q.SetEdns0(udpSize, false)
		q.CheckingDisabled = unchecked
		m, err := exchange(ctx, env, transport, server, q)
		if err != nil {
			return -1
		}
		return m.Rcode
	}
	for i := range d.Resolvers {
		a := &d.Resolvers[i]
		server, err := netip.ParseAddrPort(a.Resolver)
		a.Unvalidated = err == nil && a.Answer == "SERVFAIL" &&
			rcode(server, a.Transport, true) == dns.RcodeSuccess &&
			rcode(server, a.Transport, false) == dns.RcodeServerFailure
	}
}
