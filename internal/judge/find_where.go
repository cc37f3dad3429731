package judge

import (
	"fmt"
	"slices"
	"strings"

	"edgenet/report"
)

// lostAt is a place at which SYNs get lost, and what gets lost there.
type lostAt struct {
	SYNTrace
	first *report.Result
	ports []string
	paths []*report.Result
}

// firewallWhere says how far SYNs travel, where the experiments tell: once for all ports
// that get lost at the same place.
func firewallWhere(v *view) []conclusion {
	var all []*lostAt
	for _, r := range v.matching(func(r *report.Result) bool {
		return failed(r) && r.Stage == report.StageTCP && blockedAtTCP(r.Cause) && synTraceFor(r).tells() &&
			!comesAndGoes(r) && !reached(r, v.results) && !v.misled(r)
	}) {
		j := synTraceFor(r)
		i := slices.IndexFunc(all, func(p *lostAt) bool { return p.at() == j.at() && p.first.Route == r.Route })
		if i < 0 {
			all, i = append(all, &lostAt{SYNTrace: j, first: r}), len(all)
		}
		p := all[i]
		p.paths = append(p.paths, r)
		if port := fmt.Sprint(j.port); !slices.Contains(p.ports, port) {
			p.ports = append(p.ports, port)
		}
	}
	var out []conclusion
	for _, p := range all {
		c := conclusion{actor: p.first.Actor, summary: p.about(strings.Join(p.ports, ", ")), results: p.paths,
			remedy: "Look for the rule there: " + p.suspects() + "."}
		switch {
		case p.thisHost():
			c.actor, c.remedy = report.ActorHost, localRemedy(p.first)
		case p.loop != nil:
			c.actor, c.remedy = report.ActorNetwork, p.first.Remedy
		}
		out = append(out, c)
	}
	return out
}
