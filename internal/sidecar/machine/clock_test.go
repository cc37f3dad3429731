package machine

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"edgenet/internal/sidecar/desired"
	"edgenet/internal/sidecar/fence"
)

// jump sets the simulated wall clock.
func (m *simulation) jump(d time.Duration) { m.now.Wall = m.now.Wall.Add(d) }

// withSkew makes every check see that difference between the hub's clock and ours.
func (m *simulation) withSkew(d time.Duration) {
	for i := range m.queue {
		if e, ok := m.queue[i].event.(CheckDone); ok {
			e.Found.Skew = &d
			m.queue[i].event = e
		}
	}
}

// TestClockJump: a jump that nobody can explain is said, and taken back by the next check
// that sees the hub's clock. What was told before moves along, durations do not care.
func TestClockJump(t *testing.T) {
	t.Parallel()
	m := simulate(t, "d/edgenet", switching(weather{0, nil}, weather{2 * time.Hour, nothing},
		weather{3 * time.Hour, nil}))
	m.begin()
	m.run(time.Hour)
	m.jump(-400 * 24 * time.Hour)
	m.run(10 * time.Minute)
	m.settled()
	if m.twin["clockSuspect"] != true || m.twin["status"] != "degraded" {
		t.Fatalf("%v", m.twin)
	}
	since, err := time.Parse(time.RFC3339, m.twin["upSince"].(string))
	if err != nil || m.now.Wall.Sub(since) < time.Hour || m.now.Wall.Sub(since) > 2*time.Hour {
		t.Errorf("up since %s, and it is %s", since, m.now.Wall)
	}
	m.post(CheckAsked{Call: 1})
	m.withSkew(2 * time.Second)
	m.run(10 * time.Second)
	m.settled()
	if m.twin["clockSuspect"] != false {
		t.Errorf("%v", m.twin)
	}
	m.run(70 * time.Minute) // into the outage
	m.jump(300 * 24 * time.Hour)
	m.run(3 * time.Hour)
	m.settled()
	if worst := m.twin["worstOutageSec"].(float64); worst < 3000 || worst > 2*3600 || m.twin["outages24h"] != 1.0 {
		t.Errorf("an outage of an hour is one of %v s", worst)
	}
	for _, x := range m.telemetry {
		if x.DurationSec < 0 || x.DurationSec > 3*3600 {
			t.Errorf("%+v", x)
		}
	}
}

// TestClockIsSetRight: a device without a clock of its own starts in the past, a check
// says so, and NTP mends it: no jump is left to suspect.
func TestClockIsSetRight(t *testing.T) {
	t.Parallel()
	m := simulate(t, "d/edgenet", still(nil))
	m.begin()
	m.withSkew(1000 * time.Hour)
	m.run(time.Minute)
	m.settled()
	if m.twin["clockSuspect"] != true {
		t.Fatalf("%v", m.twin)
	}
	m.jump(1000 * time.Hour)
	m.run(10 * time.Minute)
	m.settled()
	if m.twin["clockSuspect"] != false {
		t.Errorf("%v", m.twin)
	}
}

// TestDesiredFlood: settings that change every second cost a check every ten.
func TestDesiredFlood(t *testing.T) {
	t.Parallel()
	m := simulate(t, "d/edgenet", still(nil))
	m.begin()
	m.run(time.Minute)
	before := m.checks
	for i := range 120 {
		section := fmt.Sprintf(`{"intervalSec":%d}`, 900+i)
		s, complaints := desired.Parse(json.RawMessage(section), &fence.Fence{})
		m.post(DesiredSeen{json.RawMessage(section), s, complaints})
		m.run(time.Second)
	}
	if n := m.checks - before; n < 5 || n > 13 {
		t.Errorf("%d checks in two minutes", n)
	}
	m.run(time.Minute)
	m.settled()
	if m.state.Settings.Interval != 1019*time.Second {
		t.Errorf("%s", m.state.Settings.Interval)
	}
}

// TestCallsAreBounded: a flood of method calls waits for one check, and what does not fit
// is told so.
func TestCallsAreBounded(t *testing.T) {
	t.Parallel()
	m := simulate(t, "d/edgenet", still(nil))
	m.begin()
	m.run(time.Minute)
	before := m.checks
	for call := range uint64(100) {
		m.post(CheckAsked{Call: call + 1, Wait: true})
	}
	m.run(time.Minute)
	done, refused := 0, 0
	for _, a := range m.answers {
		switch a.Status {
		case 200:
			done++
		case 429:
			refused++
		}
	}
	if done+refused != 100 || done < maxCalls || m.checks-before > 2 {
		t.Errorf("%d answered, %d refused, %d checks", done, refused, m.checks-before)
	}
}
