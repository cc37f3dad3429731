package logs

import (
	"fmt"
	"strings"

	"edgenet/internal/logs/pattern"
	"edgenet/internal/logs/story"
	"edgenet/report"
)

// covered says what this log could have shown, and what it could not.
func (s *scene) covered() Coverage {
	c := Coverage{CanShow: []string{}, CannotShow: []string{}}
	can := func(format string, args ...any) { c.CanShow = append(c.CanShow, fmt.Sprintf(format, args...)) }
	cannot := func(format string, args ...any) { c.CannotShow = append(c.CannotShow, fmt.Sprintf(format, args...)) }
	if st := s.told(pattern.Hub); st != nil {
		can("edgeHub: connections, tries and their errors; a loss once two calls timed out, up to five and a half " +
			"minutes late")
		if st.Silent {
			cannot("edgeHub: losses: its connectivity check is disabled")
		}
	} else {
		cannot("edgeHub: whether messages get through: its log is not here")
	}
	if st := s.told(pattern.Agent); st != nil {
		can("edgeAgent: tries and connections")
		if !s.g.debug[pattern.Agent] {
			cannot("edgeAgent: why a try failed, where UpstreamProtocol is set, and losses: its level is Information")
		}
	} else {
		cannot("edgeAgent: whether the device can be managed: its log is not here")
	}
	switch {
	case s.told(pattern.Identityd) != nil || s.told(pattern.Iotedged) != nil:
		can("the daemon: HTTPS to DPS and to the hub")
	case s.g.seen[pattern.Edged] > 0:
		cannot("the daemon: HTTPS to DPS and to the hub: aziot-edged has no traffic to the cloud, and " +
			"aziot-identityd's log is not here")
	default:
		cannot("the daemon: HTTPS to DPS and to the hub: aziot-identityd's log is not here")
	}
	if s.g.seen[pattern.Dockerd]+s.g.seen[pattern.Edged]+s.g.seen[pattern.Iotedged] > 0 {
		can("the engine: pulls of images that failed")
	}
	for _, in := range s.g.inputs {
		if in.Truncated {
			cannot("%s: begins or ends within a record", in.Name)
		}
		if in.Lost > 0 {
			cannot("%s: %s too long for the journal", in.Name, count(in.Lost, "entry was", "entries were"))
		}
		if in.NotUnderstood > 0 {
			cannot("%s: %s that are not understood", in.Name, count(in.NotUnderstood, "line with an error",
				"lines with errors"))
		}
	}
	if len(s.g.unread) > 0 {
		cannot("%s could not be read: %s", count(len(s.g.unread), "input", "inputs"), strings.Join(s.g.unread, "; "))
	}
	return c
}

// told gives a component's story where there is one that tells a state.
func (s *scene) told(who pattern.Who) *story.Story {
	if st := s.stories[who]; st != nil && (len(st.Spans) > 0 || s.g.seen[who] > 0) {
		return st
	}
	return nil
}

// incomplete: that nothing was found says nothing.
func (s *scene) incomplete() {
	var why []string
	var none []string
	for _, who := range []pattern.Who{pattern.Hub, pattern.Agent} {
		switch {
		case s.g.o.Component != "" && s.g.o.Component != who.Name(): // it was left out on purpose
		case s.g.seen[who] == 0 && s.whole:
			none = append(none, who.Name())
		case s.g.seen[who] > 0 && s.stateOf(who) == StateUnknown:
			why = append(why, s.tooLittle(who))
		}
	}
	if s.g.seen[pattern.Hub]+s.g.seen[pattern.Agent] == 0 && len(none) == 0 && s.g.o.Component == "" {
		none = []string{"edgeHub", "edgeAgent"}
	}
	if len(none) > 0 {
		why = append(why, "the log of "+strings.Join(none, " and of ")+" is missing")
	}
	if s.g.seen[pattern.Edged] > 0 && s.g.seen[pattern.Identityd] == 0 && s.consequences() {
		why = append(why, "aziot-edged waits for another daemon, whose log is missing: aziot-identityd's says why")
	}
	if n := len(s.g.strange); n > 0 {
		why = append(why, "errors of the runtime are in it that this program does not understand: "+
			strings.Join(s.g.strange, " | "))
	}
	if n := len(s.g.aliens); n > 0 {
		why = append(why, "other programs' errors stand beside the runtime's lines, which this program does not read: "+
			strings.Join(s.g.aliens, " | ")+". By themselves they are those programs' own, and no fault of the way to "+
			"the cloud")
	}
	if len(why) == 0 {
		return
	}
	remedy := ""
	if len(s.g.aliens) > 0 && len(why) == 1 { // no log is missing
		remedy = "Read those lines themselves: what a module does beside edgeHub and the hub is known to its maker."
	}
	s.add(Finding{Code: report.LogIncomplete, Severity: report.SeverityWarning, Certainty: pattern.Proves,
		Actor: report.ActorHost, Remedy: remedy, Summary: strings.Join(why, "; ")})
}

// consequences tells whether aziot-edged still waits for another daemon where its log ends.
func (s *scene) consequences() bool {
	waits := false
	for _, e := range s.g.events {
		switch {
		case e.Who != pattern.Edged:
		case e.Row.Kind == pattern.Consequence:
			waits = true
		case e.Row.ID == "edged.device" || e.Row.ID == "edged.provisioned": // identityd answered
			waits = false
		}
	}
	return waits
}

// tooLittle says why a component's log tells no state.
func (s *scene) tooLittle(who pattern.Who) string {
	st := s.stories[who]
	switch {
	case st != nil && st.Last() != nil && st.Last().State == story.Stopped && st.Last().First.Who != who:
		return who.Name() + " ended after its last connection, and no line shows that it is connected since"
	case st != nil && st.Last() != nil && st.Last().State == story.Stopped:
		return who.Name() + " was stopped, and its log ends there"
	case st != nil && st.Last() != nil && st.Last().State == story.Trying:
		return who.Name() + "'s log ends before its first try is through"
	}
	return who.Name() + "'s log has no line that tells whether it is connected: such lines come at its start and " +
		"when something changes"
}
