package judge

import (
	"strings"
	"testing"

	"edgenet/report"
)

// twoAddresses gives a result a connection to the first of two addresses and the outcome of a
// walk by the second.
func twoAddresses(h report.Hop, status report.Status, second report.TCPAttempt) []report.Result {
	first := report.TCPAttempt{Remote: "10.1.2.3:5671", Status: status, Walked: true}
	second.Remote = "10.1.2.4:5671"
	r := report.Result{ID: "r1", Host: "hub.test", Protocol: report.AMQP, Route: report.RouteDirect, Status: status,
		Steps: []report.Step{{Hop: h, Stage: report.StageTCP, Status: report.OK, Detail: &report.TCPDetail{
			Remote: first.Remote, Tried: []report.TCPAttempt{first, second}}}}}
	if h == report.HopProxy {
		r.Steps = append([]report.Step{{Hop: h, Stage: report.StageDNS, Status: report.OK,
			Detail: &report.DNSDetail{Name: "proxy.test"}}}, r.Steps...)
	}
	if status == report.Failed {
		r.Cause = report.AMQPError
		r.Steps = append(r.Steps, report.Step{Hop: report.HopTarget, Stage: report.StageAMQP, Status: report.Failed,
			Cause: report.AMQPError})
	}
	return []report.Result{r}
}

// onTwoPaths are the results of two paths that fared the same.
func onTwoPaths(rs []report.Result) []report.Result {
	second := rs[0]
	second.ID, second.Protocol = "r2", report.MQTT
	return append(rs, second)
}

func TestAddressDiffers(t *testing.T) {
	t.Parallel()
	above := func(h report.Hop, s report.Stage, c report.Cause) report.TCPAttempt {
		return report.TCPAttempt{Status: report.Failed, Hop: h, Stage: s, Cause: c, Summary: "seen", Walked: true}
	}
	inspected := above(report.HopTarget, report.StageTLS, report.TLSIntercepted)
	for name, row := range map[string]struct {
		results []report.Result
		want    string
		actor   report.Actor
	}{
		"inspected": {twoAddresses(report.HopTarget, report.OK, inspected),
			"hub.test has addresses that fare differently: by 10.1.2.3 AMQP works, by 10.1.2.4 not " +
				"(tls.intercepted: seen)",
			report.ActorFirewall},
		"a proxy's that denies": {twoAddresses(report.HopProxy, report.OK, above(report.HopProxy, report.StageConnect,
			report.ConnectForbidden)), "the proxy proxy.test has addresses", report.ActorProxy},
		"a chain that nobody trusts": {twoAddresses(report.HopTarget, report.OK,
			above(report.HopTarget, report.StageTLS,
				report.TLSUntrusted)), "by 10.1.2.4 not (tls.untrusted", report.ActorNetwork},
		"further by one": {twoAddresses(report.HopTarget, report.Failed, inspected), "AMQP gets further",
			report.ActorFirewall},
		"two paths work": {onTwoPaths(twoAddresses(report.HopTarget, report.OK, inspected)),
			"by 10.1.2.3 AMQP, MQTT work, by 10.1.2.4", report.ActorFirewall},
		"two paths get further": {onTwoPaths(twoAddresses(report.HopTarget, report.Failed, inspected)),
			"by 10.1.2.3 AMQP, MQTT get further, by 10.1.2.4", report.ActorFirewall},
		"the same by both": {twoAddresses(report.HopTarget, report.Failed, above(report.HopTarget, report.StageAMQP,
			report.AMQPError)), "", ""},
		"the other works": {twoAddresses(report.HopTarget, report.OK, report.TCPAttempt{Status: report.OK,
			Walked: true}),
			"", ""},
		"the other is dead": {twoAddresses(report.HopTarget, report.OK, report.TCPAttempt{Status: report.Failed,
			Cause: report.TCPTimeout}), "", ""},
		"nothing is known of the other": {twoAddresses(report.HopTarget, report.OK, report.TCPAttempt{
			Status: report.Skipped}), "", ""},
	} {
		got := addressDiffers(&view{results: row.results})
		if row.want == "" && len(got) == 0 {
			continue
		}
		if len(got) != 1 || row.want == "" || !strings.Contains(got[0].summary, row.want) || got[0].actor != row.actor {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestSteadierFirst: what works by some addresses, or now and then, is not preferred over what
// always works; what is expected stays.
func TestSteadierFirst(t *testing.T) {
	t.Parallel()
	worse := report.TCPAttempt{Status: report.Failed, Hop: report.HopTarget, Stage: report.StageTLS,
		Cause: report.TLSIntercepted, Walked: true}
	for name, row := range map[string]struct {
		change func(amqp, mqtt *report.Result)
		expect report.Protocol
		want   report.Protocol
		says   string
	}{
		"both steady": {func(_, _ *report.Result) {}, "", report.AMQP, ""},
		"AMQP by one address alone": {func(a, _ *report.Result) {
			a.Steps = twoAddresses(report.HopTarget, report.OK, worse)[0].Steps
		}, "", report.MQTT, ""},
		"and it is expected": {func(a, _ *report.Result) {
			a.Steps = twoAddresses(report.HopTarget, report.OK, worse)[0].Steps
		}, report.AMQP, report.AMQP, "That holds by the address 10.1.2.3 of hub.test"},
		"nothing known of the other": {func(a, m *report.Result) {
			a.Steps = twoAddresses(report.HopTarget, report.OK, worse)[0].Steps
			m.Steps = twoAddresses(report.HopTarget, report.OK, report.TCPAttempt{Status: report.OK})[0].Steps
		}, "", report.AMQP, "That holds by the address"},
		"the other works by the bad one, as far as it was tried": {func(a, m *report.Result) {
			a.Steps = twoAddresses(report.HopTarget, report.OK, worse)[0].Steps
			m.Steps = twoAddresses(report.HopTarget, report.OK, report.TCPAttempt{Status: report.OK, Walked: true})[0].Steps
		}, "", report.MQTT, ""},
		"the other is refused by the bad one": {func(a, m *report.Result) {
			a.Steps = twoAddresses(report.HopTarget, report.OK, worse)[0].Steps
			m.Steps = twoAddresses(report.HopTarget, report.OK, report.TCPAttempt{Status: report.Failed,
				Cause: report.TCPRefused})[0].Steps
		}, "", report.MQTT, ""},
		"the other was never at the bad one": {func(a, m *report.Result) {
			a.Steps = twoAddresses(report.HopTarget, report.OK, worse)[0].Steps
			m.Steps = []report.Step{{Hop: report.HopTarget, Stage: report.StageTCP, Status: report.OK,
				Detail: &report.TCPDetail{Remote: "10.1.2.5:8883", Tried: []report.TCPAttempt{{Remote: "10.1.2.5:8883",
					Status: report.OK}}}}}
		}, "", report.MQTT, ""},
		"four in nine refused": {func(a, _ *report.Result) { a.Attempts, a.Failures = 9, 4 }, "", report.MQTT, ""},
		"a stray refusal":      {func(a, _ *report.Result) { a.Attempts, a.Failures = 9, 1 }, "", report.AMQP, ""},
	} {
		results := []report.Result{
			{ID: "r1", Host: "hub.test", Protocol: report.AMQP, Route: report.RouteDirect, Status: report.OK,
				Attempts: 1},
			{ID: "r2", Host: "hub.test", Protocol: report.MQTT, Route: report.RouteDirect, Status: report.OK,
				Attempts: 1},
			{ID: "r3", Host: "hub.test", Protocol: report.HTTPS, Route: report.RouteDirect, Status: report.OK,
				Attempts: 1},
		}
		row.change(&results[0], &results[1])
		v := Choose(results, Question{Expect: row.expect, Protocols: []report.Protocol{report.AMQP, report.MQTT,
			report.HTTPS}, Routes: []Route{{ID: report.RouteDirect}}}, false)
		if v.UpstreamProtocol == nil || *v.UpstreamProtocol != row.want || v.ExitCode != 0 ||
			!strings.Contains(v.Reason, row.says) || row.says == "" && strings.Contains(v.Reason, "That holds") {
			t.Errorf("%s: %v, exit %d: %s", name, v.UpstreamProtocol, v.ExitCode, v.Reason)
		}
	}
}

// TestSYNsSentAgain: most paths have to show it, and a stray failure that was confirmed is no
// finding.
func TestSYNsSentAgain(t *testing.T) {
	t.Parallel()
	path := func(again int) report.Result {
		return report.Result{ID: "r", Status: report.OK, Attempts: 1, Steps: []report.Step{{Hop: report.HopTarget,
			Stage: report.StageTCP, Status: report.OK, DurationMs: 1030, Detail: &report.TCPDetail{Resent: again}}}}
	}
	later := func(r report.Result, ms report.Millis) report.Result {
		r.Steps[0].StartMs = ms
		return r
	}
	long := func(r report.Result) report.Result {
		r.Steps[0].DurationMs = 3030
		return r
	}
	stray := path(0)
	stray.Attempts, stray.Failures, stray.Confirmations = 9, 1, 8
	much := path(0)
	much.Attempts, much.Failures, much.Confirmations = 15, 7, 14
	both := path(1)
	both.Attempts, both.Failures, both.Confirmations = 15, 7, 14
	unconnected := report.Result{Status: report.Failed}
	asked := path(0)
	asked.Attempts, asked.Failures = 9, 1
	for name, row := range map[string]struct {
		results []report.Result
		want    string
	}{
		"all, one after the other": {[]report.Result{later(path(1), 0), later(path(2), 1600), later(path(1), 600)},
			"SYNs got lost on 3 paths and were sent again, up to 2 times, so that connecting took up to 1.03 s"},
		"all at one moment":        {[]report.Result{long(path(2)), long(path(2)), long(path(2))}, "nothing got through for 3 s"},
		"all, once":                {[]report.Result{path(1), path(1), path(1)}, "SYNs got lost on 3 paths"},
		"nearly all at one moment": {[]report.Result{path(1), path(2), path(1), path(0)}, "SYNs got lost on 3 paths"},
		"two of two":               {[]report.Result{path(1), path(1)}, "SYNs got lost on 2 paths and were sent again, so that"},
		"one of three":             {[]report.Result{path(1), path(0), path(0)}, ""},
		"one of one":               {[]report.Result{path(1)}, ""},
		"a stray reset":            {[]report.Result{stray, path(0)}, ""},
		"much is reset":            {[]report.Result{much}, "7 of 15 attempts failed"},
		"it was asked":             {[]report.Result{asked}, "1 of 9 attempts failed"},
		"nothing at all":           {[]report.Result{path(0)}, ""},
		"cut and sent again alike": {[]report.Result{both, both},
			"14 of 30 attempts failed on paths that work otherwise"},
		"others never connected": {[]report.Result{path(1), path(2), unconnected, unconnected, unconnected},
			"SYNs got lost on 2 paths"},
	} {
		got := lossSeen(&view{results: row.results})
		if (len(got) == 0) != (row.want == "") || len(got) > 0 && !strings.Contains(got[0].summary, row.want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestWitnessOfAnyAddress: a path that failed by two addresses is answered for by another port of
// either.
func TestWitnessOfAnyAddress(t *testing.T) {
	t.Parallel()
	q := asking(t, "direct")
	dead := func(remote string) report.TCPAttempt {
		return report.TCPAttempt{Remote: remote, Status: report.Failed, Cause: report.TCPTimeout}
	}
	for ip, want := range map[string]bool{"10.1.2.3": true, "10.1.2.4": true, "10.1.2.5": false} {
		rs := pathLines(t, q, "AMQP@direct tcp.timeout", "HTTPS@direct ok")
		remote(ip)(t, rs)
		target(&rs[0], report.StageTCP, &report.TCPDetail{Remote: "10.1.2.3:5671",
			Tried: []report.TCPAttempt{dead("10.1.2.3:5671"), dead("10.1.2.4:5671")}})
		if got := firewallPortBlocked(&view{q: q, results: rs}); (len(got) == 1) != want {
			t.Errorf("443 of %s answers: %+v", ip, got)
		}
	}
}
