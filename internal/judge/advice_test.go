package judge

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"edgenet/report"
)

// told is a report's advice in lines: severity actor results [way]: what the screen says.
func told(r *report.Report) string {
	var out []string
	for _, a := range r.Advice {
		way := a.Way
		if a.OrInstead != "" {
			way += "/" + a.OrInstead
		}
		codes := make([]string, len(a.Findings))
		for i, c := range a.Findings {
			codes[i] = string(c)
		}
		out = append(out, fmt.Sprintf("%s %s %s [%s] (%s): %s", a.Severity, a.Actor, strings.Join(a.Results, ","), way,
			strings.Join(codes, " "), a.Do))
	}
	return strings.Join(out, "\n")
}

func TestAdvice(t *testing.T) {
	t.Parallel()
	here := remote("10.1.2.3")
	dead := every("direct", "tcp.timeout")
	for _, row := range []struct {
		name, routes string
		lines        []string
		plan         func(*Question)
		change       func(*testing.T, []report.Result)
		want         []string // the lines begin with it
	}{
		{"all is well", "direct", every("direct", "ok"), nil, nil, nil},
		{"works once it is set", "direct", with(every("direct", "ok"), "AMQP@direct tls.alert"), nil, nil,
			[]string{"info host r3 [] (): Set UpstreamProtocol to AmqpWs for edgeAgent and edgeHub, in"}},
		{"and it is", "direct", with(every("direct", "ok"), "AMQP@direct tls.alert"),
			func(q *Question) { q.Expect = report.AMQPWS }, nil, nil},
		{"the proxy alone works", "direct proxy", append(dead, every("proxy", "ok")...), nil, nil,
			[]string{"info host r8,r9,r10 [] (proxy.required): Set https_proxy"}},
		{"a closed port, or another protocol", "direct", with(every("direct", "ok"), "AMQP@direct tcp.timeout"),
			func(q *Question) { q.Expect = report.AMQP }, here,
			[]string{"error host r1 [A/verdict] (protocol.mismatch): Set UpstreamProtocol to AmqpWs",
				"error firewall-admin r1 [B/verdict] (firewall.port-blocked): Ask the firewall admin: Allow outbound " +
					"TCP 5671"}},
		{"what shows that the address answers fails for itself", "direct", []string{"AMQP@direct amqp.timeout",
			"MQTT@direct tcp.timeout"}, func(q *Question) { q.Expect = report.MQTT },
			all(here, func(_ *testing.T, rs []report.Result) {
				rs[0].Steps = append(rs[0].Steps, report.Step{Hop: report.HopTarget, Stage: report.StageTLS,
					Status: report.OK})
			}),
			[]string{"error firewall-admin r2 [] (firewall.port-blocked protocol.none): Ask the firewall admin: Allow outbound " +
				"TCP 8883"}},
		{"two paths to a closed port beside it", "direct", []string{"AMQPWS@direct tcp.timeout",
			"HTTPS@direct tcp.timeout", "AMQP@direct amqp.timeout"}, nil,
			all(here, func(_ *testing.T, rs []report.Result) {
				rs[2].Steps = append(rs[2].Steps, report.Step{Hop: report.HopTarget, Stage: report.StageTLS,
					Status: report.OK})
			}), []string{"error firewall-admin r1,r2 [A] (firewall.port-blocked"}},
		{"by default, told once", "direct", with(every("direct", "ok"), "AMQP@direct tcp.timeout"),
			func(q *Question) { q.Expect, q.ExpectSource = report.AMQP, "default" }, here,
			[]string{"error host r1 [A/verdict] (protocol.mismatch protocol.unset-hub): Set Up",
				"error firewall-admin r1 [B/verdict]"}},
		{"the proxy that was meant first, where nothing is set", "direct proxy",
			append(slices.Clone(dead), every("proxy", "connect.auth-required")...),
			func(q *Question) { q.Expect, q.ExpectSource = report.AMQP, "default" }, here,
			[]string{"error credentials r8,r9,r10 [A/verdict] (protocol.none https.required)",
				"error firewall-admin r1,r2,r3,r4,r5 [B/verdict] (firewall.all-blocked",
				"error host r1 [] (protocol.unset-hub): Run this check again"}},
		{"what shows that the address answers fails otherwise", "direct", with(every("direct", "tcp.timeout"),
			"AMQPWS@direct ws.status", "MQTTWS@direct ws.status", "HTTPS@direct ok"), nil, here,
			[]string{"error firewall-admin r1 [A/verdict] (firewall.port-blocked protocol.none)",
				"error firewall-admin r2 [B/verdict] (firewall.port-blocked protocol.none)",
				"error firewall-admin r3,r4 [C/verdict] (protocol.none)"}},
		{"nothing answers", "direct", dead, nil, nil, []string{"error firewall-admin r1,r2,r3,r4,r5 [A/verdict] " +
			"(firewall.all-blocked protocol.none https.required): Ask the firewall admin: Allow outbound TCP 443",
			"error host r1,r2,r3,r4,r5 [B/verdict] (firewall.all-blocked protocol.none https.required): Give this device " +
				"the site's proxy"}},
		{"the least that is needed", "direct", every("direct", "tls.reset"), nil, nil,
			[]string{"error firewall-admin r3,r4,r5 [A] (protocol.none https.required): Ask the firewall admin: Find " +
				"the rule (application control, SNI or URL filter) that cuts TLS to hub.azure-devices.net:443"}},
		{"what is expected is needed", "direct", every("direct", "connect.forbidden"),
			func(q *Question) { q.Expect = report.MQTT }, nil, []string{"error proxy-admin r2,r3,r4,r5 [A] " +
				"(protocol.none https.required): Ask the proxy admin: Allow CONNECT to hub.azure-devices.net:8883 " +
				"and 443"}},
		{"two ways", "direct proxy", append(every("direct", "tls.alert"), every("proxy", "connect.closed")...), nil,
			nil,
			[]string{"error proxy-admin r8,r9,r10 [A/verdict]", "error firewall-admin r1,r2,r3,r4,r5 [B/verdict]"}},
		{"two causes at once", "direct", with(every("direct", "ws.status"), "AMQP@direct tls.alert",
			"MQTT@direct tls.reset", "HTTPS@direct http.closed"), nil, nil,
			[]string{"error firewall-admin r3,r4 [A] (protocol.none)", "error network r5 [A]",
				"error firewall-admin r1 []"}},
		{"a warning waits", "direct", with(every("direct", "ok"), "HTTPS@direct http.status"), nil, nil,
			[]string{"warning service r5 [] (service.unwell): Ask the service's operator"}},
		{"HTTPS alone fails", "direct", with(every("direct", "ok"), "HTTPS@direct http.closed"), nil, nil,
			[]string{"error network r5 [A] (https.required)"}},
		{"no way that the runtime can use", "socks", every("proxy", "ok"), nil, nil,
			[]string{"error proxy-admin r1,r2,r3,r4,r5 [A] (proxy.runtime-limits protocol.none https.required): Ask the " +
				"proxy admin: Give this device an HTTP proxy beside the SOCKS one, with CONNECT to hub.azure-devices.net:443"}},
		{"SOCKS gets there, and nothing directly", "direct socks", append(slices.Clone(dead), every("proxy", "ok")...),
			nil, nil, []string{"error proxy-admin r6,r7,r8,r9,r10 [A/verdict] (proxy.runtime-limits): Ask the proxy admin: " +
				"Give", "error firewall-admin r1,r2,r3,r4,r5 [B/verdict] (firewall.all-blocked protocol.none https.required)"}},
		{"what a finding asks for as its failures do is asked once", "direct", every("direct", "dns.no-address"),
			func(q *Question) { q.Public = true }, func(_ *testing.T, rs []report.Result) {
				for i := range rs {
					target(&rs[i], report.StageDNS, &report.DNSDetail{Name: "h", CNAME: []string{"h.privatelink.azure-devices.net"}})
				}
			}, []string{"error dns-admin r1,r2,r3,r4,r5 [A] (dns.private-link protocol.none https.required)"}},
		{"nothing is enough: what the verdict speaks of", "direct proxy",
			append(with(every("direct", "tls.alert"), "HTTPS@direct ok"), every("proxy", "connect.closed")...),
			func(q *Question) { q.Closed = []PathName{{report.HTTPS, "direct"}} }, nil,
			[]string{"error proxy-admin r8,r9 [] (protocol.none)", "error firewall-admin r5 [] ()",
				"error firewall-admin r1,r2,r3,r4 [] (protocol.none)"}},
		{"interrupted: in the order of the findings", "direct", with(every("direct", "tls.alert"),
			"HTTPS@direct skipped"), nil, nil, []string{"error firewall-admin r1,r2,r3,r4"}},
		{"clocks are no path's reason alone", "direct", every("direct", "ok"), nil,
			func(t *testing.T, rs []report.Result) {
				target(at(t, rs, "HTTPS@direct"), report.StageHTTP, &report.HTTPDetail{SkewMs: skewOf(1e12)})
			}, []string{"error host r5 [] (clock.skew)"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			q := asking(t, routesOf(row.routes)...)
			if row.plan != nil {
				row.plan(&q)
			}
			r := &report.Report{Results: pathLines(t, q, row.lines...)}
			if row.change != nil {
				row.change(t, r.Results)
			}
			Conclude(r, q, false)
			got := strings.Split(told(r), "\n")
			if told(r) == "" {
				got = nil
			}
			ok := len(got) >= len(row.want) && (row.want != nil || got == nil)
			for i, w := range row.want {
				ok = ok && strings.HasPrefix(got[i], w)
			}
			if !ok {
				t.Errorf("got\n%s\nwant\n%s", told(r), strings.Join(row.want, "\n"))
			}
			for _, a := range r.Advice {
				if a.Do == "" || a.ForThem == "" || a.Why == "" || a.Actor == "" ||
					strings.HasPrefix(a.ForThem, "Ask ") {
					t.Errorf("%+v", a)
				}
				if slices.Contains(a.Findings, report.ProtocolMismatch) && a.ForThem != a.Do {
					t.Errorf("a setting is one thing to do, whoever reads it: %+v", a)
				}
			}
		})
	}
}

// TestTheFirstAdviceIsEnough: whatever fails, doing what the first way asks for makes
// Choose content, and leaving out a part of it does not.
func TestTheFirstAdviceIsEnough(t *testing.T) {
	t.Parallel()
	outcomes := []string{"ok", "tcp.timeout", "tls.alert", "ws.status", "connect.forbidden"}
	for n := range 5 * 5 * 5 * 5 {
		var lines []string
		for i, p := range report.Protocols() {
			k := []int{n, n / 5, n / 25, n / 125, n / 5}[i] % 5
			lines = append(lines, string(p)+"@direct "+outcomes[k])
		}
		q := asking(t, "direct")
		r := &report.Report{Results: pathLines(t, q, lines...)}
		Conclude(r, q, false)
		if r.Verdict.ExitCode == 0 {
			continue
		}
		var first []report.Advice
		for _, a := range r.Advice {
			if a.Way == "A" {
				first = append(first, a)
			}
		}
		if len(first) == 0 || r.Advice[0].Way != "A" {
			t.Fatalf("%v: nothing is enough:\n%s", lines, told(r))
		}
		if code := doing(r, q, first).ExitCode; code != 0 {
			t.Errorf("%v: exit %d after\n%s", lines, code, told(r))
		}
		for i := range first {
			if less := slices.Delete(slices.Clone(first), i, i+1); doing(r, q, less).ExitCode == 0 {
				t.Errorf("%v: more than it takes:\n%s", lines, told(r))
			}
		}
	}
}

// doing is the verdict once some advice is followed.
func doing(r *report.Report, q Question, advice []report.Advice) report.Verdict {
	results := slices.Clone(r.Results)
	for i := range results {
		for _, a := range advice {
			if slices.Contains(a.Results, results[i].ID) {
				results[i].Status, results[i].Cause = report.OK, ""
			}
		}
	}
	return Choose(results, q, false)
}

// TestWhatTheVerdictSpeaksOfComesFirst: where no few steps are known to suffice, the step comes
// first that repairs what the verdict's reason speaks of; the others stay as they were.
func TestWhatTheVerdictSpeaksOfComesFirst(t *testing.T) {
	t.Parallel()
	steps := []step{{Advice: report.Advice{Do: "a"}, opens: []string{"r1"}},
		{Advice: report.Advice{Do: "b"}, opens: []string{"r2"}}, {Advice: report.Advice{Do: "c"}, opens: []string{"r3"}}}
	for result, want := range map[string]string{"r1": "a b c", "r2": "b a c", "r3": "c a b", "r4": "a b c"} {
		a := &adviser{steps: slices.Clone(steps), view: &view{verdict: report.Verdict{ExitCode: 1, Because: &report.Because{Result: result}}}}
		var got []string
		for _, s := range a.inOrder() {
			got = append(got, s.Do)
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("the verdict speaks of %s: %s, want %s", result, s, want)
		}
	}
}

// TestComplete: a report of the first edition gets what it lacks, once, and keeps what it
// says.
func TestComplete(t *testing.T) {
	t.Parallel()
	q := asking(t, "direct", proxyURL)
	r := &report.Report{Routes: []report.Route{{ID: "direct"}, {ID: "proxy", URL: "http://u:****@p.test:3128",
		Source: "flag"}}, Results: pathLines(t, q, every("direct", "tcp.timeout")...)}
	Conclude(r, q, false)
	old := *r
	old.Advice, old.Results, old.Findings = nil, slices.Clone(r.Results), slices.Clone(r.Findings)
	for i := range old.Findings {
		old.Findings[i].FollowsFrom = nil
	}
	for i := range old.Results {
		old.Results[i].Needed, old.Results[i].Severity = nil, ""
	}
	old.Container = &report.Container{Report: &report.Report{Results: []report.Result{{ID: "r1", Status: report.Failed,
		Cause: report.TCPTimeout}}}}
	Complete(&old)
	if told(&old) != told(r) || old.Results[0].Severity != report.SeverityError ||
		old.Container.Report.Results[0].Severity == "" {
		t.Errorf("%s\nwant\n%s", told(&old), told(r))
	}
	for i, f := range old.Findings {
		if !slices.Equal(f.FollowsFrom, r.Findings[i].FollowsFrom) {
			t.Errorf("%s follows from %v, want %v", f.Code, f.FollowsFrom, r.Findings[i].FollowsFrom)
		}
	}
	old.Results[0].Severity, old.Advice = report.SeverityInfo, nil
	Complete(&old)
	if old.Results[0].Severity != report.SeverityInfo || old.Advice != nil {
		t.Error("what a report says was changed")
	}
	Complete(nil)
	of := Of(r)
	if len(of.Routes) != 2 || of.Routes[1].Scheme != SchemeHTTP || of.Routes[1].Address != "p.test:3128" ||
		of.Routes[1].Source != "flag" || !of.anyProxy() || len(of.Protocols) != 5 || len(of.Prefer) != 4 {
		t.Errorf("%+v", of)
	}
}

func TestUnion(t *testing.T) {
	t.Parallel()
	if got := union([]string{"r1", "r2"}, []string{"r2", "r3"}); !slices.Equal(got, []string{"r1", "r2", "r3"}) {
		t.Error(got)
	}
}

// A service that is reached and not well is one thing to do, though its finding is a warning and
// the failures are errors.
func TestUnwellIsOneWay(t *testing.T) {
	t.Parallel()
	q := asking(t, "direct")
	r := &report.Report{Results: pathLines(t, q, "AMQP@direct amqp.error", "MQTT@direct mqtt.refused",
		"HTTPS@direct http.status")}
	Conclude(r, q, false)
	if len(r.Advice) != 1 || r.Advice[0].Severity != report.SeverityError || r.Advice[0].OrInstead != "" ||
		!slices.Contains(r.Advice[0].Findings, report.ServiceUnwell) {
		t.Errorf("want one thing to do:\n%s", told(r))
	}
}
