package logs

import (
	"fmt"

	"edgenet/internal/logs/pattern"
	"edgenet/internal/logs/story"
	"edgenet/report"
)

// clients: the hub refuses modules or leaf devices behind edgeHub, while edgeHub itself gets through. That is no fault
// of the way, and the log names no more than the refusal.
func (s *scene) clients() {
	if list := s.byRow["hub.no-child"]; len(list) > 0 {
		s.add(Finding{Code: report.UpstreamReasonNotLogged, Severity: report.SeverityWarning,
			Certainty: pattern.Proves,
			Actor:     report.ActorService, Summary: "the hub does not have " +
				s.g.clean(list[0].Values.Client, 80) +
				" as a child of this gateway, and edgeHub refuses it", Remedy: "Set this gateway as the parent " +
				"of that device in the hub. The way to the hub is not at fault."}, list...)
	}
	s.children()
	if !s.up(pattern.Hub) {
		return
	}
	var refused []*pattern.Event
	n, last, through, known := 0, int64(0), int64(0), true
	for _, e := range s.g.events {
		switch {
		case e.Who != pattern.Hub || story.Own(e):
		case e.Row.Kind == pattern.Connected:
			through = max(through, e.Last)
		case e.Row.Kind == pattern.Refused && story.ClientsOwn(e):
			refused = append(refused, e)
			n, last = n+e.Count, max(last, e.Last)
			known = e.Failure().Cause != report.AuthUnknownDevice
		}
	}
	if n == 0 || n < 2 && known {
		return
	}
	severity := report.SeverityWarning
	if through > last { // a client got through since
		severity = report.SeverityInfo
	}
	name := s.g.clean(refused[len(refused)-1].Values.Client, 80)
	why := "It is its key, its entry in the hub, or the clock: the log does not say which"
	if !known {
		why = "It does not know this client"
	}
	summary := fmt.Sprintf("the hub refuses a client behind edgeHub (%s, %s), and edgeHub itself is connected. "+
		"%s", name,
		count(n, "time", "times"), why)
	s.add(Finding{Code: report.UpstreamReasonNotLogged, Severity: severity, Certainty: pattern.Proves,
		Actor: report.ActorCredentials, Summary: summary, ConfirmWith: "timedatectl; sudo iotedge check",
		Remedy: "Look at this client's entry in the hub and at its credentials. The way to the hub is not at " +
			"fault."},
		refused...)
}

// children: edgeHub answers devices behind it that they are not who they say they are. It knows from the hub who they
// are, and does not print what it misses.
func (s *scene) children() {
	var refused []*pattern.Event
	n, last, served := 0, int64(0), int64(0)
	for _, e := range s.byRow[pattern.ChildAnswer] {
		switch e.Values.Status {
		case "401", "403":
			refused = append(refused, e)
			n, last = n+e.Count, max(last, e.Last)
		case "200":
			served = max(served, e.Last)
		}
	}
	if n < 2 {
		return
	}
	name := refused[0].Values.Unit
	for _, e := range s.byRow[pattern.ChildAsks] {
		if e.At <= last {
			name = firstOf(name, e.Values.Unit)
			refused = append(refused, e)
		}
	}
	severity := report.SeverityWarning
	if served > last {
		severity = report.SeverityInfo
	}
	s.add(Finding{Code: report.UpstreamReasonNotLogged, Severity: severity, Certainty: pattern.Proves,
		Actor: report.ActorParent, Summary: fmt.Sprintf("edgeHub refuses a device or module behind it (%s, %s, %s). "+
			"Its place behind this gateway, its key, its parent_hostname or a clock: the log does not say which",
			s.g.clean(firstOf(name, "its name is not told"), 80), refused[0].Values.Status,
			count(n, "time", "times")),
		ConfirmWith: "timedatectl; sudo iotedge check", Remedy: "See in the hub that this gateway is that device's " +
			"parent, and compare on the device its key and parent_hostname. No network is at fault: it was answered."},
		refused...)
}
