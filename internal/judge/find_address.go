package judge

import (
	"fmt"
	"slices"
	"strings"

	"edgenet/report"
)

// triedOf are the attempts at each address of the name that a hop was reached by.
func triedOf(r *report.Result, h report.Hop) []report.TCPAttempt {
	st, _ := r.Step(h, report.StageTCP)
	if d, is := st.Detail.(*report.TCPDetail); is {
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
	cause           report.Cause
	results         []*report.Result
}

// addressDead: one of several addresses answers on no port, and another one does. Families
// are not compared: ipv6.broken is about that.
func addressDead(v *view) []conclusion {
	var out []conclusion
	for _, h := range []report.Hop{report.HopTarget, report.HopProxy} {
		for _, d := range v.deadAt(h) {
			waits := "waits for its own timeout there first"
			if d.cause != report.TCPTimeout {
				waits = "may fail there before it tries the next"
			}
			c := conclusion{results: d.results,
				summary: fmt.Sprintf("%s, one of the addresses of %s, does not answer (%s), and %s does: a program "+
					"that tries them in order %s", d.ip, d.name, d.cause, d.alive, waits),
				remedy: fmt.Sprintf("Repair the way to %s, or have it taken out of the addresses of %s.", d.ip,
					d.name)}
			if h == report.HopProxy {
				c.actor = report.ActorProxy
			}
			out = append(out, c)
		}
	}
	return out
}

// deadAt gathers the dead addresses of a hop's names.
func (v *view) deadAt(h report.Hop) []*deadAddress {
	var dead []*deadAddress
	answered := map[string]bool{}
	for i := range v.results {
		r := &v.results[i]
		tried := triedOf(r, h)
		for _, t := range tried {
			answered[ipOf(t.Remote)] = answered[ipOf(t.Remote)] || opened(t)
		}
		for _, t := range tried {
			alive := slices.IndexFunc(tried, func(o report.TCPAttempt) bool {
				return opened(o) && sixth(o.Remote) == sixth(t.Remote)
			})
			if t.Status != report.Failed || opened(t) || alive < 0 || !blockedAtTCP(t.Cause) &&
				t.Cause != report.TCPNoNeighbour {
				continue
			}
			dead = noteDead(dead, t, tried[alive], r, h)
		}
	}
	return slices.DeleteFunc(dead, func(d *deadAddress) bool { return answered[d.ip] })
}

func noteDead(dead []*deadAddress, t, alive report.TCPAttempt, r *report.Result, h report.Hop) []*deadAddress {
	ip := ipOf(t.Remote)
	i := slices.IndexFunc(dead, func(d *deadAddress) bool { return d.ip == ip })
	if i < 0 {
		i = len(dead)
		dead = append(dead, &deadAddress{ip: ip, alive: ipOf(alive.Remote), name: nameAt(r, h), cause: t.Cause})
	}
	dead[i].results = append(dead[i].results, r)
	return dead
}

// opened tells whether an address accepted the connection, whatever came after that.
func opened(t report.TCPAttempt) bool { return t.Status == report.OK || t.Stage != "" }

// sixth tells whether an address with a port is IPv6's.
func sixth(remote string) bool { return strings.HasPrefix(remote, "[") }

// dnsSlow: name servers that are asked before the one that answers are silent. One that
// cannot be reached says so at once, and costs nobody time.
func dnsSlow(v *view) []conclusion {
	d, r := v.dnsDetail()
	if d == nil {
		return nil
	}
	var silent []string
	for _, a := range d.Resolvers {
		switch {
		case a.Resolver == d.Resolver && len(silent) == 0 && a.Silent != "":
			return one(halfSilent(a, r))
		case a.Resolver == d.Resolver && len(silent) > 0:
			who := strings.Join(silent, " and ")
			return one(conclusion{results: []*report.Result{r},
				summary: fmt.Sprintf("no answer came from %s, asked first, while %s answered: each look-up of a "+
					"program of the C library waits for that, 5 s a server as a rule", who, d.Resolver),
				remedy: fmt.Sprintf("Repair %s, or take it out of this host's name servers.", who)})
		case a.Resolver == d.Resolver:
			return nil
		case a.Answer == "timeout":
			silent = append(silent, a.Resolver)
		}
	}
	return nil
}

// halfSilent: a name server that answers questions for one type of address and swallows the
// other's, of which each look-up asks both.
func halfSilent(a report.ResolverAnswer, r *report.Result) conclusion {
	c := conclusion{results: []*report.Result{r},
		summary: fmt.Sprintf("%s answers questions for one type of address and was silent twice when asked for %s: "+
			"each look-up of a program of the C library waits for that, 5 s a try as a rule", a.Resolver, a.Silent),
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
	if d == nil || d.Answered == "" {
		return nil
	}
	return one(conclusion{facts: report.Facts{Grave: strings.Contains(strings.TrimSuffix(d.Name, "."), ".")},
		summary: fmt.Sprintf("%s was answered as %s, by a search domain of this host (%s)", d.Name, d.Answered,
			strings.Join(d.Addresses, " ")),
		remedy: fmt.Sprintf("Make sure that %s is what is meant; else write the name in full, or take the search "+
			"domain or its wildcard record away.", d.Answered), results: []*report.Result{r}})
}
