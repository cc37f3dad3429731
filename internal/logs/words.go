package logs

import (
	"fmt"
	"slices"
	"strings"

	"edgenet/internal/logs/pattern"
	"edgenet/internal/logs/story"
	"edgenet/report"
)

func (s *scene) summary(c *Conclusion, who pattern.Who, sp *story.Span) string {
	hub := s.target()
	if saidByDPS(sp) {
		hub = theDPS
	}
	name := firstOf(c.Component, "the runtime")
	var b strings.Builder
	switch c.State {
	case StateConnected:
		fmt.Fprintf(&b, "%s is connected to %s at the end of this log", name, hub)
	case StateFlapping:
		fmt.Fprintf(&b, "%s comes and goes: its connection to %s was lost again and again", name, hub)
	case StateLost:
		fmt.Fprintf(&b, "%s lost %s and is not back at the end of this log", name, hub)
	case StateNever:
		if refused(sp) {
			fmt.Fprintf(&b, "%s answers %s and does not let it in", hub, name)
			break
		}
		if f, _ := s.behind(sp); answeredByDPS(f) {
			fmt.Fprintf(&b, "%s answered %s, which got no hub of it in this log", theDPS, name)
			break
		}
		verb := "never reached"
		if s.ofDevice(c, sp) != nil { // how far it came is not told
			verb = "did not get through to"
		}
		fmt.Fprintf(&b, "%s %s %s in this log", name, verb, hub)
	default:
		fmt.Fprintf(&b, "this log does not tell whether the device is connected")
	}
	if sp != nil && sp.Protocol != "" && sp.Protocol != report.HTTPS {
		fmt.Fprintf(&b, " (%s, port %d)", sp.Protocol, sp.Protocol.Port())
	}
	if sp == nil && c.State == StateUnknown && s.ofRegistry(c) {
		b.WriteString("; an image could not be pulled")
	}
	own := s.ofDevice(c, sp)
	switch {
	case own != nil && c.State != StateConnected && c.State != StateFlapping:
		b.WriteString("; " + whereFails(own) + s.g.clean(own.Detail, 160))
	case c.Cause != nil && c.Certainty == pattern.Proves:
		fmt.Fprintf(&b, ": %s", s.ofService(atHop(*c.Cause, c.Hop), sp))
	case c.Cause != nil:
		fmt.Fprintf(&b, ": probably %s", s.ofService(atHop(*c.Cause, c.Hop), sp))
	case c.State != StateLost && c.State != StateNever:
	case sp != nil && answeredByDPS(sp.Failure):
		b.WriteString(": " + s.g.clean(sp.Failure.Detail, 160))
	case s.strange(who, sp) != nil:
		b.WriteString("; it says why, in words that this program does not know: " + s.strange(who, sp).Unread)
	default:
		b.WriteString(s.leftOpen(sp))
	}
	if s.hostFinds(who, sp) {
		b.WriteString(" (in its container; the host itself finds the hub)")
	}
	return b.String()
}

// leftOpen says what is known of a cause that is not: a status that was answered is more than nothing.
func (s *scene) leftOpen(sp *story.Span) string {
	if sp != nil && sp.Failure != nil && sp.Failure.Status == 407 {
		return ": the proxy asks for a login (407), and the log does not say whether it was given none or " +
			"refused it"
	}
	if list,
		_ := s.withFinding(report.RegistryPull); sp != nil && sp.Failure != nil && sp.Failure.Row == "tunnel" &&
		slices.ContainsFunc(list, func(e *pattern.Event) bool { return e.Failure().Status == 407 }) {
		return ": the proxy does not open the tunnel, and asks the engine for a login (407)"
	}
	stage := report.Stage("")
	if sp != nil && sp.Failure != nil {
		stage = sp.Failure.Stage()
	}
	switch stage {
	case report.StageDNS:
		return ": name resolution fails (DNS), and the log does not say how"
	case report.StageTCP:
		return ": no connection is made (TCP), and the log does not say what keeps it from that"
	case report.StageTLS:
		return ": TLS fails, and the log does not say for which reason"
	}
	return "; the log does not say which cause it was" + s.openedWords(sp)
}

// ofService words a cause for whoever answered: the provisioning service refuses in the hub's words.
func (s *scene) ofService(title string, sp *story.Span) string {
	if s.unprovisioned() || saidByDPS(sp) {
		return strings.Replace(title, "the hub", "it", 1)
	}
	return title
}

func atHop(c report.Cause, h report.Hop) string {
	t := c.Info().Title
	if h == report.HopProxy {
		return t + " (at the proxy)"
	}
	return t
}

// theDPS is what refuses a device before it has a hub.
const theDPS = "the provisioning service"

// answeredByDPS tells a time without a connection in which the provisioning service answered, and refused nobody.
func answeredByDPS(f *pattern.Failure) bool {
	return f != nil && slices.Contains(pattern.AnsweredByDPS[:], f.Row)
}

// saidByDPS tells a time without a connection whose reason is the provisioning service's own word.
func saidByDPS(sp *story.Span) bool {
	return sp != nil && sp.Failure != nil && slices.Contains(pattern.SaidByDPS[:], sp.Failure.Row)
}

// ofRegistry tells whether the line that is the answer is about a pull.
func (s *scene) ofRegistry(c *Conclusion) bool {
	for _, e := range s.g.events {
		if s.ids[e] == c.Event {
			return slices.ContainsFunc(e.Failures, func(f pattern.Failure) bool {
				return f.Finding == report.RegistryPull
			})
		}
	}
	return false
}
