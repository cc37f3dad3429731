package judge

import (
	"fmt"
	"slices"
	"strings"

	"edgenet/report"
)

// A routing loop: routers that hand what is for the target to each other until its hop limit ends it.

// circle finds the routers of a loop in what the hops answered: the last answers repeat, with two
// routers or more in turn. nil where they do not.
func circle(hops []report.Hit) []string {
	var from []string
	for _, h := range hops {
		if h.Answer != report.HitExpired || h.From == "" {
			from = nil
			continue
		}
		from = append(from, h.From)
	}
	for period := 2; 2*period <= len(from); period++ {
		last := from[len(from)-2*period:]
		round := slices.Compact(slices.Sorted(slices.Values(last[:period])))
		if slices.Equal(last[:period], last[period:]) && len(round) == period {
			return round
		}
	}
	return nil
}

// blameLoop: who runs the routers of a loop has to mend their routes.
func blameLoop(r *report.Result) {
	j := synTraceFor(r)
	if r.Hop != report.HopTarget || j.loop == nil {
		return
	}
	r.Actor = report.ActorNetwork
	r.Summary += "; " + j.String()
	r.Remedy = fmt.Sprintf("Mend the routes of %s: each of them hands what is for %s to another of them.",
		strings.Join(j.loop, " and "), r.Host)
}
