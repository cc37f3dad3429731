package judge

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"edgenet/report"
)

func TestChoose(t *testing.T) {
	t.Parallel()
	direct, dead := every("direct", "ok"), every("direct", "tcp.timeout")
	allClosed := func(p *Question) {
		for _, proto := range report.Protocols() {
			p.Closed = append(p.Closed, PathName{proto, "direct"})
		}
	}
	both := func(d, p []string) []string { return append(slices.Clone(d), p...) }
	proxied := with(every("proxy", "ok"))
	expect := func(p report.Protocol, source string) func(*Question) {
		return func(x *Question) { x.Expect, x.ExpectSource = p, source }
	}
	for _, row := range []struct {
		name        string
		routes      string // zero means direct
		rows        []string
		plan        func(*Question)
		interrupted bool
		want        string
		reason      string // all of it where it ends with a dot, else a part
	}{
		// R1
		{"R1 all well", "direct", direct, nil, false, "AMQP@direct, https direct, exit 0",
			"AMQP works directly: UpstreamProtocol Amqp."},
		{"R1 HTTPS fails", "direct", with(direct, "HTTPS@direct http.timeout"), nil, false,
			"AMQP@direct, https no, exit 1",
			"AMQP works directly: UpstreamProtocol Amqp. HTTPS 443, which the IoT Edge daemon always needs, does not " +
				"work (http.timeout)."},
		{"R1 an unwell hub is reached", "direct", with(direct, "HTTPS@direct http.status"), nil, false,
			"AMQP@direct, https direct, exit 0", "AMQP works directly: UpstreamProtocol Amqp."},
		{"R1 a block page is not the hub", "direct", with(direct, "HTTPS@direct http.block-page"), nil, false,
			"AMQP@direct, https no, exit 1", ""},
		{"R1 HTTPS was not asked for", "direct", direct[:4],
			func(p *Question) { p.Protocols = report.UpstreamProtocols() }, false, "AMQP@direct, https unknown, exit 0",
			"AMQP works directly: UpstreamProtocol Amqp."},
		{"R1 HTTPS was not finished", "direct", with(direct, "HTTPS@direct skipped"), nil, false,
			"AMQP@direct, https unknown, exit 1",
			"AMQP works directly: UpstreamProtocol Amqp. HTTPS 443 was not finished."},
		{"R1 HTTPS alone", "direct", direct[4:], func(p *Question) { p.Protocols = []report.Protocol{report.HTTPS} },
			false, "none, https direct, exit 0", "Only HTTPS was probed, so no UpstreamProtocol is chosen."},
		{"R1 HTTPS alone, failing", "direct", dead[4:],
			func(p *Question) { p.Protocols = []report.Protocol{report.HTTPS} }, false, "none, https no, exit 1",
			"Only HTTPS was probed"},
		{"R1 HTTPS alone, another expected", "direct", direct[4:],
			func(p *Question) { p.Protocols, p.Expect = []report.Protocol{report.HTTPS}, report.MQTT }, false,
			"none, https direct, exit 0", "Only HTTPS was probed"},
		{"R1 HTTPS and another", "direct", []string{"MQTT@direct tcp.refused", "HTTPS@direct ok"},
			func(p *Question) { p.Protocols = []report.Protocol{report.MQTT, report.HTTPS} }, false,
			"none, https direct, exit 1", "No UpstreamProtocol works: tcp.refused was seen (tcp.refused). The " +
				"firewall admin has to act."},
		{"R1 through SOCKS is no way", "direct socks", both(with(direct, "HTTPS@direct tcp.refused"), proxied), nil,
			false, "AMQP@direct, https no, exit 1", "does not work (tcp.refused)"},
		{"R1 through SOCKS alone", "socks", proxied, nil, false, "none, https no, exit 1", "No UpstreamProtocol " +
			"works that IoT Edge can use: AMQP over WebSocket answers through the proxy socks5://socks.test:1080, and IoT Edge " +
			"does not know SOCKS. The proxy admin can give the device an HTTP proxy. HTTPS 443, which the IoT Edge daemon " +
			"always needs, does not work by a route that it can use."},
		// R2
		{"R2 AMQP through a proxy does not count", "proxy", with(every("proxy", "connect.forbidden"), "AMQP@proxy ok",
			"MQTT@proxy ok"), nil, false, "none, https no, exit 1", ""},
		{"R2 AMQP and MQTT directly", "direct", with(dead, "MQTT@direct ok", "HTTPS@direct ok"), nil, false,
			"MQTT@direct, https direct, exit 0",
			"Set UpstreamProtocol Mqtt for edgeAgent and edgeHub: MQTT works directly."},
		// R3
		{"R3 WebSocket through an http:// proxy", "direct proxy", both(dead, proxied), nil, false,
			"AMQPWS@proxy, https proxy, exit 0",
			"Set UpstreamProtocol AmqpWs and https_proxy for edgeAgent and edgeHub: AMQP over WebSocket works " +
				"through the proxy http://user:****@proxy.test:3128."},
		{"R3 an https:// proxy never carries", "direct https", both(dead, proxied), nil, false,
			"none, https no, exit 1",
			"No UpstreamProtocol works: tcp.timeout was seen (tcp.timeout). The firewall admin has to act. AMQP over " +
				"WebSocket works through the proxy https://secure.test:443, but the runtime up to 1.4 cannot use an " +
				"https:// proxy, and later ones are not known to. HTTPS 443, which the IoT Edge daemon always needs, " +
				"does not work (tcp.timeout)."},
		{"R3 https:// alone", "https", proxied, nil, false, "none, https no, exit 1",
			"No UpstreamProtocol works. AMQP over WebSocket works through the proxy https://secure.test:443, but"},
		{"R3 SOCKS never counts", "direct socks", both(dead, proxied), nil, false, "none, https no, exit 1",
			"The proxy admin can give the device an HTTP proxy. Directly: tcp.timeout was seen (tcp.timeout). HTTPS 443"},
		{"R3 an https:// proxy beside an http:// one", "https proxy", both(proxied, every("proxy2", "ok")), nil, false,
			"AMQPWS@proxy2, https proxy2, exit 0", ""},
		// R4
		{"R4 the expected one is kept", "direct", direct, expect(report.MQTTWS, "flag"), false,
			"MQTTWS@direct, https direct, consistent true, exit 0",
			"MQTT over WebSocket works directly: UpstreamProtocol MqttWs."},
		{"R4 the expected one against the preference", "direct", direct,
			func(p *Question) { p.Expect, p.Prefer = report.MQTT, []report.Protocol{report.AMQPWS} }, false,
			"MQTT@direct, https direct, consistent true, exit 0", ""},
		{"R4 it fails", "direct", with(direct, "AMQP@direct tcp.timeout"), expect(report.AMQP, "config.toml"), false,
			"AMQPWS@direct, https direct, consistent false, exit 3",
			"AMQP is expected by config.toml and does not work (tcp.timeout). AMQP over WebSocket works directly: " +
				"set UpstreamProtocol AmqpWs for edgeAgent and edgeHub, or have AMQP opened."},
		{"R4 by the flag", "direct", with(direct, "AMQP@direct tcp.timeout"), expect(report.AMQP, "flag"), false,
			"AMQPWS@direct, https direct, consistent false, exit 3",
			"AMQP is expected and does not work (tcp.timeout)"},
		{"R4 it fails and HTTPS too", "direct", with(direct, "AMQP@direct tcp.timeout", "HTTPS@direct tcp.timeout"),
			expect(report.AMQP, ""), false, "AMQPWS@direct, https no, consistent false, exit 1", ""},
		{"R4 it was not finished", "direct", with(direct, "AMQP@direct skipped"), expect(report.AMQP, "flag"), false,
			"AMQPWS@direct, https direct, exit 1",
			"Undecided: AMQP is expected and was not finished (the deadline of the round came first). AMQP over " +
				"WebSocket works directly: UpstreamProtocol AmqpWs."},
		{"R4 it was not probed", "direct", direct[1:],
			func(p *Question) { p.Protocols, p.Expect = report.Protocols()[1:], report.AMQP }, false,
			"AMQPWS@direct, https direct, consistent false, exit 3",
			"AMQP is expected and was not probed. AMQP over WebSocket"},
		{"R4 it was probed in vain", "proxy", proxied, expect(report.AMQP, "default"), false,
			"AMQPWS@proxy, https proxy, consistent false, exit 3",
			"AMQP is expected by default and was probed only where the runtime cannot use it"},
		{"R4 judged on the proxy", "direct proxy", both(with(dead, "AMQP@direct ok"),
			with(proxied, "MQTTWS@proxy ws.status")), expect(report.MQTTWS, ""), false,
			"AMQP@direct, https proxy, consistent false, exit 3", "does not work (ws.status)"},
		{"R4 nothing works", "direct", dead, expect(report.AMQP, ""), false, "none, https no, consistent false, exit 1",
			""},
		// R5
		{"R5 the runtime's order", "direct", with(direct, "AMQP@direct tcp.timeout"), nil, false,
			"AMQPWS@direct, https direct, exit 0", ""},
		{"R5 then MQTT", "direct", with(direct, "AMQP@direct tcp.timeout", "AMQPWS@direct ws.status"), nil, false,
			"MQTT@direct, https direct, exit 0", ""},
		{"R5 then MQTTWS", "direct", with(direct, "AMQP@direct tcp.timeout", "AMQPWS@direct ws.status",
			"MQTT@direct tcp.timeout"), nil, false, "MQTTWS@direct, https direct, exit 0",
			"Set UpstreamProtocol MqttWs for edgeAgent and edgeHub: MQTT over WebSocket works directly."},
		{"R5 another order", "direct", direct,
			func(p *Question) { p.Prefer = []report.Protocol{report.MQTTWS, report.AMQP} }, false,
			"MQTTWS@direct, https direct, exit 0", ""},
		{"R5 what the order leaves out comes last", "direct", with(direct, "MQTTWS@direct ws.status"),
			func(p *Question) { p.Prefer = []report.Protocol{report.MQTTWS} }, false,
			"AMQP@direct, https direct, exit 0", ""},
		// R6
		{"R6 a chain that does not verify", "direct", with(direct, "AMQP@direct tls.intercepted",
			"AMQPWS@direct tls.intercepted", "MQTT@direct tls.intercepted", "MQTTWS@direct tls.intercepted"), nil,
			false, "none, https direct, exit 1",
			"No UpstreamProtocol works: TLS to hub.azure-devices.net is decrypted on the direct way by an unknown " +
				"CA; X.509 device authentication cannot work through it (tls.intercepted). The firewall admin has " +
				"to act."},
		// R8
		{"R8 the dominant cause", "direct", with(dead, "AMQP@direct tls.reset", "AMQPWS@direct tls.reset",
			"MQTTWS@direct tls.reset"), nil, false, "none, https no, exit 1",
			"No UpstreamProtocol works: tls.reset was seen (tls.reset)."},
		{"R8 the expected one among equals", "direct", with(dead, "AMQP@direct tls.reset", "AMQPWS@direct tls.reset"),
			expect(report.MQTT, ""), false, "none, https no, consistent false, exit 1",
			"No UpstreamProtocol works: tcp.timeout was seen"},
		{"R8 what stops HTTPS too among equals", "direct", with(dead, "AMQPWS@direct tls.not-tls",
			"MQTTWS@direct tls.not-tls", "HTTPS@direct tls.not-tls"), expect(report.AMQP, "default"), false,
			"none, https no, consistent false, exit 1", "No UpstreamProtocol works: tls.not-tls was seen"},
		{"R8 what is set comes before that", "direct", with(dead, "AMQPWS@direct tls.not-tls",
			"MQTTWS@direct tls.not-tls", "HTTPS@direct tls.not-tls"), expect(report.AMQP, "config.toml"), false,
			"none, https no, consistent false, exit 1", "No UpstreamProtocol works: tcp.timeout was seen"},
		{"R8 the first among equals", "direct", with(dead, "AMQP@direct tls.reset", "AMQPWS@direct tls.reset",
			"HTTPS@direct dns.timeout"), nil, false,
			"none, https no, exit 1", "No UpstreamProtocol works: tls.reset was seen"},
		{"R8 the proxy is the way that was meant", "direct proxy", both(dead, every("proxy", "connect.auth-required")),
			nil, false, "none, https no, exit 1",
			"No UpstreamProtocol works: connect.auth-required was seen (connect.auth-required). Whoever issues the " +
				"proxy's user name and password has to act."},
		{"R8 the hub itself says more", "direct", with(dead, "AMQP@direct amqp.error"), nil, false,
			"none, https no, exit 1", "No UpstreamProtocol works: amqp.error was seen"},
		{"R8 the conclusion leads", "direct", []string{"AMQPWS@direct ws.block-page", "MQTTWS@direct ws.block-page",
			"HTTPS@direct http.block-page"}, nil, false, "none, https no, exit 1",
			"No UpstreamProtocol works: a portal or filter answers in place of the hub: ws.block-page was seen " +
				"(ws.block-page). The firewall admin has to act."},
		{"R8 you yourself have to act", "direct", every("direct", "tls.untrusted"), nil, false,
			"none, https no, exit 1", "tls.untrusted was seen (tls.untrusted). You have to act, on this host. HTTPS 443"},
		{"R8 at the proxy", "proxy", every("proxy", "proxy/tcp.refused"), nil, false, "none, https no, exit 1",
			"tcp.refused was seen (proxy/tcp.refused)"},
		{"R8 HTTPS has no vote", "direct", []string{"AMQP@direct tls.reset", "HTTPS@direct http.status",
			"HTTPS@direct http.status"}, nil, false, "none, https direct, exit 1", "tls.reset was seen"},
		{"R8 undecided", "direct", with(dead, "AMQPWS@direct skipped"), nil, false, "none, https no, exit 1",
			"Undecided: the deadline of the round came first before an UpstreamProtocol was found to work. HTTPS 443"},
		{"R8 decided although HTTPS is not", "direct", with(dead, "HTTPS@direct skipped"), nil, false,
			"none, https unknown, exit 1", "No UpstreamProtocol works: tcp.timeout was seen"},
		{"R8 what nobody can use decides nothing", "direct socks", both(dead, every("proxy", "skipped")), nil, false,
			"none, https no, exit 1", "No UpstreamProtocol works: tcp.timeout"},
		{"R8 nothing was probed", "direct", nil, nil, false, "none, https unknown, exit 1",
			"No UpstreamProtocol works. HTTPS 443 was not finished."},
		// R10
		{"R10 judged through the proxy", "direct proxy", both(direct, proxied), expect(report.AMQPWS, ""), false,
			"AMQPWS@proxy, https proxy, consistent true, exit 0", "AMQP over WebSocket works through the proxy"},
		{"R10 directly, and the setting has to go", "direct proxy",
			both(with(direct, "AMQP@direct tcp.timeout", "MQTT@direct tcp.timeout"),
				every("proxy", "connect.forbidden")), nil, false, "AMQPWS@direct, https direct, exit 0",
			"Set UpstreamProtocol AmqpWs for edgeAgent and edgeHub: AMQP over WebSocket works directly, and the " +
				"proxy setting has to go: it does not work through the proxy."},
		{"R10 what needs no change comes first", "direct proxy", both(with(direct, "AMQP@direct tcp.timeout"),
			with(every("proxy", "ws.status"), "HTTPS@proxy ok")), nil, false, "MQTT@direct, https proxy, exit 0",
			"Set UpstreamProtocol Mqtt for edgeAgent and edgeHub: MQTT works directly."},
		{"R10 not behind a preference either", "direct proxy", both(direct, every("proxy", "ws.status")),
			func(p *Question) { p.Prefer = []report.Protocol{report.AMQPWS} }, false,
			"AMQP@direct, https direct, exit 0", ""},
		{"R10 unless it is expected", "direct proxy", both(direct, every("proxy", "ws.status")),
			expect(report.MQTTWS, ""), false, "MQTTWS@direct, https direct, consistent true, exit 0",
			"UpstreamProtocol MqttWs, and the proxy setting has to go: it does not work through the proxy."},
		{"R10 a mismatch says it too", "direct proxy", both(with(dead, "AMQPWS@direct ok", "HTTPS@direct ok"),
			every("proxy", "ws.status")), expect(report.AMQP, ""), false,
			"AMQPWS@direct, https direct, consistent false, exit 3", "for edgeAgent and edgeHub, and the proxy " +
				"setting has to go: it does not work through the proxy, or have"},
		{"R10 an https:// proxy that works", "direct https",
			both(with(direct, "AMQP@direct tcp.timeout", "MQTT@direct tcp.timeout"), proxied), nil, false,
			"AMQPWS@direct, https direct, exit 0",
			"and the proxy setting has to go: the runtime is not known to be able to use an https:// proxy."},
		{"R10 the proxy's answer was not finished", "direct proxy", both(direct, with(every("proxy", "skipped"))),
			expect(report.AMQPWS, ""), false, "AMQP@direct, https unknown, exit 1",
			"Undecided: AMQP over WebSocket is expected and was not finished"},
		{"R10 one of two proxies was not finished", "direct proxy proxy",
			append(both(direct, every("proxy", "skipped")), every("proxy2", "ok")...), expect(report.AMQPWS, ""), false,
			"AMQPWS@proxy2, https proxy2, consistent true, exit 0", ""},
		{"R10 an https:// proxy that was not finished", "direct https", both(direct, every("proxy", "skipped")),
			expect(report.AMQPWS, ""), false, "AMQPWS@direct, https direct, consistent true, exit 0", ""},
		{"R10 the first proxy that works", "direct proxy proxy", append(both(dead, every("proxy", "connect.forbidden")),
			every("proxy2", "ok")...), nil, false, "AMQPWS@proxy2, https proxy2, exit 0", ""},
		{"R10 SOCKS is no configured proxy", "direct socks", both(with(dead, "AMQPWS@direct ok", "HTTPS@direct ok"),
			every("proxy", "ok")), nil, false, "AMQPWS@direct, https direct, exit 0",
			"Set UpstreamProtocol AmqpWs for edgeAgent and edgeHub: AMQP over WebSocket works directly."},
		// expect-closed
		{"closed as expected", "direct proxy", both(dead, proxied),
			func(p *Question) { p.Closed = []PathName{{report.AMQP, "direct"}} }, false,
			"AMQPWS@proxy, https proxy, exit 0", ""},
		{"open, and expected not to", "direct", direct,
			func(p *Question) { p.Closed = []PathName{{report.MQTT, "direct"}, {report.AMQP, "direct"}} }, false,
			"AMQP@direct, https direct, exit 1",
			"Not as expected, closed: 0 of 2. Expected to be closed, and open: MQTT@direct, AMQP@direct. AMQP works " +
				"directly: UpstreamProtocol Amqp."},
		{"reached is open", "direct", with(direct, "MQTT@direct mqtt.refused"),
			func(p *Question) { p.Closed = []PathName{{report.MQTT, "direct"}} }, false,
			"AMQP@direct, https direct, exit 1", "and open: MQTT@direct."},
		{"not finished is not closed", "direct", with(direct, "MQTT@direct skipped"),
			func(p *Question) { p.Closed = []PathName{{report.MQTT, "direct"}} }, false,
			"AMQP@direct, https direct, exit 1", "Expected to be closed, and not finished: MQTT@direct."},
		{"not probed is not closed", "direct", direct,
			func(p *Question) { p.Closed = []PathName{{report.MQTT, "proxy"}} }, false,
			"AMQP@direct, https direct, exit 1", "and not finished: MQTT@proxy."},
		{"all closed, which is all that was asked", "direct", dead, allClosed, false, "none, https no, exit 0",
			"As expected, closed: 5 of 5."},
		{"one of all is open", "direct", with(dead, "MQTTWS@direct ok"), allClosed, false,
			"MQTTWS@direct, https no, exit 1", "Not as expected, closed: 4 of 5. Expected to be closed, and open: " +
				"MQTTWS@direct."},
		{"closed, and the device's own setting is not asked about", "direct", dead,
			func(p *Question) { allClosed(p); p.Expect, p.ExpectSource = report.AMQP, "config.toml" }, false,
			"none, https no, consistent false, exit 0", "As expected, closed: 5 of 5."},
		{"closed, and one has to work all the same", "direct", dead, func(p *Question) {
			allClosed(p)
			p.Expect,
				p.ExpectSource = report.AMQP, "flag"
		}, false, "none, https no, consistent false, exit 1", "No UpstreamProtocol works"},
		{"closed, and interrupted", "direct", with(dead, "MQTT@direct skipped"), allClosed, true,
			"none, https no, exit 130", "Expected to be closed, and not finished: MQTT@direct."},
		{"open goes over another protocol", "direct", with(direct, "AMQP@direct tcp.timeout"),
			func(p *Question) { p.Expect, p.Closed = report.AMQP, []PathName{{report.MQTT, "direct"}} }, false,
			"AMQPWS@direct, https direct, consistent false, exit 1", ""},
		// depth, interruption
		{"depth tcp", "direct", direct, func(p *Question) { p.Depth = DepthTCP }, false,
			"AMQP@direct, https direct, exit 0", "AMQP works directly: UpstreamProtocol Amqp. Probed to TCP only: " +
				"what answers was not asked whether it is the hub."},
		{"depth tls", "direct", direct, func(p *Question) { p.Depth = DepthTLS }, false,
			"AMQP@direct, https direct, exit 0", "Probed to TLS only"},
		{"depth auth", "direct", direct, func(p *Question) { p.Depth = DepthAuth }, false,
			"AMQP@direct, https direct, exit 0", "AMQP works directly: UpstreamProtocol Amqp."},
		{"interrupted goes over all", "direct", with(dead, "AMQP@direct skipped"), expect(report.MQTT, ""), true,
			"none, https no, consistent false, exit 130", "Interrupted: the report is partial."},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			plan := asking(t, routesOf(row.routes)...)
			if row.plan != nil {
				row.plan(&plan)
			}
			v := Choose(pathLines(t, plan, row.rows...), plan, row.interrupted)
			if got := said(v); got != row.want {
				t.Errorf("%s\nwant %s\n%s", got, row.want, v.Reason)
			}
			if !strings.Contains(v.Reason, row.reason) || exact[row.name] && v.Reason != row.reason {
				t.Errorf("%s\nwant %s", v.Reason, row.reason)
			}
			if strings.HasPrefix(row.name, "depth") != (v.Depth != "") && row.name != "depth auth" {
				t.Errorf("depth %q", v.Depth)
			}
			if v.Expected != plan.Expect || v.ExpectedSource != plan.ExpectSource {
				t.Errorf("expected %q by %q", v.Expected, v.ExpectedSource)
			}
			if strings.Contains(v.Reason, "s3cret") {
				t.Error("the reason holds the password")
			}
		})
	}
}

// exact are the rows whose reason is whole.
var exact = map[string]bool{"R1 all well": true, "R1 HTTPS fails": true, "R1 an unwell hub is reached": true,
	"R1 HTTPS was not asked for": true, "R1 HTTPS alone": true, "R1 through SOCKS alone": true,
	"R3 an https:// proxy never carries": true, "R4 it fails": true, "open, and expected not to": true,
	"depth auth": true, "R6 a chain that does not verify": true, "R4 it was not finished": true}

// A report from elsewhere may name nobody.
func TestNobodyNamedHasToActAllTheSame(t *testing.T) {
	t.Parallel()
	plan := asking(t, "direct")
	results := pathLines(t, plan, every("direct", "tcp.timeout")...)
	for i := range results {
		results[i].Actor = ""
	}
	if v := Choose(results, plan, false); !strings.Contains(v.Reason,
		"(tcp.timeout). Whoever can read the evidence has to act.") {
		t.Error(v.Reason)
	}
}

func TestWorkingList(t *testing.T) {
	t.Parallel()
	plan := asking(t, "direct", proxyURL)
	plan.Prefer = []report.Protocol{report.MQTTWS, report.MQTT}
	lines := append(with(every("direct", "ok"), "MQTT@direct tcp.timeout"),
		with(every("proxy", "ok"), "AMQPWS@proxy ws.status")...)
	v := Choose(pathLines(t, plan, lines...), plan, false)
	want := []report.Working{{Protocol: report.MQTTWS, Route: "proxy", ResultID: "r9", LatencyMs: 443},
		{Protocol: report.AMQP, Route: "direct", ResultID: "r1", LatencyMs: 5671},
		{Protocol: report.AMQPWS, Route: "direct", ResultID: "r3", LatencyMs: 443}}
	if !reflect.DeepEqual(v.Working, want) {
		t.Errorf("%+v", v.Working)
	}
	none := pathLines(t, plan, "AMQP@direct ok")
	none[0].Latency = nil
	if v := Choose(none, plan, false); len(v.Working) != 1 || v.Working[0].LatencyMs != 0 {
		t.Errorf("%+v", v.Working)
	}
	if v := Choose(nil, plan, false); v.Working == nil {
		t.Error("a list that is null")
	}
}

// TestChooseHolds tries random results: what is named works and can be used, fields
// agree with each other, and the order does not matter.
func TestChooseHolds(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	outcomes := []string{"ok", "ok", "skipped", "tcp.timeout", "tls.intercepted", "http.status", "amqp.error",
		"connect.forbidden"}
	routes := [][]string{{"direct"}, {proxyURL}, {"direct", proxyURL}, {"direct", httpsURL}, {"direct", socksURL},
		{"direct", httpsURL, proxyURL, socksURL}, {"direct", proxyURL, proxyURL}}
	up := report.UpstreamProtocols()
	for range 3000 {
		plan := asking(t, routes[rnd.IntN(len(routes))]...)
		if rnd.IntN(2) == 0 {
			plan.Expect = up[rnd.IntN(len(up))]
		}
		rnd.Shuffle(len(up), func(i, j int) { up[i], up[j] = up[j], up[i] })
		plan.Prefer = slices.Clone(up[:rnd.IntN(5)])
		var lines []string
		for _, r := range plan.Routes {
			for _, p := range report.Protocols() {
				lines = append(lines, string(p)+"@"+r.ID+" "+outcomes[rnd.IntN(len(outcomes))])
			}
		}
		results := pathLines(t, plan, lines...)
		interrupted := rnd.IntN(4) == 0
		v := Choose(results, plan, interrupted)
		holdVerdict(t, v, results, plan, interrupted)
		findings := Findings(results, plan, v)
		rnd.Shuffle(len(results), func(i, j int) { results[i], results[j] = results[j], results[i] })
		if w := Choose(results, plan, interrupted); !reflect.DeepEqual(v, w) {
			t.Fatalf("the order matters:\n%+v\n%+v\n%s", v, w, strings.Join(lines, "\n"))
		}
		for _, f := range findings {
			if f.Summary == "" || f.Remedy == "" || f.Actor == "" || len(f.Results) == 0 {
				t.Fatalf("%+v\n%s", f, strings.Join(lines, "\n"))
			}
			if f.Code == report.ProtocolNone != (v.UpstreamProtocol == nil) && f.Code == report.ProtocolNone {
				t.Fatalf("%+v", f)
			}
		}
	}
}

func holdVerdict(t *testing.T, v report.Verdict, results []report.Result, q Question, interrupted bool) {
	t.Helper()
	find := func(p report.Protocol, route string) *report.Result {
		i := slices.IndexFunc(results, func(r report.Result) bool { return r.Protocol == p && r.Route == route })
		return &results[i]
	}
	bad := func(format string, args ...any) {
		t.Helper()
		t.Fatalf(format+"\n%+v\nexpect %s", append(args, v, q.Expect)...)
	}
	named := map[report.Protocol]bool{}
	for _, w := range v.Working {
		r := find(w.Protocol, w.Route)
		if r.Status != report.OK || !known(r.RuntimeUsable, true) || r.ID != w.ResultID || named[w.Protocol] {
			bad("%+v does not work", w)
		}
		named[w.Protocol] = true
	}
	if (v.UpstreamProtocol == nil) != (len(v.Working) == 0) {
		bad("a verdict and a list that disagree")
	}
	if v.UpstreamProtocol != nil {
		if !named[*v.UpstreamProtocol] || find(*v.UpstreamProtocol, v.Route).Status != report.OK {
			bad("the chosen one does not work")
		}
		if named[q.Expect] && *v.UpstreamProtocol != q.Expect {
			bad("the expected one works, and another is chosen")
		}
		if v.Consistent != nil && *v.Consistent != (*v.UpstreamProtocol == q.Expect) {
			bad("consistent is not")
		}
	}
	if known(v.HTTPSOK, true) && !find(report.HTTPS, v.HTTPSRoute).Reached() || !known(v.HTTPSOK, true) &&
		v.HTTPSRoute != "" {
		bad("HTTPS does not work")
	}
	if q.Expect == "" && v.Consistent != nil {
		bad("consistent with nothing")
	}
	good := v.UpstreamProtocol != nil && known(v.HTTPSOK, true) && (q.Expect == "" || known(v.Consistent, true))
	switch {
	case interrupted != (v.ExitCode == 130), good && !interrupted != (v.ExitCode == 0), v.ExitCode == 3 &&
		!known(v.Consistent, false),
		!slices.Contains([]int{0, 1, 3, 130}, v.ExitCode):
		bad("exit %d", v.ExitCode)
	}
	if v.Reason == "" || !strings.HasSuffix(v.Reason, ".") {
		bad("reason %q", v.Reason)
	}
}
