package judge

import (
	"fmt"
	"slices"

	"edgenet/report"
)

// step is one thing to do, with what would come of it.
type step struct {
	report.Advice
	opens []string           // the failed paths that would work
	bars  []string           // the failed paths that need this step besides another one
	code  report.FindingCode // that asks for it; empty where failures do
	of    *failure           // the failures that it is worded for; nil where it is not
	sets  report.Protocol    // what would be expected; zero means that nothing is set
	other bool               // somebody else can do this in place of the step before
	told  bool               // it is in the list already
	mends []string           // the programs of the device that would get out
	frees []string           // the paths that work and that containers could use
}

// adviser gathers the steps that follow from a report's conclusions.
type adviser struct {
	*view
	findings []report.Finding
	steps    []step
}

// advise lists what to do, in order: first the smallest change that makes the verdict
// good, then what else is broken, then what can wait. Results have been weighed.
func advise(results []report.Result, q Question, v report.Verdict, findings []report.Finding) []report.Advice {
	a := &adviser{view: &view{results: results, q: q, verdict: v}, findings: findings}
	a.toClose()
	a.faults(report.SeverityError)
	a.outcomes()
	a.asked()
	a.faults(report.SeverityWarning)
	a.others()
	return a.inOrder()
}

// faults are the findings of a severity that ask for something, and the failures that no
// finding explains.
func (a *adviser) faults(s report.Severity) {
	for _, f := range a.findings {
		info, _ := f.Code.Info()
		if info.Group == report.GroupOutcome || f.Remedy == "" || a.same(f) {
			continue
		}
		// a step is as pressing as the failures that it repairs, whatever its finding says of them
		if step := a.ofFinding(f, info); step.Severity == s {
			a.add(step)
		}
	}
	a.failures(s)
}

// ofFinding is the step that a finding asks for.
func (a *adviser) ofFinding(f report.Finding, info report.FindingInfo) step {
	s := newStep(f.Actor, f.Remedy, f.Summary, f.Severity)
	if info.Do != "" && !slices.ContainsFunc(a.results, func(r report.Result) bool {
		return r.Severity == report.SeverityError && r.Cause.Proves()
	}) {
		s.Do = info.Do
	}
	s.Findings, s.Results, s.code = []report.FindingCode{f.Code}, slices.Clone(f.Results), f.Code
	if info.Group == report.GroupReason {
		seen := f.Results
		if f.Code == report.FirewallPortBlocked { // the path that shows that the address answers may fail otherwise
			seen = a.onPortOf(seen)
		}
		s.opens = a.failedOf(seen)
		a.part(&s)
		if of := union(slices.Clone(s.opens), s.bars); len(of) > 0 {
			s.Results, s.Severity = of, a.worst(of, f.Severity)
		}
	}
	if f.Code == report.ProxyRuntimeLimits && f.Actor == report.ActorProxy { // an HTTP proxy there opens them
		s.opens, s.Severity = s.Results, report.SeverityError
	}
	s.mends = a.repairs(f)
	a.readable(&s, f)
	if f.Code == report.ProxyRuntimeLimits && a.verdict.UpstreamProtocol == nil {
		for i := range a.results {
			if r := &a.results[i]; a.q.onLoopback(r) && slices.Contains(f.Results, r.ID) {
				s.frees, s.Severity = append(s.frees, r.ID), report.SeverityError
			}
		}
	}
	if (f.Code == report.ProtocolMismatch || f.Code == report.ProtocolUnsetHub) && a.verdict.UpstreamProtocol != nil {
		s.sets = *a.verdict.UpstreamProtocol
		s.Do = setWords(s.sets, a.verdict.Route)
		s.ForThem = s.Do
	}
	return s
}

// part keeps of what a step opens what fails for nothing else: a wrong clock and somebody else's
// certificate are repaired one by one, and the clock first, which is needed to see the rest.
func (a *adviser) part(s *step) {
	if s.code != report.ClockSkew && s.code != report.TLSInspection {
		return
	}
	opens := s.opens
	s.opens = nil
	for i := range a.results {
		r := &a.results[i]
		switch {
		case !slices.Contains(opens, r.ID), s.code == report.TLSInspection && offTime(r):
		case s.code == report.ClockSkew && a.untimely(r):
			s.bars = append(s.bars, r.ID)
		default:
			s.opens = append(s.opens, r.ID)
		}
	}
}

// worst is the most pressing severity of some results and one more.
func (a *adviser) worst(of []string, s report.Severity) report.Severity {
	for i := range a.results {
		if r := &a.results[i]; slices.Contains(of, r.ID) && failed(r) && rank(r.Severity) < rank(s) {
			s = r.Severity
		}
	}
	return s
}

// newStep words a step: whoever has to be asked is asked for the remedy.
func newStep(actor report.Actor, remedy, why string, s report.Severity) step {
	return step{Advice: report.Advice{Actor: actor, Do: actor.Ask(remedy), ForThem: remedy, Why: why, Severity: s,
		Findings: []report.FindingCode{}, Results: []string{}}}
}

// setWords is what to set where.
func setWords(p report.Protocol, route string) string {
	proxy := ""
	if route != "" && route != report.RouteDirect {
		proxy = "https_proxy and "
	}
	return fmt.Sprintf("Set %sUpstreamProtocol to %s for edgeAgent and edgeHub, in the device's configuration and in "+
		"every deployment for it.", proxy, p.RuntimeName())
}

// failedOf are the results of a list that failed, the witnesses left out.
func (a *adviser) failedOf(list []string) []string {
	out := []string{}
	for i := range a.results {
		if r := &a.results[i]; failed(r) && slices.Contains(list, r.ID) {
			out = append(out, r.ID)
		}
	}
	return out
}

// onPortOf are the results of a list on the port of its first.
func (a *adviser) onPortOf(list []string) []string {
	port := func(id string) int {
		i := slices.IndexFunc(a.results, func(r report.Result) bool { return r.ID == id })
		return a.results[i].Port
	}
	return slices.DeleteFunc(slices.Clone(list), func(id string) bool { return port(id) != port(list[0]) })
}

// add takes a step in. What sets the same is one step.
func (a *adviser) add(s step) {
	for i := range a.steps {
		if old := &a.steps[i]; s.sets != "" && old.sets == s.sets {
			old.Findings = append(old.Findings, s.Findings...)
			old.Results = union(old.Results, s.Results)
			return
		}
	}
	a.steps = append(a.steps, s)
}

// outcomes tells each step which findings follow from what it repairs. What restates the
// verdict and follows from no step is one itself.
func (a *adviser) outcomes() {
	for _, f := range a.findings {
		info, _ := f.Code.Info()
		if info.Group != report.GroupOutcome {
			continue
		}
		broken, told := a.failedOf(f.Results), false
		about := broken
		if len(about) == 0 { // what answers, and is of no use, can be made so
			about = f.Results
		}
		for i := range a.steps {
			s := &a.steps[i]
			if slices.ContainsFunc(s.opens, func(id string) bool { return slices.Contains(about, id) }) {
				s.Findings, told = append(s.Findings, f.Code), true
			}
		}
		if !told && f.Remedy != "" {
			s := newStep(f.Actor, f.Remedy, f.Summary, f.Severity)
			s.Findings, s.Results = []report.FindingCode{f.Code}, broken
			s.opens = broken
			a.add(s)
		}
	}
}

// asked is what a device needs that works, and is not known to be set up for it.
func (a *adviser) asked() {
	p := a.verdict.UpstreamProtocol
	if p == nil || known(a.verdict.Consistent, true) {
		return
	}
	for _, f := range a.findings {
		if f.Code == report.ProxyRequired && f.Remedy != "" {
			s := newStep(f.Actor, f.Remedy, f.Summary, report.SeverityInfo)
			s.Findings, s.Results = []report.FindingCode{f.Code}, slices.Clone(f.Results)
			if known(a.verdict.Consistent, false) { // the mismatch asks for the same
				s.sets = *p
			}
			a.add(s)
			return
		}
	}
	if a.verdict.Expected == "" && *p != report.AMQP { // unset, edgeHub tries AMQP alone
		s := newStep(report.ActorHost, setWords(*p, a.verdict.Route),
			fmt.Sprintf("%s works, and edgeHub tries AMQP alone "+
				"as long as nothing is set", p.RuntimeName()), report.SeverityInfo)
		for i := range a.results {
			if r := &a.results[i]; ok(r) && carries(r, a.verdict) && r.Protocol == *p {
				s.Results = append(s.Results, r.ID)
			}
		}
		a.add(s)
	}
}

func union(a, b []string) []string {
	for _, x := range b {
		if !slices.Contains(a, x) {
			a = append(a, x)
		}
	}
	return a
}
