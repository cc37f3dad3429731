package render

import (
	"slices"

	"edgenet/report"
)

// order is what to do by when: first stands below the verdict and helps most, also is
// needed besides, instead is as good as both together.
type order struct {
	first, also, later []action
	instead            [][]action // a way each
}

// inOrder parts what somebody has to do as the report has it. Where nothing is broken, or
// not so that the exit code shows it, all of it can wait.
func inOrder(todo []action, r *report.Report) order {
	if r.Verdict.ExitCode == 0 || len(todo) == 0 || todo[0].Severity != report.SeverityError {
		return order{later: todo}
	}
	o := order{first: todo[:1]}
	way := todo[0].Way
	for _, a := range todo[1:] {
		switch {
		case a.OrInstead != "" && a.Way != way:
			if n := len(o.instead); n > 0 && o.instead[n-1][0].Way == a.Way {
				o.instead[n-1] = append(o.instead[n-1], a)
			} else {
				o.instead = append(o.instead, []action{a})
			}
		case a.Way != "" || a.Severity == report.SeverityInfo || a.Severity == report.SeverityError && (way == "" ||
			!slices.ContainsFunc(r.Results, func(x report.Result) bool { // it stops no path, and stands beside the way
				return x.Status == report.Failed && slices.Contains(a.Results, x.ID)
			})):
			o.also = append(o.also, a)
		default:
			o.later = append(o.later, a)
		}
	}
	return o
}

// ways tells by which routes the paths of an action go.
func ways(a action, r *report.Report) (direct, proxied bool) {
	for _, res := range r.Results {
		if slices.Contains(a.Results, res.ID) {
			direct = direct || res.Route == report.RouteDirect
			proxied = proxied || res.Route != report.RouteDirect
		}
	}
	return direct, proxied
}

// shown are the actions that stand below the verdict, in order.
func (o order) shown() []action {
	if len(o.first) == 0 {
		return o.later
	}
	out := slices.Concat(o.first, o.also)
	for _, way := range o.instead {
		out = append(out, way...)
	}
	return out
}

// insteadWords say what another way is about.
func (p pen) insteadWords(first, other action, r *report.Report) string {
	directA, proxiedA := ways(first, r)
	directB, proxiedB := ways(other, r)
	switch {
	case r.Verdict.ExitCode == 3 && !asExpected(r.Verdict):
		return "to keep " + p.clean(r.Verdict.Expected.RuntimeName()) + " (one of the ways is enough)"
	case directA && !proxiedA && proxiedB && !directB:
		return "through the proxy (one of the ways is enough)"
	case proxiedA && !directA && directB && !proxiedB:
		return "without the proxy (one of the ways is enough; remove the proxy setting then)"
	}
	return "which does as well (one of the ways is enough)"
}

// reasonsBeyondVerdict are an action's reasons without the words that the verdict's own reason is made of.
func (p pen) reasonsBeyondVerdict(a action, r *report.Report) [][]string {
	b := r.Verdict.Because
	out := slices.Clone(a.whys)
	for i, why := range out {
		if b == nil || len(why) < 2 {
			continue
		}
		said := b.Finding != "" && slices.Contains(a.Findings, b.Finding) && why[1] == p.clean(string(b.Finding)) ||
			b.Finding == "" && slices.Contains(a.Results, b.Result) && why[1] == p.causeOf([]string{b.Result}, r)
		if said {
			out[i] = why[1:]
		}
	}
	return out
}
