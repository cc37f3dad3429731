package machine

import (
	"testing"
	"time"

	"edgenet/report"
)

var (
	noAMQP  = truth{"AMQP@direct": "tcp.timeout"}
	nothing = truth{"AMQP@direct": "tcp.timeout", "MQTT@direct": "tcp.timeout", "AMQPWS@direct": "tcp.timeout",
		"MQTTWS@direct": "tcp.timeout", "HTTPS@direct": "tcp.timeout"}
)

func TestFirstVerdictIsImmediate(t *testing.T) {
	t.Parallel()
	m := simulate(t, "d/edgenet", still(noAMQP))
	m.begin()
	m.run(10 * time.Second)
	m.settled()
	if m.twin["recommended"] != "AMQPWS" || m.twin["route"] != "direct" || m.twin["cause"] != "tcp.timeout" ||
		m.twin["edgeHub"] != "online" || m.twin["hubTransport"] != "amqp" {
		t.Errorf("%v", m.twin)
	}
	if len(m.telemetry) != 1 || m.telemetry[0].From != StatusUnseen || m.telemetry[0].Protocol != report.AMQPWS {
		t.Errorf("%+v", m.telemetry)
	}
}

// TestChangesAfterThree: the path in use fails, the watch sees it, and the recommendation
// changes with the third check in a row that says so, not before.
func TestChangesAfterThree(t *testing.T) {
	t.Parallel()
	m := simulate(t, "d/edgenet", switching(weather{0, nil}, weather{time.Hour, noAMQP}))
	m.begin()
	m.run(time.Hour)
	m.settled()
	if m.twin["recommended"] != "AMQP" || m.twin["status"] != "ok" || m.checks != 1 {
		t.Fatalf("%v after %d checks", m.twin, m.checks)
	}
	for m.checks < 3 {
		m.run(time.Minute)
		if m.now.Mono > 2*time.Hour {
			t.Fatal("nobody looked")
		}
	}
	m.run(5 * time.Second)
	m.settled()
	if m.twin["recommended"] != "AMQP" || m.twin["status"] != "degraded" || m.state.Fails != 2 {
		t.Fatalf("after two checks: %v, %d", m.twin, m.state.Fails)
	}
	m.run(10 * time.Minute)
	m.settled()
	if m.twin["recommended"] != "AMQPWS" || m.checks != 4 {
		t.Fatalf("after %d checks: %v", m.checks, m.twin)
	}
	if m.now.Mono > time.Hour+25*time.Minute {
		t.Errorf("it took until %s", m.now.Mono)
	}
	last := m.telemetry[len(m.telemetry)-1]
	if last.FromProtocol != report.AMQP || last.Protocol != report.AMQPWS {
		t.Errorf("%+v", last)
	}
}

// TestStaysWhenItRecovers: two failures and a success are no row; and what works again is
// not gone back to by itself, only when the operator asks.
func TestStaysWhenItRecovers(t *testing.T) {
	t.Parallel()
	m := simulate(t, "d/edgenet", switching(weather{0, noAMQP}, weather{time.Hour, nil}))
	m.begin()
	m.run(48 * time.Hour)
	m.settled()
	if m.twin["recommended"] != "AMQPWS" {
		t.Fatalf("%v", m.twin)
	}
	m.post(CheckAsked{Call: 7, Wait: true})
	m.run(5 * time.Second)
	m.settled()
	if m.twin["recommended"] != "AMQP" {
		t.Errorf("after a method: %v", m.twin)
	}
	if len(m.answers) != 1 || m.answers[0].Call != 7 || m.answers[0].Body.(Verdict).Recommended != "AMQP" {
		t.Errorf("%+v", m.answers)
	}
}

func TestAllFailKeepsTheRecommendation(t *testing.T) {
	t.Parallel()
	m := simulate(t, "d/edgenet", switching(weather{0, nil}, weather{time.Hour, nothing}, weather{3 * time.Hour, nil}))
	m.begin()
	m.run(2 * time.Hour)
	m.settled()
	if m.twin["recommended"] != "AMQP" || m.twin["status"] != "down" || m.twin["cause"] != "tcp.timeout" ||
		m.twin["upSince"] != nil {
		t.Fatalf("%v", m.twin)
	}
	m.run(2 * time.Hour)
	m.settled()
	if m.twin["recommended"] != "AMQP" || m.twin["status"] != "ok" || m.twin["outages24h"] != 1.0 ||
		m.twin["worstOutageSec"].(float64) < 3600 || m.twin["upSince"] == nil {
		t.Errorf("%v", m.twin)
	}
	if n := len(m.telemetry); n != 3 || m.telemetry[2].DurationSec < 3600 {
		t.Errorf("%+v", m.telemetry)
	}
}

// TestWatchCountsOncePerPeriod: checks that nobody asked for come as fast as they like,
// and count no faster than the watch.
func TestWatchCountsOncePerPeriod(t *testing.T) {
	t.Parallel()
	m := simulate(t, "d/edgenet", switching(weather{0, nil}, weather{time.Minute, noAMQP}))
	m.begin()
	m.run(2 * time.Minute)
	for range 6 {
		m.disconnect()
		m.run(4 * time.Second)
		m.connect()
		m.run(4 * time.Second)
	}
	if m.checks < 6 || m.state.Fails != 1 || m.state.Recommended != report.AMQP {
		t.Errorf("%d checks, %d failures counted, %s", m.checks, m.state.Fails, m.state.Recommended)
	}
}

// TestRestartKeepsTheRow: failures counted before a SIGKILL count after it.
func TestRestartKeepsTheRow(t *testing.T) {
	t.Parallel()
	m := simulate(t, "d/edgenet", switching(weather{0, nil}, weather{time.Minute, noAMQP}))
	m.begin()
	m.run(30 * time.Second)
	m.net = still(noAMQP)
	m.restart()
	m.run(10 * time.Second)
	if m.state.Fails != 1 {
		t.Fatalf("%d", m.state.Fails)
	}
	m.restart()
	m.run(10 * time.Second)
	m.settled()
	if m.state.Fails != 2 || m.state.Recommended != report.AMQP {
		t.Fatalf("%d %s", m.state.Fails, m.state.Recommended)
	}
	m.restart()
	m.run(10 * time.Second)
	m.settled()
	if m.state.Recommended != report.AMQPWS {
		t.Fatalf("%d %s", m.state.Fails, m.state.Recommended)
	}
}

// TestDeepIsNotOverruled: a CONNECT that never reached the hub is tried again at every
// check, so that a look at TLS does not hide it.
func TestDeepIsNotOverruled(t *testing.T) {
	t.Parallel()
	m := simulate(t, "d/edgenet", still(truth{"MQTT@direct": "mqtt.closed", "MQTTWS@direct": "mqtt.refused"}))
	m.begin()
	m.run(30 * time.Hour)
	m.settled()
	if m.checks < 4 || m.connects != 2+(m.checks-1) {
		t.Errorf("%d CONNECTs in %d checks", m.connects, m.checks)
	}
}

func TestConfigured(t *testing.T) {
	t.Parallel()
	m := simulate(t, "d/edgenet", still(noAMQP))
	m.state.Config.Configured = report.AMQP
	m.begin()
	m.run(10 * time.Second)
	m.settled()
	if m.twin["configured"] != "AMQP" || m.twin["consistent"] != false || m.twin["status"] != "degraded" ||
		m.twin["recommended"] != "AMQPWS" || m.twin["finding"] != "protocol.mismatch" {
		t.Errorf("%v", m.twin)
	}
	settings := m.state.Settings
	settings.Expected = report.AMQPWS
	m.post(DesiredSeen{[]byte(`{"expected":"AmqpWs"}`), settings, nil})
	m.run(10 * time.Second)
	m.settled()
	if m.twin["configured"] != "AMQPWS" || m.twin["consistent"] != true || m.twin["status"] != "ok" {
		t.Errorf("%v", m.twin)
	}
}

func TestProxied(t *testing.T) {
	t.Parallel()
	direct := truth{"AMQP@direct": "tcp.timeout", "MQTT@direct": "tcp.timeout", "AMQPWS@direct": "tcp.timeout",
		"MQTTWS@direct": "tcp.timeout", "HTTPS@direct": "tcp.timeout",
		"AMQP@proxy": "connect.forbidden", "MQTT@proxy": "connect.forbidden"}
	m := simulate(t, "d/edgenet", still(direct))
	m.proxied()
	m.begin()
	m.run(10 * time.Second)
	m.settled()
	if m.twin["recommended"] != "AMQPWS" || m.twin["route"] != "proxy" || m.twin["proxySource"] != "env" ||
		m.twin["https"] != true {
		t.Errorf("%v", m.twin)
	}
	if p, ok := m.twin["proxy"].(map[string]any); !ok || p["AMQPWS"] != "ok" {
		t.Errorf("%v", m.twin["proxy"])
	}
}

// TestEdgeHubOffline: edgeHub's own word is a reason to look, and to be looked at, whatever
// the paths are like.
func TestEdgeHubOffline(t *testing.T) {
	t.Parallel()
	m := simulate(t, "d/edgenet", still(nil))
	m.begin()
	m.run(time.Minute)
	m.post(EdgeHubSeen{EdgeHubOffline})
	m.run(10 * time.Second)
	m.settled()
	if m.twin["edgeHub"] != "offline" || m.twin["status"] != "degraded" || m.twin["cause"] != nil || m.checks != 2 ||
		m.triggers[1] != TriggerEdgeHub {
		t.Errorf("%v, %d checks", m.twin, m.checks)
	}
	m.post(EdgeHubSeen{EdgeHubOnline})
	m.run(10 * time.Second)
	m.settled()
	if m.twin["edgeHub"] != "online" || m.twin["status"] != "ok" || m.checks != 2 {
		t.Errorf("%v, %d checks", m.twin, m.checks)
	}
}

// TestExpectedChanges: what was found is judged by what was set when it was found, so that
// a new expectation brings one transition with its check, and none before.
func TestExpectedChanges(t *testing.T) {
	t.Parallel()
	m := simulate(t, "d/edgenet", still(nil))
	m.state.Config.Configured = report.AMQP
	m.begin()
	m.run(time.Minute)
	settings := m.state.Settings
	settings.Expected = report.AMQPWS
	m.post(DesiredSeen{[]byte(`{"expected":"AmqpWs"}`), settings, nil})
	if m.state.Status != StatusOK || m.state.Seq != 1 {
		t.Errorf("%s, %d transitions before the check", m.state.Status, m.state.Seq)
	}
	m.run(time.Minute)
	m.settled()
	if len(m.telemetry) != 2 || m.telemetry[1].To != StatusOK || m.telemetry[1].Protocol != report.AMQPWS ||
		m.twin["consistent"] != true {
		t.Errorf("%+v %v", m.telemetry, m.twin)
	}
}

// TestRouteIsGone: a recommended path that is not tried any more cannot be waited for.
func TestRouteIsGone(t *testing.T) {
	t.Parallel()
	direct := truth{"AMQP@direct": "tcp.timeout", "MQTT@direct": "tcp.timeout", "AMQPWS@direct": "tcp.timeout",
		"MQTTWS@direct": "tcp.timeout"}
	m := simulate(t, "d/edgenet", still(direct))
	m.proxied()
	m.begin()
	m.run(time.Minute)
	if m.state.Current().String() != "AMQPWS@proxy" {
		t.Fatalf("%s", m.state.Current())
	}
	m.plan.Routes, m.net = m.plan.Routes[:1], still(nil)
	m.disconnect() // a reason to check that nobody asked for
	m.run(10 * time.Second)
	m.connect()
	m.run(10 * time.Second)
	m.settled()
	if m.twin["recommended"] != "AMQP" || m.twin["route"] != "direct" || m.twin["proxy"] != nil ||
		m.twin["proxySource"] != nil {
		t.Errorf("%v", m.twin)
	}
}
