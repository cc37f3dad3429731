package story

import (
	"strconv"
	"strings"

	"edgenet/internal/logs/pattern"
	"edgenet/report"
)

// refused takes in what an error says.
func (t *teller) refused(e *pattern.Event) {
	empty := e.Row.Shell && len(e.Failures) == 0 && e.Unread == ""
	if e.Row.Role == pattern.RoleLocal && e.Who == t.s.Who || empty || t.s.Who != pattern.Identityd && besides(e) {
		return
	}
	t.skipped = t.skipped || e.Row.ID == "identityd.dps-offline" // what is complete then is the giving up
	t.begun = false
	t.asked = t.asked && e.Row.ID != "identityd.answer-error" // a try may fail, and the next one get through
	if !Own(e) && (t.state() == Connected || ClientsOwn(e)) {
		t.reasons(e)
		return // of one client alone
	}
	if t.state() == Connected && !connects(e) {
		t.note(e)
		return
	}
	var span *Span
	if t.state() == Lost {
		span = t.s.Last()
	} else {
		span = t.begin(Trying, e)
	}
	if span.To < e.Last {
		span.To = e.Last
	}
	if span.Protocol == "" {
		span.Protocol = t.protocol
		if t.s.Who == pattern.Identityd || t.s.Who == pattern.Iotedged {
			span.Protocol = report.HTTPS
		}
		span.Via = t.via(span.Protocol)
	}
	t.blame(span, t.reasons(e))
	t.suspect = nil
}

// besides tells a failure of the device itself, which says nothing of the way to the cloud. Identityd's ends it.
func besides(e *pattern.Event) bool {
	f := e.Failure()
	return f != nil && f.Finding == report.DeviceFault
}

// connects tells whether it was a connection that failed, not a call over one.
func connects(e *pattern.Event) bool {
	switch e.Row.ID {
	case "agent.connect-error", "agent.setup-error", "agent.client-error", "agent.fatal", "hub.connect-error",
		"hub.proxy-error", "hub.open-error", "hub.device-error", "hub.get-error":
		return true
	}
	return e.Row.Role == pattern.RoleDPS || e.Row.Role == pattern.RoleHTTPS
}

// ClientsOwn tells whether a failure is about the client that it names, not about the way.
func ClientsOwn(e *pattern.Event) bool {
	for i := range e.Failures {
		if s := e.Failures[i].Stage(); s == report.StageAuth || e.Failures[i].Finding == report.IdentityDuplicate {
			return true
		}
	}
	return false
}

// note keeps what failed while the connection stood, for the loss that may follow.
func (t *teller) note(e *pattern.Event) {
	for _, r := range t.reasons(e) {
		t.suspect = addReason(t.suspect, r)
	}
}

// reasons gives the event's failures with protocol and hop. The inner exceptions of
// edgeAgent's default are AMQP's and AMQP over WebSocket's.
func (t *teller) reasons(e *pattern.Event) (list []Reason) {
	for i := range e.Failures {
		f := e.Failures[i]
		p := t.protocol
		if t.s.Who == pattern.Identityd || t.s.Who == pattern.Iotedged {
			p = report.HTTPS
		}
		if e.Row.ID == "agent.connect-error" && (t.s.Unset || len(e.Failures) > 1) {
			if p = report.AMQP; f.Branch == 1 {
				p = report.AMQPWS
			}
		}
		f.Hop = t.hop(&f, p)
		t.eitherAnswered(&f, p)
		if f.Hop == "" {
			f.Certainty = pattern.Weaker(f.Certainty, pattern.Suggests)
		}
		list = append(list, Reason{p, f, e, e, e.Count})
		if main := e.Failure(); main != nil && main.Row == f.Row {
			t.s.Judged[e] = list[len(list)-1]
		}
	}
	return list
}

func addReason(list []Reason, r Reason) []Reason {
	for i := range list {
		o := &list[i]
		if o.Failure.Row == r.Failure.Row && o.Protocol == r.Protocol && o.Failure.Hop == r.Failure.Hop {
			o.Count += r.Count
			o.Event, o.Failure = r.Event, r.Failure // the latest is what holds
			return list
		}
	}
	if len(list) < 32 {
		list = append(list, r)
	}
	return list
}

// stale is how long before the last one a reason still counts for how things stand.
const stale = 15 * 60_000

// blame puts reasons to a span, and keeps as its cause the surest one of those that were
// met lately; of two that are as sure, the later one.
func (t *teller) blame(s *Span, reasons []Reason) {
	latest := int64(0)
	for _, r := range reasons {
		s.Failures = addReason(s.Failures, r)
		latest = max(latest, r.Event.Last)
	}
	var best *Reason
	for i := range s.Failures {
		r := &s.Failures[i]
		if r.Event.Last < latest-stale {
			continue
		}
		if best == nil || rank(&r.Failure) > rank(&best.Failure) || rank(&r.Failure) == rank(&best.Failure) &&
			r.Event.Last > best.Event.Last {
			best = r
		}
	}
	if best == nil {
		return
	}
	fail := best.Failure
	s.Failure, s.Cause = &fail, best.Event
	if best.Protocol != "" {
		s.Protocol, s.Via = best.Protocol, t.via(best.Protocol)
	}
}

// rank orders failures: the surest first, and what names a cause before what names a finding.
func rank(f *pattern.Failure) int {
	n := f.Certainty.Rank() * 4
	if f.Cause != "" {
		n += 2
	}
	if f.Finding != "" || f.Cause == "" && f.Stage() != "" { // one stage that is left open says more than all
		n++
	}
	return n
}

// hop tells at whom a failure happened: by the address that was dialled, by the protocol,
// and by the proxy that this process told of.
func (t *teller) hop(f *pattern.Failure, p report.Protocol) report.Hop {
	if f.Hop != "" {
		return f.Hop
	}
	if f.Addr != "" {
		if a := proxyAddr(t.s.Proxy); a != "" && strings.EqualFold(a, f.Addr) {
			return report.HopProxy
		}
		if hubPort(f.Addr) {
			return report.HopTarget
		}
		if t.s.Proxy == "" && !t.s.NoProxy || strings.Contains(t.s.Proxy, "://") && p.Proxied() {
			return report.HopProxy // nothing of the hub listens there
		}
	}
	stage := f.Stage()
	switch {
	case p == report.AMQP || p == report.MQTT:
		return report.HopTarget
	case stage == report.StageConnect:
		return report.HopProxy
	case stage != report.StageDNS && stage != report.StageTCP && stage != "":
		return report.HopTarget
	case stage == "" && f.Cause == "" && len(f.Candidates) > 0:
		return ""
	case t.s.Proxy != "":
		return report.HopProxy
	case t.s.NoProxy:
		return report.HopTarget
	}
	return ""
}

func hubPort(addr string) bool {
	_, port, _ := strings.Cut(addr, ":")
	n, err := strconv.Atoi(port)
	return err == nil && (n == 443 || n == 5671 || n == 8883)
}
