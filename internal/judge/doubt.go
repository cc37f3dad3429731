package judge

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"edgenet/report"
)

// The step from a name to its address is doubted when a later one fails: what happens at a
// wrong address says nothing of the target, and nobody is asked to open its ports.

// blame gives the results that a conclusion about a wrong address is about its actor and its
// remedy, so that the verdict names who can act.
func blame(results []report.Result, q Question) {
	v := &view{results: results, q: q}
	blameBoxes(v)
	for i := range results {
		if route, found := q.route(results[i].Route); found && failed(&results[i]) {
			blameSetting(&results[i], route)
		}
	}
	for _, rule := range doubts() {
		for _, c := range rule.rule(v) {
			info, _ := rule.code.Info()
			for _, r := range c.results {
				if failed(r) {
					r.Actor, r.Remedy = cmp.Or(c.actor, info.Actor), c.remedy
				}
			}
		}
	}
}

// doubts are the rules that find the address at fault, the surest first.
func doubts() []row {
	return []row{
		{code: report.AddressStale, rule: addressStale},
		{code: report.DNSFilter, rule: dnsFilter},
		{code: report.RouteOther, rule: wrongRoute},
		{code: report.PrivateEndpointUnreachable, rule: privateUnreachable},
		{code: report.DNSHijack, rule: dnsHijack},
	}
}

// misled tells whether a path failed because it was led to a wrong address.
func (v *view) misled(r *report.Result) bool {
	if !failed(r) || !direct(r) {
		return false
	}
	for _, d := range doubts() {
		for _, c := range d.rule(v) {
			if slices.Contains(c.results, r) {
				return true
			}
		}
	}
	return false
}

// nameStep is the evidence of resolving the target's name on a path.
func nameStep(r *report.Result) *report.DNSDetail { return nameStepAt(r, report.HopTarget) }

func nameStepAt(r *report.Result, h report.Hop) *report.DNSDetail {
	st, _ := r.Step(h, report.StageDNS)
	d, _ := st.Detail.(*report.DNSDetail)
	return d
}

// The words of DNSDetail.Resolver for what is no resolver.
const (
	fromHosts   = "hosts file"
	fromCommand = "connect-to"
)

// atAddress are the direct paths that failed after the name was resolved, and all at the
// address: none where a path shows the right certificate there.
func (v *view) atAddress(ip string) []*report.Result {
	bad := v.matching(func(r *report.Result) bool {
		return failed(r) && direct(r) && r.Hop == report.HopTarget && r.Stage != report.StageDNS && remoteIP(r) == ip
	})
	if ip == "" || v.answers(ip, 0) != nil {
		return nil
	}
	return bad
}

// addressStale: the hosts file pins an address that the resolvers do not give, of the target or of
// the proxy.
func addressStale(v *view) []conclusion {
	var out []conclusion
	seen := map[string]bool{}
	for _, r := range v.matching(looksUp) {
		d, ip := nameStepAt(r, r.Hop), remoteIPAt(r, r.Hop)
		e, asked := r.Experiment(report.Resolvers)
		if d == nil || d.Resolver != fromHosts || seen[ip] || !asked || len(e.Addresses) == 0 ||
			slices.Contains(e.Addresses, ip) {
			continue
		}
		seen[ip] = true
		bad := v.atHop(r.Hop, ip)
		if len(bad) == 0 {
			continue
		}
		place, name := "the hosts file", nameAt(r, r.Hop)
		if d.Line > 0 {
			place = fmt.Sprintf("line %d of the hosts file", d.Line)
		}
		out = append(out, conclusion{facts: v.matter(bad), results: bad,
			summary: fmt.Sprintf("the address %s of %s comes from %s, and DNS says %s", ip, name, place,
				strings.Join(e.Addresses, ", ")),
			remedy: fmt.Sprintf("Correct or remove %s on this host: it pins %s to %s.", place, name, ip)})
	}
	return out
}

// looksUp tells whether a path failed at the hop whose name this host looks up: the proxy, or the
// target where there is none.
func looksUp(r *report.Result) bool { return failed(r) && (r.Hop == report.HopProxy) != direct(r) }

// atHop are the paths that failed at an address of a hop.
func (v *view) atHop(h report.Hop, ip string) []*report.Result {
	if h == report.HopProxy {
		return v.atProxy(ip)
	}
	return v.atAddress(ip)
}

// atProxy are the paths that failed at a proxy's address: none where a path got a tunnel there.
func (v *view) atProxy(ip string) []*report.Result {
	at := v.matching(func(r *report.Result) bool { return remoteIPAt(r, report.HopProxy) == ip && ip != "" })
	if slices.ContainsFunc(at, func(r *report.Result) bool { return !failed(r) || r.Hop != report.HopProxy }) {
		return nil
	}
	return at
}

// filters are the addresses at which DNS filters show their block pages: 146.112.61.104 and following of Umbrella,
// 208.91.112.55 of FortiGuard (Fortinet community, article 421739), the default sinkhole of PAN-OS.
var filters = []struct{ vendor, prefix string }{
	{"Cisco Umbrella", "146.112.61.104/29"},
	{"FortiGuard", "208.91.112.55/32"},
	{"Palo Alto Networks", "72.5.65.111/32"},
}

// filterOf names the DNS filter whose block page an address is; empty for none.
func filterOf(ip string) string {
	a, err := netip.ParseAddr(ip)
	if err != nil {
		return ""
	}
	for _, f := range filters {
		if netip.MustParsePrefix(f.prefix).Contains(a.Unmap()) {
			return f.vendor
		}
	}
	return ""
}

// dnsFilter: the name leads to a filter's block page.
func dnsFilter(v *view) []conclusion {
	var out []conclusion
	seen := map[string]bool{}
	for _, r := range v.matching(direct) {
		d, ip := nameStep(r), remoteIP(r)
		vendor := filterOf(ip)
		if d == nil || vendor == "" || seen[ip] || d.Resolver == fromHosts || d.Resolver == fromCommand {
			continue
		}
		seen[ip] = true
		if bad := v.atAddress(ip); len(bad) > 0 {
			out = append(out, conclusion{facts: v.matter(bad), results: bad,
				summary: fmt.Sprintf("the address %s, which %s gives for %s, is where %s shows its block page: its "+
					"DNS filter blocks the name", ip, d.Resolver, r.Host, vendor),
				remedy: fmt.Sprintf("Allow %s in the DNS filter (%s) that serves this network.", r.Host, vendor)})
		}
	}
	return out
}

// privateUnreachable: a private endpoint, told by its CNAME, to which no way leads from here.
func privateUnreachable(v *view) []conclusion {
	if !v.q.Public {
		return nil
	}
	bad := v.matching(func(r *report.Result) bool {
		d := nameStep(r)
		return failed(r) && direct(r) && r.Hop == report.HopTarget && r.Stage == report.StageTCP &&
			noWay(r.Cause) && d != nil && privatelink(d) && privateAddress(remoteIP(r))
	})
	all := v.matching(func(r *report.Result) bool { return direct(r) && r.Status != report.Skipped })
	if len(bad) == 0 || len(bad) != len(all) {
		return nil
	}
	r := bad[0]
	if r.Cause == report.TCPRefused {
		return one(conclusion{facts: v.matter(bad), actor: report.ActorDNS, results: bad,
			summary: fmt.Sprintf("the name %s leads to a private endpoint (%s), and connections are refused "+
				"there", r.Host,
				remoteIP(r)),
			remedy: fmt.Sprintf("See whether %s still is the address of the hub's private endpoint: one that was "+
				"deleted or made anew leaves its record in the private DNS zone. If it is, allow TCP 443, 5671 and "+
				"8883 on the way to it.", remoteIP(r))})
	}
	c := conclusion{facts: v.matter(bad), results: bad,
		summary: fmt.Sprintf("the name %s leads to a private endpoint (%s), and nothing answers there (%s)", r.Host,
			remoteIP(r), r.Cause),
		remedy: fmt.Sprintf("Restore the route from this site to the private endpoint %s (VPN, ExpressRoute, "+
			"peering), and allow TCP 443, 5671 and 8883 on the way to it.", remoteIP(r))}
	if t := synTraceFor(r); t.tells() && !t.thisHost() {
		c.remedy += " Where it ends: " + t.String() + "."
	}
	return one(c)
}

// noWay are the failures of a connection to where no way leads.
func noWay(c report.Cause) bool {
	return c == report.TCPTimeout || c == report.TCPUnreachable || c == report.TCPNoRoute || c == report.TCPRefused
}

func privatelink(d *report.DNSDetail) bool {
	return slices.ContainsFunc(d.CNAME,
		func(c string) bool { return strings.Contains(strings.ToLower(c), "privatelink.") })
}

// dnsHijack: somebody else's certificate on the address of a public name. A certificate for
// another name of the same service is a wrong name, and one that an inspecting device made
// out for the target is an inspection.
func dnsHijack(v *view) []conclusion {
	seen := map[string]bool{}
	out := v.answersAnything(seen)
	if !v.q.Public {
		return out
	}
	for _, r := range v.matching(func(r *report.Result) bool { return failed(r) && direct(r) }) {
		d, ip := nameStep(r), remoteIP(r)
		if d == nil || d.Resolver == fromHosts || d.Resolver == fromCommand || seen[ip] || !elses(r) ||
			filterOf(ip) != "" {
			continue
		}
		seen[ip] = true
		bad := v.atAddress(ip)
		if len(bad) == 0 {
			continue
		}
		private, remedy := "", fmt.Sprintf("Compare %s with the address that another network gives for %s, and "+
			"correct the resolver; where they are the same, connections are led elsewhere on the way.", ip, r.Host)
		switch {
		case privateAddress(ip) && privatelink(d):
			remedy = fmt.Sprintf("Correct the record of %s in the private DNS zone: %s is not, or no longer, the "+
				"address of the hub's private endpoint.", strings.TrimSuffix(d.CNAME[len(d.CNAME)-1], "."), ip)
		case privateAddress(ip):
			private = " (a private one, without a private endpoint's CNAME)"
		}
		out = append(out, conclusion{facts: v.matter(bad), results: bad,
			summary: fmt.Sprintf("%s gives the address %s%s for %s, and another server answers there: its "+
				"certificate is for %s", d.Resolver, ip, private, r.Host, strings.Join(firstNames(tlsDetail(r)), ", ")),
			remedy: remedy})
	}
	return out
}

// answersAnything: the resolver gives the address for a name that cannot exist as well, so it is that
// of a portal, or of whoever answers for what is not there. The proxy's name may be such a one, too.
func (v *view) answersAnything(seen map[string]bool) []conclusion {
	var out []conclusion
	for _, r := range v.matching(looksUp) {
		e, _ := r.Experiment(report.AnyName)
		d, ip := nameStepAt(r, r.Hop), remoteIPAt(r, r.Hop)
		if d == nil || seen[ip] || !slices.Contains(e.Addresses, ip) && itsOwn(r, d) == "" {
			continue
		}
		seen[ip] = true
		bad := v.atHop(r.Hop, ip)
		if len(bad) == 0 {
			continue
		}
		name := nameAt(r, r.Hop)
		c := conclusion{facts: v.matter(bad), results: bad,
			summary: fmt.Sprintf("%s gives the address %s for %s, and for a name that cannot exist as well: it is not "+
				"the one that is meant", d.Resolver, ip, name),
			remedy: fmt.Sprintf("Check the spelling of %s first: a slip does not show, as %s gives names that do not "+
				"exist an address, where it has to say NXDOMAIN. If the name is right, have %s give it its own.", name,
				d.Resolver, d.Resolver)}
		if d.Answered != "" {
			c.summary = fmt.Sprintf("%s has no address of its own here: %s, under a search domain of this host, gives "+
				"%s, as it does for a name that cannot exist", name, d.Answered, ip)
			c.remedy = fmt.Sprintf("Check the spelling of %s, and that %s knows it; then take the search domain, or "+
				"its record for every name, away.", name, d.Resolver)
		}
		if own := itsOwn(r, d); own != "" {
			c.actor = report.ActorHost
			c.summary = fmt.Sprintf("%s has the address %s, and this host goes to %s: it asks for %s, under its "+
				"search domain, first, and that is answered", name, own, ip, d.Answered)
			c.remedy = fmt.Sprintf("Take the search domain that makes %s of the name out of /etc/resolv.conf",
				d.Answered)
			if d.Ndots > 0 {
				c.summary += fmt.Sprintf(" (options ndots:%d, and the name has fewer dots)", d.Ndots)
				c.remedy = fmt.Sprintf("Lower ndots:%d in /etc/resolv.conf (in Kubernetes: dnsConfig of the pod), so "+
					"that %s is asked for as it stands first; or take the search domain that makes %s of it out",
					d.Ndots, name, d.Answered)
			}
			c.remedy += "; or have its DNS admin take away the record that answers for it, a wildcard as a rule."
		}
		if i := slices.IndexFunc(bad, elses); i >= 0 {
			c.summary += "; the certificate shown there is for " + strings.Join(firstNames(tlsDetail(bad[i])), ", ")
		}
		out = append(out, c)
	}
	return out
}

// itsOwn is the address that a name has as it stands, where a search domain led the path elsewhere; empty where
// none did.
func itsOwn(r *report.Result, d *report.DNSDetail) string {
	e, _ := r.Experiment(report.Resolvers)
	if d.Answered == "" || len(e.Addresses) == 0 || slices.Contains(e.Addresses, remoteIPAt(r, r.Hop)) {
		return ""
	}
	return e.Addresses[0]
}

// elses tells whether a path was shown a certificate of somebody who is not the target.
func elses(r *report.Result) bool {
	d := tlsDetail(r)
	if d == nil || len(d.Names) == 0 || r.Stage != report.StageTLS || r.Actor == report.ActorFirewall {
		return false
	}
	if r.Cause != report.TLSNameMismatch && (r.Cause != report.TLSUntrusted && r.Cause != report.TLSIntercepted ||
		d.Vendor != "") {
		return false
	}
	_, service, dotted := strings.Cut(strings.ToLower(strings.TrimSuffix(r.Host, ".")), ".")
	return dotted && !slices.ContainsFunc(d.Names, func(n string) bool {
		n = strings.ToLower(n)
		return n == service || strings.HasSuffix(n, "."+service)
	})
}

func firstNames(d *report.TLSDetail) []string { return d.Names[:min(3, len(d.Names))] }
