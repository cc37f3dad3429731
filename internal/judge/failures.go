package judge

import (
	"slices"
	"strconv"

	"edgenet/report"
)

// failure is what several paths have in common.
type failure struct {
	first   *report.Result
	ports   []string
	results []string
}

// alike tells whether a path failed as the others did, for the same actor. A remedy that
// is not the table's own is about one port.
func (f *failure) alike(r *report.Result) bool {
	o := f.first
	if o.Cause != r.Cause || o.Hop != r.Hop || o.Actor != r.Actor || o.Host != r.Host {
		return false
	}
	if front := frontOf(r); front.ttl > 0 { // who takes the connections, on whatever port
		return front == frontOf(o)
	}
	return o.Port == r.Port || r.Hop == report.HopProxy || r.Actor == r.Cause.ActorAt(r.Hop) || !r.Cause.PerPort(r.Hop)
}

// failures are the steps for failed paths of a severity that no finding explains.
func (a *adviser) failures(s report.Severity) {
	var groups []*failure
	for i := range a.results {
		r := &a.results[i]
		if r.Severity != s || r.Remedy == "" || a.explained(r.ID) {
			continue
		}
		port := strconv.Itoa(r.Port)
		j := slices.IndexFunc(groups, func(g *failure) bool { return g.alike(r) })
		if j < 0 {
			groups, j = append(groups, &failure{first: r}), len(groups)
		}
		g := groups[j]
		g.results = append(g.results, r.ID)
		if !slices.Contains(g.ports, port) {
			g.ports = append(g.ports, port)
		}
	}
	for _, g := range groups {
		a.add(a.ofFailure(g, s))
	}
}

// ofFailure words a failure's step: for several ports the table's remedy names them all.
func (a *adviser) ofFailure(g *failure, s report.Severity) step {
	r := g.first
	remedy := r.Remedy
	own := r.Hop == report.HopProxy && r.Stage != report.StageConnect // the proxy's own port, the same for all
	if len(g.ports) > 1 && !own && frontOf(r).ttl == 0 && r.Cause.PerPort(r.Hop) {
		route, _ := a.q.route(r.Route)
		remedy = r.Cause.RemedyForPorts(r.Hop, r.Host, g.ports, route.Address)
	}
	why := r.Summary
	if why == "" {
		why = r.Cause.Info().Title
	}
	out := newStep(r.Actor, remedy, why, s)
	out.Results, out.opens, out.of = g.results, g.results, g
	for _, f := range a.findings {
		if a.same(f) && slices.Contains(f.Results, r.ID) {
			out.Why, out.Findings = f.Summary, append(out.Findings, f.Code)
		}
	}
	return out
}

// same tells whether a finding asks for what the failures that it is about ask for as well.
func (a *adviser) same(f report.Finding) bool {
	return slices.ContainsFunc(a.results, func(r report.Result) bool {
		return slices.Contains(f.Results, r.ID) && (f.Code == report.DNSPrivateLink && stripped(&r) ||
			f.Code == report.ProxyScheme && plainProxy(&r))
	})
}

// explained tells whether a finding that asks for something says why a path fails.
func (a *adviser) explained(id string) bool {
	return slices.ContainsFunc(a.findings, func(f report.Finding) bool {
		info, _ := f.Code.Info()
		return info.Group == report.GroupReason && f.Severity != report.SeverityInfo && f.Remedy != "" &&
			slices.Contains(f.Results, id)
	})
}

// onPorts is the failure on some of its ports alone.
func (a *adviser) onPorts(g *failure, ports []string) *failure {
	out := &failure{ports: ports}
	for i := range a.results {
		r := &a.results[i]
		if slices.Contains(g.results, r.ID) && slices.Contains(ports, strconv.Itoa(r.Port)) {
			if out.results = append(out.results, r.ID); out.first == nil {
				out.first = r
			}
		}
	}
	return out
}
