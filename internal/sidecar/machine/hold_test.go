package machine

import (
	"fmt"
	"testing"
	"time"

	"edgenet/internal/sidecar/desired"
	"edgenet/report"
)

var holdShort = report.Finding{Code: report.HoldShort, Severity: report.SeverityWarning, Actor: report.ActorNetwork,
	Summary: "an idle connection is lost after 30 s or less", Remedy: "long"}

// holdingFor simulates a device whose deployment wants idle connections tried, and which
// finds them lost, or not.
func holdingFor(t *testing.T, d time.Duration, short *report.Finding) *simulation {
	t.Helper()
	m := simulate(t, "d/edgenet", still(nil))
	m.pure = true
	m.idle = func() HoldDone { return HoldDone{Short: short} }
	m.begin()
	m.wants(d)
	return m
}

// wants is a desired section with that holdSec.
func (m *simulation) wants(d time.Duration) {
	s := desired.Defaults()
	s.Hold = d
	m.post(DesiredSeen{fmt.Appendf(nil, `{"holdSec":%d}`, int(d.Seconds())), s, nil})
}

// says holds the twin against a status and its most telling finding, nil for none.
func (m *simulation) says(status string, finding any) {
	m.t.Helper()
	m.settled()
	if m.twin["status"] != status || m.twin["finding"] != finding {
		m.t.Fatalf("at %s: %v, %v; want %s, %v", m.now.Mono, m.twin["status"], m.twin["finding"], status, finding)
	}
}

// TestHoldDelaysNothing: the verdict is there long before the hour is over, checks and
// looks go on meanwhile, and what is found then degrades.
func TestHoldDelaysNothing(t *testing.T) {
	t.Parallel()
	m := holdingFor(t, time.Hour, &holdShort)
	m.run(time.Minute)
	m.says("ok", nil)
	if len(m.holds) != 1 || len(m.holds[0].Paths) != 1 || m.holds[0].Paths[0].String() != "HTTPS@direct" ||
		m.holds[0].Settings.Hold != time.Hour {
		t.Fatalf("%+v", m.holds)
	}
	looks := m.watches
	m.run(50 * time.Minute)
	m.post(CheckAsked{Call: 1, Wait: true})
	m.run(5 * time.Second)
	if m.watches < looks+9 || len(m.answers) != 1 || m.answers[0].Body.(Verdict).Status != StatusOK ||
		len(m.holds) != 1 {
		t.Errorf("%d looks, %+v, %d tries", m.watches-looks, m.answers, len(m.holds))
	}
	m.run(10 * time.Minute)
	m.says("degraded", "hold.short")
	if len(m.holds) != 2 { // what the method wanted came after it
		t.Errorf("%d tries", len(m.holds))
	}
	m.run(30 * time.Hour) // periodic checks want none, and leave the finding alone
	m.says("degraded", "hold.short")
	if len(m.holds) != 2 || m.state.Verdict().Finding != "hold.short" {
		t.Errorf("%d tries, %v", len(m.holds), m.state.Verdict().Finding)
	}
}

// TestHoldShortStays until another try says otherwise, one that shows nothing included,
// and over a restart; holdSec back to 0 takes it away.
func TestHoldShortStays(t *testing.T) {
	t.Parallel()
	m := holdingFor(t, time.Minute, &holdShort)
	m.run(5 * time.Minute)
	m.says("degraded", "hold.short")
	m.restart()
	m.run(30 * time.Second)
	m.says("degraded", "hold.short")
	if len(m.telemetry) > 2 {
		t.Errorf("a restart was told: %+v", m.telemetry)
	}
	again := func(d HoldDone) {
		m.idle = func() HoldDone { return d }
		m.post(CheckAsked{Call: 1})
		m.run(5 * time.Minute)
	}
	again(HoldDone{Undecided: true})
	m.says("degraded", "hold.short")
	again(HoldDone{})
	m.says("ok", nil)
	again(HoldDone{Short: &holdShort})
	m.says("degraded", "hold.short")
	n := len(m.holds)
	m.wants(0)
	m.run(time.Minute)
	m.says("ok", nil)
	if len(m.holds) != n {
		t.Error("idle connections were tried for nothing")
	}
}

// TestDesiredChangeEndsHold: a change ends the try that is under way, whose outcome does
// not count, and the check that it brings starts another.
func TestDesiredChangeEndsHold(t *testing.T) {
	t.Parallel()
	m := holdingFor(t, time.Hour, &holdShort)
	m.run(time.Minute)
	m.wants(2 * time.Minute)
	m.run(time.Minute)
	if len(m.holds) != 2 || m.holds[1].Settings.Hold != 2*time.Minute {
		t.Fatalf("%+v", m.holds)
	}
	m.run(2 * time.Minute)
	m.says("degraded", "hold.short")
	m.wants(time.Hour)
	m.run(time.Minute)
	m.wants(0)
	m.run(time.Minute)
	if m.says("ok", nil); m.state.trying != 0 {
		t.Error("it is still tried")
	}
}

// TestHoldWaitsForHTTPS: where nothing can be left idle at first, it is tried when a
// check, of whatever kind, finds that it can. Where HTTPS is not asked for, nothing is said.
func TestHoldWaitsForHTTPS(t *testing.T) {
	t.Parallel()
	m := simulate(t, "d/edgenet", switching(weather{0, truth{"HTTPS@direct": "tcp.timeout"}},
		weather{20 * time.Minute, nil}))
	m.idle = func() HoldDone { return HoldDone{Short: &holdShort} }
	m.begin()
	m.wants(time.Minute)
	m.run(19 * time.Minute)
	if len(m.holds) != 0 {
		t.Fatalf("%+v", m.holds)
	}
	m.run(8 * time.Hour)
	m.says("degraded", "hold.short")
	if len(m.holds) != 1 {
		t.Errorf("%d tries", len(m.holds))
	}
	m.plan.Protocols = []report.Protocol{report.AMQP}
	m.post(CheckAsked{Call: 1})
	m.run(5 * time.Minute)
	m.says("ok", nil)
}
