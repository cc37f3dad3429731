package judge

import (
	"slices"
	"strings"
	"testing"

	"edgenet/internal/verify/testkit"
	"edgenet/report"
)

// What a change of the rules could lose without a word: whose failure it is, which result
// stands for it, and who is asked for what.

func TestWhoseFailureItIs(t *testing.T) {
	t.Parallel()
	dead := every("direct", "tls.reset")
	slow := func(trips ...report.Millis) func(*testing.T, []report.Result) {
		return func(_ *testing.T, rs []report.Result) {
			for i := range rs {
				rs[i].Pace = &report.Pace{RoundTripMs: trips[i%len(trips)], ReceivedBytes: 2000}
			}
		}
	}
	runFindings(t, []findingRow{
		{name: "SOCKS is no route of the daemon's", routes: "direct socks", rows: append(slices.Clone(dead),
			every("proxy", "connect.closed")...), code: report.HTTPSRequired, want: "error firewall-admin r5: "},
		{name: "a router knows no way", routes: "direct", rows: every("direct", "tcp.unreachable"),
			code: report.FirewallAllBlocked, want: "error network r1,r2,r3,r4,r5: the name hub.azure-devices.net " +
				"resolves, and none of its ports answers directly (tcp.unreachable) | " +
				report.TCPUnreachable.RemedyAt(report.HopTarget, "hub.azure-devices.net", 5671, "")},
		{name: "the shortest round trip counts", routes: "direct", rows: every("direct", "ok"),
			change: slow(1900, 1200),
			code:   report.NetworkSlow, want: "warning network r1,r2,r3,r4,r5: the network is slow: a round trip takes " +
				"1.2 s | "},
		{name: "one short round trip is enough", routes: "direct", rows: every("direct", "ok"), change: slow(1900, 20),
			code: report.NetworkSlow},
		{name: "the time by a proxy's answer", routes: "proxy", rows: every("proxy", "ok"),
			change: func(_ *testing.T, rs []report.Result) {
				date, at := noon, noon.Add(2*clockTolerance)
				evidence(&rs[1], report.HopProxy, report.StageConnect, &report.ConnectDetail{Date: &date, At: &at})
				evidence(&rs[2], report.HopProxy, report.StageConnect, &report.ConnectDetail{})
			}, code: report.ClockSkew, want: "error host r2: "},
		{name: "seconds are of a thousand each", routes: "direct", rows: every("direct", "ok"),
			change: func(_ *testing.T, rs []report.Result) {
				rs[2].Attempts, rs[2].Latency = 3, &report.Latency{MinMs: 90000, MedianMs: 95000, MaxMs: 98000}
			}, code: report.LatencyHigh,
			want: "warning network r3: AMQPWS takes 95.0 s to answer (least 90.0 s, most 98.0 s) | "},
	})
}

// TestWhoIsAskedForWhat: the words for the user's own screen are the finding's, where it has
// its own, and what is set by a proxy's route is set with the proxy.
func TestWhoIsAskedForWhat(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, routes string
		lines        []string
		expect       report.Protocol
		want         string // a line of the advice begins so
	}{
		{"a portal", "direct", every("direct", "http.block-page"), "",
			"error user r1,r2,r3,r4,r5 [B/verdict] (captive-portal protocol.none https.required): Log in to the " +
				"portal from"},
		{"the other protocol by the proxy", "direct proxy", append(every("direct", "tls.alert"),
			with(every("proxy", "ok"), "MQTTWS@proxy connect.forbidden")...), report.MQTTWS,
			"error host r4,r9,r8,r10 [A/verdict] (protocol.mismatch proxy.required): Set https_proxy and " +
				"UpstreamProtocol to AmqpWs for"},
		{"the other protocol without one", "direct", with(every("direct", "ok"), "MQTTWS@direct tls.alert"),
			report.MQTTWS, "error host r4 [A/verdict] (protocol.mismatch): Set UpstreamProtocol to Amqp for"},
	} {
		q := asking(t, routesOf(row.routes)...)
		q.Expect = row.expect
		r := &report.Report{Results: pathLines(t, q, row.lines...)}
		Conclude(r, q, false)
		if !slices.ContainsFunc(strings.Split(told(r), "\n"),
			func(l string) bool { return strings.HasPrefix(l, row.want) }) {
			t.Errorf("%s: got\n%s\nwant %s", row.name, told(r), row.want)
		}
	}
}

// TestWhatHasToBeClosed: nobody is told of a path that has to be closed, and is; of one that
// is open everybody is.
func TestWhatHasToBeClosed(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		lines  []string
		closed []PathName
		want   string // codes of the findings
	}{
		{"nobody asked for it", with(every("direct", "ok"), "MQTT@direct tls.mtu"), nil, "mtu.blackhole"},
		{"closed, as it has to be", with(every("direct", "ok"), "MQTT@direct tls.mtu"),
			[]PathName{{report.MQTT, "direct"}}, ""},
		{"another one has to be closed, and is open", with(every("direct", "ok"), "MQTT@direct tls.mtu"),
			[]PathName{{report.MQTTWS, "direct"}}, "mtu.blackhole"},
		{"all have to be closed, and are", every("direct", "tls.reset"), []PathName{{report.AMQP, "direct"},
			{report.MQTT, "direct"}, {report.AMQPWS, "direct"}, {report.MQTTWS, "direct"}, {report.HTTPS, "direct"}},
			""},
	} {
		q := asking(t, "direct")
		q.Closed = row.closed
		r := &report.Report{Results: pathLines(t, q, row.lines...)}
		remote("10.1.2.3")(t, r.Results)
		Conclude(r, q, false)
		var codes []string
		for _, f := range r.Findings {
			codes = append(codes, string(f.Code))
		}
		if got := strings.Join(codes, " "); got != row.want {
			t.Errorf("%s: %q, want %q", row.name, got, row.want)
		}
	}
}

// TestBecause: the reason speaks of a failure only where no protocol works and all is known.
func TestBecause(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name      string
		protocols []report.Protocol
		lines     []string
		want      string
	}{
		{"nothing works", nil, every("direct", "tls.alert"), "r1"},
		{"one works", nil, with(every("direct", "tls.alert"), "AMQP@direct ok"), ""},
		{"not finished", nil, with(every("direct", "tls.alert"), "MQTTWS@direct skipped"), ""},
		{"HTTPS alone was asked for", []report.Protocol{report.HTTPS}, []string{"HTTPS@direct tls.alert"}, ""},
	} {
		q := asking(t, "direct")
		q.Protocols = row.protocols
		got := ""
		if b := Choose(pathLines(t, q, row.lines...), q, false).Because; b != nil {
			got = b.Result
		}
		if got != row.want {
			t.Errorf("%s: %q, want %q", row.name, got, row.want)
		}
	}
}

// TestInterrupted: the exit code tells of a run that was stopped, and of no other.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	cut := with(every("direct", "ok"), "MQTT@direct skipped")
	for _, row := range []struct {
		name    string
		lines   []string
		stopped bool
		want    bool
	}{
		{"stopped half-way", cut, true, true}, {"a deadline", cut, false, false},
		{"stopped when all was done", every("direct", "ok"), true, false},
	} {
		q := asking(t, "direct")
		r := &report.Report{Results: pathLines(t, q, row.lines...)}
		Conclude(r, q, row.stopped)
		plain := Choose(r.Results, q, false).ExitCode
		if got := r.Verdict.ExitCode != plain; got != row.want {
			t.Errorf("%s: exit code %d, %d where nobody stops it", row.name, r.Verdict.ExitCode, plain)
		}
	}
}

// TestTheOrderOfResults does not matter: routes come in the order of the question.
func TestTheOrderOfResults(t *testing.T) {
	t.Parallel()
	q := asking(t, "direct", proxyURL)
	lines := append(every("direct", "tls.alert"), every("proxy", "connect.closed")...)
	forward := pathLines(t, q, lines...)
	back := slices.Clone(forward)
	slices.Reverse(back)
	for _, rs := range [][]report.Result{forward, back} {
		if c := newChooser(rs, q); c.results[0].ID != "r1" || c.results[len(c.results)-1].ID != "r10" {
			t.Errorf("%s comes first, %s last", c.results[0].ID, c.results[len(c.results)-1].ID)
		}
	}
	if a, b := Choose(forward, q, false), Choose(back, q, false); a.Reason != b.Reason || a.Because == nil ||
		b.Because == nil || a.Because.Result != b.Because.Result {
		t.Errorf("%q\n%q", a.Reason, b.Reason)
	}
}

// TestPort443ByExperiment: what the proxy said to a CONNECT of our own for 443 counts before
// what another path saw.
func TestPort443ByExperiment(t *testing.T) {
	t.Parallel()
	for outcome, want := range map[report.Outcome]string{report.Answered: "allowed", report.Blocked: "refused",
		report.Killed: ""} {
		rs := pathLines(t, asking(t, proxyURL), "AMQP@proxy connect.forbidden", "HTTPS@proxy connect.closed")
		d := &report.ConnectDetail{}
		evidence(&rs[0], report.HopProxy, report.StageConnect, d)
		rs[0].Experiments = testkit.Experiments(string(report.Port443), string(outcome))
		if Refine(rs); d.Port443 != want {
			t.Errorf("%s: %q, want %q", outcome, d.Port443, want)
		}
		if strings.Contains(rs[0].Summary, "443") != (want != "") {
			t.Errorf("%s: %s", outcome, rs[0].Summary)
		}
	}
}

// TestEachDifferenceIsItsPaths: a path that fails in the container alone is repaired by what
// its own difference names.
func TestEachDifferenceIsItsPaths(t *testing.T) {
	t.Parallel()
	q := asking(t, "direct")
	r := &report.Report{Results: pathLines(t, q, every("direct", "ok")...), Container: &report.Container{
		Report: &report.Report{Results: pathLines(t, q, with(every("direct", "ok"), "AMQP@direct tls.reset",
			"MQTT@direct tls.reset")...)}}}
	ConcludeBoth(r, q, false, func(*report.Report, *report.Container) []report.Difference {
		return []report.Difference{{Result: "r1", Remedy: "Repair one.", Actor: report.ActorHost},
			{Result: "r2", Remedy: "Repair two.", Actor: report.ActorDNS}}
	})
	mixed := mix(r, r.Container.Report)
	if a, b := mixed[0], mixed[1]; a.Remedy != "Repair one." || a.Actor != report.ActorHost ||
		b.Remedy != "Repair two." || b.Actor != report.ActorDNS {
		t.Errorf("%s %q, %s %q", a.Actor, a.Remedy, b.Actor, b.Remedy)
	}
}

// TestOfNothing: a question that a report answers has its defaults.
func TestOfNothing(t *testing.T) {
	t.Parallel()
	q := Of(&report.Report{})
	if q.Depth != DepthProtocol || len(q.Protocols) != 5 || !slices.Equal(q.Prefer, report.DefaultPreference()) {
		t.Errorf("%+v", q)
	}
}

// TestClosedAndSomethingElse: that all is closed which has to be hides nothing else.
func TestClosedAndSomethingElse(t *testing.T) {
	t.Parallel()
	q := asking(t, "direct")
	q.Protocols, q.Closed = []report.Protocol{report.MQTT, report.HTTPS}, []PathName{{report.MQTT, "direct"}}
	r := &report.Report{Results: pathLines(t, q, "MQTT@direct tls.reset", "HTTPS@direct ok")}
	r.Results[1].Attempts, r.Results[1].Latency = 3, &report.Latency{MinMs: 5000, MedianMs: 6000, MaxMs: 7000}
	Conclude(r, q, false)
	if len(r.Findings) != 1 || r.Findings[0].Code != report.LatencyHigh || r.Verdict.ExitCode != 0 {
		t.Errorf("exit code %d, %+v", r.Verdict.ExitCode, r.Findings)
	}
}
