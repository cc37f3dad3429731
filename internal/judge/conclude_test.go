package judge

import (
	"slices"
	"strings"
	"testing"
	"time"

	"edgenet/internal/verify/testkit"
	"edgenet/report"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// at gives the row of a path.
func at(t testing.TB, results []report.Result, path string) *report.Result {
	t.Helper()
	i := slices.IndexFunc(results, func(r report.Result) bool { return string(r.Protocol)+"@"+r.Route == path })
	if i < 0 {
		t.Fatalf("no row %s", path)
	}
	return &results[i]
}

// evidence gives a row a step in front of the last, or the detail of its failed step.
func evidence(r *report.Result, h report.Hop, st report.Stage, d report.Detail) {
	for i := range r.Steps {
		if r.Steps[i].Hop == h && r.Steps[i].Stage == st {
			r.Steps[i].Detail = d
			return
		}
	}
	r.Steps = append([]report.Step{{Hop: h, Stage: st, Status: report.OK, Detail: d}}, r.Steps...)
}

func target(r *report.Result, st report.Stage, d report.Detail) {
	evidence(r, report.HopTarget, st, d)
}

// chain is a chain of one certificate.
func chain(subject, issuer string, days ...int) *report.TLSDetail {
	c := report.Certificate{Subject: "CN=" + subject, Issuer: "CN=" + issuer, SHA256: subject + issuer,
		NotBefore: noon.AddDate(0, 0, -30), NotAfter: noon.AddDate(0, 0, 30)}
	if len(days) == 2 {
		c.NotBefore, c.NotAfter = noon.AddDate(0, 0, days[0]), noon.AddDate(0, 0, days[1])
	}
	when := noon
	return &report.TLSDetail{ServerName: subject, Chain: []report.Certificate{c}, At: &when}
}

func skewOf(d time.Duration) *report.Millis { m := report.MillisOf(d); return &m }

// TestOfAReport: the question of a report names each protocol once, however many ways there are.
func TestOfAReport(t *testing.T) {
	t.Parallel()
	r := &report.Report{Results: []report.Result{{Protocol: report.HTTPS, Endpoint: report.EndpointParent}, {Protocol: report.AMQP},
		{Protocol: report.HTTPS, Route: "proxy"}}}
	if got := Of(r).Role; got != report.EndpointParent {
		t.Errorf("%s", got)
	}
	if got := Of(r).Protocols; !slices.Equal(got, []report.Protocol{report.HTTPS, report.AMQP}) {
		t.Errorf("%v", got)
	}
	r.Results = r.Results[:1]
	if got := Of(r).Role; got != report.EndpointParent {
		t.Errorf("of one path: %s", got)
	}
	if r.Results = nil; Of(r).Role != "" {
		t.Error("a report without paths")
	}
}

func TestRefine(t *testing.T) {
	t.Parallel()
	type change func(t *testing.T, rs []report.Result)
	date := func(d time.Duration) change {
		return func(t *testing.T, rs []report.Result) {
			target(at(t, rs, "HTTPS@direct"), report.StageHTTP, &report.HTTPDetail{SkewMs: skewOf(d)})
		}
	}
	connect := func(path string, st report.Status, c report.Cause) change {
		return func(t *testing.T, rs []report.Result) {
			r := at(t, rs, path)
			r.Steps = []report.Step{{Hop: report.HopProxy, Stage: report.StageConnect, Status: st, Cause: c,
				Detail: &report.ConnectDetail{}}}
		}
	}
	shown := func(path string, d *report.TLSDetail) change {
		return func(t *testing.T, rs []report.Result) { target(at(t, rs, path), report.StageTLS, d) }
	}
	const crowded = "No rule closes TCP 5671 to hub.azure-devices.net. Look for a limit on how many connections this " +
		"device may have or open at a time (firewall, NAT), which an IoT Edge device must be allowed several of; " +
		"else for loss."
	const agrees = "; this host's clock agrees with the server's, so the certificate is at fault"
	renew := "Have the certificate of hub.azure-devices.net replaced by one that has not expired; whoever runs it " +
		"has to do that."
	for _, row := range []struct {
		name   string
		path   string // the row looked at
		rows   []string
		change []change
		cause  report.Cause // zero means the one that it had
		added  string       // to the summary; zero means nothing
		actor  report.Actor // zero means the one that it had
		remedy string       // zero means the one that it had
	}{
		{name: "443 is allowed", path: "AMQP@proxy", rows: []string{"AMQP@proxy connect.forbidden", "HTTPS@proxy ok"},
			change: []change{connect("AMQP@proxy", report.Failed, report.ConnectForbidden),
				connect("HTTPS@proxy", report.OK, "")},
			added: "; it allows 443 to hub.azure-devices.net, so its policy is about the port"},
		{name: "443 is forbidden too", path: "MQTT@proxy", rows: []string{"MQTT@proxy connect.forbidden",
			"HTTPS@proxy connect.forbidden"}, change: []change{connect("MQTT@proxy", report.Failed,
			report.ConnectForbidden)},
			added: "; it forbids 443 to hub.azure-devices.net as well"},
		{name: "443 failed otherwise", path: "MQTT@proxy", rows: []string{"MQTT@proxy connect.forbidden",
			"HTTPS@proxy connect.timeout", "AMQPWS@proxy connect.forbidden"},
			added: "; it forbids 443 to hub.azure-devices.net as well"},
		{name: "443 failed otherwise alone", path: "MQTT@proxy", rows: []string{"MQTT@proxy connect.forbidden",
			"HTTPS@proxy connect.timeout"}},
		{name: "443 by another proxy", path: "MQTT@proxy", rows: []string{"MQTT@proxy connect.forbidden",
			"HTTPS@proxy2 connect.forbidden"}},
		{name: "443 was not asked", path: "MQTT@proxy", rows: []string{"MQTT@proxy connect.forbidden",
			"HTTPS@proxy skipped", "AMQP@proxy connect.forbidden"},
			change: []change{connect("HTTPS@proxy", report.Skipped, "")}},
		{name: "443 itself is not compared", path: "HTTPS@proxy", rows: []string{"HTTPS@proxy connect.forbidden",
			"AMQPWS@proxy ok"}, change: []change{connect("AMQPWS@proxy", report.OK, "")}},
		{name: "another host's 443", path: "MQTT@proxy", rows: []string{"MQTT@proxy connect.forbidden",
			"HTTPS@proxy connect.forbidden"}, change: []change{func(_ *testing.T,
			rs []report.Result) {
			rs[1].Host = "other"
		}}},
		{name: "another cause is not compared", path: "AMQP@proxy", rows: []string{"AMQP@proxy connect.status",
			"HTTPS@proxy connect.forbidden"}},

		{name: "dropped by this host", path: "AMQP@direct", rows: []string{"AMQP@direct tcp.timeout"},
			change: []change{func(_ *testing.T, rs []report.Result) {
				rs[0].Experiments = []report.Experiment{{Name: report.Where,
					Travels: []report.Travel{local(testkit.Travel(5671, "silent")),
						testkit.Travel(443, "expired@10.0.0.1")}}}
			}}, added: "; SYNs to port 5671 do not leave this host: its own firewall drops them",
			actor: report.ActorHost,
			remedy: "This host's own firewall stops TCP 5671 to hub.azure-devices.net: allow it there (nft list " +
				"ruleset, iptables -S)."},
		{name: "dropped elsewhere", path: "AMQP@direct", rows: []string{"AMQP@direct tcp.timeout"},
			change: []change{func(_ *testing.T, rs []report.Result) {
				rs[0].Experiments = []report.Experiment{{Name: report.Where,
					Travels: []report.Travel{testkit.Travel(5671, "silent"),
						testkit.Travel(443, "expired@10.0.0.1")}}}
			}}},
		{name: "refused, and answered alone", path: "AMQP@direct", rows: []string{"AMQP@direct tcp.refused"},
			change: []change{func(_ *testing.T, rs []report.Result) {
				rs[0].Experiments = []report.Experiment{{Name: report.Where, Outcome: report.Answered}}
			}}, added: "; the port is open: tried once more it answers", actor: report.ActorNetwork, remedy: crowded},
		{name: "refused, and alone as well", path: "AMQP@direct", rows: []string{"AMQP@direct tcp.refused"},
			change: []change{func(_ *testing.T, rs []report.Result) {
				rs[0].Experiments = []report.Experiment{{Name: report.Where, Outcome: report.Answered,
					Travels: []report.Travel{testkit.Travel(5671, "reset"), testkit.Travel(443, "expired@10.0.0.1")}}}
			}}},
		{name: "refused, and not tried again", path: "AMQP@direct", rows: []string{"AMQP@direct tcp.refused"},
			change: []change{func(_ *testing.T, rs []report.Result) {
				rs[0].Experiments = []report.Experiment{{Name: report.Where, Outcome: report.Unavailable}}
			}}},
		{name: "lost, and another path gets through", path: "AMQPWS@direct", rows: []string{"AMQPWS@direct tcp.timeout",
			"HTTPS@direct tls.reset"}, change: []change{remote("10.1.2.3")},
			added: "; the port is open: another path of this check got through to it", actor: report.ActorNetwork,
			remedy: strings.Replace(crowded, "5671", "443", 1)},
		{name: "another port gets through", path: "MQTT@direct", rows: []string{"MQTT@direct tcp.timeout",
			"HTTPS@direct ok"}, change: []change{remote("10.1.2.3")}},
		{name: "another path through a proxy", path: "AMQPWS@direct", rows: []string{"AMQPWS@direct tcp.timeout",
			"HTTPS@proxy ok"}, change: []change{remote("10.1.2.3")}},
		{name: "another path does not get through", path: "AMQPWS@direct", rows: []string{"AMQPWS@direct tcp.timeout",
			"HTTPS@direct tcp.timeout"}, change: []change{remote("10.1.2.3")}},
		{name: "the proxy's Date", path: "AMQP@direct", rows: []string{"AMQP@direct tls.expired",
			"HTTPS@proxy connect.forbidden"}, change: []change{func(_ *testing.T, rs []report.Result) {
			now := time.Date(2026, 1, 2, 3, 4, 5, 5e8, time.UTC)
			date := now.Add(-time.Hour).Truncate(time.Second)
			rs[1].Steps = []report.Step{{Hop: report.HopProxy, Stage: report.StageConnect, Status: report.Failed,
				Cause: report.ConnectForbidden, Detail: &report.ConnectDetail{Date: &date, At: &now}}}
		}}, added: "; this host's clock is 60 min ahead of the server's", actor: report.ActorHost, remedy: clockRemedy},

		{name: "two chains", path: "AMQP@direct", rows: []string{"AMQP@direct tls.untrusted", "AMQP@proxy ok"},
			change: []change{shown("AMQP@direct", chain("hub", "Box")), shown("AMQP@proxy", chain("hub", "Root"))},
			cause:  report.TLSIntercepted, added: "=the certificate shown for hub.azure-devices.net was issued by " +
				"Box, while the route proxy shows one of Root: TLS is intercepted", actor: report.ActorFirewall,
			remedy: report.TLSIntercepted.RemedyAt(report.HopTarget, "hub.azure-devices.net", 5671, "")},
		{name: "a renewed leaf of one CA", path: "AMQP@direct", rows: []string{"AMQP@direct tls.untrusted",
			"AMQP@proxy ok"}, change: []change{shown("AMQP@direct", chain("hub", "Root")),
			func(t *testing.T, rs []report.Result) {
				d := chain("hub", "Root")
				d.Chain[0].SHA256 = "another"
				target(&rs[1], report.StageTLS, d)
			}}},
		{name: "the same chain", path: "AMQP@direct", rows: []string{"AMQP@direct tls.untrusted", "AMQP@proxy ok"},
			change: []change{shown("AMQP@direct", chain("hub", "Root")), shown("AMQP@proxy", chain("hub", "Root"))}},
		{name: "self-signed", path: "AMQP@direct", rows: []string{"AMQP@direct tls.untrusted", "AMQP@proxy ok"},
			change: []change{shown("AMQP@direct", chain("hub", "hub")), shown("AMQP@proxy", chain("hub", "Root"))}},
		{name: "the other chain failed too", path: "AMQP@direct", rows: []string{"AMQP@direct tls.untrusted",
			"AMQP@proxy tls.untrusted"}, change: []change{shown("AMQP@direct", chain("hub", "Box")),
			shown("AMQP@proxy", chain("hub", "Root"))}},
		{name: "the same route", path: "AMQP@direct", rows: []string{"AMQP@direct tls.untrusted", "MQTT@direct ok"},
			change: []change{shown("AMQP@direct", chain("hub", "Box")), shown("MQTT@direct", chain("hub", "Root"))}},
		{name: "the proxy's own chain", path: "AMQP@proxy", rows: []string{"AMQP@proxy proxy/tls.untrusted",
			"AMQP@direct ok"}, change: []change{shown("AMQP@proxy", chain("proxy", "Box")),
			shown("AMQP@direct", chain("hub", "Root"))}},
		{name: "no chain", path: "AMQP@direct", rows: []string{"AMQP@direct tls.untrusted", "AMQP@proxy ok"},
			change: []change{shown("AMQP@direct", &report.TLSDetail{}), shown("AMQP@proxy", chain("hub", "Root"))}},
		{name: "no chain there", path: "AMQP@direct", rows: []string{"AMQP@direct tls.untrusted", "AMQP@proxy ok"},
			change: []change{shown("AMQP@direct", chain("hub", "Box")), shown("AMQP@proxy", &report.TLSDetail{})}},
		{name: "another host's chain", path: "AMQP@direct", rows: []string{"AMQP@direct tls.untrusted",
			"AMQP@proxy ok"}, change: []change{shown("AMQP@direct", chain("hub", "Box")),
			shown("AMQP@proxy", chain("hub", "Root")),
			func(_ *testing.T, rs []report.Result) { rs[1].Host = "other" }}},

		{name: "expired, and the clock agrees", path: "AMQP@direct", rows: []string{"AMQP@direct tls.expired",
			"HTTPS@direct ok"}, change: []change{date(59 * time.Second)}, added: agrees, actor: report.ActorService,
			remedy: renew},
		{name: "expired, and the clock agrees the other way", path: "AMQP@direct",
			rows: []string{"AMQP@direct tls.expired", "HTTPS@direct ok"}, change: []change{date(-59 * time.Second)},
			added: agrees, actor: report.ActorService, remedy: renew},
		{name: "early, and the clock agrees", path: "AMQP@direct", rows: []string{"AMQP@direct tls.not-yet-valid",
			"HTTPS@direct ok"}, change: []change{date(0)}, added: agrees, actor: report.ActorService,
			remedy: "Have the certificate of hub.azure-devices.net replaced by one that is valid already; whoever " +
				"runs it has to do that."},
		{name: "the proxy's has expired", path: "AMQP@proxy", rows: []string{"AMQP@proxy proxy/tls.expired",
			"HTTPS@direct ok"}, change: []change{date(0), func(t *testing.T, rs []report.Result) {
			evidence(&rs[0], report.HopProxy, report.StageTLS, chain("proxy.test", "Root", -9, -1))
		}}, added: agrees, actor: report.ActorProxy, remedy: "Have the certificate of the proxy proxy.test replaced " +
			"by one that has not expired; whoever runs it has to do that."},
		{name: "expired, for the clock is ahead", path: "AMQP@direct", rows: []string{"AMQP@direct tls.expired",
			"HTTPS@direct ok"}, change: []change{date(-48 * time.Hour),
			shown("AMQP@direct", chain("hub", "Root", -30, -1))},
			added: "; this host's clock is 48 h ahead of the server's", actor: report.ActorHost,
			remedy: clockRemedy},
		{name: "early, for the clock is behind", path: "AMQP@direct", rows: []string{"AMQP@direct tls.not-yet-valid",
			"HTTPS@direct ok"}, change: []change{date(48 * time.Hour),
			shown("AMQP@direct", chain("hub", "Root", 1, 30))},
			added: "; this host's clock is 48 h behind the server's", actor: report.ActorHost, remedy: clockRemedy},
		{name: "expired before what the clock is off by", path: "AMQP@direct", rows: []string{"AMQP@direct tls.expired",
			"HTTPS@direct ok"}, change: []change{date(-48 * time.Hour),
			shown("AMQP@direct", chain("hub", "Root", -30, -3))},
			added: "; this host's clock is 48 h ahead of the server's, which does not explain it: the " +
				"certificate is at fault", actor: report.ActorService, remedy: renew},
		{name: "early for the server as well", path: "AMQP@direct", rows: []string{"AMQP@direct tls.not-yet-valid",
			"HTTPS@direct ok"}, change: []change{date(60 * time.Second),
			shown("AMQP@direct", chain("hub", "Root", 1, 30))},
			added: "; this host's clock is 60 s behind the server's, which does not explain it: the certificate is " +
				"at fault", actor: report.ActorService},
		{name: "the drift is all that is known", path: "AMQP@direct", rows: []string{"AMQP@direct tls.expired",
			"HTTPS@direct ok"}, change: []change{date(60 * time.Second)},
			added: "; this host's clock is 60 s behind the server's", actor: report.ActorHost, remedy: clockRemedy},
		{name: "the time of the look is not known", path: "AMQP@direct", rows: []string{"AMQP@direct tls.expired",
			"HTTPS@direct ok"}, change: []change{date(time.Hour), func(t *testing.T, rs []report.Result) {
			d := chain("hub", "Root", -30, -3)
			d.At = nil
			target(&rs[0], report.StageTLS, d)
		}}, added: "; this host's clock is 60 min behind the server's", actor: report.ActorHost, remedy: clockRemedy},
		{name: "no Date", path: "AMQP@direct", rows: []string{"AMQP@direct tls.expired", "HTTPS@direct ok"}},
		{name: "a Date on a chain that failed", path: "HTTPS@direct", rows: []string{"HTTPS@direct tls.expired"},
			change: []change{shown("HTTPS@direct", &report.TLSDetail{SkewMs: skewOf(time.Hour)})},
			added:  "; this host's clock is 60 min behind the server's", actor: report.ActorHost, remedy: clockRemedy},
		{name: "a Date on a chain that verified goes first", path: "AMQPWS@direct",
			rows:   []string{"AMQPWS@direct tls.expired", "MQTTWS@direct tls.expired", "HTTPS@direct ok"},
			change: []change{date(0), shown("AMQPWS@direct", &report.TLSDetail{SkewMs: skewOf(time.Hour)})},
			added:  agrees, actor: report.ActorService},

		{name: "refused for the clock", path: "MQTT@direct", rows: []string{"MQTT@direct auth.rejected",
			"HTTPS@direct ok"}, change: []change{date(301 * time.Second)}, cause: report.AuthClock,
			added: "; this host's clock is 301 s behind the server's", actor: report.ActorHost,
			remedy: report.AuthClock.Info().Remedy},
		{name: "expired for the clock", path: "MQTT@direct", rows: []string{"MQTT@direct auth.expired",
			"HTTPS@direct ok"}, change: []change{date(-301 * time.Second)}, cause: report.AuthClock,
			added: "; this host's clock is 301 s ahead of the server's", actor: report.ActorHost},
		{name: "a clock that the hub tolerates", path: "MQTT@direct", rows: []string{"MQTT@direct auth.rejected",
			"HTTPS@direct ok"}, change: []change{date(300 * time.Second)}},
		{name: "another protocol knows", path: "MQTT@direct", rows: []string{"MQTT@direct auth.rejected",
			"HTTPS@direct auth.unknown-device"}, cause: report.AuthUnknownDevice,
			added: "; HTTPS says that the hub does not know the identity", actor: report.ActorService},
		{name: "an expired token stays expired", path: "MQTT@direct", rows: []string{"MQTT@direct auth.expired",
			"HTTPS@direct auth.unknown-device"}},
		{name: "an unknown device stays unknown", path: "MQTT@direct", rows: []string{"MQTT@direct auth.unknown-device",
			"HTTPS@direct ok"}, change: []change{date(time.Hour)}},
		{name: "what works is left alone", path: "HTTPS@direct",
			rows: []string{"HTTPS@direct ok", "MQTT@direct tls.expired"}, change: []change{date(time.Hour)}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			results := pathLines(t, asking(t, "direct", proxyURL, proxyURL), row.rows...)
			for _, c := range row.change {
				c(t, results)
			}
			r := at(t, results, row.path)
			before := *r
			fit(&before) // what fits the target stands where nothing more is known
			Refine(results)
			wantSummary := before.Summary + row.added
			if s, whole := strings.CutPrefix(row.added, "="); whole {
				wantSummary = s
			}
			wantCause, wantActor, wantRemedy := row.cause, row.actor, row.remedy
			if wantCause == "" {
				wantCause = before.Cause
			}
			if wantActor == "" {
				wantActor = before.Actor
			}
			if r.Cause != wantCause || r.Summary != wantSummary || r.Actor != wantActor {
				t.Errorf("%s, %s: %s\nwant %s, %s: %s", r.Cause, r.Actor, r.Summary, wantCause, wantActor, wantSummary)
			}
			if wantRemedy != "" && r.Remedy != wantRemedy || row.added == "" && r.Remedy != before.Remedy ||
				strings.ContainsAny(r.Remedy, "{}") {
				t.Errorf("remedy %q\nwant %q", r.Remedy, wantRemedy)
			}
			if row.cause != "" && r.Steps != nil && r.Steps[len(r.Steps)-1].Cause == row.cause {
				t.Error("the first reading is lost")
			}
		})
	}
}

// TestRefineNotesPort443 in the evidence too.
func TestRefineNotesPort443(t *testing.T) {
	t.Parallel()
	for outcome, want := range map[string]string{"connect.forbidden": "refused", "ok": "allowed"} {
		rs := pathLines(t, asking(t, proxyURL), "AMQP@proxy connect.forbidden", "HTTPS@proxy "+outcome)
		d := &report.ConnectDetail{}
		evidence(&rs[0], report.HopProxy, report.StageConnect, d)
		if outcome == "ok" {
			evidence(&rs[1], report.HopProxy, report.StageConnect, &report.ConnectDetail{})
		}
		if Refine(rs); d.Port443 != want {
			t.Errorf("%q, want %q", d.Port443, want)
		}
	}
}

func TestVerdictFindings(t *testing.T) {
	t.Parallel()
	direct, dead := every("direct", "ok"), every("direct", "tls.reset")
	both := func(d, p []string) []string { return append(slices.Clone(d), p...) }
	remedy := func(c report.Cause, port int) string {
		return c.RemedyAt(report.HopTarget, "hub.azure-devices.net", port, "")
	}
	unset := func(p *Question) { p.Expect, p.ExpectSource = report.AMQP, "default" }
	runFindings(t, []findingRow{
		{name: "nothing works", routes: "direct", rows: dead, code: report.ProtocolNone,
			want: "error firewall-admin r1,r2,r3,r4: no UpstreamProtocol works; most paths end with: tls.reset was " +
				"seen | " + remedy(report.TLSReset, 443)},
		{name: "HTTPS fails for another reason", routes: "direct", rows: with(dead, "HTTPS@direct http.timeout"),
			code: report.ProtocolNone, want: "error firewall-admin r1,r2,r3,r4: no UpstreamProtocol works; most " +
				"paths end with: tls.reset was seen | " + remedy(report.TLSReset, 5671)},
		{name: "HTTPS works", routes: "direct", rows: with(dead, "HTTPS@direct ok"), code: report.ProtocolNone,
			want: "error firewall-admin r1,r2,r3,r4: no UpstreamProtocol works; most paths end with: tls.reset was " +
				"seen | " + remedy(report.TLSReset, 5671)},
		{name: "the same at another hop", routes: "direct proxy", rows: both(with(dead, "HTTPS@direct tcp.refused")[4:],
			every("proxy", "proxy/tcp.refused")[:4]), code: report.ProtocolNone,
			want: "error proxy-admin r2,r3,r4,r5: no UpstreamProtocol works; most paths end with: tcp.refused was " +
				"seen | " + report.TCPRefused.RemedyAt(report.HopProxy, "hub.azure-devices.net", 443, "")[:20]},
		{name: "something works", routes: "direct", rows: with(dead, "MQTT@direct ok"), code: report.ProtocolNone},
		{name: "something was skipped", routes: "direct", rows: with(dead, "MQTT@direct skipped"),
			code: report.ProtocolNone},
		{name: "HTTPS was skipped", routes: "direct", rows: with(dead, "HTTPS@direct skipped"),
			code: report.ProtocolNone, want: "error firewall-admin r1,r2,r3,r4"},
		{name: "only HTTPS was probed", routes: "direct", rows: dead[4:],
			plan: func(p *Question) { p.Protocols = []report.Protocol{report.HTTPS} }, code: report.ProtocolNone},
		{name: "only where it is of no use", routes: "socks", rows: every("proxy", "ok"), code: report.ProtocolNone,
			want: "error host r1,r2,r3,r4: no UpstreamProtocol works by a route that the runtime can use | Give the " +
				"runtime an http:// proxy, or allow it to reach the hub directly."},
		{name: "inspection explains it", routes: "direct", rows: every("direct", "tls.intercepted"),
			code: report.ProtocolNone, want: "error firewall-admin r1,r2,r3,r4: no UpstreamProtocol works; most " +
				"paths end with: tls.intercepted was seen | " + remedy(report.TLSIntercepted, 5671)},
		{name: "a lacking scheme does not", routes: "proxy", rows: every("proxy", "proxy/tcp.refused"),
			plan: func(p *Question) { p.Routes[0].NoScheme = true }, code: report.ProtocolNone,
			want: "error proxy-admin r1,r2,r3,r4: no UpstreamProtocol works; most paths end with: tcp.refused was " +
				"seen | " + report.TCPRefused.RemedyAt(report.HopProxy, "hub.azure-devices.net", 443, "")[:15]},
		{name: "a portal explains it", routes: "direct", rows: with(every("direct", "ws.block-page"),
			"HTTPS@direct http.block-page"), code: report.ProtocolNone, want: "error firewall-admin r1,r2,r3,r4: no " +
			"UpstreamProtocol works; most paths end with: ws.block-page was seen | Exempt this device"},
		{name: "the service explains it", routes: "direct", rows: with(every("direct", "amqp.error"),
			"HTTPS@direct ok"), code: report.ProtocolNone,
			want: "error service r1,r2,r3,r4: no UpstreamProtocol works; most paths end with: amqp.error was seen | " +
				remedy(report.AMQPError, 5671)},
		{name: "what explains a part explains nothing", routes: "direct", rows: with(every("direct", "tls.intercepted"),
			"MQTT@direct tcp.refused"), code: report.ProtocolNone, want: "error firewall-admin r1,r2,r3,r4: no " +
			"UpstreamProtocol works; most paths end with: tls.intercepted was seen | "},

		{name: "it fails", routes: "direct", rows: with(direct, "AMQP@direct tls.reset"),
			plan: func(p *Question) { p.Expect = report.AMQP }, code: report.ProtocolMismatch,
			want: "error host r1: AMQP is expected and does not work (tls.reset); AMQPWS works | Set " +
				"UpstreamProtocol to AmqpWs for edgeAgent and edgeHub, in the device's configuration and in every " +
				"deployment for it; or have the way for AMQP opened."},
		{name: "it was not probed", routes: "direct", rows: direct[1:], plan: func(p *Question) {
			p.Expect,
				p.Protocols = report.AMQP, report.Protocols()[1:]
		}, code: report.ProtocolMismatch, want: "error host r2: AMQP is expected and was not probed; AMQPWS works"},
		{name: "it is of no use here", routes: "proxy", rows: every("proxy", "ok"),
			plan: func(p *Question) { p.Expect = report.MQTT }, code: report.ProtocolMismatch,
			want: "error host r2,r3: MQTT is expected and was probed only where the runtime cannot use it"},
		{name: "it works", routes: "direct", rows: direct, plan: func(p *Question) { p.Expect = report.MQTT },
			code: report.ProtocolMismatch},
		{name: "nothing works", routes: "direct", rows: dead, plan: func(p *Question) { p.Expect = report.MQTT },
			code: report.ProtocolMismatch},
		{name: "it was not finished", routes: "direct", rows: with(direct, "AMQP@direct skipped"),
			plan: func(p *Question) { p.Expect = report.AMQP }, code: report.ProtocolMismatch},

		{name: "it fails", routes: "direct", rows: with(direct, "HTTPS@direct tls.reset"), code: report.HTTPSRequired,
			want: "error firewall-admin r5: the IoT Edge daemon needs HTTPS 443 to the hub whatever the upstream " +
				"protocol, and it fails: tls.reset was seen | " + remedy(report.TLSReset, 443)},
		{name: "it fails on both", routes: "direct proxy", rows: both(with(direct, "HTTPS@direct tls.reset"),
			every("proxy", "connect.forbidden")), code: report.HTTPSRequired,
			want: "error proxy-admin r5,r10: the IoT Edge daemon needs HTTPS 443 to the hub whatever the upstream " +
				"protocol, and it fails: connect.forbidden was seen"},
		{name: "SOCKS is no way", routes: "socks", rows: every("proxy", "ok"), code: report.HTTPSRequired,
			want: "error host r5: HTTPS 443 to the hub works by no route that the runtime can use, and the IoT Edge " +
				"daemon needs it whatever the upstream protocol | Give the runtime an http:// proxy"},
		{name: "an unwell hub", routes: "direct", rows: with(direct, "HTTPS@direct http.status"),
			code: report.HTTPSRequired},
		{name: "it works through the proxy", routes: "direct proxy", rows: both(dead, every("proxy", "ok")),
			code: report.HTTPSRequired},
		{name: "not probed", routes: "direct", rows: direct[:4],
			plan: func(p *Question) { p.Protocols = report.UpstreamProtocols() }, code: report.HTTPSRequired},
		{name: "inspection explains it", routes: "direct", rows: with(direct, "HTTPS@direct tls.intercepted"),
			code: report.HTTPSRequired, want: "error firewall-admin r5: the IoT Edge daemon needs HTTPS 443 to the " +
				"hub whatever the upstream protocol, and it fails: tls.intercepted was seen | " +
				remedy(report.TLSIntercepted, 443)},

		{name: "AMQP works", routes: "direct", rows: direct, plan: unset, code: report.ProtocolUnsetHub,
			want: "warning host r1: UpstreamProtocol is not set: edgeAgent tries AMQP and then AMQPWS, edgeHub tries " +
				"AMQP over TCP alone | Set UpstreamProtocol to Amqp for edgeAgent and edgeHub."},
		{name: "AMQP does not", routes: "direct", rows: with(direct, "AMQP@direct tcp.refused"), plan: unset,
			code: report.ProtocolUnsetHub, want: "error host r1: UpstreamProtocol is not set: edgeAgent tries AMQP " +
				"and then AMQPWS, edgeHub tries AMQP over TCP alone | Set UpstreamProtocol to AmqpWs for"},
		{name: "nothing does", routes: "direct", rows: dead, plan: unset, code: report.ProtocolUnsetHub,
			want: "error host r1: UpstreamProtocol is not set: edgeAgent tries AMQP and then AMQPWS, edgeHub tries " +
				"AMQP over TCP alone | Run this check again once a way is open"},
		{name: "AMQP was not probed", routes: "proxy", rows: every("proxy", "ok")[2:], plan: unset,
			code: report.ProtocolUnsetHub, want: "warning host r1,r2: "},
		{name: "it is set", routes: "direct", rows: direct, plan: func(p *Question) {
			p.Expect,
				p.ExpectSource = report.AMQP, "config.toml"
		}, code: report.ProtocolUnsetHub},
		{name: "only HTTPS was probed", routes: "direct", rows: direct[4:], plan: unset, code: report.ProtocolUnsetHub},

		{name: "an AMQP error", routes: "direct", rows: with(direct, "AMQP@direct amqp.error",
			"HTTPS@direct http.status", "MQTT@direct mqtt.refused"), code: report.ServiceUnwell,
			want: "warning service r1,r2,r5: the service is reached and not well: amqp.error was seen | " +
				remedy(report.AMQPError, 5671)},
		{name: "a closed connection", routes: "direct", rows: with(direct, "AMQP@direct amqp.closed"),
			code: report.ServiceUnwell},

		{name: "three of six", routes: "direct", rows: direct, change: func(_ *testing.T, rs []report.Result) {
			rs[0].Attempts, rs[0].Failures, rs[1].Attempts, rs[1].Failures = 4, 2, 2, 1
			rs[0].FailureCauses = map[report.Cause]int{report.TLSReset: 1, report.TCPRefused: 1}
			rs[1].FailureCauses = map[report.Cause]int{report.TCPTimeout: 1}
		}, code: report.Loss, want: "warning network r1,r2: 3 of 6 attempts failed on paths that work otherwise: " +
			"AMQP direct 2 of 4 (1 × tcp.refused, 1 × tls.reset); MQTT direct 1 of 2 (1 × tcp.timeout) | Look for " +
			"loss, rate limits"},
		{name: "all failed", routes: "direct", rows: dead, code: report.Loss},
		{name: "none failed", routes: "direct", rows: direct, code: report.Loss},

		{name: "slow", routes: "direct", rows: direct, change: func(_ *testing.T, rs []report.Result) {
			rs[2].Attempts, rs[2].Latency = 3, &report.Latency{MinMs: 1500, MedianMs: 4001, MaxMs: 9000}
		}, code: report.LatencyHigh, want: "warning network r3: AMQPWS takes 4.0 s to answer (least 1.5 s, most 9.0 " +
			"s) | Find the cause of the delay"},
		{name: "slow only twice", routes: "direct", rows: direct, change: func(_ *testing.T, rs []report.Result) {
			rs[2].Attempts, rs[2].Latency = 2, &report.Latency{MinMs: 1500, MedianMs: 9000, MaxMs: 9000}
		}, code: report.LatencyHigh},
		{name: "slow at most once", routes: "direct", rows: direct, change: func(_ *testing.T, rs []report.Result) {
			rs[2].Attempts, rs[2].Latency = 3, &report.Latency{MinMs: 1500, MedianMs: 4000, MaxMs: 9000}
		}, code: report.LatencyHigh},
		{name: "no answer has no latency", routes: "direct", rows: dead,
			change: func(_ *testing.T, rs []report.Result) { rs[0].Attempts = 3 }, code: report.LatencyHigh},
	})
}

func TestProxyFindings(t *testing.T) {
	t.Parallel()
	direct, proxied, dead := every("direct", "ok"), every("proxy", "ok"), every("direct", "tcp.timeout")
	both := func(d, p []string) []string { return append(slices.Clone(d), p...) }
	runFindings(t, []findingRow{
		{name: "no scheme", routes: "direct proxy", rows: both(direct, proxied),
			plan: func(p *Question) { p.Routes[1].NoScheme, p.Routes[1].Source = true, "env:https_proxy" },
			code: report.ProxyScheme,
			want: "error host r6,r7,r8,r9,r10: the proxy setting env:https_proxy lacks http:// before " +
				"proxy.test:3128: edgeAgent and edgeHub cannot read it | Write http://proxy.test:3128 in every place " +
				"where the proxy is set."},
		{name: "https://", routes: "direct https", rows: both(direct, proxied), code: report.ProxyScheme,
			want: "warning host r6,r7,r8,r9,r10: https://secure.test:443 is an https:// proxy: edgeAgent and edgeHub " +
				"up to 1.4 cannot use one, and later ones are not known to | Use the proxy's http:// port for IoT Edge."},
		{name: "http://", routes: "direct proxy", rows: both(direct, proxied), code: report.ProxyScheme},
		{name: "SOCKS", routes: "direct socks", rows: both(direct, proxied), code: report.ProxyScheme},

		{name: "not through the proxy", routes: "direct proxy",
			rows: both(direct, with(proxied, "AMQPWS@proxy ws.status")), code: report.ProxyUnneeded,
			want: "warning host r3: AMQPWS works directly and not through the proxy that is configured | Take the " +
				"proxy setting away from the runtime"},
		{name: "through a second one", routes: "direct proxy proxy",
			rows: both(both(direct, with(proxied, "AMQPWS@proxy ws.status")), every("proxy2", "ok")),
			code: report.ProxyUnneeded},
		{name: "nowhere", routes: "direct proxy", rows: both(dead, every("proxy", "connect.forbidden")),
			code: report.ProxyUnneeded},
		{name: "not finished", routes: "direct proxy", rows: both(direct, with(proxied, "AMQPWS@proxy skipped")),
			code: report.ProxyUnneeded},
		{name: "AMQP does not need it", routes: "direct proxy",
			rows: both(direct, with(proxied, "AMQP@proxy connect.forbidden", "HTTPS@proxy connect.forbidden")),
			code: report.ProxyUnneeded},
		{name: "SOCKS is of no use anyhow", routes: "direct socks", rows: both(direct, every("proxy", "connect.socks")),
			code: report.ProxyUnneeded},
		{name: "no proxy", routes: "direct", rows: direct, code: report.ProxyUnneeded},

		{name: "only the proxy works", routes: "direct proxy",
			rows: both(dead, with(proxied, "AMQP@proxy connect.forbidden")), code: report.ProxyRequired,
			want: "info host r8,r9,r10: only the route through the proxy works: the device needs the proxy setting " +
				"and a WebSocket protocol | Set https_proxy and UpstreamProtocol"},
		{name: "the hub was reached directly", routes: "direct proxy",
			rows: both(with(dead, "HTTPS@direct http.status"), proxied), code: report.ProxyRequired},
		{name: "one way works directly", routes: "direct proxy", rows: both(with(dead, "HTTPS@direct ok"), proxied),
			code: report.ProxyRequired},
		{name: "one was not finished", routes: "direct proxy", rows: both(with(dead, "HTTPS@direct skipped"), proxied),
			code: report.ProxyRequired},
		{name: "nothing works", routes: "direct proxy", rows: both(dead, every("proxy", "connect.timeout")),
			code: report.ProxyRequired},
		{name: "nothing was tried directly", routes: "proxy", rows: proxied, code: report.ProxyRequired},
		{name: "what works is of no use", routes: "direct socks", rows: both(dead, proxied),
			code: report.ProxyRequired},
		{name: "only AMQP works through it", routes: "direct proxy",
			rows: both(dead, with(every("proxy", "ws.status"), "AMQP@proxy ok")), code: report.ProxyRequired},

		{name: "AMQP through it", routes: "direct proxy",
			rows: both(direct, with(proxied, "MQTT@proxy connect.forbidden")), code: report.ProxyRuntimeLimits,
			want: "info host r6: AMQP by the route proxy is of no use to the IoT Edge runtime: AMQP and MQTT without " +
				"WebSocket never go through a proxy | Through a proxy use AmqpWs or MqttWs."},
		{name: "asked for through it", routes: "direct proxy", rows: both(direct, every("proxy", "connect.forbidden")),
			plan: func(p *Question) { p.Expect = report.MQTT }, code: report.ProxyRuntimeLimits,
			want: "warning host r7: MQTT by the route proxy"},
		{name: "SOCKS", routes: "direct socks", rows: both(direct, every("proxy", "connect.socks")),
			code: report.ProxyRuntimeLimits, want: "info host r6,r7,r8,r9,r10: AMQP by the route proxy is of no use " +
				"to the IoT Edge runtime: it does not know SOCKS"},
		{name: "not asked for and not working", routes: "direct proxy",
			rows: both(direct, with(proxied, "AMQP@proxy connect.forbidden", "MQTT@proxy connect.forbidden")),
			code: report.ProxyRuntimeLimits},

		{name: "the hub is taken out", routes: "direct proxy", rows: both(direct, proxied),
			plan: func(p *Question) { p.NoProxy = true }, code: report.ProxyNoProxyIgnored,
			want: "warning host r6,r7,r8,r9,r10: no_proxy takes hub.azure-devices.net out, and no component of IoT " +
				"Edge on the way to the hub honours it | Do not count on no_proxy"},
		{name: "another host is", routes: "direct proxy", rows: both(direct, proxied),
			plan: func(p *Question) { p.NoProxy = false }, code: report.ProxyNoProxyIgnored},
		{name: "without a proxy", routes: "direct", rows: direct, plan: func(p *Question) { p.NoProxy = true },
			code: report.ProxyNoProxyIgnored},
		{name: "no_proxy explains no failure", routes: "proxy", rows: every("proxy", "connect.forbidden"),
			plan: func(p *Question) { p.NoProxy = true }, code: report.ProtocolNone, want: "error proxy-admin " +
				"r1,r2,r3,r4: no UpstreamProtocol works; most paths end with: connect.forbidden was seen | " +
				report.ConnectForbidden.RemedyAt(report.HopProxy, "hub.azure-devices.net", 443, "")[:15]},
	})
}
