package render

import (
	"slices"
	"strings"

	"edgenet/report"
)

// order is what to do by when: first stands below the verdict and helps most, also is
// needed besides, instead is as good as both together.
type order struct{ first, also, instead, later []action }

// foremost puts the action first that helps most: where nothing works, the one that
// the verdict speaks of, else the first of whoever has to act on what it names.
func (p pen) foremost(todo []action, r *report.Report) []action {
	i := slices.IndexFunc(r.Findings, func(f report.Finding) bool { return f.Code == report.ProtocolNone })
	if i < 0 {
		return todo
	}
	n := slices.IndexFunc(todo, func(a action) bool {
		return a.severity == report.SeverityError && slices.ContainsFunc(a.whys, func(why []string) bool { return p.said(why[0], r) })
	})
	if n < 0 {
		n = slices.IndexFunc(todo, func(a action) bool { return a.severity == report.SeverityError && a.actor == r.Findings[i].Actor })
	}
	if n <= 0 {
		return todo
	}
	return append([]action{todo[n]}, slices.Delete(slices.Clone(todo), n, n+1)...)
}

// inOrder sorts what somebody has to do. Where nothing is broken, or not so that the
// exit code shows it, all of it can wait.
func inOrder(todo []action, r *report.Report) order {
	if r.Verdict.ExitCode == 0 || len(todo) == 0 || todo[0].severity != report.SeverityError {
		return order{later: todo}
	}
	o := order{first: todo[:1]}
	for _, a := range todo[1:] {
		switch {
		case a.asks:
			o.also = append(o.also, a)
		case a.severity != report.SeverityError:
			o.later = append(o.later, a)
		case alternative(todo[0], a, r):
			o.instead = append(o.instead, a)
		default:
			o.also = append(o.also, a)
		}
	}
	return o
}

// alternative tells whether two actions open different ways to the hub, of which one
// is enough: the direct one and the proxy's. Where another protocol than the expected
// one works, opening the way for that one does instead of setting another.
func alternative(a, b action, r *report.Report) bool {
	if r.Verdict.UpstreamProtocol != nil {
		return a.sets && onlyExpected(b, r)
	}
	directA, proxiedA := ways(a, r)
	directB, proxiedB := ways(b, r)
	return directA && !proxiedA && proxiedB && !directB || proxiedA && !directA && directB && !proxiedB
}

// onlyExpected tells whether an action is about the expected protocol's failed paths
// and nothing else.
func onlyExpected(a action, r *report.Report) bool {
	some := false
	for _, res := range r.Results {
		if res.Status == report.Failed && slices.Contains(a.results, res.ID) {
			if some = true; res.Protocol != r.Verdict.Expected {
				return false
			}
		}
	}
	return some
}

// ways tells by which routes the paths of an action go.
func ways(a action, r *report.Report) (direct, proxied bool) {
	for _, res := range r.Results {
		if slices.Contains(a.results, res.ID) {
			direct = direct || res.Route == report.RouteDirect
			proxied = proxied || res.Route != report.RouteDirect
		}
	}
	return direct, proxied
}

// next is what stands below the verdict: the one remedy that helps most, and what else
// it takes or what would do in its place. The verdict's own words are not said again.
func (p pen) next(o order, r *report.Report) []line {
	if len(o.first) == 0 {
		return nil
	}
	first := o.first[0]
	first.whys = slices.Clone(first.whys)
	for i, why := range first.whys {
		if p.said(why[0], r) {
			first.whys[i] = why[1:]
		}
	}
	out := p.actionBlock("", []action{first})[1:]
	out[0][0] = span{p.of("→", "->"), "1;36"}
	out = append(out, p.after("AND ALSO", o.also)...)
	words := "OR INSTEAD, through the proxy (one of the two ways is enough)"
	_, proxied := ways(first, r)
	switch {
	case r.Verdict.UpstreamProtocol != nil:
		words = "OR INSTEAD, to keep " + p.clean(r.Verdict.Expected.RuntimeName())
	case proxied:
		words = "OR INSTEAD, without the proxy (one of the two ways is enough; the proxy setting then has to go)"
	}
	return append(out, p.after(words, o.instead)...)
}

// said tells whether the verdict says it already.
func (p pen) said(why string, r *report.Report) bool {
	return why != "" && strings.Contains(p.clean(r.Verdict.Reason), strings.TrimSuffix(why, "."))
}

// after shows what comes after the first under words that say how it belongs to it.
func (p pen) after(words string, actions []action) []line {
	if len(actions) == 0 {
		return nil
	}
	return append(p.wrapped(words, 0, bold), p.actionBlock("", actions)[1:]...)
}
