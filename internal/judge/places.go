package judge

import (
	"fmt"
	"net/netip"
	"slices"

	"edgenet/report"
)

// places are the two from which the same paths were walked.
type places struct{ host, inside *report.Report }

// ConcludeBoth draws what follows from two reports of the same paths: the host's own, and
// that of host.Container. Each path counts from where its user stands: HTTPS is the
// daemon's, on the host; everything else is edgeAgent's and edgeHub's, in a container. So
// verdict, findings and advice of the host's report are those of both, and the container's
// report keeps its own. Differ says which paths differ between the two, and why, once the
// container's causes are refined.
func ConcludeBoth(host *report.Report, q Question, interrupted bool, differ func(*report.Report,
	*report.Container) []report.Difference) {
	inside := host.Container.Report
	q.OnHost = false // the container itself was looked at
	Conclude(inside, q, interrupted)
	host.Container.Differences = differ(host, host.Container)
	host.Partial = host.Partial || inside.Partial
	mixed := mix(host, inside)
	v := &view{results: mixed, q: q, inside: &places{host, inside}}
	v.verdict = Choose(mixed, q, interrupted && host.Partial)
	host.Verdict = v.verdict
	host.Findings = v.findings()
	weigh(mixed, host.Verdict, host.Findings)
	host.Advice = advise(mixed, q, host.Verdict, host.Findings)
	for i := range mixed {
		user := ours(host, inside, i)
		user.Needed, user.Severity = mixed[i].Needed, mixed[i].Severity
		other := &host.Results[i]
		if other.Protocol == report.HTTPS {
			other = &inside.Results[i]
		}
		other.Needed, other.Severity = say(false), ""
		if failed(other) {
			other.Severity = report.SeverityInfo
		}
	}
}

// ours is the result of the place where the path's user stands.
func ours(host, inside *report.Report, i int) *report.Result {
	if host.Results[i].Protocol == report.HTTPS {
		return &host.Results[i]
	}
	return &inside.Results[i]
}

// mix takes each path from where its user stands. What fails in the container alone fails
// for the reason that the difference names, and is repaired by what it names.
func mix(host, inside *report.Report) []report.Result {
	out := slices.Clone(host.Results)
	for i := range out {
		out[i] = *ours(host, inside, i)
		r := &out[i]
		if !failed(r) || !ok(&host.Results[i]) {
			continue
		}
		for _, d := range host.Container.Differences {
			if d.Result == r.ID && d.Remedy != "" {
				r.Actor, r.Remedy = d.Actor, d.Remedy
				r.Summary = "in the container: " + r.Summary
			}
		}
	}
	return out
}

// containerNoIPv6: the host's path works by IPv6, and the container has no address of
// that family, so that its own does not.
func containerNoIPv6(v *view) []conclusion {
	if v.inside == nil && v.q.OnHost {
		return v.ipv6Alone()
	}
	if v.inside == nil || v.inside.inside.Vantage == nil || hasIPv6(v.inside.inside.Vantage) {
		return nil
	}
	by := ""
	bad := v.matching(func(r *report.Result) bool {
		i := slices.IndexFunc(v.inside.host.Results, func(h report.Result) bool { return h.ID == r.ID })
		if i < 0 || r.Protocol == report.HTTPS || !failed(r) || r.Stage != report.StageTCP &&
			r.Stage != report.StageDNS {
			return false
		}
		h := &v.inside.host.Results[i]
		to := sixOf(h, r.Hop)
		if !ok(h) || to == "" {
			return false
		}
		by = to
		return true
	})
	if len(bad) == 0 {
		return nil
	}
	return one(conclusion{facts: v.matter(bad), results: bad,
		summary: fmt.Sprintf("this host reaches %s by IPv6 (%s), and the container has no IPv6 address",
			bad[0].Host, by),
		remedy: engineIPv6})
}

// ipv6Alone: all that works for the containers works by IPv6, as this host has no way by IPv4.
// Engines give containers IPv4 alone unless they are told otherwise, which nobody looked at.
func (v *view) ipv6Alone() []conclusion {
	works := v.matching(func(r *report.Result) bool {
		return ok(r) && r.Protocol != report.HTTPS && !known(r.RuntimeUsable, false)
	})
	by := ""
	for _, r := range works {
		h := report.HopTarget
		if !direct(r) {
			h = report.HopProxy
		}
		if by = sixOf(r, h); by == "" || slices.ContainsFunc(triedOf(r, h), func(t report.TCPAttempt) bool {
			return t.Status == report.OK && !sixth(t.Remote)
		}) {
			return nil
		}
	}
	if len(works) == 0 {
		return nil
	}
	return one(conclusion{facts: report.Facts{Grave: true}, results: works,
		summary: fmt.Sprintf("from this host everything goes by IPv6 alone (%s), and container engines give "+
			"containers IPv4 alone unless they are told otherwise: what works here may not work for "+
			"edgeAgent and edgeHub", by),
		remedy: engineIPv6 + " edgenet check --from container tells whether it is needed."})
}

const engineIPv6 = "Turn IPv6 on for the container engine (\"ipv6\": true in /etc/docker/daemon.json) and for the " +
	"runtime's network ([moby_runtime.network] ipv6 = true in /etc/aziot/config.toml), or open the way for IPv4."

// sixOf is the IPv6 address that a path connected to at the hop; empty where it was none.
func sixOf(r *report.Result, h report.Hop) string {
	st, _ := r.Step(h, report.StageTCP)
	d, is := st.Detail.(*report.TCPDetail)
	if !is {
		return ""
	}
	ap, err := netip.ParseAddrPort(d.Remote)
	if err != nil || ap.Addr().Unmap().Is4() {
		return ""
	}
	return ap.Addr().String()
}

func hasIPv6(v *report.Vantage) bool {
	return slices.ContainsFunc(v.Interfaces, func(i report.Interface) bool {
		return slices.ContainsFunc(i.Addresses, func(text string) bool {
			p, err := netip.ParsePrefix(text)
			return err == nil && p.Addr().Is6() && !p.Addr().Is4In6()
		})
	})
}
