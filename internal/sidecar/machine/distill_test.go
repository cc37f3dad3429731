package machine

import (
	"testing"
	"time"

	"edgenet/probe"
	"edgenet/report"
)

func TestDistill(t *testing.T) {
	t.Parallel()
	ws, yes := report.AMQPWS, true
	http := func(skew time.Duration, status report.Status) []report.Step {
		ms := report.MillisOf(skew)
		return []report.Step{{Stage: report.StageHTTP, Status: status, Detail: &report.HTTPDetail{SkewMs: &ms}}}
	}
	r := &report.Report{
		Routes: []report.Route{{ID: "direct"}, {ID: "proxy", Source: "env:https_proxy"},
			{ID: "proxy2", Source: "twin"}},
		Results: []report.Result{
			{Protocol: report.AMQP, Route: "direct", Status: report.Failed, Hop: report.HopTarget,
				Cause: report.TCPTimeout},
			{Protocol: report.AMQPWS, Route: "proxy", Status: report.Failed, Hop: report.HopProxy,
				Cause: report.TCPRefused},
			{Protocol: report.AMQPWS, Route: "proxy2", Status: report.OK, Latency: &report.Latency{MedianMs: 210}},
			{Protocol: report.HTTPS, Route: "direct", Status: report.OK, Steps: http(-9*time.Minute, report.OK)},
			{Protocol: report.HTTPS, Route: "proxy2", Status: report.OK, Steps: http(-3*time.Second, report.OK)},
			{Protocol: report.HTTPS, Route: "proxy", Status: report.Failed, Steps: http(0, report.Failed)},
		},
		Verdict: report.Verdict{UpstreamProtocol: &ws, Route: "proxy2", HTTPSOK: &yes, Expected: report.AMQP,
			Reason: "because"},
	}
	o := Distill(r)
	if o.Choice.String() != "AMQPWS@proxy2" || o.ProxyRoute != "proxy2" || o.ProxySource != "twin" ||
		o.Configured != report.AMQP || o.Reason != "because" || o.Undecided {
		t.Errorf("%+v", o)
	}
	if o.Skew == nil || *o.Skew != -3*time.Second {
		t.Errorf("%v", o.Skew)
	}
	name := func(p report.Protocol, route string) probe.PathName {
		return probe.PathName{Protocol: p, Route: route}
	}
	if o.Labels[name(report.AMQP, "direct")] != "tcp.timeout" ||
		o.Labels[name(report.AMQPWS, "proxy")] != "proxy/tcp.refused" ||
		o.Labels[name(report.AMQPWS, "proxy2")] != "ok" || o.Latency[name(report.AMQPWS, "proxy2")] != 210 {
		t.Errorf("%v %v", o.Labels, o.Latency)
	}
	r.Verdict.UpstreamProtocol = nil
	if o := Distill(r); o.ProxyRoute != "proxy" || o.ProxySource != "env" || o.Choice.Protocol != "" {
		t.Errorf("without a verdict the first proxy is shown: %+v", o)
	}
	r.Results[1].ID, r.Verdict.Because = "r2", &report.Because{Result: "r2"}
	if o := Distill(r); o.Because != "proxy/tcp.refused" {
		t.Errorf("the verdict speaks of r2, and this of %q", o.Because)
	}
	r.Results[3].Status = report.Skipped
	if o := Distill(r); o.Undecided {
		t.Error("HTTPS decides no upstream protocol")
	}
	r.Results[0].Status = report.Skipped
	if o := Distill(r); !o.Undecided || o.Labels[name(report.AMQP, "direct")] != "" {
		t.Error("not run is not failed")
	}
}

// TestWatchesThePathInUse: that of the configured protocol where it works, else the
// recommended one.
func TestWatchesThePathInUse(t *testing.T) {
	t.Parallel()
	m := simulate(t, "d/edgenet", switching(weather{0, noAMQP}, weather{time.Hour, nil}))
	m.state.Config.Configured = report.AMQP
	m.begin()
	watched := func() (last probe.PathName) {
		m.watched = nil
		for range 60 {
			m.run(10 * time.Second)
			if n := len(m.watched); n > 0 {
				last = m.watched[n-1]
			}
		}
		return last
	}
	if p := watched(); p.String() != "AMQPWS@direct" {
		t.Errorf("%s is watched where AMQP does not work", p)
	}
	m.run(24 * time.Hour)
	if p := watched(); p.String() != "AMQP@direct" || m.state.Recommended != report.AMQPWS {
		t.Errorf("%s is watched where AMQP is configured and works again, and %s is recommended", p,
			m.state.Recommended)
	}
}

// TestOutageUnderWay: an outage counts while it lasts, with its length so far.
func TestOutageUnderWay(t *testing.T) {
	t.Parallel()
	m := simulate(t, "d/edgenet", switching(weather{0, nil}, weather{time.Hour, nothing}))
	m.begin()
	m.run(3 * time.Hour)
	if n, worst := m.state.RecentOutages(m.now.Wall); n != 1 || worst < 6000 || worst > 7200 {
		t.Errorf("%d outages, the worst %d s", n, worst)
	}
	m.net = still(nil)
	m.run(3 * time.Hour)
	if n, worst := m.state.RecentOutages(m.now.Wall); n != 1 || worst < 7200 || worst > 11000 {
		t.Errorf("%d outages, the worst %d s", n, worst)
	}
	m.run(25 * time.Hour)
	if n, worst := m.state.RecentOutages(m.now.Wall); n != 0 || worst != 0 {
		t.Errorf("%d outages after a day, the worst %d s", n, worst)
	}
}

// TestStaleAnswers: what ends an effect of before says nothing of the one under way.
func TestStaleAnswers(t *testing.T) {
	t.Parallel()
	m := simulate(t, "d/edgenet", still(nil))
	m.begin()
	m.run(time.Minute)
	run, busy := m.state.Checking()
	if busy || run != 0 {
		t.Errorf("run %d", run)
	}
	m.post(CheckAsked{Call: 1})
	first, busy := m.state.Checking()
	if !busy || first == 0 || m.answers[0].Body.(map[string]any)["runId"] != first {
		t.Errorf("run %d, %+v", first, m.answers)
	}
	m.post(CheckDone{Run: first + 7, Found: m.observe(nothing, true)})
	m.post(WatchDone{Run: first + 8, Path: m.state.Current()})
	if run, _ := m.state.Checking(); run != first || m.state.Status != StatusOK {
		t.Errorf("run %d ended the check", run)
	}
	m.run(time.Minute)
	m.post(CheckAsked{Call: 2})
	if second, _ := m.state.Checking(); second <= first {
		t.Errorf("run %d after %d", second, first)
	}
	m.net = still(noAMQP)
	m.run(time.Minute)
	m.post(CheckAsked{Call: 3})
	for m.state.writing == nil {
		m.run(10 * time.Millisecond)
	}
	under := m.state.writing.id
	m.post(PatchDone{ID: under - 1})
	if m.state.writing == nil || m.state.writing.id != under || under < 2 {
		t.Errorf("write %d was ended by another", under)
	}
	m.run(time.Minute)
	m.settled()
}

// TestCause: the label that tells most, of what the judgement says.
func TestCause(t *testing.T) {
	t.Parallel()
	no, direct := false, func(p report.Protocol) probe.PathName { return probe.PathName{Protocol: p, Route: "direct"} }
	labels := map[probe.PathName]string{direct(report.AMQP): "tls.alert", direct(report.MQTT): "tcp.timeout",
		direct(report.HTTPS): "tcp.refused"}
	for _, row := range []struct {
		name       string
		seen       Observation
		configured report.Protocol
		want       string
	}{
		{"what the verdict speaks of", Observation{Labels: labels, Because: "tcp.timeout", HTTPS: &no}, "",
			"tcp.timeout"},
		{"the configured protocol's own", Observation{Labels: labels, Because: "tcp.timeout"}, report.AMQP,
			"tls.alert"},
		{"HTTPS, where nothing is said", Observation{Labels: labels, HTTPS: &no}, "", "tcp.refused"},
		{"the first that fails directly", Observation{Labels: labels}, "", "tls.alert"},
		{"nothing fails", Observation{}, "", ""},
	} {
		s := &State{Seen: &row.seen}
		s.Seen.Configured = row.configured
		if got := s.cause(); got != row.want {
			t.Errorf("%s: %q, want %q", row.name, got, row.want)
		}
	}
	if got := (&State{}).cause(); got != "" {
		t.Errorf("before the first check: %q", got)
	}
}
