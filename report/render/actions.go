package render

import (
	"slices"
	"strings"

	"edgenet/report"
)

// action is one thing to do, and why; told once, however many paths share it.
type action struct {
	severity report.Severity
	actor    report.Actor
	remedy   string
	asks     bool       // somebody has to do it although nothing failed for it
	sets     bool       // another protocol than the expected one
	results  []string   // the ids of the paths that it opens, as far as the whys tell
	whys     [][]string // facts
	// follows are the findings that say what comes of the whys, not why: told in full
	// only where nothing else is.
	follows []consequence
}

type consequence struct {
	code string
	why  []string
}

// explaining findings name the reason of their results' failures, so that the
// results' own remedies need not be told again. The others (protocol.none,
// https.required …) say what follows from the failures.
var explaining = []report.FindingCode{
	report.FirewallPortBlocked, report.FirewallAllBlocked, report.FirewallSNI, report.FirewallProtocol, report.TLSInspection,
	report.TLSCAMissingInBundle, report.TLSCAMissingInOS, report.CaptivePortal, report.MTUBlackhole, report.ProxyScheme, report.ClockSkew,
}

// actionList is two lists: what somebody has to do, and what is good to know.
type actionList struct{ todo, know []action }

// add takes an action in, told as one with another that has the same remedy.
func (l *actionList) add(a action) {
	list := &l.todo
	if a.severity == report.SeverityInfo && !a.asks {
		list = &l.know
	}
	for _, told := range []*[]action{&l.todo, &l.know} {
		for i, old := range *told {
			if a.remedy != "" && old.remedy == a.remedy && old.actor == a.actor {
				(*told)[i].whys = append(old.whys, a.whys...)
				(*told)[i].follows = append(old.follows, a.follows...)
				(*told)[i].results = append(old.results, a.results...)
				return
			}
		}
	}
	*list = append(*list, a)
}

// allActions are what follows from findings and failures, the most pressing first.
func (p pen) allActions(r *report.Report, st []standing) actionList {
	var l actionList
	findings := slices.Clone(r.Findings)
	for i, f := range findings {
		if findings[i].Severity = weight(f, r, st); findings[i].Severity != f.Severity {
			findings[i].Remedy = "" // nobody has to do it
		}
	}
	for i, f := range findings {
		findings[i].Remedy = remedyOfTheReason(f, findings)
	}
	findings = slices.DeleteFunc(findings, func(f report.Finding) bool {
		return f.Code == report.ProtocolNone && f.Remedy == "" || // the verdict says it
			f.Code == report.FirewallWhere && slices.ContainsFunc(findings, func(o report.Finding) bool { return o.Code != f.Code && strings.Contains(o.Remedy, f.Summary) })
	})
	for _, f := range findings {
		if f.Severity == report.SeverityError {
			l.add(p.ofFinding(f, r))
		}
	}
	for _, g := range p.failures(r, st, findings) {
		l.add(g)
	}
	for _, f := range findings {
		if asks(f, r.Verdict) {
			l.add(p.ofFinding(f, r))
		}
	}
	for _, f := range findings {
		if f.Severity == report.SeverityWarning {
			l.add(p.ofFinding(f, r))
		}
	}
	for _, f := range findings {
		if f.Severity != report.SeverityError && f.Severity != report.SeverityWarning && !asks(f, r.Verdict) {
			f.Severity = report.SeverityInfo
			l.add(p.ofFinding(f, r))
		}
	}
	l.todo = p.foremost(l.todo, r)
	return l
}

// asks tells whether a finding that is no fault asks for something all the same: what a
// device needs that is not known to be set up as the verdict wants it.
func asks(f report.Finding, v report.Verdict) bool {
	return f.Code == report.ProxyRequired && f.Remedy != "" && (v.Consistent == nil || !*v.Consistent)
}

func (p pen) ofFinding(f report.Finding, r *report.Report) action {
	a := action{severity: f.Severity, actor: f.Actor, remedy: p.clean(f.Remedy), asks: asks(f, r.Verdict), sets: f.Code == report.ProtocolMismatch, results: slices.Clone(f.Results)}
	summary := p.clean(f.Summary)
	if a.remedy == "" {
		a.remedy, summary = summary, ""
	}
	code := p.clean(string(f.Code))
	if restates(f.Code) { // the rows say which
		a.results = nil
		a.follows = []consequence{{code, []string{summary, code}}}
		return a
	}
	about := f.Results
	if f.Code == report.FirewallPortBlocked { // not the path that bears witness
		about = slices.DeleteFunc(slices.Clone(about), func(id string) bool {
			return slices.ContainsFunc(r.Results, func(res report.Result) bool { return res.ID == id && res.Status == report.OK })
		})
	}
	a.whys = [][]string{{summary, code, p.paths(r, about)}}
	return a
}

// restates tells whether a finding only says what follows from failures.
func restates(c report.FindingCode) bool {
	return c == report.ProtocolNone || c == report.HTTPSRequired
}

// reasons are the whys of an action, and if wanted in a word what follows from them.
func (a action) reasons(follows bool) [][]string {
	out := slices.Clone(a.whys)
	var codes []string
	for _, f := range a.follows {
		if len(a.whys) == 0 {
			out = append(out, f.why)
		}
		codes = append(codes, f.code)
	}
	if follows && len(a.whys) > 0 && len(codes) > 0 {
		out = append(out, []string{"hence " + list(codes)})
	}
	return out
}

// remedyOfTheReason spares the reader a second remedy for the same person: where a
// finding that only says what follows rests on results whose reason another
// finding names, it takes that one's remedy, and both are told as one.
func remedyOfTheReason(f report.Finding, findings []report.Finding) string {
	if f.Remedy == "" || !restates(f.Code) {
		return f.Remedy
	}
	for _, reason := range findings {
		shared := slices.ContainsFunc(f.Results, func(id string) bool { return slices.Contains(reason.Results, id) })
		if shared && reason.Severity == f.Severity && reason.Actor == f.Actor && reason.Remedy != "" && slices.Contains(explaining, reason.Code) {
			return reason.Remedy
		}
	}
	return f.Remedy
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

// actionBlock shows whom to call in a column of its own, or above the remedy where
// the terminal is narrow.
func (p pen) actionBlock(title string, actions []action) []line {
	if len(actions) == 0 {
		return nil
	}
	who := 0
	for _, a := range actions {
		who = max(who, displayWidth(p.actorLabel(a.actor)))
	}
	out := []line{{{title, dim}}}
	for _, a := range actions {
		glyph := p.severityMark(a.severity)
		if a.asks {
			glyph = span{p.of("→", "->"), cyan}
		}
		label := p.actorLabel(a.actor)
		indent := displayWidth(glyph.text) + 1
		head := line{glyph, {" ", plain}, {padRight(label, who), bold}}
		if p.o.Width >= 72 {
			indent += who + 2
		}
		for i, w := range wrap(a.remedy, p.o.Width-indent) {
			if i == 0 && p.o.Width >= 72 {
				out = append(out, append(head, span{"  " + w, plain}))
				continue
			}
			if i == 0 {
				out = append(out, head)
			}
			out = append(out, line{{strings.Repeat(" ", indent) + w, plain}})
		}
		for _, why := range a.reasons(p.o.Verbose) {
			out = append(out, p.flowed(why, indent)...)
		}
	}
	return out
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
