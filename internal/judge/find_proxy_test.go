package judge

import (
	"strings"
	"testing"

	"edgenet/report"
)

// TestNodesDiffer: refusals beside which the same was let in are the proxy's, and nobody is told to look for
// loss; what only other tunnels caused, and silence, are something else.
func TestNodesDiffer(t *testing.T) {
	t.Parallel()
	flaky := func(attempts, failures int, c report.Cause) func(*testing.T, []report.Result) {
		return func(_ *testing.T, rs []report.Result) {
			for i := range rs[:2] {
				rs[i].Attempts, rs[i].Failures, rs[i].FailureCauses = attempts, failures, map[report.Cause]int{c: failures}
				evidence(&rs[i], report.HopProxy, report.StageConnect, &report.ConnectDetail{Status: 200,
					Otherwise: &report.ConnectFirst{StatusLine: "HTTP/1.1 403 No", Headers: []string{"X-Cache: n2"}}})
			}
		}
	}
	lines := []string{"AMQPWS@proxy ok", "MQTTWS@proxy ok", "HTTPS@proxy ok"}
	runFindings(t, []findingRow{
		{name: "half of them", routes: "proxy", rows: lines, change: flaky(18, 9, report.ConnectForbidden), code: report.Loss,
			want: "warning proxy-admin r1,r2: the proxy proxy.test:3128 lets the same CONNECT in and refuses it: 9 of 18 " +
				"were refused (HTTP/1.1 403 No; X-Cache: n2) | Have each CONNECT to hub.azure-devices.net:443"},
		{name: "one of them", routes: "proxy", rows: lines, change: flaky(18, 1, report.ConnectUpstreamDNS),
			code: report.Loss, want: "warning proxy-admin r1,r2: "},
		{name: "all", routes: "proxy", rows: lines, change: flaky(6, 6, report.ConnectForbidden), code: report.Loss},
		{name: "beside others alone", routes: "proxy", rows: lines, change: flaky(18, 1, report.ConnectLimit),
			code: report.Loss},
		{name: "silence", routes: "proxy", rows: lines, change: flaky(18, 9, report.ConnectTimeout), code: report.Loss,
			want: "warning network r1,r2: 18 of 36 attempts"},
	})
	q := asking(t, proxyURL)
	rs := pathLines(t, q, lines...)
	flaky(18, 9, report.ConnectForbidden)(t, rs)
	if v := Choose(rs, q, false); v.ExitCode != 0 || !strings.Contains(v.Reason, "refused 9 of 18 of the same CONNECT") {
		t.Errorf("%d %s", v.ExitCode, v.Reason)
	}
	bad := pathLines(t, q, "AMQPWS@proxy connect.forbidden", "MQTTWS@proxy connect.forbidden", "HTTPS@proxy ok")
	flaky(18, 16, report.ConnectForbidden)(t, bad)
	if Refine(bad); bad[0].Actor != report.ActorProxy || !strings.Contains(bad[0].Summary, "let 2 of 18") ||
		strings.HasPrefix(bad[0].Remedy, "Allow") {
		t.Errorf("%s %s | %s", bad[0].Actor, bad[0].Summary, bad[0].Remedy)
	}
}

// TestLimitsOfTwo: what two routes lose after different times are two limits and two who act; what they lose
// after the same time is one, as a NAT's before both.
func TestLimitsOfTwo(t *testing.T) {
	t.Parallel()
	q := asking(t, report.RouteDirect, proxyURL)
	trials := func(o string) []report.HoldTrial { return []report.HoldTrial{{IdleSec: 8, Outcome: o}} }
	nat := report.HoldDetail{HeldSec: 15, LostSec: 30, KeepAliveSec: 15, Trials: trials(report.HoldLost)}
	cut := report.HoldDetail{HeldSec: 7.5, LostSec: 8, KeepAliveSec: 7.5, Trials: trials(report.HoldCut)}
	lost := report.HoldDetail{HeldSec: 7.5, LostSec: 8, KeepAliveSec: 7.5, Trials: trials(report.HoldLost)}
	for name, row := range map[string]struct {
		direct, proxied *report.HoldDetail
		want            []string // actor, results, and what is said
		not             string
	}{
		"the proxy's is shorter": {&nat, &cut, []string{"network r1 15 to 30 s by the route direct",
			"proxy-admin r2 7.5 to 8 s by the route proxy"}, "tcp_keepalive_time=7"},
		"one before both": {&nat, &nat, []string{"network r1,r2 15 to 30 s by the route direct"}, "end at the proxy"},
		"the proxy's alone": {nil, &cut, []string{"proxy-admin r2 TCP keep-alives, which end at the proxy, do not"},
			"tcp_keepalive_time"},
		"before the proxy": {nil, &lost, []string{"network r2 tcp_keepalive_time=7"}, "end at the proxy"},
	} {
		rs := pathLines(t, q, "HTTPS@direct ok", "HTTPS@proxy ok")
		for i, d := range []*report.HoldDetail{row.direct, row.proxied} {
			if d != nil {
				own := *d
				target(&rs[i], report.StageHold, &own)
			}
		}
		got := holdShort(&view{q: q, results: rs})
		if len(got) != len(row.want) {
			t.Fatalf("%s: %+v", name, got)
		}
		for i, want := range row.want {
			w := strings.SplitN(want, " ", 3)
			actor, text := got[i].actor, got[i].summary+" | "+got[i].remedy
			if actor == "" {
				actor = report.ActorNetwork
			}
			if string(actor) != w[0] || strings.Join(ids(got[i].results), ",") != w[1] || !strings.Contains(text, w[2]) ||
				strings.Contains(text, row.not) {
				t.Errorf("%s: %s %v %s", name, actor, ids(got[i].results), text)
			}
		}
	}
}

// TestSlowProxy: a proxy that keeps everything waiting has no firewall behind it to blame, and one that takes
// long and lets in is told as that.
func TestSlowProxy(t *testing.T) {
	t.Parallel()
	q := asking(t, proxyURL)
	for outcome, slow := range map[report.Outcome]bool{report.Silent: true, report.Answered: false, report.Unavailable: false} {
		rs := pathLines(t, q, "AMQPWS@proxy connect.timeout")
		rs[0].Experiments = []report.Experiment{{Name: report.ProxyAlive, Outcome: outcome}}
		Refine(rs)
		if got := !strings.Contains(rs[0].Remedy, "outbound firewall") &&
			strings.Contains(rs[0].Remedy, "--timeout 60s"); got != slow || rs[0].Actor != report.ActorProxy {
			t.Errorf("%s: %s | %s", outcome, rs[0].Actor, rs[0].Remedy)
		}
	}
	lines := []string{"AMQPWS@proxy ok", "MQTTWS@proxy ok", "HTTPS@proxy ok"}
	takes := func(ms ...report.Millis) func(*testing.T, []report.Result) {
		return func(_ *testing.T, rs []report.Result) {
			for i, d := range ms {
				rs[i].Steps = []report.Step{{Hop: report.HopProxy, Stage: report.StageConnect, Status: report.OK, DurationMs: d}}
			}
		}
	}
	runFindings(t, []findingRow{
		{name: "a proxy that takes long", routes: "proxy", rows: lines, change: takes(12000, 12100, 30),
			code: report.LatencyHigh, want: "warning proxy-admin r1,r2: the proxy proxy.test:3128 takes up to 12.1 s to answer"},
		{name: "once, by chance", routes: "proxy", rows: lines, change: takes(12000, 30, 30), code: report.LatencyHigh},
		{name: "no longer than a satellite", routes: "proxy", rows: lines, change: takes(3000, 3000, 3000),
			code: report.LatencyHigh},
	})
}

// TestNoNextHop: a proxy that has nothing to pass a request on to let it through its rules.
func TestNoNextHop(t *testing.T) {
	t.Parallel()
	q := asking(t, proxyURL)
	for _, none := range []bool{true, false} {
		rs := pathLines(t, q, "AMQPWS@proxy connect.upstream")
		rs[0].Steps[0].Detail = &report.ConnectDetail{NoNextHop: none}
		Refine(rs)
		if got := strings.Contains(rs[0].Remedy, "parent or upstream proxy"); got != none {
			t.Errorf("%v: %s", none, rs[0].Remedy)
		}
	}
}
