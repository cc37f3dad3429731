package machine

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"edgenet/internal/proxyurl"
	"edgenet/internal/sidecar/desired"
	"edgenet/internal/twin"
	"edgenet/probe"
	"edgenet/report"
)

// truth is what the network does to each path: PROTOCOL@ROUTE to a cause, missing means ok.
type truth map[string]string

// simulation is a device, its network, its disk and its hub, in a time of its own. Every
// effect takes its time, and its event may be delayed, fail, or be lost with the session.
type simulation struct {
	t     testing.TB
	state State
	now   Now
	queue []scheduled
	plan  probe.Plan
	net   func(time.Duration) truth // what the network is like then

	link      bool
	epoch     int // of the session: what an older one was to answer is lost
	diskFull  bool
	failWrite func() bool
	idle      func() HoldDone // what idle connections show; nil: all live
	twin      map[string]any  // the hub's copy of the section
	telemetry []Transition
	disk      []Record
	answers   []Answer

	connections, watches, connects, checks int
	writes                                 []time.Duration
	beats                                  int
	seen                                   []Observation
	watched                                []probe.PathName
	triggers                               []Trigger
	holds                                  []StartHold
	inFlight                               map[string]int
	events                                 int
	pure                                   bool // hold turns against checkPure
}

type scheduled struct {
	at    time.Duration
	event Event
	epoch int // 0: whatever the session
}

const start = "2026-01-02T03:04:05Z"

func simulate(t testing.TB, device string, net func(time.Duration) truth) *simulation {
	t.Helper()
	wall, err := time.Parse(time.RFC3339, start)
	if err != nil {
		t.Fatal(err)
	}
	sim := &simulation{t: t, now: Now{Wall: wall}, net: net, inFlight: map[string]int{},
		plan: probe.Plan{Host: "hub.test", Routes: probe.Routes(true, nil)}}
	sim.state = New(Config{Identity: device, Version: "test"}, Memory{}, nil, nil, desired.Defaults(), nil)
	return sim
}

// proxied gives the simulated site a proxy.
func (m *simulation) proxied() {
	p, err := proxyurl.Parse("http://proxy.test:3128", "env:https_proxy")
	if err != nil {
		m.t.Fatal(err)
	}
	m.plan.Routes = probe.Routes(true, []*proxyurl.Proxy{p})
}

// observe is a full check of that network, judged by the prober's own rules.
func (m *simulation) observe(now truth, deep bool) Observation {
	r := probe.Start(m.plan, m.now.Wall)
	for i := range r.Results {
		x := &r.Results[i]
		name := probe.PathName{Protocol: x.Protocol, Route: x.Route}
		label, broken := now[name.String()]
		if !broken {
			x.Status, x.Latency = report.OK, &report.Latency{MedianMs: 20}
			continue
		}
		if label == "skipped" {
			x.Status = report.Skipped
			continue
		}
		cause, atProxy := strings.CutPrefix(label, "proxy/")
		x.Status, x.Hop, x.Cause = report.Failed, report.HopTarget, report.Cause(cause)
		if atProxy {
			x.Hop = report.HopProxy
		}
	}
	plan := m.plan
	plan.Expect = m.state.wanted()
	plan.Prefer = m.state.Settings.Prefer
	probe.Conclude(r, plan, false)
	o := Distill(r)
	o.Deep = deep
	return o
}

func (m *simulation) later(d time.Duration, e Event, bound bool) {
	s := scheduled{m.now.Mono + d, e, 0}
	if bound {
		s.epoch = m.epoch
	}
	m.queue = append(m.queue, s)
	slices.SortStableFunc(m.queue, func(a, b scheduled) int { return cmp.Compare(a.at, b.at) })
}

// post is an event now.
func (m *simulation) post(e Event) {
	m.t.Helper()
	if m.events++; m.pure && m.events%8 == 0 {
		m.checkPure(e)
	}
	next, effects := Step(m.state, e, m.now)
	m.state = next
	for _, effect := range effects {
		m.carryOut(effect)
	}
}

// checkPure holds one turn against the promise: it changes nothing that it was given, and
// a second one comes to the same.
func (m *simulation) checkPure(e Event) {
	m.t.Helper()
	before := fmt.Sprintf("%v", m.state)
	next, effects := Step(m.state, e, m.now)
	if again, same := Step(m.state, e, m.now); !reflect.DeepEqual(next, again) || !reflect.DeepEqual(effects, same) {
		m.t.Fatalf("%T at %s: two turns of the same event differ", e, m.now.Mono)
	}
	if after := fmt.Sprintf("%v", m.state); after != before {
		m.t.Fatalf("%T at %s changed the state that it was given:\n%s\n%s", e, m.now.Mono, before, after)
	}
}

func (m *simulation) one(kind string) {
	m.inFlight[kind]++
	if m.inFlight[kind] > 1 {
		m.t.Fatalf("%s: two at a time (%s)", kind, m.now.Mono)
	}
}

func (m *simulation) carryOut(e Effect) {
	switch e := e.(type) {
	case StartCheck:
		m.one("check")
		m.checks++
		m.triggers = append(m.triggers, e.Trigger)
		paths := len(m.plan.Routes)*3 + 2 // proxied AMQP and MQTT are never tried
		m.connections += paths
		if e.Deep {
			m.connects += 2 * len(m.plan.Routes)
		}
		m.connects += len(e.Unanswered)
		found := m.observe(m.net(m.now.Mono), e.Deep)
		m.seen = append(m.seen, found)
		m.later(3*time.Second, CheckDone{e.Run, found}, false)
	case StartWatch:
		m.one("watch")
		m.connections++
		m.watches++
		m.watched = append(m.watched, e.Path)
		label := m.net(m.now.Mono)[e.Path.String()]
		m.later(200*time.Millisecond, WatchDone{e.Run, e.Path, label == "" || !belowTLS(label)}, false)
	case StartHold:
		m.one("hold")
		m.holds = append(m.holds, e)
		done := HoldDone{}
		if m.idle != nil {
			done = m.idle()
		}
		done.Run = e.Run
		m.later(e.Settings.Hold, done, false)
	case StopHold:
		m.queue = slices.DeleteFunc(m.queue, func(s scheduled) bool { return kindOf(s.event) == "hold" })
		m.later(time.Second, HoldDone{Run: e.Run, Undecided: true}, false)
	case Patch:
		m.linked(e)
		m.patch(e)
	case Send:
		m.linked(e)
		m.one("send")
		m.telemetry = append(m.telemetry, e.Transition)
		m.later(80*time.Millisecond, SendDone{e.Transition.Seq, nil}, true)
	case Save:
		m.one("save")
		if m.diskFull {
			m.later(10*time.Millisecond, SaveDone{errors.New("no space left on device")}, false)
			return
		}
		m.disk = append(m.disk, e.Record)
		m.later(10*time.Millisecond, SaveDone{}, false)
	case Answer:
		m.answers = append(m.answers, e)
	}
}

// linked: nothing goes to edgeHub without a session.
func (m *simulation) linked(e Effect) {
	m.t.Helper()
	if !m.link {
		m.t.Fatalf("%T without a session at %s", e, m.now.Mono)
	}
}

// patch is edgeHub taking a write.
func (m *simulation) patch(e Patch) {
	m.one("patch")
	checkPatch(m.t, e.Body)
	if m.failWrite != nil && m.failWrite() {
		m.later(50*time.Millisecond, PatchDone{e.ID, errors.New("refused")}, true)
		return
	}
	var body map[string]map[string]any
	if err := json.Unmarshal(e.Body, &body); err != nil {
		m.t.Fatal(err)
	}
	m.twin = merge(m.twin, body[Section])
	m.writes = append(m.writes, m.now.Mono)
	if m.state.writing.beat {
		m.beats++
	}
	m.later(50*time.Millisecond, PatchDone{e.ID, nil}, true)
}

func (m *simulation) connect() {
	m.epoch++
	m.link = true
	m.inFlight["patch"], m.inFlight["send"] = 0, 0
	m.post(LinkUp{"amqp", m.twin})
}

func (m *simulation) disconnect() {
	m.epoch++
	m.link = false
	m.inFlight["patch"], m.inFlight["send"] = 0, 0
	m.post(LinkDown{"cut"})
}

// run lets time pass.
func (m *simulation) run(d time.Duration) {
	m.t.Helper()
	end := m.now.Mono + d
	for idle := 0; ; {
		at := m.state.Wake()
		queued := len(m.queue) > 0 && m.queue[0].at <= at
		if queued {
			at = m.queue[0].at
		}
		if at > end {
			m.pass(end)
			return
		}
		if at <= m.now.Mono {
			if idle++; idle > 100 {
				m.t.Fatalf("the machine spins at %s", m.now.Mono)
			}
		} else {
			idle = 0
		}
		m.pass(max(at, m.now.Mono))
		if !queued {
			m.post(Tick{})
			continue
		}
		next := m.queue[0]
		m.queue = m.queue[1:]
		if next.epoch != 0 && next.epoch != m.epoch {
			continue
		}
		m.inFlight[kindOf(next.event)] = 0
		m.post(next.event)
	}
}

func kindOf(e Event) string {
	switch e.(type) {
	case CheckDone:
		return "check"
	case WatchDone:
		return "watch"
	case HoldDone:
		return "hold"
	case PatchDone:
		return "patch"
	case SendDone:
		return "send"
	case SaveDone:
		return "save"
	}
	return ""
}

func (m *simulation) pass(to time.Duration) {
	m.now = Now{to, m.now.Wall.Add(to - m.now.Mono)}
}

// begin starts the machine with edgeHub there.
func (m *simulation) begin() {
	m.post(Begin{})
	m.connect()
}

// restart is a SIGKILL: what is on the disk is all that is left.
func (m *simulation) restart() {
	m.t.Helper()
	var memory Memory
	var log []Transition
	var section json.RawMessage
	for _, r := range m.disk {
		memory = r.Memory
		log = append(log, r.New...)
		if r.Desired != nil {
			section = r.Desired
		}
	}
	settings := desired.Defaults()
	if section != nil {
		settings, _ = desired.Parse(section, nil)
	}
	m.state = New(m.state.Config, memory, log, section, settings, nil)
	m.queue, m.inFlight = nil, map[string]int{}
	m.now.Mono = 0
	m.begin()
}

// keys of the contract's section.
var keys = map[string]bool{"schema": true, "version": true, "checkedAt": true, "changedAt": true, "status": true,
	"recommended": true, "route": true, "https": true, "cause": true,
	"finding": true, "configured": true, "consistent": true, "direct": true, "proxy": true, "proxySource": true,
	"findings": true, "latencyMs": true, "flapping": true, "upSince": true,
	"outages24h": true, "worstOutageSec": true, "edgeHub": true, "hubTransport": true, "seq": true,
	"clockSuspect": true, "configErrors": true, "endpoints": true}

// checkPatch holds a patch against the contract.
func checkPatch(t testing.TB, body json.RawMessage) {
	t.Helper()
	var p map[string]map[string]any
	if err := json.Unmarshal(body, &p); err != nil || len(p) != 1 || p[Section] == nil {
		t.Fatalf("%s: %v", body, err)
	}
	if err := twin.CheckPatch(body); err != nil {
		t.Fatal(err)
	}
	if len(body) >= 2048 {
		t.Fatalf("a patch of %d bytes: %s", len(body), body)
	}
	for key := range p[Section] {
		if !keys[key] {
			t.Fatalf("the key %q in %s", key, body)
		}
	}
}

// settled tells where the twin differs from the state, but for what changes all the time.
func (m *simulation) settled() {
	m.t.Helper()
	if d := diff(m.twin, m.state.Document(m.now.Wall)); telling(d) {
		b, _ := json.Marshal(d)
		m.t.Fatalf("at %s the twin lacks %s", m.now.Mono, b)
	}
	m.chained()
	if n := m.state.Pending(); m.state.Settings.Telemetry && n > 0 {
		m.t.Fatalf("%d transitions were not sent", n)
	}
}

// chained holds the telemetry that came, doubles taken out, against the log: all, in
// order, and each beginning where the one before ended.
func (m *simulation) chained() {
	m.t.Helper()
	var last Transition
	for i, x := range m.telemetry {
		switch {
		case i == 0:
		case x.Seq == last.Seq:
			if x != last {
				m.t.Fatalf("transition %d in two versions: %+v, %+v", x.Seq, last, x)
			}
			continue
		case x.Seq != last.Seq+1:
			m.t.Fatalf("transition %d after %d", x.Seq, last.Seq)
		case x.From != last.To:
			m.t.Fatalf("%+v after %+v", x, last)
		}
		if x.From == x.To && x.FromProtocol == x.Protocol && x.FromRoute == x.Route {
			m.t.Fatalf("%+v is no change", x)
		}
		last = x
	}
	if m.state.Settings.Telemetry && last.Seq != m.state.Seq {
		m.t.Fatalf("transition %d came last, and %d is the last", last.Seq, m.state.Seq)
	}
}

// still is a network that does not change.
func still(x truth) func(time.Duration) truth { return func(time.Duration) truth { return x } }

// switching changes the network's weather at the given times.
type weather struct {
	from time.Duration
	is   truth
}

func switching(w ...weather) func(time.Duration) truth {
	return func(at time.Duration) truth {
		var out truth
		for _, x := range w {
			if at >= x.from {
				out = x.is
			}
		}
		return out
	}
}
