package logs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"edgenet/internal/logs/pattern"
	"edgenet/internal/logs/story"
	"edgenet/internal/sorting"
	"edgenet/report"
)

// states concludes from how the components stand.
func (s *scene) states() {
	for _, who := range upstreams {
		st := s.stories[who]
		if st == nil || st.Last() == nil {
			continue
		}
		s.never(who, st)
		s.flapping(who, st)
		s.unexplained(who, st)
	}
	s.duplicates()
	s.clients()
}

func (s *scene) never(who pattern.Who, st *story.Story) {
	if s.stateOf(who) != StateNever {
		return
	}
	l := st.Last()
	summary := fmt.Sprintf("%s never reached the cloud in this log", who.Name())
	if refused(st.Last()) {
		summary = fmt.Sprintf("%s was never let in by the cloud in this log", who.Name())
	}
	if f, _ := s.behind(l); f != nil && f.Finding == report.DeviceFault {
		summary = fmt.Sprintf("%s was never connected in this log", who.Name())
	} else if answeredByDPS(f) {
		summary = fmt.Sprintf("%s got no hub from the provisioning service, which it reached", who.Name())
	}
	if st.Attempts > 0 {
		summary += fmt.Sprintf(": %s in %s", count(st.Attempts, "try", "tries"), span(l.To-st.Spans[0].From))
	}
	f := Finding{Code: report.UpstreamNever, Severity: report.SeverityError, Certainty: pattern.Proves,
		Summary: summary, ConfirmWith: s.check(l.Protocol, container(who))}
	if l.Failure != nil && l.Failure.Hop == report.HopProxy {
		f.Actor = report.ActorProxy
		if l.Failure.Status == 407 {
			f.Remedy = "Compare the user and the password in the runtime's proxy URL with the proxy's, and let " +
				"the proxy offer Basic to this device: the runtime knows no other login. Or let it pass without " +
				"one."
		}
	}
	if l.Failure != nil && l.Failure.Cause != "" && l.Protocol != "" { // whose port is known
		f.Actor = l.Failure.Cause.ActorAt(l.Failure.Hop)
		f.Remedy = s.remedyAt(l.Failure.Cause, l.Failure.Hop, l.Protocol.Port())
		if l.Failure.Do != "" {
			f.Remedy, f.Actor = l.Failure.Do, report.Actor(firstOf(string(l.Failure.Actor), string(f.Actor)))
		}
	}
	if s.hostFinds(who, l) {
		f.Actor, f.Remedy = report.ActorHost, containersDo
	}
	if plainThroughProxy(l) {
		f.Actor, f.Remedy = report.ActorProxy, plainDo
	}
	if s.atParent(l.Failure) {
		f.Actor, f.Remedy = report.ActorParent, parentDo
	}
	s.add(f, l.First, l.Cause)
}

const plainDo = "What comes back through the proxy is not TLS: the proxy answers in plain text inside the " +
	"tunnel, or what is behind it does. Whoever runs it has to look at its log for this host."

// plainThroughProxy tells a time without a connection in which a proxy's tunnel gave no TLS.
func plainThroughProxy(sp *story.Span) bool {
	return sp != nil && sp.Failure != nil && sp.Failure.Cause == report.TLSNotTLS && sp.Via == story.ViaProxy
}

// refused tells a time without a connection in which the service answered and did not let in.
func refused(sp *story.Span) bool {
	return sp != nil && sp.Failure != nil && sp.Failure.Stage() == report.StageAuth
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// container asks for the probe where the component is.
func container(who pattern.Who) string {
	if who == pattern.Agent || who == pattern.Hub {
		return "--from container"
	}
	return ""
}

// The measure of a connection that comes and goes.
const (
	flapLosses = 3
	flapUp     = 6 * 3600_000 // median time of a connection, in milliseconds
)

func (s *scene) flaps(st *story.Story) (median int64, flaps bool) {
	var ups []int64
	for i := range st.Spans {
		if sp := &st.Spans[i]; sp.State == story.Connected && sp.From != 0 {
			ups = append(ups, sp.To-sp.From)
		}
	}
	if st.Losses < flapLosses || len(ups) == 0 {
		return 0, false
	}
	sorting.By(ups, cmp.Compare[int64])
	median = ups[len(ups)/2]
	return median, median < flapUp
}

func (s *scene) flapping(who pattern.Who, st *story.Story) {
	median, flaps := s.flaps(st)
	list := s.byRow["agent.flapping"]
	if who != pattern.Agent {
		list = nil
	}
	if !flaps && len(list) == 0 {
		return
	}
	summary := fmt.Sprintf("%s lost its connection %d times; half of its connections lasted less than %s",
		who.Name(),
		st.Losses, span(median+1000))
	c := pattern.Proves
	if !flaps {
		summary, c = who.Name()+" says itself that it connects again and again", pattern.Suggests
	}
	s.add(Finding{Code: report.UpstreamFlapping, Severity: report.SeverityWarning, Certainty: c, Summary: summary,
		ConfirmWith: s.check(lastProtocol(st), "--hold 15m")}, append(list, lastEvent(st))...)
}

func lastProtocol(st *story.Story) report.Protocol {
	for _, sp := range slices.Backward(st.Spans) {
		if sp.Protocol != "" {
			return sp.Protocol
		}
	}
	return ""
}

// duplicates: a connection that comes and goes within a minute, without any reason.
func (s *scene) duplicates() {
	for _, who := range []pattern.Who{pattern.Agent, pattern.Hub} {
		st := s.stories[who]
		if st == nil {
			continue
		}
		median, flaps := s.flaps(st)
		if !flaps || median > 60_000 || st.Losses < 5 {
			continue
		}
		s.add(Finding{Code: report.IdentityDuplicate, Severity: report.SeverityWarning, Certainty: pattern.Suggests,
			Summary: fmt.Sprintf("%s is connected and thrown out again within %s, %d times: a second device may "+
				"use its identity", who.Name(), span(median+1000), st.Losses)}, lastEvent(st))
	}
}

// unexplained: a failure, or a loss, whose reason is not in the log.
func (s *scene) unexplained(who pattern.Who, st *story.Story) {
	if who != pattern.Agent && who != pattern.Hub && !s.bad(who) {
		return
	}
	n := 0
	var first *pattern.Event
	var partly *pattern.Failure
	for i := range st.Spans {
		sp := &st.Spans[i]
		if sp.State != story.Trying && sp.State != story.Lost || sp.Failure != nil && (sp.Failure.Cause != "" ||
			sp.Failure.Finding != "" && len(sp.Failure.Candidates) == 0) {
			continue
		}
		if i == 0 && len(st.Spans) > 1 && sp.Count < 3 && sp.Failure == nil && sp.State == story.Trying {
			continue // the first tries of a start that succeeded
		}
		if i == len(st.Spans)-1 && !s.bad(who) || sp.State == story.Trying && sp.Failure == nil &&
			sp.To-sp.From < 60_000 && i+1 < len(st.Spans) {
			continue
		}
		n++
		if first == nil || i == len(st.Spans)-1 {
			first, partly = sp.First, sp.Failure
		}
	}
	if n == 0 {
		return
	}
	why := "its lines say no more than that calls timed out"
	if partly != nil && len(s.candidates(partly)) > 0 {
		s.partly(who, st, partly, n, first)
		return
	}
	if who == pattern.Agent {
		why = "with UpstreamProtocol set, edgeAgent prints no reason at its usual level"
		if st.Unset {
			why = "nothing after the tries says why"
		}
	} else if who == pattern.Identityd || who == pattern.Iotedged {
		why = "the lines that tell it are missing, or tell too little"
	}
	if e := s.strange(who, st.Last()); e != nil {
		s.add(Finding{Code: report.UpstreamReasonNotLogged, Severity: report.SeverityWarning,
			Certainty: pattern.Narrows, Actor: report.ActorHost, Remedy: "Read the line itself: it says why. " +
				"Run edgenet check on the device to see whether the way there is open.", Summary: who.Name() +
				" says why it fails, in words that this program does not know: " + e.Unread,
			ConfirmWith: s.check(lastProtocol(st), container(who))}, e)
		return
	}
	remedy := "Run edgenet check on the device: it tells the reason at once. Or set RuntimeLogLevel=Debug for " +
		who.Name() + " and read the log again."
	s.add(Finding{Code: report.UpstreamReasonNotLogged, Severity: report.SeverityWarning, Certainty: pattern.Proves,
		Actor: report.ActorHost, Remedy: remedy,
		Summary: fmt.Sprintf("the reason is not in this log for %s of %s: %s", count(n, "failure", "failures"),
			who.Name(), why), ConfirmWith: s.check(lastProtocol(st), container(who))}, first)
}

// strange is the latest error of a time without a connection that no row knows; nil where there is none, or where
// another one says why.
func (s *scene) strange(who pattern.Who, sp *story.Span) *pattern.Event {
	if sp == nil || sp.Failure != nil || sp.State != story.Trying && sp.State != story.Lost {
		return nil
	}
	for _, e := range slices.Backward(s.g.events) {
		if e.Who == who && e.Unread != "" && e.Last >= sp.From {
			return e
		}
	}
	return nil
}

// maxLeft is how many causes a sentence names.
const maxLeft = 4

// partly: the lines say something of the reason, and leave open which of several it is. A finer level tells no more.
func (s *scene) partly(who pattern.Who, st *story.Story, f *pattern.Failure, n int, first *pattern.Event) {
	open := s.candidates(f)
	names := make([]string, 0, maxLeft)
	for _, c := range open[:min(len(open), maxLeft)] {
		names = append(names, string(c))
	}
	if len(open) > maxLeft {
		names = append(names, fmt.Sprintf("and %d more", len(open)-maxLeft))
	}
	s.add(Finding{Code: report.UpstreamReasonNotLogged, Severity: report.SeverityWarning, Certainty: pattern.Proves,
		Actor: report.ActorHost, Remedy: "Run edgenet check on the device: it tells which of them it is.",
		Summary: fmt.Sprintf("the log only narrows down the reason for %s of %s: %s", count(n, "failure",
			"failures"),
			who.Name(), strings.Join(names, ", ")), ConfirmWith: s.check(lastProtocol(st), container(who))}, first)
}
