package judge

import (
	"fmt"
	"slices"
	"strings"

	"edgenet/report"
)

// routeOther: the target answers another link or address of this host.
func routeOther(v *view) []conclusion {
	var sources []string
	by := map[string][]*report.Result{}
	for _, r := range v.matching(failed) {
		e, asked := r.Experiment(report.OtherRoute)
		if !asked || e.Outcome != report.Answered || e.Source == "" {
			continue
		}
		if by[e.Source] == nil {
			sources = append(sources, e.Source)
		}
		by[e.Source] = append(by[e.Source], r)
	}
	var out []conclusion
	for _, s := range sources {
		out = append(out, v.byOtherRoute(s, by[s]))
	}
	return out
}

func (v *view) byOtherRoute(source string, bad []*report.Result) conclusion {
	r := bad[0]
	taken, to := "the way that this host takes", r.Host
	if d := dialled(r); d != nil {
		taken = fmt.Sprintf("the way that this host takes (%s, from %s)", orLink(d.Interface), ipOf(d.Local))
		to = fmt.Sprintf("%s (%s)", r.Host, ipOf(d.Remote))
		if r.Hop == report.HopProxy {
			to = "the proxy " + ipOf(d.Remote)
		}
	}
	return conclusion{facts: v.matter(bad), results: bad,
		summary: fmt.Sprintf("%s to %s fail by %s (%s), and from %s, which this host has as well, the same address "+
			"answers with the right certificate", protocolsOf(bad), to, taken, causesOf(bad), source),
		remedy: fmt.Sprintf("Route the traffic to %s through %s: give its default route a lower metric than the one "+
			"in use (ip route show default), or give the target's address a route of its own. edgenet check "+
			"--source %s tries it.", to, source, source)}
}

func orLink(name string) string {
	if name == "" {
		return "its first link"
	}
	return name
}

// dialled is the evidence of this machine's own connection at the hop where a path failed.
func dialled(r *report.Result) *report.TCPDetail { return tcpDetailAt(r, r.Hop) }

func causesOf(rs []*report.Result) string {
	var out []string
	for _, r := range rs {
		if !slices.Contains(out, string(r.Cause)) {
			out = append(out, string(r.Cause))
		}
	}
	return strings.Join(out, ", ")
}

func protocolsOf(rs []*report.Result) string {
	var out []string
	for _, r := range rs {
		if !slices.Contains(out, string(r.Protocol)) {
			out = append(out, string(r.Protocol))
		}
	}
	return strings.Join(out, ", ")
}

// wrongRoute is routeOther where the way that this host takes leads nowhere at all: then nobody
// on it is asked to open ports.
func wrongRoute(v *view) []conclusion {
	own := v.matching(func(r *report.Result) bool { return direct(r) && r.Status != report.Skipped })
	other := routeOther(v)
	var bad []*report.Result
	for _, c := range other {
		bad = append(bad, c.results...)
	}
	if slices.ContainsFunc(own, func(r *report.Result) bool { return !slices.Contains(bad, r) }) {
		return nil
	}
	return other
}
