package machine

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"
)

// The ceilings of one device's day. What breaks one of them makes the module a load.
const (
	ceilingConnections       = 340 // at default intervals, where nothing is wrong: five ways directly, the watch
	ceilingProxyConnections  = 355 // the same with a proxy: three ways more
	ceilingConnects          = 4   // MQTT CONNECTs, which a hub counts as failed logins: one start, two a route
	ceilingBeats             = 6   // twin writes where nothing changes: the first verdict and the heartbeats
	ceilingWorstConnections  = 620 // directly, beside the watch
	ceilingWorstChecks       = 124
	ceilingWorstWrites       = 22 // in any hour, however the network flaps, nobody asking
	ceilingWorstWritesPerDay = 310
)

// TestQuietDay: a steady network costs its watch, four or five checks and the heartbeats.
func TestQuietDay(t *testing.T) {
	t.Parallel()
	for device := range 4 {
		for _, proxied := range []bool{false, true} {
			m := simulate(t, fmt.Sprintf("device%d/edgenet", device), still(nil))
			limit := ceilingConnections
			if proxied {
				m.proxied()
				limit = ceilingProxyConnections
			}
			m.begin()
			m.run(24 * time.Hour)
			m.settled()
			if m.connections > limit || m.connects > ceilingConnects || len(m.writes) > ceilingBeats ||
				len(m.telemetry) != 1 {
				t.Errorf("%d connections, %d CONNECTs, %d writes, %d messages", m.connections, m.connects,
					len(m.writes), len(m.telemetry))
			}
			if len(m.writes) != m.beats+1 || m.beats < 3 {
				t.Errorf("%d writes, %d of them heartbeats", len(m.writes), m.beats)
			}
			if n := len(m.disk); n > 6 {
				t.Errorf("%d writes to the disk", n)
			}
			if device == 0 {
				t.Logf("a quiet day (proxy %t): %d checks, %d looks, %d connections, %d CONNECTs, %d twin writes, %d "+
					"disk writes", proxied, m.checks, m.watches, m.connections, m.connects, len(m.writes), len(m.disk))
			}
		}
	}
}

// TestFlappingDay: a network that falls and rises as fast as can be seen is bounded too.
func TestFlappingDay(t *testing.T) {
	t.Parallel()
	for _, period := range []time.Duration{10 * time.Second, 4 * time.Minute, 5 * time.Minute, 17 * time.Minute,
		time.Hour} {
		for _, bad := range []truth{nothing, noAMQP} {
			m := simulate(t, "d/edgenet", func(at time.Duration) truth {
				if at/period%2 == 1 {
					return bad
				}
				return nil
			})
			m.state.Settings.Watch = time.Minute // the shortest that is allowed
			m.begin()
			for range 24 * 6 {
				m.run(9*time.Minute + 50*time.Second)
				m.disconnect() // edgeHub flaps along
				m.run(10 * time.Second)
				m.connect()
			}
			perHour := busiest(m.writes, time.Hour)
			connections := m.connections - m.watches // the watch every minute was asked for
			t.Logf("%s: %d checks, %d connections and %d looks, %d writes, %d in the busiest hour, %d transitions",
				period, m.checks, connections, m.watches, len(m.writes), perHour, m.state.Seq)
			if connections > ceilingWorstConnections || m.checks > ceilingWorstChecks || perHour > ceilingWorstWrites ||
				len(m.writes) > ceilingWorstWritesPerDay {
				t.Errorf("%s: %d connections, %d checks, %d writes, %d in the busiest hour", period, connections,
					m.checks, len(m.writes), perHour)
			}
		}
	}
}

// busiest is how many fall into the fullest window.
func busiest(at []time.Duration, window time.Duration) int {
	most := 0
	for i, from := range at {
		n := 0
		for _, x := range at[i:] {
			if x-from < window {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

func TestFlappingIsSaid(t *testing.T) {
	t.Parallel()
	m := simulate(t, "d/edgenet", func(at time.Duration) truth {
		if at < 2*time.Hour && at/(11*time.Minute)%2 == 1 {
			return noAMQP
		}
		return nil
	})
	m.begin()
	m.run(100 * time.Minute)
	if !slices.Equal(m.state.Flapping, []string{"AMQP@direct"}) || m.state.Status != StatusDegraded {
		t.Errorf("%v %s", m.state.Flapping, m.state.Status)
	}
	m.run(6 * time.Hour)
	m.settled()
	if len(m.state.Flapping) > 0 || m.state.Status != StatusOK {
		t.Errorf("%v %s", m.state.Flapping, m.state.Status)
	}
}

// TestFleetIsNotInStep: a thousand modules that start at the same moment write and check
// all over the day. The figures stand in docs/performance.md.
func TestFleetIsNotInStep(t *testing.T) {
	t.Parallel()
	const modules = 1000
	var writes, checks []time.Duration
	for i := range modules {
		m := simulate(t, fmt.Sprintf("device%d/edgenet", i), still(nil))
		m.state.Settings.Watch = 12 * time.Hour // it writes nothing where nothing changes
		m.begin()
		m.run(time.Minute)
		m.writes = nil
		before := m.checks
		for range 23 * 12 { // five minutes at a time
			m.run(5 * time.Minute)
			for ; before < m.checks; before++ {
				checks = append(checks, m.now.Mono)
			}
		}
		writes = append(writes, m.writes...)
	}
	slices.Sort(writes)
	slices.Sort(checks)
	perSecond, perMinute := busiest2(writes, time.Second), busiest2(writes, time.Minute)
	perSlot := busiest2(checks, 5*time.Minute)
	t.Logf("%d writes in 23 h: %.1f a minute on average, at most %d in a second, %d in a minute; %d checks, at most "+
		"%d in five minutes (%.0f on average)",
		len(writes), float64(len(writes))/(23*60), perSecond, perMinute, len(checks), perSlot,
		float64(len(checks))/(23*12))
	if mean := float64(len(writes)) / (23 * 60); float64(perMinute) > 6*mean+5 || perSecond > 6 {
		t.Errorf("%d writes in one minute, %d in one second, and %.1f a minute on average", perMinute, perSecond, mean)
	}
	if perSlot > modules/5 {
		t.Errorf("%d of %d modules check within five minutes", perSlot, modules)
	}
}

// busiest2 is busiest for a long sorted list.
func busiest2(at []time.Duration, window time.Duration) int {
	most, from := 0, 0
	for i := range at {
		for at[i]-at[from] >= window {
			from++
		}
		most = max(most, i-from+1)
	}
	return most
}

// TestHeartbeat: it comes at its period, give or take a tenth, whole.
func TestHeartbeat(t *testing.T) {
	t.Parallel()
	m := simulate(t, "d/edgenet", still(nil))
	m.state.Settings.Heartbeat = 5 * time.Minute
	m.begin()
	m.run(time.Hour)
	for i := 2; i < len(m.writes); i++ {
		if d := m.writes[i] - m.writes[i-1]; d < 270*time.Second || d > 330*time.Second {
			t.Errorf("heartbeat %d after %s", i, d)
		}
	}
	if m.beats < 11 {
		t.Errorf("%d", m.beats)
	}
	delete(m.twin, "status") // a hub that refused a write behind edgeHub's back
	m.run(6 * time.Minute)
	if m.twin["status"] != "ok" {
		t.Errorf("%v", m.twin)
	}
}

// TestDocumentIsPlain: what the machine thinks the twin holds is what a twin gives back.
func TestDocumentIsPlain(t *testing.T) {
	t.Parallel()
	m := simulate(t, "d/edgenet", still(noAMQP))
	m.begin()
	m.run(time.Minute)
	m.state.Seen.Endpoints = map[string]string{"registry": "ok"}
	m.state.Complaints = []string{`"<x>" & y`}
	d := m.state.Document(m.now.Wall)
	b, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var back map[string]any
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if x := diff(back, d); x != nil {
		t.Errorf("%v", x)
	}
	if n := size(d); n < len(b) || n > len(b)+300 {
		t.Errorf("%d bytes were estimated, and it is %d", n, len(b))
	}
}

// TestWritesAreRationed: what changes all the time and nobody asked for is written a few
// times an hour; what somebody asked for is written at once all the same.
func TestWritesAreRationed(t *testing.T) {
	t.Parallel()
	m := simulate(t, "d/edgenet", still(nil))
	m.begin()
	for i := range 360 {
		m.post(EdgeHubSeen{[]EdgeHub{EdgeHubOffline, EdgeHubOnline}[i%2]})
		m.run(10 * time.Second)
	}
	if n := busiest(m.writes, time.Hour); n > ceilingWorstWrites || n < 15 {
		t.Errorf("%d writes in an hour", n)
	}
	before := len(m.writes)
	m.net = still(noAMQP)
	m.post(CheckAsked{Call: 1})
	m.run(10 * time.Second)
	if m.twin["recommended"] != "AMQPWS" || len(m.writes) != before+1 {
		t.Errorf("%d writes more, and %v", len(m.writes)-before, m.twin)
	}
	m.run(time.Hour)
	m.settled()
}

// TestWatchSeesNoDeeper: what fails above TLS is no news to a look at TLS.
func TestWatchSeesNoDeeper(t *testing.T) {
	t.Parallel()
	all := truth{"AMQP@direct": "amqp.closed", "MQTT@direct": "mqtt.closed", "AMQPWS@direct": "ws.block-page",
		"MQTTWS@direct": "ws.block-page"}
	m := simulate(t, "d/edgenet", switching(weather{0, nil}, weather{time.Hour, all}))
	m.begin()
	m.run(2 * time.Hour)
	m.post(CheckAsked{Call: 1})
	m.run(10 * time.Hour)
	m.settled()
	if slices.Contains(m.triggers, TriggerWatch) || m.twin["status"] != "down" || m.watches < 100 {
		t.Errorf("%v after %d looks, %v", m.triggers, m.watches, m.twin["status"])
	}
	if r, ok := m.state.Unsaved(); ok {
		t.Errorf("%+v is not on the disk", r)
	}
}
