package judge

import (
	"fmt"
	"net/netip"
	"strings"

	"edgenet/report"
)

// What this host itself lacks, before anybody is asked to open anything: an address, a route, the family of
// addresses that a name has, a link that leads to its name server; and what a name server says of its own failure.

// wayToResolver: no rule of a firewall keeps questions from a name server to which this host sends nothing.
func wayToResolver(r *report.Result) {
	d := nameStepAt(r, r.Hop)
	if d == nil {
		return
	}
	if d.NoRoute {
		r.Actor = report.ActorHost
		r.Summary += stranded(d.HostAddress)
		if r.Remedy = addressRemedy(d.HostAddress); r.Remedy == "" {
			r.Remedy = fmt.Sprintf("This host has an address, and no route to its name server %s: check its default "+
				"gateway (ip route), or name a server that it has a route to.", ipOf(d.Resolver))
		}
		return
	}
	var n *report.Neighbour
	for _, a := range d.Resolvers {
		if a.Neighbour == nil {
			return // one that the network leads to, at least
		}
		n = a.Neighbour
	}
	if n == nil {
		return
	}
	r.Actor = report.ActorHost
	r.Summary += "; nobody answers for " + n.Address + " on " + n.Link
	what := "name server"
	switch {
	case n.Bridge != "":
		r.Remedy = bridgeRemedy(n)
		return
	case n.Gateway:
		what = "gateway"
	}
	r.Remedy = fmt.Sprintf("The %s %s does not answer on %s, a link of this host: check cable, Wi-Fi or VLAN, and "+
		"that it is on and has this address.", what, n.Address, n.Link)
}

// bridgeRemedy is for an address that lies in the network of a bridge that a container engine made.
func bridgeRemedy(n *report.Neighbour) string {
	return fmt.Sprintf("The network of %s, a bridge that %s made on this host, covers %s. If that address is meant "+
		"to be outside of this host, give the engine other address ranges (Docker and Moby: default-address-pools and "+
		"bip in daemon.json), and make the network of %s anew; else start what is meant to answer on it.", n.Link,
		n.Bridge, n.Address, n.Link)
}

// inBridge: what is not there on a bridge of a container engine is looked for in the wrong place, as a rule.
func inBridge(r *report.Result, d *report.TCPDetail) {
	if d != nil && d.Neighbour != nil && d.Neighbour.Bridge != "" {
		r.Remedy = bridgeRemedy(d.Neighbour)
	}
}

// stranded says what a host has in place of an address.
func stranded(own string) string {
	switch own {
	case "":
		return ""
	case "none":
		return "; this host has no address on any link"
	}
	return fmt.Sprintf("; the only address of this host is %s, which it gave itself as none was assigned to it", own)
}

// addressRemedy is for a host without an address; empty for one that has one.
func addressRemedy(own string) string {
	switch own {
	case "":
		return ""
	case "none":
		return "This host has no address: check that its link is up (cable, Wi-Fi, modem; ip link), and that DHCP or " +
			"the system's settings give it an address."
	}
	return fmt.Sprintf("This host got no address: %s is one that it gave itself when no DHCP server answered. Check "+
		"cable, port or Wi-Fi and VLAN, and that the site's DHCP server has addresses left; or set an address, a "+
		"gateway and name servers by hand.", own)
}

// lacking: a host without a route may lack an address, or have one of the other family alone.
func lacking(r *report.Result) {
	d, name := tcpDetailAt(r, r.Hop), nameStepAt(r, r.Hop)
	if d == nil {
		return
	}
	if d.HostAddress != "" {
		r.Summary, r.Remedy = r.Summary+stranded(d.HostAddress), addressRemedy(d.HostAddress)
		return
	}
	if d.OtherFamily == "" || name == nil {
		return
	}
	host, where := strings.TrimPrefix(nameAt(r, r.Hop), "the proxy "), name.Resolver
	if where == fromHosts {
		where = "this host's hosts file"
	}
	r.Summary += fmt.Sprintf("; this host has %s alone, for which %s gives %s no address", d.OtherFamily, where, host)
	if r.Actor = report.ActorDNS; name.Resolver == fromHosts {
		r.Actor = report.ActorHost
	}
	r.Remedy = fmt.Sprintf("Give %s an IPv4 address (A record) in %s: this host has no IPv6, and IoT Hub itself has "+
		"IPv4. Where DNS gives none, look for a filter that takes A records out of answers.", host, where)
	if d.OtherFamily == "IPv6" {
		r.Actor, r.Remedy = report.ActorNetwork, "Give this host an IPv4 address, as IoT Hub has no IPv6; or its "+
			"network NAT64 with DNS64."
	}
}

// unvalidated: a resolver that has an answer and does not give it refuses it by DNSSEC; and what it says of its
// failure is told.
func unvalidated(r *report.Result) {
	d := nameStepAt(r, r.Hop)
	if d == nil {
		return
	}
	for _, a := range d.Resolvers {
		if a.Resolver != d.Resolver {
			continue
		}
		if a.Extended != "" {
			r.Summary += fmt.Sprintf("; it says why: %s", a.Extended)
		}
		if a.Unvalidated {
			r.Summary += "; it has an answer where it is asked not to validate, so its DNSSEC validation fails"
			clock := "the clock of " + ipOf(a.Resolver)
			if at, err := netip.ParseAddr(ipOf(a.Resolver)); err == nil && at.IsLoopback() {
				r.Actor, clock = report.ActorHost, "this host's clock"
			}
			r.Remedy = fmt.Sprintf("Check %s first: a validating resolver whose date is wrong refuses every "+
				"signed name. If it is right, update its trust anchor; if one zone alone fails, its signatures are "+
				"broken: tell whoever runs the zone, or exempt it from validation meanwhile.", clock)
		}
	}
}
