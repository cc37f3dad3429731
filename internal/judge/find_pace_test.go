package judge

import (
	"testing"

	"edgenet/report"
)

func TestPaceFindings(t *testing.T) {
	t.Parallel()
	direct := every("direct", "ok")
	paced := func(trip report.Millis, kbit ...float64) func(*testing.T, []report.Result) {
		return func(_ *testing.T, rs []report.Result) {
			for i := range rs {
				rs[i].Pace = &report.Pace{RoundTripMs: trip, ReceivedBytes: 2000, KbitPerSec: kbit[i%len(kbit)]}
			}
		}
	}
	acked := func(wait report.Millis, ack ...report.Millis) func(*testing.T, []report.Result) {
		return func(_ *testing.T, rs []report.Result) {
			for i := range rs {
				rs[i].DurationMs = 1000
				rs[i].Pace = &report.Pace{RoundTripMs: 20, LongestWaitMs: wait, ReceivedBytes: 2000, AckMs: ack[i],
					LeastAckMs: 0.4}
			}
		}
	}
	late := func(kbit ...float64) func(*testing.T, []report.Result) {
		return func(t *testing.T, rs []report.Result) {
			paced(20, kbit...)(t, rs)
			for i := range rs {
				rs[i].Pace.LateMs = 40
			}
		}
	}
	tried := func(name report.ExperimentName, o report.Outcome) func(*testing.T, []report.Result) {
		return func(_ *testing.T, rs []report.Result) {
			for i := range rs {
				rs[i].Experiments = []report.Experiment{{Name: name, Outcome: o, Summary: "s"}}
			}
		}
	}
	limited := func(_ *testing.T, rs []report.Result) {
		rs[2].Attempts, rs[2].Failures, rs[2].FailureCauses = 2, 1, map[report.Cause]int{report.ConnectLimit: 1}
	}
	counted := func(e report.Experiment) func(*testing.T, []report.Result) {
		return func(_ *testing.T, rs []report.Result) {
			e.Name, e.Summary = report.LostPackets, "s"
			rs[1].Experiments = []report.Experiment{e}
			for i := range rs { // most SYNs were sent again, and answers came late
				rs[i].Steps = []report.Step{{Hop: report.HopTarget, Stage: report.StageTCP, Status: report.OK,
					Detail: &report.TCPDetail{Resent: 1}}}
				rs[i].Pace = &report.Pace{RoundTripMs: 20, ReceivedBytes: 2000, KbitPerSec: 30}
			}
		}
	}
	heavy := counted(report.Experiment{Outcome: report.Silent, Tries: 100, Lost: 36})
	light := counted(report.Experiment{Outcome: report.Answered, Tries: 100, Lost: 10})
	unknown := counted(report.Experiment{Outcome: report.Unavailable, Tries: 9, Lost: 9})
	met := counted(report.Experiment{Outcome: report.Blocked, AtOnce: 2})
	here := counted(report.Experiment{Outcome: report.Blocked, AtOnce: 2, LocalDrops: true})
	runFindings(t, []findingRow{
		{name: "much is lost", routes: "direct", rows: direct, change: heavy, code: report.Loss,
			want: "warning network r2: s: some 20 % of all packets get lost, if both ways are alike | Look for loss"},
		{name: "and late for it", routes: "direct", rows: direct, change: heavy, code: report.NetworkSlow},
		{name: "little is lost", routes: "direct", rows: direct, change: light, code: report.Loss},
		{name: "and the network is slow as well", routes: "direct", rows: direct, change: light, code: report.NetworkSlow,
			want: "warning network r1,r2,r3,r4,r5: the network is slow: "},
		{name: "nobody knows how much is lost", routes: "direct", rows: direct, change: unknown, code: report.Loss,
			want: "warning network r1,r2,r3,r4,r5: SYNs got lost on 5 paths"},
		{name: "a limit is met", routes: "direct", rows: direct, change: met, code: report.LimitConnections,
			want: "warning firewall-admin r2: s: something on the way lets this device have no more at a time | Allow this " +
				"device more connections at a time (a limit per source in a firewall or a NAT), to all ports of hub."},
		{name: "which is no loss either", routes: "direct", rows: direct, change: met, code: report.Loss},
		{name: "a limit of this host", routes: "direct", rows: direct, change: here, code: report.LimitConnections,
			want: "warning host r2: s: this host itself sends no more at a time | Find the rule of this host's own"},
		{name: "a limit before the proxy", routes: "proxy", rows: every("proxy", "ok"), change: met,
			code: report.LimitConnections, want: "warning proxy-admin r2: s: something on the way lets this device have no " +
				"more at a time | Allow this device more connections at a time to the proxy"},
		{name: "long round trips", routes: "direct", rows: direct, change: paced(1300, 0), code: report.NetworkSlow,
			want: "warning network r1,r2,r3,r4,r5: the network is slow: a round trip takes 1.3 s | "},
		{name: "a low rate on every path", routes: "direct", rows: direct, change: paced(20, 30, 31),
			code: report.NetworkSlow, want: "warning network r1,r2,r3,r4,r5: the network is slow: a round trip takes " +
				"20 ms, answers come at 31 kbit/s | "},
		{name: "a low rate on some", routes: "direct", rows: direct, change: paced(20, 30, 0),
			code: report.NetworkSlow},
		{name: "a low rate on most, and no time for one", routes: "direct", rows: direct, change: late(30, 31, 30, 29, 0),
			code: report.NetworkSlow, want: "warning network r1,r2,r3,r4,r5: the network is slow: a round trip takes " +
				"20 ms, answers come at 30 kbit/s | "},
		{name: "a low rate on some, and no time for most", routes: "direct", rows: direct, change: late(30, 31, 0, 0, 0),
			code: report.NetworkSlow},
		{name: "a low rate on all but one of many", routes: "direct", rows: direct, change: paced(20, 30, 31, 29, 30, 131),
			code: report.NetworkSlow, want: "warning network r1,r2,r3,r4,r5: the network is slow: a round trip takes " +
				"20 ms, answers come at 31 kbit/s | "},
		{name: "a fair rate on two", routes: "direct", rows: direct, change: paced(20, 30, 200),
			code: report.NetworkSlow},
		{name: "what is sent queues", routes: "direct", rows: direct, change: acked(300, 190, 193, 185, 190, 162),
			code: report.NetworkSlow, want: "warning network r1,r2,r3,r4,r5: the network is slow: what is sent is " +
				"acknowledged after 193 ms, and after less than 1 ms where the link was free: it is slow or full; all " +
				"paths together got 80 kbit/s | "},
		{name: "all but one queue", routes: "direct", rows: direct, change: acked(300, 190, 193, 185, 190, 40),
			code: report.NetworkSlow, want: "warning network r1,r2,r3,r4,r5: the network is slow: what is sent is "},
		{name: "three of four queue", routes: "direct", rows: direct[:4], change: acked(300, 190, 193, 185, 40),
			code: report.NetworkSlow},
		{name: "acknowledgements that are delayed", routes: "direct", rows: direct, change: acked(300, 41, 40, 39, 41, 44),
			code: report.NetworkSlow},
		{name: "a link that is not slow enough", routes: "direct", rows: direct, change: acked(170, 111, 113, 112, 112, 120),
			code: report.NetworkSlow},
		{name: "two of five", routes: "direct", rows: direct, change: acked(300, 190, 193, 100, 20, 90),
			code: report.NetworkSlow},
		{name: "a long way", routes: "direct", rows: direct, change: all(acked(300, 150, 150, 140, 160, 150),
			func(_ *testing.T, rs []report.Result) {
				for i := range rs {
					rs[i].Pace.LeastAckMs = 140
				}
			}), code: report.NetworkSlow},
		{name: "this host was late, and nothing queued", routes: "direct", rows: direct,
			change: all(acked(900, 0.5, 0.4, 41, 0.5, 0.6), func(_ *testing.T, rs []report.Result) {
				for i := range rs {
					rs[i].Pace.LateMs = 850
				}
			}), code: report.NetworkSlow},
		{name: "by satellite", routes: "direct", rows: direct, change: paced(620, 0), code: report.NetworkSlow},
		{name: "not enough time", routes: "direct", rows: every("direct", "path.slow"), code: report.NetworkSlow,
			want: "error network r1,r2,r3,r4,r5: the network is slow: answers come too late; not enough time for " +
				"AMQP, though answers came all the time | Check again with a longer --timeout"},
		{name: "not enough time for one", routes: "direct", rows: with(direct, "HTTPS@direct path.slow"),
			code: report.NetworkSlow, want: "error network r5: the network is slow: answers come too late; not " +
				"enough time for HTTPS, though answers came all the time | Check again with a longer --timeout: "},

		{name: "few descriptors", routes: "direct", rows: with(direct, "AMQP@direct host.limit"), code: report.HostBusy,
			want: "error host r1: this host cut the check short"},
		{name: "a firewall", routes: "direct", rows: with(direct, "AMQP@direct tcp.timeout"), code: report.HostBusy},

		{name: "one tunnel at a time", routes: "proxy", rows: every("proxy", "ok"), change: limited,
			code: report.LimitConnections, want: "warning proxy-admin r3: the proxy proxy.test:3128 refuses tunnels " +
				"while others are open"},
		{name: "which is no loss", routes: "proxy", rows: every("proxy", "ok"), change: limited, code: report.Loss},
		{name: "no limit", routes: "proxy", rows: every("proxy", "ok"), code: report.LimitConnections},

		{name: "a User-Agent", routes: "proxy", rows: every("proxy", "connect.forbidden"),
			change: tried(report.WithUserAgent, report.Answered), code: report.ProxyNotAsRuntime,
			want: "error proxy-admin r1,r2,r3,r4,r5: the proxy lets the same CONNECT in with a User-Agent"},
		{name: "a User-Agent, on one path", routes: "proxy", rows: []string{"AMQPWS@proxy connect.forbidden"},
			change: tried(report.WithUserAgent, report.Answered), code: report.ProxyNotAsRuntime,
			want: "error proxy-admin r1: the proxy lets the same CONNECT in with a User-Agent"},
		{name: "credentials at once", routes: "proxy", rows: every("proxy", "connect.forbidden"),
			change: tried(report.CredentialsAtOnce, report.Answered), code: report.ProxyNotAsRuntime,
			want: "error proxy-admin r1,r2,r3,r4,r5: the proxy lets the same CONNECT in with credentials"},
		{name: "neither", routes: "proxy", rows: every("proxy", "connect.forbidden"),
			change: tried(report.WithUserAgent, report.Blocked), code: report.ProxyNotAsRuntime},
	})
}
