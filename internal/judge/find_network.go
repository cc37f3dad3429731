package judge

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"edgenet/report"
)

func mtuBlackhole(v *view) []conclusion {
	bad := v.matching(func(r *report.Result) bool { return r.Cause == report.TLSMTU })
	if len(bad) == 0 {
		return nil
	}
	c := conclusion{facts: v.matter(bad), remedy: bad[0].Remedy, results: bad,
		summary: "large packets get lost on the way: a path MTU black hole"}
	r := bad[0]
	if o := v.answers(remoteIP(r), r.Port); o != nil && direct(r) && !slices.ContainsFunc(bad,
		func(x *report.Result) bool { return x.Port != r.Port }) {
		c.actor = report.ActorFirewall
		c.summary = fmt.Sprintf("large packets get lost on TCP %d to %s, while %d of the same address brings them: "+
			"something treats that port otherwise", r.Port, r.Host, o.Port)
		c.remedy = fmt.Sprintf("Find what treats TCP %d to %s otherwise: a rule about sizes, or a tunnel or route for "+
			"that port alone, whose MTU is smaller. %s", r.Port, r.Host, r.Remedy)
	}
	return one(c)
}

// mtuUpstream: what fills a packet gets lost on the way up, on a path that works.
func mtuUpstream(v *view) []conclusion {
	bad := v.matching(func(r *report.Result) bool {
		e, asked := r.Experiment(report.FullSize)
		return ok(r) && asked && (e.Outcome == report.Silent || e.Outcome == report.Killed)
	})
	if len(bad) == 0 {
		return nil
	}
	r := bad[0]
	e, _ := r.Experiment(report.FullSize)
	if e.Outcome == report.Killed {
		return one(conclusion{results: bad, actor: report.ActorFirewall,
			summary: fmt.Sprintf("small requests to %s are answered by the route %s, and one that fills a packet is "+
				"cut, twice: so may larger messages of the runtime be", r.Host, r.Route),
			remedy: fmt.Sprintf("Find what cuts connections to %s after so many bytes (inspection, a limit of a "+
				"filter), and exempt them from it.", r.Host)})
	}
	by := ""
	if len(e.Addresses) > 0 {
		by = ", at its address " + e.Addresses[0]
	} else if len(triedOf(r, report.HopTarget)) > 1 {
		by = ", at its address " + remoteIP(r)
	}
	return one(conclusion{results: bad,
		summary: fmt.Sprintf("small requests to %s are answered by the route %s%s, and what fills a packet gets lost "+
			"on the way up: so will larger messages of the runtime", r.Host, r.Route, by),
		remedy: "Let ICMP type 3 code 4 (IPv6: type 2) pass on the way up, or clamp the MSS on the router."})
}

// ipv6Broken: IPv6 is offered and fails where IPv4 works. A host without any IPv6 route
// is none: nothing there ever tries it for long.
func ipv6Broken(v *view) []conclusion {
	answered := map[string]bool{} // addresses of IPv6
	bad := v.matching(func(r *report.Result) bool {
		d := tcpDetail(r)
		if d == nil {
			return false
		}
		v4, v6bad, v6ok := false, false, false
		for _, t := range d.Tried {
			six := sixth(t.Remote)
			v4 = v4 || !six && t.Status == report.OK
			v6ok = v6ok || six && t.Status == report.OK
			v6bad = v6bad || six && blockedAtTCP(t.Cause)
			answered[ipOf(t.Remote)] = answered[ipOf(t.Remote)] || six && opened(t)
		}
		return v4 && v6bad && !v6ok
	})
	if len(bad) == 0 {
		return nil
	}
	if d := nameStep(bad[0]); d != nil && d.Resolver == fromHosts {
		return one(conclusion{actor: report.ActorHost, results: bad,
			summary: fmt.Sprintf("this host's hosts file gives %s IPv6 addresses that do not answer from here, "+
				"while IPv4 works", bad[0].Host),
			remedy: fmt.Sprintf("Correct or remove the IPv6 address of %s in the hosts file: programs that try IPv6 "+
				"first lose seconds on each connection.", bad[0].Host)})
	}
	c := conclusion{
		summary: fmt.Sprintf("%s has IPv6 addresses that do not answer from here, while IPv4 works", bad[0].Host),
		remedy: "Repair IPv6 on this network or do not announce it: programs that try IPv6 first lose seconds on " +
			"each connection.", results: bad}
	if ports := onlyPorts(bad, answered); len(ports) > 0 {
		c.actor = report.ActorFirewall
		c.summary = fmt.Sprintf("TCP %s to %s does not get through by IPv6, while other ports do, and IPv4 works",
			strings.Join(ports, " and "), bad[0].Host)
		c.remedy = fmt.Sprintf("Allow outbound TCP %s by IPv6 as by IPv4: programs that try IPv6 first lose time "+
			"there.",
			strings.Join(ports, " and "))
	}
	return one(c)
}

// onlyPorts are the ports that IPv6 fails on where each address that fails answers on others; none where
// an address answers on no port.
func onlyPorts(bad []*report.Result, answered map[string]bool) []string {
	var ports []string
	for _, r := range bad {
		for _, t := range tcpDetail(r).Tried {
			if !sixth(t.Remote) {
				continue
			}
			if !answered[ipOf(t.Remote)] {
				return nil
			}
			if p := fmt.Sprint(r.Port); !slices.Contains(ports, p) {
				ports = append(ports, p)
			}
		}
	}
	return ports
}

// dnsDetails gives the first evidence of resolving the target's name.
func (v *view) dnsDetail() (*report.DNSDetail, *report.Result) {
	for _, r := range v.matching(direct) {
		if st, ok := r.Step(report.HopTarget, report.StageDNS); ok {
			if d, ok := st.Detail.(*report.DNSDetail); ok {
				return d, r
			}
		}
	}
	return nil, nil
}

// resolverDisagrees compares what the configured resolvers said. Silence is no answer,
// and addresses that overlap are one service's several.
func resolverDisagrees(v *view) []conclusion {
	d, r := v.dnsDetail()
	if d == nil || d.Resolver == fromHosts { // who is asked for it by the containers alone
		return nil
	}
	var spoke []report.ResolverAnswer
	for _, a := range d.Resolvers {
		if a.Answer == "NOERROR" || a.Answer == "NXDOMAIN" {
			spoke = append(spoke, a)
		}
	}
	if c := flips(d, r); c != nil {
		return one(*c)
	}
	if c := refusing(d, r); c != nil && len(spoke) > 0 {
		return one(*c)
	}
	for i := 1; i < len(spoke); i++ {
		if agree(spoke[0], spoke[i]) {
			continue
		}
		return one(conclusion{
			summary: fmt.Sprintf("the configured resolvers disagree about %s: %s, %s", d.Name, answerWords(spoke[0]),
				answerWords(spoke[i])),
			remedy: "Configure resolvers that give the same answers: which one is asked decides whether this " +
				"device works.", results: []*report.Result{r}})
	}
	return nil
}

// flips: a server gave two answers in one run.
func flips(d *report.DNSDetail, r *report.Result) *conclusion {
	for i, a := range d.Resolvers {
		for _, b := range d.Resolvers[i+1:] {
			if a.Resolver != b.Resolver || !spoken(a) || !spoken(b) ||
				a.Answer == b.Answer && (len(a.Addresses) == 0) == (len(b.Addresses) == 0) {
				continue
			}
			return &conclusion{results: []*report.Result{r},
				summary: fmt.Sprintf("%s gave two answers for %s in one run: %s, and then %s; look-ups of this device "+
					"fail now and then", a.Resolver, d.Name, a.Answer, b.Answer),
				remedy: fmt.Sprintf("Find out why %s does not answer alike: behind its address there may be several "+
					"servers, of which one lacks the name or does not reach what it asks itself.", a.Resolver)}
		}
	}
	return nil
}

// spoken tells whether a server itself said something of the name.
func spoken(a report.ResolverAnswer) bool {
	return a.Answer == "NOERROR" || a.Answer == "NXDOMAIN" || a.Answer == "SERVFAIL"
}

// refusing: the server that is asked first refuses or fails, and a later one answers. The C library goes
// on to the next for each look-up; other programs take the first word for it.
func refusing(d *report.DNSDetail, r *report.Result) *conclusion {
	for _, a := range d.Resolvers {
		switch {
		case a.Resolver == d.Resolver:
			return nil
		case a.Answer == "REFUSED" || a.Answer == "SERVFAIL":
			return &conclusion{results: []*report.Result{r},
				summary: fmt.Sprintf("%s, asked first, says %s for %s, and %s answers: programs of the C library "+
					"go on to the next name server, and others may not", a.Resolver, a.Answer, d.Name, d.Resolver),
				remedy: fmt.Sprintf("Have %s answer this host for names outside, or take it out of its name servers.",
					a.Resolver)}
		}
	}
	return nil
}

func agree(a, b report.ResolverAnswer) bool {
	if a.Answer != b.Answer || (len(a.Addresses) == 0) != (len(b.Addresses) == 0) {
		return false
	}
	if len(a.Addresses) == 0 {
		return true
	}
	return slices.ContainsFunc(a.Addresses, func(x string) bool { return slices.Contains(b.Addresses, x) })
}

func answerWords(a report.ResolverAnswer) string {
	if len(a.Addresses) == 0 {
		return fmt.Sprintf("%s says %s without an address", a.Resolver, a.Answer)
	}
	return fmt.Sprintf("%s says %s", a.Resolver, strings.Join(a.Addresses, " "))
}

// privateLink: a public name that leads into private space through a privatelink CNAME.
func privateLink(v *view) []conclusion {
	d, r := v.dnsDetail()
	if d == nil || !v.q.Public || !privatelink(d) || len(privateUnreachable(v)) > 0 || v.misled(r) {
		return nil
	}
	if len(d.Addresses) == 0 {
		return one(conclusion{facts: report.Facts{Grave: true},
			summary: fmt.Sprintf("%s leads to a private endpoint's name (%s), and no address comes with it: either "+
				"the resolver strips private addresses (rebind protection), or the private zone has no record",
				d.Name, d.CNAME[0]),
			remedy: rebindRemedy, results: v.matching(func(o *report.Result) bool {
				return o.Route == r.Route && stripped(o)
			})})
	}
	if slices.ContainsFunc(d.Addresses, privateAddress) {
		return one(conclusion{
			summary: fmt.Sprintf("%s is reached by private link (%s)", d.Name, strings.Join(d.Addresses,
				" ")), remedy: "Nothing: that is how a private endpoint is meant to look.",
			results: []*report.Result{r}})
	}
	return one(conclusion{facts: report.Facts{Grave: true},
		summary: fmt.Sprintf("%s has a private endpoint, and this resolver gives its public address (%s)", d.Name,
			strings.Join(d.Addresses, " ")),
		remedy: "Link the private DNS zone privatelink.azure-devices.net for the resolver of this site, or forward " +
			"the zone to one that has it.", results: []*report.Result{r}})
}

// stripped tells whether a path failed for a private endpoint's name that comes without an
// address: what dns.private-link says then is why.
func stripped(r *report.Result) bool {
	d := nameStep(r)
	return r.Cause == report.DNSNoAddress && d != nil && privatelink(d) && len(d.Addresses) == 0
}

// rebindRemedy is for a private endpoint's name without an address.
const rebindRemedy = "Let the resolver of this site pass private addresses for privatelink.azure-devices.net (an " +
	"exception in its rebind protection), and see that the private DNS zone has the hub's A record."

func privateAddress(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && a.IsPrivate()
}

// dnsNotNeeded: names do not resolve here, and the proxy, which resolves by itself, works.
func dnsNotNeeded(v *view) []conclusion {
	bad := v.matching(func(r *report.Result) bool { return direct(r) && failed(r) && r.Stage == report.StageDNS })
	if len(bad) == 0 || len(v.proxiedOK()) == 0 {
		return nil
	}
	return one(conclusion{actor: report.ActorDNS,
		summary: fmt.Sprintf("%s does not resolve here (%s), and the proxy route works all the same", bad[0].Host,
			bad[0].Cause),
		remedy: "Nothing for the WebSocket protocols; what does not use the proxy still needs the name.", results: bad})
}
