package render

import (
	"slices"
	"strconv"
	"strings"

	"edgenet/report"
)

// action is one thing to do, or to know, with why.
type action struct {
	report.Advice
	text    string     // on the user's screen
	whys    [][]string // facts
	follows []string   // the codes of what only follows from it
}

// actionList is two lists: what somebody has to do, and what is good to know.
type actionList struct{ todo, know []action }

// allActions are the report's advice, and what it found besides that asks for nothing.
func (p pen) allActions(r *report.Report) actionList {
	var l actionList
	for _, a := range r.Advice {
		if a.Severity == report.SeverityInfo && len(a.Findings) == 0 {
			continue // what the verdict's own sentence says
		}
		l.todo = append(l.todo, p.ofAdvice(a, r))
	}
	for _, f := range r.Findings {
		if f.Severity == report.SeverityError || f.Severity == report.SeverityWarning ||
			len(f.FollowsFrom) > 0 || p.asked(f,
			r) {
			continue
		}
		why := []string{p.clean(string(f.Code)), p.paths(r, failedAmong(f.Results, r))}
		l.know = append(l.know, action{Advice: report.Advice{Actor: f.Actor, Severity: report.SeverityInfo},
			text: sentence(p.clean(f.Summary)), whys: [][]string{why}})
	}
	if p.o.Verbose {
		l.know = append(l.know, p.bystanders(r)...)
	}
	return l
}

// asked tells whether a finding that is no fault asks for something all the same.
func (p pen) asked(f report.Finding, r *report.Report) bool {
	return slices.ContainsFunc(r.Advice, func(a report.Advice) bool {
		return slices.Contains(a.Findings, f.Code) && slices.ContainsFunc(f.Results,
			func(id string) bool { return slices.Contains(a.Results, id) })
	})
}

// failedAmong are the results of a list that failed, without those that bear witness; all
// where none failed.
func failedAmong(ids []string, r *report.Report) []string {
	var out []string
	for _, res := range r.Results {
		if res.Status == report.Failed && slices.Contains(ids, res.ID) {
			out = append(out, res.ID)
		}
	}
	if len(out) == 0 {
		return ids
	}
	return out
}

// ofAdvice takes an entry apart: each finding that asks for it is a reason, and what only
// restates the verdict follows.
func (p pen) ofAdvice(a report.Advice, r *report.Report) action {
	out := action{Advice: a, text: p.clean(a.Do)}
	for _, code := range a.Findings {
		if info, _ := code.Info(); info.Group == report.GroupOutcome {
			out.follows = append(out.follows, p.clean(string(code)))
			continue
		}
		for _, f := range r.Findings {
			if f.Code == code && (len(a.Results) == 0 || len(shared(f.Results, a.Results)) > 0) {
				out.whys = append(out.whys, []string{p.clean(f.Summary), p.clean(string(code)),
					p.paths(r, shared(f.Results,
						a.Results))})
			}
		}
	}
	if len(out.whys) == 0 {
		out.whys = [][]string{{p.clean(a.Why), p.causeOf(a.Results, r), p.paths(r, a.Results)}}
	}
	return out
}

// shared is what two lists of ids have in common; the first where the second is empty.
func shared(a, b []string) []string {
	if len(b) == 0 {
		return a
	}
	return slices.DeleteFunc(slices.Clone(a), func(id string) bool { return !slices.Contains(b, id) })
}

// causeOf is the label of the first of some failures.
func (p pen) causeOf(ids []string, r *report.Report) string {
	for _, res := range r.Results {
		if res.Status == report.Failed && slices.Contains(ids, res.ID) {
			return p.clean(res.Cause.Label(res.Hop))
		}
	}
	return ""
}

// bystanders are the failures that nothing needs and no finding is about, one for each
// cause and port.
func (p pen) bystanders(r *report.Report) []action {
	var out []action
	told := map[[4]string]int{}
	for _, res := range r.Results {
		found := slices.ContainsFunc(r.Findings,
			func(f report.Finding) bool { return slices.Contains(f.Results, res.ID) })
		if res.Severity != report.SeverityInfo || res.Remedy == "" || found {
			continue
		}
		key := [4]string{string(res.Cause), string(res.Hop), string(res.Actor), res.Host + strconv.Itoa(res.Port)}
		if i, old := told[key]; old {
			out[i].Results = append(out[i].Results, res.ID)
			continue
		}
		told[key] = len(out)
		out = append(out, action{Advice: report.Advice{Actor: res.Actor, Severity: report.SeverityInfo,
			Why:     res.Summary,
			Results: []string{res.ID}}, text: p.clean(res.Remedy)})
	}
	for i, a := range out {
		out[i].whys = [][]string{{p.clean(a.Why), p.causeOf(a.Results, r), p.paths(r, a.Results)}}
	}
	return out
}

// reasons are the whys of an action, and if wanted in a word what follows from them.
func (a action) reasons(follows bool) [][]string {
	out := slices.Clone(a.whys)
	if follows && len(a.follows) > 0 {
		out = append(out, []string{"hence " + list(a.follows)})
	}
	return out
}

// paths names the results route by route; a whole route in one word.
func (p pen) paths(r *report.Report, ids []string) string {
	var out []string
	for _, route := range r.Routes {
		var names []string
		all := 0
		for _, res := range r.Results {
			if res.Route != route.ID {
				continue
			}
			all++
			if slices.Contains(ids, res.ID) {
				names = append(names, p.clean(string(res.Protocol)))
			}
		}
		switch {
		case len(names) == 0:
		case len(names) == all && all > 2:
			out = append(out, "everything "+p.by(route.ID))
		default:
			out = append(out, list(names)+" "+p.by(route.ID))
		}
	}
	return strings.Join(out, "; ")
}

func (p pen) by(route string) string {
	if route == report.RouteDirect {
		return "direct"
	}
	return "by " + p.clean(route)
}

// actionBlock shows each action with its mark, and why below it.
func (p pen) actionBlock(title string, actions []action) []line {
	if len(actions) == 0 {
		return nil
	}
	out := []line{{{title, dim}}}
	for _, a := range actions {
		glyph := p.actionMark(a)
		indent := displayWidth(glyph.text) + 1
		for i, w := range wrap(a.text, p.o.Width-indent) {
			if i == 0 {
				out = append(out, line{glyph, {" ", plain}, {w, plain}})
				continue
			}
			out = append(out, line{{strings.Repeat(" ", indent) + w, plain}})
		}
		for _, why := range a.reasons(p.o.Verbose) {
			out = append(out, p.flowed(why, indent)...)
		}
	}
	return out
}

// actionMark is that of the severity; an arrow where nothing is broken and somebody has
// to do it all the same.
func (p pen) actionMark(a action) span {
	if a.Severity == report.SeverityInfo && a.Do != "" {
		return span{p.of("→", "->"), cyan}
	}
	return p.severityMark(a.Severity)
}

func (p pen) severityMark(s report.Severity) span {
	switch s {
	case report.SeverityError:
		return span{p.of("✗", "!!"), red}
	case report.SeverityWarning:
		return span{p.of("!", "! "), "1;33"}
	}
	return span{p.of("i", "i "), cyan}
}
