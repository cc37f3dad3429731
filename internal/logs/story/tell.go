package story

import (
	"strings"

	"edgenet/internal/logs/pattern"
	"edgenet/report"
)

// maxSpans bounds a story: what is between the first and the last ones is let go.
const maxSpans = 4000

// teller is a story under way.
type teller struct {
	s        Story
	fresh    bool            // nothing but a start and settings since the last start
	protocol report.Protocol // of the last try
	suspect  []Reason        // what failed while it was connected
	left     bool            // "Exiting connected state" without what follows
	skipped  bool            // reconciliation was, so that its end proves nothing
	idle     bool            // the client was closed for being idle
	begun    bool            // identityd said that it provisions, and what follows is the same try
	asked    bool            // identityd was asked for what it has to ask the hub, and has not answered
	askedAt  int64           // when, in ms
}

// Tell follows the events of one component in the order of time. End is the moment of its
// last line.
func Tell(who pattern.Who, events []*pattern.Event, end int64) Story {
	t := &teller{s: Story{Who: who, Protocols: map[report.Protocol]int{}, Won: map[report.Protocol]int{},
		Now: map[report.Protocol]int{}, Judged: map[*pattern.Event]Reason{}}}
	for _, e := range events {
		t.facts(e)
		t.event(e)
	}
	t.close(end)
	return t.s
}

// event moves the state.
func (t *teller) event(e *pattern.Event) {
	daemon := t.s.Who == pattern.Identityd || t.s.Who == pattern.Iotedged
	if e.Row.Role != pattern.RoleHub && !daemon {
		if e.Row.Role == pattern.RoleHTTPS {
			t.https(e)
		}
		return
	}
	if e.Row.Role == pattern.RoleRegistry {
		return
	}
	if e.Row.Kind != pattern.Start && e.Row.Kind != pattern.Config {
		t.fresh = false
	}
	switch e.Row.Kind {
	case pattern.Start:
		t.start(e)
	case pattern.Attempt:
		t.attempt(e)
	case pattern.Connected:
		t.connected(e)
	case pattern.Alive:
		if e.Row.Role == pattern.RoleHub && (Own(e) || t.state() != Lost) {
			t.alive(e)
		} else if e.Row.Role == pattern.RoleDPS && t.s.Who == pattern.Iotedged && t.state() == Trying {
			t.begin(Unknown, e) // DPS answered; what comes of the hub is not told
		}
	case pattern.Recovered:
		t.recovered(e)
	case pattern.Suspect:
		t.suspected(e)
	case pattern.Lost:
		t.lost(e)
	case pattern.Refused:
		t.refused(e)
	case pattern.Stop:
		t.begin(Stopped, e)
		t.idle = e.Row.ID == "agent.idle"
	case pattern.Fact:
		t.fact(e)
	}
}

func (t *teller) https(e *pattern.Event) {
	for i := range e.Failures {
		f := e.Failures[i]
		f.Hop = t.hop(&f, report.HTTPS)
		t.s.HTTPSFail = addReason(t.s.HTTPSFail, Reason{report.HTTPS, f, e, e, e.Count})
	}
}

func (t *teller) state() State {
	if l := t.s.Last(); l != nil {
		return l.State
	}
	return Unknown
}

// begin closes the span under way and opens another one.
func (t *teller) begin(state State, e *pattern.Event) *Span {
	t.left = false
	if l := t.s.Last(); l != nil {
		if l.State == state {
			return l
		}
		l.To = e.At
	}
	if len(t.s.Spans) >= maxSpans { // the middle goes, the end is what matters
		t.s.Spans = append(t.s.Spans[:maxSpans/2], t.s.Spans[maxSpans/2+1:]...)
	}
	t.s.Spans = append(t.s.Spans, Span{State: state, From: e.At, To: e.Last, First: e, Via: ViaUnknown})
	return t.s.Last()
}

func (t *teller) start(e *pattern.Event) {
	if t.fresh {
		return
	}
	t.fresh = true
	t.s.Began, t.s.NoProxy = true, true
	t.s.Starts += e.Count
	t.protocol, t.suspect, t.skipped, t.s.Now = "", nil, false, map[report.Protocol]int{}
	if s := t.state(); s == Connected || s == Lost {
		t.begin(Stopped, e)
	}
	if t.s.NoProxy {
		t.s.Proxy = ""
	}
}

func (t *teller) attempt(e *pattern.Event) {
	n := e.Count
	if t.s.Who == pattern.Identityd {
		t.skipped = t.skipped && e.Row.ID != "identityd.reconcile"
		if begins := e.Row.ID == "identityd.provisioning"; !begins && t.begun {
			n = 0 // one try has several steps, and each of them a line
		} else {
			t.begun = begins
		}
	}
	if !Own(e) {
		return
	}
	p := e.Values.Protocol
	if t.s.Who == pattern.Identityd || t.s.Who == pattern.Iotedged {
		p = report.HTTPS
	}
	if p != "" {
		if t.s.Who == pattern.Agent && t.protocol == report.AMQP && p == report.AMQPWS {
			t.s.Unset = true
		}
		t.protocol = p
		t.s.Protocols[p] += n
		t.s.Now[p] += n
	}
	t.s.Attempts += n
	was := t.state()
	if was == Lost {
		t.s.Last().Count += n
		return
	}
	span := t.begin(Trying, e)
	if was == Connected && len(t.suspect) > 0 {
		t.blame(span, t.suspect)
	}
	span.Count += n
	span.To = e.Last
	if span.Protocol == "" {
		span.Protocol = p
	}
	span.Via = t.via(p)
}

// via tells the way of a protocol: AMQP and MQTT never use the proxy.
func (t *teller) via(p report.Protocol) Via {
	switch {
	case p == report.AMQP || p == report.MQTT:
		return ViaDirect
	case p == "":
		return ViaUnknown
	case t.s.Proxy != "":
		return ViaProxy
	case t.s.NoProxy:
		return ViaDirect
	}
	return ViaUnknown
}

func (t *teller) connected(e *pattern.Event) {
	if !Own(e) {
		return
	}
	if t.s.Who == pattern.Identityd {
		if t.skipped {
			return
		}
		t.protocol = report.HTTPS
	}
	if p := e.Values.Protocol; p != "" {
		t.protocol = p
	}
	t.up(e)
}

func (t *teller) alive(e *pattern.Event) { t.up(e) }

func (t *teller) recovered(e *pattern.Event) {
	if e.Row.ID == "hub.state-back" && t.state() == Unknown { // the machine begins in this state
		t.up(e)
		return
	}
	if t.left && t.state() == Connected {
		t.s.Hiccups++
	}
	t.up(e)
}

// up is any proof of the connection.
func (t *teller) up(e *pattern.Event) {
	t.left, t.idle, t.begun = false, false, false
	t.s.Positive += e.Count
	t.s.Up = max(t.s.Up, e.Last)
	if t.protocol != "" {
		t.s.Won[t.protocol]++
	}
	if t.state() == Connected {
		l := t.s.Last()
		l.Count += e.Count
		if l.Protocol == "" {
			l.Protocol, l.Via = t.protocol, t.via(t.protocol)
		}
		t.suspect = nil
		return
	}
	t.reunite(e)
	span := t.begin(Connected, e)
	span.Count += e.Count
	if span.Protocol == "" {
		span.Protocol, span.Via = t.protocol, t.via(t.protocol)
	}
	t.suspect = nil
}

// reunite takes a new connection within a minute for no loss, where nothing says that
// anything failed: clients are replaced now and then. By another protocol it is another connection.
func (t *teller) reunite(e *pattern.Event) {
	n := len(t.s.Spans)
	if n < 2 || t.s.Spans[n-1].State != Trying || t.s.Spans[n-2].State != Connected {
		return
	}
	l := &t.s.Spans[n-1]
	if l.Failure == nil && l.Count <= 2 && e.At-l.From < 60_000 {
		if was := t.s.Spans[n-2].Protocol; was == "" || t.protocol == "" || was == t.protocol {
			t.s.Spans = t.s.Spans[:n-1]
			t.s.Spans[n-2].To = 0
		}
		return
	}
	t.s.Losses++
}

func (t *teller) suspected(e *pattern.Event) {
	if e.Row.ID == "hub.state-left" {
		t.left = true
		if t.state() == Unknown { // it was connected before the log began
			t.begin(Connected, e).From = 0
		}
	}
	if f := e.Failure(); f != nil {
		t.note(e)
	}
}

func (t *teller) lost(e *pattern.Event) {
	if t.state() != Lost {
		t.s.Losses++
	}
	if l := t.s.Last(); l != nil && l.State == Trying && len(t.suspect) == 0 && e.At-l.To <= stale {
		t.suspect = l.Failures // what failed just before is why calls time out now
	}
	span := t.begin(Lost, e)
	if span.Protocol == "" {
		span.Protocol = t.protocol
	}
	span.Via = t.via(span.Protocol)
	if len(t.suspect) > 0 {
		t.blame(span, t.suspect)
		t.suspect = nil
	}
}

// fact reads the lines of the SDK about the state.
func (t *teller) fact(e *pattern.Event) {
	status := strings.ToLower(e.Values.Status)
	switch e.Row.ID {
	case "identityd.reconcile-skipped", "identityd.reconcile-skipped2":
		t.skipped = true
	case pattern.ModuleRequest:
		t.asked, t.askedAt = true, e.At
	case pattern.ModuleAnswer:
		t.answered(e)
	case "agent.status":
		t.s.Debug = e.Values.Term
		if strings.HasPrefix(status, "disconnected") && t.state() == Connected && e.Values.Term != "Client_Close" {
			t.lost(e)
		} else if status == "connected" {
			t.up(e)
		}
	case "hub.status", "hub.cloud-state":
		if !Own(e) {
			return
		}
		switch {
		case status == "connectionestablished", status == "true":
			t.up(e)
		case status == "disconnected", status == "false":
			if t.state() == Connected {
				t.lost(e)
			}
		}
	}
}

// close ends the story.
func (t *teller) close(end int64) {
	if l := t.s.Last(); l != nil {
		l.To = max(end, l.From)
		if n := len(t.s.Spans); n > 1 && l.State == Trying && t.s.Spans[n-2].State == Connected &&
			(l.Failure != nil || l.Count > 2 || l.To-l.From > 60_000) {
			t.s.Losses++ // and it is not back
		}
	}
	var down int64
	for i := range t.s.Spans {
		s := &t.s.Spans[i]
		switch s.State {
		case Trying, Lost:
			down += s.To - s.From
			t.s.LongestMs = max(t.s.LongestMs, down)
		default:
			down = 0
		}
	}
}
