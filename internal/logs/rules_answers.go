package logs

import (
	"fmt"
	"slices"

	"edgenet/internal/logs/pattern"
	"edgenet/internal/logs/story"
	"edgenet/report"
)

// names: containers cannot resolve names, and the host can.
func (s *scene) names() {
	list, best := s.withFinding(report.EngineDNS)
	for _, who := range []pattern.Who{pattern.Agent, pattern.Hub} {
		if st := s.stories[who]; st != nil && st.Last() != nil && st.Last().Failure != nil {
			if f := st.Last().Failure; f.Stage() == report.StageDNS {
				list = append(list, st.Last().Cause)
			}
		}
	}
	list = append(list, s.byRow["module.names"]...)
	hostOK := s.any("identityd.reconciled", "identityd.dps-assigned", "identityd.dps-complete", "iotedged.dps-assigned",
		"edged.pulled")
	if len(list) == 0 || !hostOK && best == nil {
		return
	}
	summary := "names do not resolve in containers"
	if best != nil && best.Cause == report.DNSTimeout && best.Resolver != "" {
		summary += ", as the name server " + s.g.clean(best.Resolver, 60) + " does not answer them"
	}
	if hostOK {
		summary += ", and the host's own daemons get through"
	}
	s.add(Finding{Code: report.EngineDNS, Severity: report.SeverityError, Certainty: pattern.Suggests,
		Summary:     summary,
		ConfirmWith: s.check("", "--from container")}, list...)
}

// containersDo is what to do about a name that this host finds and a container does not.
const containersDo = "This host finds that name, and containers do not: set dns in /etc/docker/daemon.json to a name " +
	"server that containers can reach and that knows the name, and restart the engine. Look in /etc/hosts, too, " +
	"which containers do not read."

// justBefore is how long before a container's tries the host's own success still speaks for its resolver, in ms.
const justBefore = 10 * 60_000

// hostFinds tells whether a container does not find the hub by its name, which a daemon of this host reached in the
// same time, and without a proxy that might have looked the name up.
func (s *scene) hostFinds(who pattern.Who, sp *story.Span) bool {
	id := s.stories[pattern.Identityd]
	return who&(pattern.Agent|pattern.Hub) != 0 && sp != nil && sp.Failure != nil &&
		sp.Failure.Stage() == report.StageDNS && sp.Failure.Hop != report.HopProxy &&
		id != nil && id.HTTPSOK != nil && id.Proxy == "" && id.HTTPSOK.Last >= sp.From-justBefore
}

// resolvers: what the engine's name server says of its own try is why a container's name was not resolved just then.
// Whose question it was it does not print, so that it suggests.
func (s *scene) resolvers() {
	for _, who := range []pattern.Who{pattern.Agent, pattern.Hub} {
		st := s.stories[who]
		if st == nil {
			continue
		}
		for i := range st.Spans {
			span := &st.Spans[i]
			for k := range span.Failures {
				r := &span.Failures[k]
				cause := s.engineSaid(r)
				if cause == "" {
					continue
				}
				r.Failure.Cause, r.Failure.Certainty = cause, pattern.Suggests
				r.Failure.Candidates = []report.Cause{cause}
				if span.Cause == r.Event {
					fail := r.Failure
					span.Failure = &fail
				}
			}
		}
	}
}

// engineSaid is the cause among those that a reason leaves open which the engine's name server told in the same time;
// empty where it told none.
func (s *scene) engineSaid(r *story.Reason) report.Cause {
	for _, e := range s.byRow[pattern.EngineResolver] {
		f := e.Failure()
		if f.Cause != "" && r.Failure.Cause == "" && slices.Contains(r.Failure.Candidates, f.Cause) &&
			r.Failure.Stage() == report.StageDNS && e.Timed && e.At <= r.Event.Last && e.Last >= r.First.At-60_000 {
			return f.Cause
		}
	}
	return ""
}

// portals: what answers is not the hub.
func (s *scene) portals() {
	for _, e := range s.g.events {
		f := e.Failure()
		if f == nil || f.Cause != report.HTTPBlockPage && f.Cause != report.WSBlockPage {
			continue
		}
		s.add(Finding{Code: report.CaptivePortal, Severity: report.SeverityError, Certainty: pattern.Weaker(f.Certainty,
			pattern.Suggests),
			Summary: "a page came in place of the service's answer: a portal, a web filter or the proxy itself"}, e)
	}
}

// heartbeats: an idle connection goes silent, again and again.
func (s *scene) heartbeats() {
	var list []*pattern.Event
	n := 0
	for _, e := range s.g.events {
		if f := e.Failure(); f != nil && f.Cause == report.HoldDropped {
			list = append(list, e)
			n += e.Count
		}
	}
	if n >= 2 {
		s.add(Finding{Code: report.HoldShort, Severity: report.SeverityWarning, Certainty: pattern.Suggests,
			Summary: fmt.Sprintf("the connection went silent and was given up %d times: something on the way may "+
				"forget idle connections", n), ConfirmWith: s.check("", "--hold 15m")}, list...)
	}
}
