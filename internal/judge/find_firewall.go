package judge

import (
	"fmt"
	"net/netip"
	"slices"

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
func tcpDetail(r *report.Result) *report.TCPDetail { return tcpDetailAt(r, report.HopTarget) }

func tcpDetailAt(r *report.Result, h report.Hop) *report.TCPDetail {
	st, _ := r.Step(h, report.StageTCP)
	d, _ := st.Detail.(*report.TCPDetail)
	return d
}

func remoteIP(r *report.Result) string { return remoteIPAt(r, report.HopTarget) }

func remoteIPAt(r *report.Result, h report.Hop) string {
	d := tcpDetailAt(r, h)
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
func firewallAllBlocked(v *view) []conclusion {
	all := v.matching(direct)
	bad := v.matching(func(r *report.Result) bool { return direct(r) && atTCP(r) && !v.misled(r) && !comesAndGoes(r) })
	if len(all) < 2 || len(bad) != len(all) || len(v.proxiedOK()) > 0 {
		return nil
	}
	own := slices.DeleteFunc(slices.Clone(bad), func(r *report.Result) bool { return !synTraceFor(r).thisHost() })
	if len(own) > 0 && len(own) < len(bad) {
		return nil // two who act, and each path says which of them
	}
	d, who, or := bad[0], report.ActorFirewall, ""
	switch {
	case !slices.ContainsFunc(bad, func(r *report.Result) bool {
		return r.Cause != report.TCPUnreachable ||
			prohibited(r)
	}):
		who = report.ActorNetwork // a router says that it does not get there
	case !slices.ContainsFunc(bad, func(r *report.Result) bool { return r.Cause != report.TCPRefused }):
		or = "; a firewall rejects them all, or nothing listens there"
	}
	c := conclusion{facts: v.matter(bad), actor: who, results: bad,
		summary: fmt.Sprintf("the name %s resolves, and none of its ports answers directly (%s)", d.Host, d.Cause) + or,
		remedy:  fmt.Sprintf("Allow outbound TCP 443 to %s", d.Host)}
	if !v.q.provisions() { // the daemon speaks HTTPS alone with a provisioning service
		c.remedy += ", and one of 5671 and 8883 unless WebSocket is used"
	}
	c.remedy += "."
	if at, other := answersElsewhere(bad); other != "" && who == report.ActorFirewall {
		c.summary = fmt.Sprintf("%s has the address %s at one time, where none of its ports answers (%s), and %s at "+
			"another, which does: a rule, or a route, knows some of its addresses alone", d.Host, at, d.Cause, other)
		c.remedy = fmt.Sprintf("Allow the ports of %s by its name, or for all addresses that it has by turns, %s as "+
			"well as %s: TCP 443, and one of 5671 and 8883 unless WebSocket is used.", d.Host, at, other)
	}
	if who == report.ActorNetwork {
		c.remedy = d.Remedy
	}
	c = pointed(c)
	if first, actor := oddOrigin(d); first != "" && d.Actor == actor {
		if who != report.ActorNetwork { // whose remedy begins with it
			c.remedy = ifSo(first, c.remedy)
		}
		c.actor = actor
	}
	return one(c)
}

// prohibited tells whether the ICMP message that refuses a path is a policy's, not a
// router's that knows no way.
func prohibited(r *report.Result) bool { return icmpPolicy[synTraceFor(r).refusal.Answer] }

// proxiedOK are the paths that work through a proxy, where the runtime may be able to
// use them.
func (v *view) proxiedOK() []*report.Result {
	return v.matching(func(r *report.Result) bool { return !direct(r) && ok(r) && !known(r.RuntimeUsable, false) })
}

// firewallPortBlocked: the same address answers on another port up to verified TLS (a
// bare SYN-ACK proves nothing), this one does not.
func firewallPortBlocked(v *view) []conclusion {
	var out []conclusion
	seen := map[int]bool{}
	for _, r := range v.matching(func(r *report.Result) bool { return direct(r) && atTCP(r) }) {
		witness := v.witness(r)
		other, asked := r.Experiment(report.OtherPort)
		if witness == nil && (!asked || other.Outcome != report.Answered) || seen[r.Port] || afterAll(r) ||
			comesAndGoes(r) ||
			reached(r, v.results) {
			continue
		}
		seen[r.Port] = true
		same := v.matching(func(o *report.Result) bool { return direct(o) && atTCP(o) && o.Port == r.Port })
		out = append(out, v.portBlocked(r, same, witness, other))
	}
	return out
}

// portBlocked is about all paths to one port; witness is the path that shows that the
// address answers, nil where only an experiment does.
func (v *view) portBlocked(r *report.Result, same []*report.Result, witness *report.Result,
	other report.Experiment) conclusion {
	c := conclusion{facts: report.Facts{Needed: slices.ContainsFunc(same, v.wanted)}, results: same,
		summary: fmt.Sprintf("TCP %d to %s is %s, while %s", r.Port, r.Host, howBlocked(r), other.Summary),
		remedy:  fmt.Sprintf("Allow outbound TCP %d to %s.", r.Port, r.Host)}
	if witness != nil {
		c.summary = fmt.Sprintf("TCP %d to %s is %s, while %d of the same address answers", r.Port, r.Host,
			howBlocked(r),
			witness.Port)
		c.results = append(same, witness)
	}
	if !c.facts.Needed {
		c.remedy = fmt.Sprintf("Nothing, as long as the protocol in use does not need it; else allow outbound "+
			"TCP %d to %s.", r.Port, r.Host)
	}
	if r.Endpoint == report.EndpointParent && r.Cause == report.TCPRefused {
		c.actor = report.ActorParent
		c.summary += ": at a parent gateway its protocol head is off or the port is not published"
		c.remedy = fmt.Sprintf("On the parent gateway %s, publish port %d of edgeHub and leave its protocol head "+
			"on; else choose a protocol that it serves.", r.Host, r.Port)
		return c
	}
	return pointed(c)
}

// pointed lets a conclusion that asks the firewall admin name the place that the
// experiments found: this host itself, or the two hops between which packets get lost.
func pointed(c conclusion) conclusion {
	if c.actor != "" && c.actor != report.ActorFirewall {
		return c
	}
	for _, r := range c.results {
		j := synTraceFor(r)
		switch {
		case !failed(r) || !j.tells():
		case j.thisHost():
			c.actor, c.remedy = report.ActorHost, localRemedy(r)
			return c
		default:
			c.remedy += " To find the rule: " + j.String() + "."
			return c
		}
	}
	return c
}

func synTraceFor(r *report.Result) SYNTrace {
	e, _ := r.Experiment(report.Where)
	return SYNTraceOf(e.Travels)
}

// localRemedy is for what this host's own firewall stops.
func localRemedy(r *report.Result) string {
	if synTraceFor(r).returned > 0 {
		link := ""
		if d := tcpDetail(r); d != nil && d.Interface != "" {
			link = " (" + d.Interface + ")"
		}
		return fmt.Sprintf("This host sends to %s by one link%s, and drops what comes back by another (reverse path "+
			"filter; nstat -az TcpExtIPReversePathFilter counts it): lead the route out by the link on which the "+
			"answers come in, or have the network return them by the same way; where both are meant to be so, set "+
			"net.ipv4.conf.all.rp_filter and that of the link to 2.", r.Host, link)
	}
	return fmt.Sprintf("This host's own firewall stops TCP %d to %s: allow it there (nft list ruleset, iptables -S).",
		r.Port, r.Host)
}

func howBlocked(r *report.Result) string {
	switch {
	case r.Cause == report.TCPTimeout:
		return "silently dropped"
	case r.Cause == report.TCPRefused && synTraceFor(r).refusal.From == "":
		return "rejected with a TCP reset"
	}
	return "refused with an ICMP message"
}

// witness is a path to another port of an address at which r was blocked: the paths of a run go
// by different ones.
func (v *view) witness(r *report.Result) *report.Result {
	for _, ip := range blockedIPs(r) {
		if w := v.answers(ip, r.Port); w != nil {
			return w
		}
	}
	return nil
}

// blockedIPs are the addresses at which a path failed to connect, the one that it is judged by
// first.
func blockedIPs(r *report.Result) []string {
	out := []string{remoteIP(r)}
	for _, t := range triedOf(r, report.HopTarget) {
		if ip := ipOf(t.Remote); t.Stage == "" && blockedAtTCP(t.Cause) && !slices.Contains(out, ip) {
			out = append(out, ip)
		}
	}
	return out
}

// answers finds a path to another port of an address whose TLS verified.
func (v *view) answers(ip string, notPort int) *report.Result {
	for _, r := range v.matching(func(r *report.Result) bool {
		return direct(r) && r.Port != notPort &&
			remoteIP(r) == ip
	}) {
		if st, ok := r.Step(report.HopTarget, report.StageTLS); ok && st.Status == report.OK && ip != "" {
			return r
		}
	}
	return nil
}
