package judge

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"edgenet/report"
)

// triedOf are the attempts at each address of the name that a hop was reached by.
func triedOf(r *report.Result, h report.Hop) []report.TCPAttempt {
	if d := tcpDetailAt(r, h); d != nil {
		return d.Tried
	}
	return nil
}

// ipOf is the address of an attempt without its port.
func ipOf(remote string) string {
	i := strings.LastIndexByte(remote, ':')
	if i < 0 {
		return ""
	}
	return strings.Trim(remote[:i], "[]")
}

// deadAddress is an address of a name that answers on no path, beside one that does.
type deadAddress struct {
	ip, alive, name string
	port            int // the only one that does not answer; 0 is all
	cause           report.Cause
	results         []*report.Result
}

// addressDead: one of several addresses does not answer, on any port or on one, and another one
// does. Families are not compared: ipv6.broken is about that.
func addressDead(v *view) []conclusion {
	var out []conclusion
	for _, h := range []report.Hop{report.HopTarget, report.HopProxy} {
		for _, d := range v.deadAt(h) {
			c := d.concluded()
			if h == report.HopProxy {
				c.actor = report.ActorProxy
			}
			out = append(out, c)
		}
	}
	return out
}

// concluded says what does not answer, and what that costs.
func (d *deadAddress) concluded() conclusion {
	waits := "waits for its own timeout there first"
	if d.cause != report.TCPTimeout {
		waits = "may fail there before it tries the next"
	}
	if d.port > 0 {
		return conclusion{results: d.results, actor: report.ActorFirewall,
			summary: fmt.Sprintf("port %d of %s, one of the addresses of %s, does not answer (%s), while other "+
				"ports of "+
				"it do, and %s answers on that one: a program that tries them in order "+
				"%s", d.port, d.ip, d.name, d.cause,
				d.alive, waits),
			remedy: fmt.Sprintf("Allow outbound TCP %d to %s as well as to %s.", d.port, d.ip, d.alive)}
	}
	return conclusion{results: d.results,
		summary: fmt.Sprintf("%s, one of the addresses of %s, does not answer (%s), and %s does: a program that tries "+
			"them in order %s", d.ip, d.name, d.cause, d.alive, waits),
		remedy: fmt.Sprintf("Repair the way to %s, an address of %s.", d.ip, d.name)}
}

// deadAt gathers the dead addresses of a hop's names. One that answers on another port is dead on
// this one only after silence or a router's word: a single reset may be chance, and costs no time.
func (v *view) deadAt(h report.Hop) []*deadAddress {
	var dead []*deadAddress
	answered := map[string]bool{} // addresses, and addresses with a port
	for i := range v.results {
		for _, t := range triedOf(&v.results[i], h) {
			if opened(t) {
				answered[ipOf(t.Remote)], answered[t.Remote] = true, true
			}
		}
	}
	for i := range v.results {
		r := &v.results[i]
		tried := triedOf(r, h)
		for _, t := range tried {
			alive := slices.IndexFunc(tried, func(o report.TCPAttempt) bool {
				return opened(o) && sixth(o.Remote) == sixth(t.Remote)
			})
			part := answered[ipOf(t.Remote)]
			if t.Status != report.Failed || alive < 0 || answered[t.Remote] || part && t.Cause == report.TCPRefused ||
				!blockedAtTCP(t.Cause) && t.Cause != report.TCPNoNeighbour {
				continue
			}
			d := deadAddress{ip: ipOf(t.Remote), alive: ipOf(tried[alive].Remote), name: nameAt(r, h), cause: t.Cause}
			if part {
				d.port = portOf(t.Remote)
			}
			dead = noteDead(dead, d, r)
		}
	}
	return dead
}

// newAddress is an address that the name had when it was asked for once more, and that answered, while the path's
// own did not; empty for none.
func newAddress(r *report.Result) string {
	e, _ := r.Experiment(report.Resolvers)
	for i := range e.Steps {
		d, is := e.Steps[i].Detail.(*report.TCPDetail)
		if is && e.Steps[i].Status == report.OK && !slices.Contains(blockedIPs(r), ipOf(d.Remote)) {
			return ipOf(d.Remote)
		}
	}
	return ""
}

// elsewhereNow tells of an address that answers, beside the one that does not.
func elsewhereNow(r *report.Result) {
	if at := newAddress(r); at != "" {
		r.Summary += fmt.Sprintf("; asked once more, the name has %s, which answers", at)
	}
}

// answersElsewhere gives an address at which paths failed, and one that answered when the name was asked for once
// more; empty for none.
func answersElsewhere(bad []*report.Result) (at, other string) {
	for _, r := range bad {
		if other = newAddress(r); other != "" {
			return remoteIP(r), other
		}
	}
	return "", ""
}

func noteDead(dead []*deadAddress, d deadAddress, r *report.Result) []*deadAddress {
	i := slices.IndexFunc(dead, func(o *deadAddress) bool { return o.ip == d.ip && o.port == d.port })
	if i < 0 {
		i = len(dead)
		dead = append(dead, &d)
	}
	dead[i].results = append(dead[i].results, r)
	return dead
}

// portOf is the port of an attempt, 0 where it has none.
func portOf(remote string) int {
	n, err := strconv.Atoi(remote[strings.LastIndexByte(remote, ':')+1:])
	if err != nil {
		return 0
	}
	return n
}

// opened tells whether an address accepted the connection, whatever came after that.
func opened(t report.TCPAttempt) bool { return t.Status == report.OK || t.Stage != "" }

// sixth tells whether an address with a port is IPv6's.
func sixth(remote string) bool { return strings.HasPrefix(remote, "[") }

// slowAnswer is how long an answer may take until look-ups are called slow: the C library asks again
// after five seconds as a rule, and half of that is felt by every connection that is made anew.
const slowAnswer = 2500 * time.Millisecond

// dnsSlow: name servers that are asked before the one that answers are silent, or that one takes long.
// One that cannot be reached says so at once, and costs nobody time.
func dnsSlow(v *view) []conclusion {
	d, r := v.lookUp()
	if d == nil {
		return nil
	}
	var silent []string
	answered := false
	for _, a := range d.Resolvers {
		switch {
		case a.Resolver == d.Resolver && len(silent) == 0 && a.Silent != "":
			return one(halfSilent(a, r))
		case a.Resolver == d.Resolver && len(silent) == 0 && tookLong(a):
			return one(conclusion{results: []*report.Result{r},
				summary: fmt.Sprintf("%s took %.2g s to answer for %s: each look-up of a program waits for "+
					"that", a.Resolver,
					a.DurationMs.Duration().Seconds(), d.Name),
				remedy: fmt.Sprintf("Find out why %s takes so long (a server that it asks itself is dead, as a "+
					"rule).", a.Resolver)})
		case a.Resolver == d.Resolver:
			answered = true
		case a.Answer == "timeout" && (!answered || d.Rotate):
			silent = append(silent, a.Resolver)
		}
	}
	if !answered || len(silent) == 0 {
		return nil
	}
	who, when := strings.Join(silent, " and "), "asked first, while"
	if d.Rotate {
		when = `which "options rotate" has asked first in its turn, while`
	}
	return one(conclusion{results: []*report.Result{r},
		summary: fmt.Sprintf("no answer came from %s, %s %s answered: each look-up of a program of the C library "+
			"waits for that, 5 s a server as a rule", who, when, d.Resolver),
		remedy: fmt.Sprintf("Repair %s.", who)})
}

// tookLong tells whether an answer came late, as it does for the C library, which asks without EDNS.
func tookLong(a report.ResolverAnswer) bool {
	return a.Answer == "NOERROR" && !a.WithoutEDNS && a.DurationMs.Duration() >= slowAnswer
}

// lookUp is the evidence of resolving the target's name, else the proxy's, where nothing else is asked
// for here.
func (v *view) lookUp() (*report.DNSDetail, *report.Result) {
	if d, r := v.dnsDetail(); d != nil {
		return d, r
	}
	for i := range v.results {
		st, _ := v.results[i].Step(report.HopProxy, report.StageDNS)
		if d, is := st.Detail.(*report.DNSDetail); is {
			return d, &v.results[i]
		}
	}
	return nil, nil
}

// halfSilent: a name server that answers questions for one type of address and swallows the
// other's, of which each look-up asks both.
func halfSilent(a report.ResolverAnswer, r *report.Result) conclusion {
	c := conclusion{results: []*report.Result{r},
		summary: fmt.Sprintf("%s answers questions for one type of address and was silent nine times when "+
			"asked for %s: each look-up of a program of the C library waits for that, 5 s a try as a rule", a.Resolver,
			a.Silent),
		remedy: fmt.Sprintf("Have %s, or the firewall before it, answer questions for %s as well; an empty answer "+
			"will do.", a.Resolver, a.Silent)}
	if a.Silent == "AAAA" {
		c.remedy += " Until then \"options no-aaaa\" in this host's and the containers' resolv.conf (glibc 2.36 and " +
			"later) keeps programs from asking."
	}
	return c
}

// dnsSearch: what was answered is another name than the one that was asked for.
func dnsSearch(v *view) []conclusion {
	d, r := v.dnsDetail()
	if d == nil || d.Answered == "" || v.misled(r) { // which says more of it
		return nil
	}
	return one(conclusion{facts: report.Facts{Grave: strings.Contains(strings.TrimSuffix(d.Name, "."), ".")},
		summary: fmt.Sprintf("%s was answered as %s, by a search domain of this host (%s)", d.Name, d.Answered,
			strings.Join(d.Addresses, " ")),
		remedy: fmt.Sprintf("Take the search domain or its wildcard record away, unless %s is what is meant.",
			d.Answered), results: []*report.Result{r}})
}

// hostsFile: what this host's hosts file has and DNS does not, where it misleads this host, and where its
// containers, which do not read it, go without.
func hostsFile(v *view) []conclusion { return append(addressStale(v), v.hostsAlone()...) }

// hostsAlone is about that.
func (v *view) hostsAlone() []conclusion {
	c := newChooser(v.results, v.q)
	d, works := c.fromHostsFile(v.verdict)
	if d == nil {
		return nil
	}
	var said []string
	for _, a := range d.Resolvers {
		said = append(said, answerWords(a))
	}
	ip, instead := d.Addresses[0], ""
	if v.verdict.Route != report.RouteDirect {
		instead = "Write the proxy's address in https_proxy in place of its name, or give"
	}
	remedy := fmt.Sprintf("%s edgeAgent and edgeHub this address by their createOptions (\"HostConfig\": "+
		"{\"ExtraHosts\": [\"%s:%s\"]}). edgenet check --from container tells whether it is needed.",
		cmp.Or(instead, "Give"), d.Name, ip)
	if a, err := netip.ParseAddr(ip); err == nil && a.IsLoopback() {
		remedy = fmt.Sprintf("%s is this host's own loopback, where no container is: let what listens there listen "+
			"on an address that containers reach, and give edgeAgent and edgeHub that one for %s by their "+
			"createOptions (HostConfig.ExtraHosts).", ip, d.Name)
	}
	return one(conclusion{facts: report.Facts{Grave: true}, results: works, remedy: remedy,
		summary: fmt.Sprintf("the address %s of %s stands in line %d of this host's hosts file, and DNS says "+
			"otherwise (%s): containers do not read that file, and what works here may not work for edgeAgent and "+
			"edgeHub", ip, d.Name, d.Line, strings.Join(said, ", "))})
}

// fromHostsFile is the name by which those paths go that work for edgeAgent and edgeHub, where the hosts file
// has it and none of the resolvers gives such an address.
func (c *chooser) fromHostsFile(v report.Verdict) (d *report.DNSDetail, works []*report.Result) {
	if !c.q.OnHost || v.UpstreamProtocol == nil {
		return nil, nil
	}
	h := report.HopTarget
	if v.Route != report.RouteDirect {
		h = report.HopProxy
	}
	for _, r := range c.results {
		if ok(r) && r.Route == v.Route && r.Protocol != report.HTTPS && !known(r.RuntimeUsable, false) {
			works = append(works, r)
		}
	}
	if len(works) == 0 {
		return nil, nil
	}
	d = nameStepAt(works[0], h)
	if d == nil || d.Resolver != fromHosts || len(d.Resolvers) == 0 || len(d.Addresses) == 0 {
		return nil, nil
	}
	if slices.ContainsFunc(d.Resolvers, func(a report.ResolverAnswer) bool {
		return slices.ContainsFunc(a.Addresses, func(x string) bool { return slices.Contains(d.Addresses, x) })
	}) {
		return nil, nil
	}
	return d, works
}
