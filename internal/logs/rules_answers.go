package logs

import (
	"fmt"

	"edgenet/internal/logs/pattern"
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
	s.add(Finding{Code: report.EngineDNS, Severity: report.SeverityError, Certainty: pattern.Suggests,
		Summary:     "names do not resolve in containers, and the host's own daemons get through",
		ConfirmWith: s.check("", "--from container")}, list...)
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
