package logs

import (
	"slices"
	"strings"

	"edgenet/internal/logs/pattern"
	"edgenet/internal/logs/story"
	"edgenet/report"
)

// answer draws the one conclusion.
func (s *scene) answer() Conclusion {
	c := Conclusion{State: StateUnknown, Candidates: []report.Cause{}, Findings: []report.FindingCode{}}
	who, span := s.worst()
	switch {
	case who != 0:
		c.State = s.stateOf(who)
		c.Component = who.Name()
		f, e := s.behind(span)
		s.because(&c, f, e)
		if f == nil {
			s.silence(&c, s.stories[who], span)
		}
	default:
		s.standing(&c)
	}
	s.words(&c, who, span)
	if c.Certainty == "" {
		c.Certainty = pattern.Narrows
	}
	for _, f := range s.findings {
		c.Findings = append(c.Findings, f.Code)
	}
	return c
}

// worst picks the component whose trouble is the answer: of those that are not connected,
// the one whose log says most surely why; messages before management before the daemon.
// The daemon counts where no container is connected.
func (s *scene) worst() (who pattern.Who, span *story.Span) {
	daemons := s.stateOf(pattern.Hub) != StateConnected && s.stateOf(pattern.Agent) != StateConnected
	for _, w := range upstreams {
		if !s.bad(w) || (w == pattern.Identityd || w == pattern.Iotedged) && !daemons {
			continue
		}
		l := s.stories[w].Last()
		if span == nil || weight(l.Failure) > weight(span.Failure) {
			who, span = w, l
		}
	}
	return who, span
}

func weight(f *pattern.Failure) int {
	if f == nil {
		return 0
	}
	n := f.Certainty.Rank() * 2
	if f.Cause != "" {
		n++
	}
	return n
}

// standing is the answer where nothing is broken at the end.
func (s *scene) standing(c *Conclusion) {
	for _, w := range upstreams {
		if state := s.stateOf(w); state != StateConnected && state != StateFlapping {
			continue
		}
		if w == pattern.Identityd || w == pattern.Iotedged {
			continue
		}
		st := s.stories[w]
		if c.State == StateUnknown {
			c.State, c.Component, c.Certainty = StateConnected, w.Name(), pattern.Proves
		}
		if _, flaps := s.flaps(st); flaps && c.State != StateFlapping {
			c.State, c.Component, c.Certainty = StateFlapping, w.Name(), pattern.Proves
		}
		if c.Cause == nil && len(c.Candidates) == 0 {
			s.lastTrouble(c, st)
		}
	}
	if c.State == StateUnknown {
		s.besides(c)
	}
}

// lastTrouble gives the reason of the last loss, where it was one.
func (s *scene) lastTrouble(c *Conclusion, st *story.Story) {
	if st.Losses == 0 {
		return
	}
	for i := len(st.Spans) - 1; i >= 0; i-- {
		sp := &st.Spans[i]
		if sp.State == story.Connected || sp.State == story.Stopped {
			continue
		}
		state, component := c.State, c.Component
		s.because(c, sp.Failure, sp.Cause)
		c.State, c.Component = state, component
		if sp.Failure == nil {
			s.silence(c, st, sp)
		}
		return
	}
}

// besides is the answer of a log that tells of no way to the hub: the surest failure in it.
func (s *scene) besides(c *Conclusion) {
	var best *pattern.Event
	var fail *pattern.Failure
	for _, e := range s.g.events {
		if s.up(e.Who) && deviceFault(e) == nil {
			continue // it is over
		}
		if s.answeredSince(e) || len(s.byRow["edged.pulled"]) > 0 && s.pulledSince([]*pattern.Event{e}) {
			continue
		}
		for i := range e.Failures {
			f := &e.Failures[i]
			if f.Cause == "" && len(f.Candidates) == 0 && f.Finding == "" {
				continue
			}
			if best == nil || weight(f) >= weight(fail) {
				best, fail = e, f
			}
		}
	}
	if best != nil {
		c.Component = best.Component
		s.because(c, fail, best)
		return
	}
	for _, w := range []pattern.Who{pattern.Hub, pattern.Agent, pattern.Identityd, pattern.Iotedged, pattern.Edged,
		pattern.Dockerd} {
		if s.g.seen[w] > 0 {
			c.Component = w.Name()
			return
		}
	}
}

// because fills in what a failure says.
func (s *scene) because(c *Conclusion, f *pattern.Failure, e *pattern.Event) {
	if f == nil {
		return
	}
	c.Hop, c.Stage, c.Certainty = f.Hop, f.Stage(), f.Certainty
	c.Candidates = s.candidates(f)
	if f.Cause != "" && f.Certainty != pattern.Narrows {
		cause := f.Cause
		c.Cause, c.Actor = &cause, cause.ActorAt(f.Hop)
	}
	s.pasted(c)
	if e != nil {
		c.Event = s.ids[e]
	}
}

// candidates are what a failure leaves open, with what the proxy's settings rule out.
func (s *scene) candidates(f *pattern.Failure) []report.Cause {
	out := []report.Cause{}
	for _, c := range f.Candidates {
		if f.Status == 407 && c == report.ConnectAuthRequired && s.credentials() {
			continue
		}
		if f.Status == 407 && c == report.ConnectAuthRejected && s.knowsProxy() && !s.credentials() {
			continue
		}
		out = append(out, c)
	}
	return out
}

func (s *scene) credentials() bool {
	_, c := s.proxyFlag()
	return c && !s.oldSDK()
}

func (s *scene) knowsProxy() bool {
	p, _ := s.proxyFlag()
	return p != ""
}

// oldSDK tells whether the runtime's SDK may have kept the proxy's credentials to itself.
func (s *scene) oldSDK() bool {
	for _, v := range s.device.Versions {
		if strings.HasPrefix(v, "1.0.") {
			return true
		}
	}
	return false
}

// What a failed try without a word may stand for, by the way that it took.
var (
	silentDirect = []report.Cause{report.DNSNXDomain, report.DNSNoAddress, report.DNSTimeout, report.DNSServfail,
		report.DNSRefused, report.DNSUnreachable, report.TCPTimeout, report.TCPRefused,
		report.TCPUnreachable, report.TCPNoRoute, report.TLSReset, report.TLSTimeout, report.TLSMTU,
		report.TLSIntercepted, report.TLSUntrusted, report.TLSExpired, report.TLSNotYetValid,
		report.TLSNameMismatch}
	silentProxy = []report.Cause{report.ConnectAuthRequired, report.ConnectAuthRejected,
		report.ConnectAuthUnsupported,
		report.ConnectForbidden, report.ConnectUpstream, report.ConnectTimeout,
		report.ConnectClosed, report.ConnectNotHTTP, report.ConnectUnsupported}
	silentWS   = []report.Cause{report.WSStatus, report.WSBlockPage, report.WSClosed, report.WSTimeout}
	silentHeld = []report.Cause{report.HoldDropped, report.HoldReset, report.TCPTimeout, report.DNSTimeout,
		report.AMQPTimeout, report.MQTTTimeout}
)

// silence is the answer where nothing says why: what is possible, and no cause.
func (s *scene) silence(c *Conclusion, st *story.Story, sp *story.Span) {
	c.Certainty = pattern.Narrows
	if e := s.strange(st.Who, sp); e != nil { // what it may stand for is not known, and nothing is ruled in
		c.Event = s.ids[e]
		return
	}
	if sp.State == story.Lost {
		c.Candidates = silentHeld
	} else {
		c.Candidates = append([]report.Cause(nil), silentDirect...)
	}
	if sp.Protocol.WebSocket() || st.Unset || sp.Protocol == report.HTTPS {
		if sp.Via != story.ViaDirect || st.Unset {
			c.Candidates = append(c.Candidates, silentProxy...)
		}
		c.Candidates = append(c.Candidates, silentWS...)
	}
	if sp.First != nil {
		c.Event = s.ids[sp.First]
	}
}

// words says the conclusion for a person, with what to do and how to prove it.
func (s *scene) words(c *Conclusion, who pattern.Who, span *story.Span) {
	c.Summary = s.summary(c, who, span)
	c.ConfirmWith = s.check(expected(span), container(who))
	own := s.ofDevice(c, span)
	for _, f := range s.findings {
		if (f.Code == report.DeviceFault) != (own != nil) || c.Cause != nil && saysLess(f.Code) {
			continue
		}
		if f.Severity == report.SeverityError && f.Remedy != "" && f.Code != report.UpstreamNever {
			c.Remedy, c.Actor = f.Remedy, f.Actor // who acts is who can follow the remedy
			if f.ConfirmWith != "" && (who == 0 || own != nil || f.Code == report.ProtocolUnsetHub) {
				c.ConfirmWith = f.ConfirmWith
			}
			break
		}
	}
	if span != nil && span.Failure != nil && span.Failure.Do != "" && own == nil &&
		(c.Cause != nil || answeredByDPS(span.Failure)) {
		c.Remedy, c.Actor = span.Failure.Do, report.Actor(firstOf(string(span.Failure.Actor), string(c.Actor)))
	}
	switch {
	case c.Cause != nil && c.Remedy == "" && plainThroughProxy(span):
		c.Remedy, c.Actor = plainDo, report.ActorProxy
	case c.Cause != nil && c.Remedy == "" && (span == nil || span.Protocol != ""):
		c.Remedy = s.remedyAt(*c.Cause, c.Hop, portOf(c, span))
	case c.Remedy == "" && (c.State != StateConnected || c.Cause != nil):
		c.Remedy = "Run the command below on the device: it tells what this log cannot."
	}
	if c.Hop == report.HopProxy && (c.Actor == "" || c.Actor == report.ActorUnknown) && len(c.Candidates) > 0 {
		c.Actor = report.ActorProxy
	}
	if c.Actor == "" && c.State != StateConnected {
		c.Actor = report.ActorUnknown
	}
}

// saysLess tells findings whose remedy says less than a cause that is named: where to read on, and which port to open.
func saysLess(f report.FindingCode) bool {
	return f == report.IdentityCrashLoop || f == report.HTTPSRequired
}

// ofDevice is the fault of the device itself that is the answer; nil where it is another one.
func (s *scene) ofDevice(c *Conclusion, span *story.Span) *pattern.Failure {
	over := !slices.ContainsFunc(s.findings, func(f Finding) bool {
		return f.Code == report.DeviceFault && f.Severity == report.SeverityError
	})
	if over || c.Cause != nil || len(c.Candidates) > 0 || span != nil && c.Event == "" {
		return nil
	}
	list, _ := s.withFinding(report.DeviceFault)
	for _, e := range slices.Backward(list) {
		if c.Event == "" || s.ids[e] == c.Event {
			return deviceFault(e)
		}
	}
	return nil
}

func expected(span *story.Span) report.Protocol {
	if span == nil {
		return ""
	}
	return span.Protocol
}

func portOf(c *Conclusion, span *story.Span) int {
	if span != nil && span.Protocol != "" {
		return span.Protocol.Port()
	}
	return report.HTTPS.Port()
}
