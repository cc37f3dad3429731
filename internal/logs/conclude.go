package logs

import (
	"fmt"
	"slices"
	"strings"

	"edgenet/internal/logs/pattern"
	"edgenet/internal/logs/source"
	"edgenet/internal/logs/story"
	"edgenet/internal/sorting"
	"edgenet/report"
)

// conclude makes the report of what was gathered.
func conclude(g *gatherer, set *source.Set) *Report {
	s := newScene(g, set)
	for _, rule := range []func(){s.ownFirewall, s.unsetHub, s.portBlocked, s.checked, s.proxies, s.certificates,
		s.portals, s.names, s.clocks, s.direct, s.renewalLoop, s.crashLoop, s.httpsRequired, s.heartbeats,
		s.stalls, s.states,
		s.boxesSay, s.links, s.deviceFaults, s.incomplete} {
		rule()
	}
	sorting.By(s.findings, func(a,
		b Finding) int {
		return severityRank(a.Severity) - severityRank(b.Severity)
	})
	if s.findings == nil {
		s.findings = []Finding{}
	}
	r := &Report{Schema: Schema, Tool: g.o.Tool, Inputs: g.inputs, Device: s.device, Upstream: s.upstream(),
		Events: s.shown(), Findings: s.findings, Coverage: s.covered(), Conclusion: s.answer(), Unread: g.unread}
	r.arguments = s.arguments(r)
	return r
}

func severityRank(s report.Severity) int {
	return slices.Index([]report.Severity{report.SeverityError, report.SeverityWarning, report.SeverityInfo}, s)
}

// boxesSay: what the engine's description tells beside the logs.
func (s *scene) boxesSay() {
	for _, b := range s.boxes {
		if b.OOMKilled && (b.Name == "edgeHub" || b.Name == "edgeAgent") {
			s.add(Finding{Code: report.UpstreamReasonNotLogged, Severity: report.SeverityError,
				Certainty: pattern.Proves, Actor: report.ActorHost,
				Summary: fmt.Sprintf("%s was killed for want of memory (OOMKilled), and started %d times "+
					"again", b.Name,
					b.Restarts), Remedy: "Give the container more memory, or the host.",
				ConfirmWith: "docker inspect " + b.Name})
		}
	}
}

func (s *scene) upstream() []Upstream {
	list := []Upstream{}
	for _, who := range upstreams {
		st := s.stories[who]
		if st == nil || len(st.Spans) == 0 {
			continue
		}
		u := Upstream{Component: who.Name(), Configured: s.configured(who, st), Spans: []Span{},
			Stats: Stats{Losses: st.Losses, Attempts: st.Attempts, LongestDownMs: st.LongestMs, Hiccups: st.Hiccups,
				Starts: st.Starts}}
		for i := range st.Spans {
			u.Spans = append(u.Spans, s.span(&st.Spans[i]))
		}
		list = append(list, u)
	}
	return list
}

// configured tells what a component was told to use: by the engine's description of its
// container, else by its lines.
func (s *scene) configured(who pattern.Who, st *story.Story) Configured {
	c := Configured{}
	if env := s.env[who.Name()]; len(env) > 0 {
		c.Source = "inspect"
		for k, v := range env {
			switch {
			case strings.EqualFold(k, "UpstreamProtocol"):
				if p, err := report.ParseProtocol(v); err == nil {
					c.Protocol = p
				}
			case strings.EqualFold(k, "https_proxy"):
				c.Proxy = s.g.clean(v, 200)
			}
		}
		return c
	}
	if st.Proxy != "" {
		c.Proxy, c.Source = s.g.clean(st.Proxy, 200), "log"
	}
	switch {
	case who == pattern.Identityd || who == pattern.Iotedged:
		c.Protocol = report.HTTPS
	case st.Unset:
		c.Source = firstOf(c.Source, "default")
	case len(st.Protocols) == 1:
		for p := range st.Protocols {
			c.Protocol, c.Source = p, "log"
		}
	}
	return c
}

func (s *scene) span(sp *story.Span) Span {
	out := Span{State: sp.State, From: momentOf(sp.From, sp.First.Timed), To: momentOf(sp.To, sp.First.Timed),
		Protocol: sp.Protocol, Via: sp.Via, Count: sp.Count}
	e := sp.First
	if f := sp.Failure; f != nil {
		out.Hop, out.Stage, out.Certainty, out.Candidates = f.Hop, f.Stage(), f.Certainty, s.candidates(f)
		if f.Cause != "" && f.Certainty != pattern.Narrows {
			cause := f.Cause
			out.Cause = &cause
		}
		e = sp.Cause
	}
	out.Input, out.Line = e.Input, e.Line
	if len(sp.Failures) > 1 {
		for _, r := range sp.Failures {
			out.Failures = append(out.Failures, s.reason(&r))
		}
	}
	return out
}

func (s *scene) reason(r *story.Reason) Reason {
	f := &r.Failure
	out := Reason{Protocol: r.Protocol, Hop: f.Hop, Certainty: f.Certainty, Candidates: s.candidates(f),
		Finding: f.Finding, Count: r.Count}
	if f.Cause != "" && f.Certainty != pattern.Narrows {
		cause := f.Cause
		out.Cause = &cause
	}
	return out
}

// shown gives the events for the report.
func (s *scene) shown() []Event {
	list := []Event{}
	for _, e := range s.g.events {
		out := Event{ID: s.ids[e], At: momentOf(e.At, e.Timed), AtUncertain: e.Uncertain, Input: e.Input,
			Line:      e.Line,
			Component: e.Component, Pattern: e.Row.ID,
			Event: e.Row.Kind, Candidates: []report.Cause{}, Text: e.Text, Count: e.Count, Means: e.Row.Means}
		if e.Count > 1 {
			out.Until = momentOf(e.Last, e.Timed)
		}
		if f := e.Failure(); f != nil {
			if r, ok := s.reasons[e]; ok {
				f = &r.Failure
			}
			out.Hop, out.Stage, out.Certainty, out.Candidates = f.Hop, f.Stage(), f.Certainty, s.candidates(f)
			if f.Cause != "" && f.Certainty != pattern.Narrows {
				cause := f.Cause
				out.Cause = &cause
			}
		}
		list = append(list, out)
	}
	return list
}
