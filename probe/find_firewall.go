package probe

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"edgenet/report"
)

// blockedAtTCP are the causes by which a firewall shows itself at the SYN. What this
// host itself refuses is not among them.
func blockedAtTCP(c report.Cause) bool {
	return c == report.TCPTimeout || c == report.TCPRefused || c == report.TCPUnreachable
}

func atTCP(r *report.Result) bool {
	return failed(r) && r.Hop == report.HopTarget && r.Stage == report.StageTCP && blockedAtTCP(r.Cause)
}

// tcpDetail is the evidence of a path's own connection to the target.
func tcpDetail(r *report.Result) *report.TCPDetail {
	st, ok := r.Step(report.HopTarget, report.StageTCP)
	d, is := st.Detail.(*report.TCPDetail)
	if !ok || !is {
		return nil
	}
	return d
}

func remoteIP(r *report.Result) string {
	d := tcpDetail(r)
	if d == nil {
		return ""
	}
	ap, err := netip.ParseAddrPort(d.Remote)
	if err != nil {
		return ""
	}
	return ap.Addr().String()
}

// firewallAllBlocked: nothing answers directly, and the resolver does. Where a proxied
// route works that is how the site is meant to be, and proxy.required says it.
func firewallAllBlocked(v view) []report.Finding {
	all := v.matching(direct)
	bad := v.matching(func(r *report.Result) bool { return direct(r) && atTCP(r) })
	if len(all) < 2 || len(bad) != len(all) || len(v.proxiedOK()) > 0 {
		return nil
	}
	d, who, or := bad[0], report.ActorFirewall, ""
	switch {
	case !slices.ContainsFunc(bad, func(r *report.Result) bool { return r.Cause != report.TCPUnreachable || prohibited(r) }):
		who = report.ActorNetwork // a router says that it does not get there
	case !slices.ContainsFunc(bad, func(r *report.Result) bool { return r.Cause != report.TCPRefused }):
		or = "; a firewall rejects them all, or nothing listens there"
	}
	f := report.Finding{Code: report.FirewallAllBlocked, Severity: report.SeverityError, Actor: who,
		Summary: fmt.Sprintf("the name %s resolves, and none of its ports answers directly (%s)", d.Host, d.Cause) + or,
		Remedy:  fmt.Sprintf("Allow outbound TCP 443 to %s, and one of 5671 and 8883 unless WebSocket is used", d.Host), Results: ids(bad)}
	if !slices.ContainsFunc(v.plan.Routes, func(r Route) bool { return r.Proxy != nil }) {
		f.Remedy += "; or give this device the site's proxy (--proxy)"
	}
	f.Remedy += "."
	if who == report.ActorNetwork {
		f.Remedy = d.Remedy
	}
	return one(pointed(f, bad))
}

// prohibited tells whether the ICMP message that refuses a path is a policy's, not a
// router's that knows no way.
func prohibited(r *report.Result) bool {
	return strings.Contains(icmpNames[journeyFor(r).refusal.Answer], "prohibited") || strings.Contains(icmpNames[journeyFor(r).refusal.Answer], "policy")
}

// proxiedOK are the paths that work through a proxy, where the runtime may be able to
// use them.
func (v view) proxiedOK() []*report.Result {
	return v.matching(func(r *report.Result) bool { return !direct(r) && ok(r) && !known(r.RuntimeUsable, false) })
}

// firewallPortBlocked: the same address answers on another port up to verified TLS (a
// bare SYN-ACK proves nothing), this one does not.
func firewallPortBlocked(v view) []report.Finding {
	var out []report.Finding
	seen := map[int]bool{}
	for _, r := range v.matching(func(r *report.Result) bool { return direct(r) && atTCP(r) }) {
		witness, other := v.answers(remoteIP(r), r.Port), ""
		if e, asked := r.Experiment(report.OtherPort); witness == nil && asked && e.Outcome == report.Answered {
			witness, other = r, e.Summary
		}
		if witness == nil || seen[r.Port] || afterAll(r) || reached(r, v.results) {
			continue
		}
		seen[r.Port] = true
		same := v.matching(func(o *report.Result) bool { return direct(o) && atTCP(o) && o.Port == r.Port })
		needed := slices.ContainsFunc(same, v.needed)
		f := report.Finding{Code: report.FirewallPortBlocked, Severity: severity(needed, report.SeverityInfo), Actor: report.ActorFirewall, Results: append(ids(same), witness.ID),
			Summary: fmt.Sprintf("TCP %d to %s is %s, while %d of the same address answers", r.Port, r.Host, howBlocked(r), witness.Port),
			Remedy:  fmt.Sprintf("Allow outbound TCP %d to %s.", r.Port, r.Host)}
		if other != "" {
			f.Summary, f.Results = fmt.Sprintf("TCP %d to %s is %s, while %s", r.Port, r.Host, howBlocked(r), other), ids(same)
		}
		if !needed {
			f.Remedy = fmt.Sprintf("Nothing, as long as the protocol in use does not need it; else allow outbound TCP %d to %s.", r.Port, r.Host)
		}
		if r.Endpoint == report.EndpointParent && r.Cause == report.TCPRefused {
			f.Actor = report.ActorService
			f.Summary += ": at a parent gateway its protocol head is off or the port is not published"
			f.Remedy = fmt.Sprintf("On the parent %s, publish port %d of edgeHub and leave its protocol head on; else choose a protocol that it serves.", r.Host, r.Port)
		}
		out = append(out, pointed(f, same))
	}
	return out
}

// pointed lets a finding's remedy name the place that the experiments found: this host
// itself, or the two hops between which packets get lost.
func pointed(f report.Finding, rs []*report.Result) report.Finding {
	for _, r := range rs {
		j := journeyFor(r)
		switch {
		case f.Actor != report.ActorFirewall || !j.tells():
		case j.thisHost():
			f.Actor, f.Remedy = report.ActorHost, localRemedy(r)
			return f
		default:
			f.Remedy += " To find the rule: " + j.String() + "."
			return f
		}
	}
	return f
}

func journeyFor(r *report.Result) journey {
	e, _ := r.Experiment(report.Where)
	return journeyOf(e.Travels)
}

// localRemedy is for what this host's own firewall stops.
func localRemedy(r *report.Result) string {
	return fmt.Sprintf("This host's own firewall stops TCP %d to %s: allow it there (nft list ruleset, iptables -S).", r.Port, r.Host)
}

// firewallWhere says how far SYNs travel, where the experiments tell: once for all ports
// that get lost at the same place.
func firewallWhere(v view) []report.Finding {
	type place struct {
		journey
		first *report.Result
		ports []string
		ids   []string
	}
	var places []*place
	for _, r := range v.matching(func(r *report.Result) bool {
		return failed(r) && r.Stage == report.StageTCP && blockedAtTCP(r.Cause) && journeyFor(r).tells() && !reached(r, v.results)
	}) {
		j := journeyFor(r)
		i := slices.IndexFunc(places, func(p *place) bool { return p.at() == j.at() && p.first.Route == r.Route })
		if i < 0 {
			places, i = append(places, &place{journey: j, first: r}), len(places)
		}
		p := places[i]
		p.ids = append(p.ids, r.ID)
		if port := fmt.Sprint(j.port); !slices.Contains(p.ports, port) {
			p.ports = append(p.ports, port)
		}
	}
	var out []report.Finding
	for _, p := range places {
		f := report.Finding{Code: report.FirewallWhere, Severity: report.SeverityInfo, Actor: p.first.Actor, Summary: p.about(strings.Join(p.ports, ", ")), Results: p.ids,
			Remedy: "Look for the rule on the device that is named, or on the one between the two."}
		if p.thisHost() {
			f.Actor, f.Remedy = report.ActorHost, localRemedy(p.first)
		}
		out = append(out, f)
	}
	return out
}
