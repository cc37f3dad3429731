package render

import (
	"strconv"
	"time"

	"edgenet/report"
)

const hub = "contoso.azure-devices.net"

func clock(ms float64) time.Time {
	return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).Add(time.Duration(ms * float64(time.Millisecond)))
}

func ptr[T any](v T) *T { return &v }

// fixtures are the reports that every encoder is held against.
func fixtures() map[string]*report.Report {
	return map[string]*report.Report{
		"all-ok": allOK(), "proxy-only": proxyOnly(), "intercepted": intercepted(), "nothing": nothing(),
		"partial": partial(), "mismatch": mismatch(), "hostile": hostile(), "attempts": attempts(),
	}
}

// base is a report of all protocols by the routes, with every result working.
func base(routes ...report.Route) *report.Report {
	r := &report.Report{Schema: report.Schema, Tool: report.Tool{Name: "edgenet", Version: "test", OS: "linux", Arch: "arm64"}, StartedAt: clock(0), DurationMs: 312,
		Target: report.Target{Hub: hub, Source: "config.toml"}, Routes: routes}
	for _, route := range routes {
		for _, p := range report.Protocols() {
			r.Results = append(r.Results, working(len(r.Results), p, route.ID))
		}
	}
	return r
}

func working(i int, p report.Protocol, route string) report.Result {
	took := report.Millis(61.5 + 13*float64(i))
	res := report.Result{ID: "r" + strconv.Itoa(i+1), Endpoint: report.EndpointIoTHub, Host: hub, Port: p.Port(), Protocol: p, Route: route, Status: report.OK,
		RuntimeUsable: ptr(route == report.RouteDirect || p.Proxied()), DurationMs: took + 20, Attempts: 1, Latency: &report.Latency{MinMs: took, MedianMs: took, MaxMs: took}}
	step := func(h report.Hop, s report.Stage, start, ms report.Millis, d report.Detail) {
		res.Steps = append(res.Steps, report.Step{Hop: h, Stage: s, Status: report.OK, StartMs: start, DurationMs: ms, Detail: d})
	}
	tls := &report.TLSDetail{ServerName: hub, Version: "TLS 1.3", Cipher: "TLS_AES_256_GCM_SHA384", Chain: []report.Certificate{{Subject: "CN=*.azure-devices.net", Issuer: "CN=Microsoft Azure RSA TLS Issuing CA 04,O=Microsoft Corporation,C=US",
		NotBefore: clock(-1e10), NotAfter: clock(1e10), SHA256: "ab"}}, Trust: map[string]report.Trust{"public": {OK: true, Root: "CN=DigiCert Global Root G2"}, "os": {OK: true, Root: "CN=DigiCert Global Root G2"}}, Consumer: "containers"}
	if route == report.RouteDirect {
		step(report.HopTarget, report.StageDNS, 0, 4.2, &report.DNSDetail{Name: hub, Addresses: []string{"203.0.113.9"}, CNAME: []string{"ihsu-prod-am-001.azure-devices-provisioning.net"}, TTLSec: ptr(uint32(60)), Resolver: "10.0.0.53:53"})
		step(report.HopTarget, report.StageTCP, 4.2, 11, &report.TCPDetail{Local: "192.0.2.7:50212", Remote: "203.0.113.9:" + strconv.Itoa(p.Port()), Interface: "eth0", At: clock(4.2)})
	} else {
		step(report.HopProxy, report.StageDNS, 0, 1.1, &report.DNSDetail{Name: "proxy.corp", Addresses: []string{"10.0.0.8"}, Resolver: "10.0.0.53:53"})
		step(report.HopProxy, report.StageTCP, 1.1, 0.7, &report.TCPDetail{Local: "192.0.2.7:50300", Remote: "10.0.0.8:3128", Interface: "eth0", At: clock(1.1)})
		step(report.HopProxy, report.StageConnect, 1.8, 14, &report.ConnectDetail{Target: hub + ":" + strconv.Itoa(p.Port()), StatusLine: "HTTP/1.1 200 Connection established", Status: 200, Credentials: "basic"})
	}
	step(report.HopTarget, report.StageTLS, 15.8, 24, tls)
	if p.WebSocket() {
		step(report.HopTarget, report.StageWebSocket, 40, 12, &report.WebSocketDetail{URL: "wss://" + hub + "/$iothub/websocket", Status: 101, Subprotocol: "AMQPWSB10"})
	}
	switch p {
	case report.HTTPS:
		step(report.HopTarget, report.StageHTTP, 52, took-52, &report.HTTPDetail{Request: "GET /devices/…", Status: 401, ErrorCode: "IotHubUnauthorizedAccess", Server: "Microsoft-HTTPAPI/2.0"})
	case report.MQTT, report.MQTTWS:
		step(report.HopTarget, report.StageMQTT, 52, took-52, &report.MQTTDetail{ReturnCode: ptr(5), Meaning: "not authorized: the service answered"})
	default:
		step(report.HopTarget, report.StageAMQP, 52, took-52, &report.AMQPDetail{Mechanisms: []string{"EXTERNAL", "MSSBCBS", "ANONYMOUS", "PLAIN"}, ContainerID: "DeviceGateway_1234", IdleTimeMs: ptr(report.Millis(240000))})
	}
	return res
}

func proxyRoute() report.Route {
	return report.Route{ID: "proxy", URL: "http://edge:****@proxy.corp:3128", Source: "env:https_proxy"}
}

// fail makes the result fail at its step of that hop and stage.
func fail(res *report.Result, h report.Hop, s report.Stage, c report.Cause, summary string, d report.Detail, took report.Millis) {
	res.Status, res.Hop, res.Stage, res.Cause, res.Summary, res.Actor = report.Failed, h, s, c, summary, c.ActorAt(h)
	res.Remedy = c.RemedyAt(h, res.Host, res.Port, "proxy.corp:3128")
	res.Failures, res.Latency = res.Attempts, nil
	for i, st := range res.Steps {
		if st.Hop == h && st.Stage == s {
			res.Steps = res.Steps[:i+1]
			res.Steps[i] = report.Step{Hop: h, Stage: s, Status: report.Failed, StartMs: st.StartMs, DurationMs: took, Cause: c, Detail: d}
			res.DurationMs = st.StartMs + took
			return
		}
	}
	panic("no such step")
}

func dropped(res *report.Result) {
	remote := "203.0.113.9:" + strconv.Itoa(res.Port)
	fail(res, report.HopTarget, report.StageTCP, report.TCPTimeout, "no answer from "+remote+" within 10 s",
		&report.TCPDetail{Local: "192.0.2.7:50212", Remote: remote, Interface: "eth0", At: clock(4.2), Errno: "ETIMEDOUT"}, 9996)
}

func forbidden(res *report.Result) {
	fail(res, report.HopProxy, report.StageConnect, report.ConnectForbidden, "proxy.corp:3128 answers 403 Forbidden to CONNECT "+hub+":"+strconv.Itoa(res.Port),
		&report.ConnectDetail{Target: hub + ":" + strconv.Itoa(res.Port), StatusLine: "HTTP/1.1 403 Forbidden", Status: 403, ProxyError: "ERR_ACCESS_DENIED 0", Server: "squid/6.6", Credentials: "basic", Port443: "allowed", At: ptr(clock(2))}, 6)
}

func decide(r *report.Report, p report.Protocol, route, httpsRoute, reason string, code int) {
	v := &r.Verdict
	v.Reason, v.ExitCode, v.Working = reason, code, nil
	v.HTTPSOK, v.HTTPSRoute = ptr(httpsRoute != ""), httpsRoute
	if p != "" {
		v.UpstreamProtocol, v.Route = &p, route
	}
	for _, res := range r.Results {
		if res.Status == report.OK && *res.RuntimeUsable && res.Protocol != report.HTTPS {
			v.Working = append(v.Working, report.Working{Protocol: res.Protocol, Route: res.Route, ResultID: res.ID, LatencyMs: res.Latency.MedianMs})
		}
	}
}

func allOK() *report.Report {
	r := base(report.Route{ID: report.RouteDirect})
	r.Target.Source = "lab"
	decide(r, report.AMQP, "direct", "direct", "AMQP works directly, and so does everything else: nothing has to be changed.", 0)
	return r
}

func proxyOnly() *report.Report {
	r := base(report.Route{ID: report.RouteDirect}, proxyRoute())
	r.DurationMs = 10012
	for i := range r.Results[:5] {
		dropped(&r.Results[i])
	}
	forbidden(&r.Results[5])
	forbidden(&r.Results[6])
	decide(r, report.AMQPWS, "proxy", "proxy", "Set UpstreamProtocol to AmqpWs with the proxy http://edge:****@proxy.corp:3128: only the proxy leads out, and AMQP over WebSocket works through it.", 0)
	r.Findings = []report.Finding{
		{Code: report.FirewallAllBlocked, Severity: report.SeverityError, Actor: report.ActorFirewall, Summary: "nothing answers directly, while the resolver does", Remedy: "Allow outbound TCP 443, 5671 or 8883 to " + hub + ".", Results: []string{"r1", "r2", "r3", "r4", "r5"}},
		{Code: report.ProxyRequired, Severity: report.SeverityInfo, Actor: report.ActorHost, Summary: "only the route through the proxy works", Remedy: "Keep the proxy set for the daemon, edgeAgent and edgeHub.", Results: []string{"r8", "r9", "r10"}},
	}
	return r
}

func intercepted() *report.Report {
	r := base(report.Route{ID: report.RouteDirect})
	for i := range r.Results {
		res := &r.Results[i]
		fail(res, report.HopTarget, report.StageTLS, report.TLSIntercepted, "the certificate of "+hub+" is issued by Zscaler Intermediate Root CA (zscalerthree.net)",
			&report.TLSDetail{ServerName: hub, Version: "TLS 1.2", Vendor: "Zscaler", Chain: []report.Certificate{{Subject: "CN=*.azure-devices.net,O=Microsoft Corporation", Issuer: "CN=Zscaler Intermediate Root CA (zscalerthree.net),O=Zscaler Inc.,C=US", NotAfter: clock(1e9)}},
				Trust: map[string]report.Trust{"public": {Reason: "signed by unknown authority"}, "os": {OK: true, Root: "CN=Zscaler Root CA"}}, Consumer: "containers", Local: "192.0.2.7:50212", Remote: "203.0.113.9:443", At: ptr(clock(16))}, 31)
	}
	r.Results[4] = working(4, report.HTTPS, report.RouteDirect)
	decide(r, "", "", "direct", "No UpstreamProtocol works: Zscaler opens TLS to the hub, and the containers do not trust its certificate; the firewall admin can exempt the hub.", 1)
	r.Findings = []report.Finding{
		{Code: report.TLSInspection, Severity: report.SeverityError, Actor: report.ActorFirewall, Summary: "Zscaler presents its own certificate for " + hub, Remedy: "Exempt " + hub + " from TLS inspection.", Results: []string{"r1", "r2", "r3", "r4", "r5"}},
		{Code: report.TLSCAMissingInBundle, Severity: report.SeverityError, Actor: report.ActorHost, Summary: "the chain verifies by this host's CA store and not by the trust bundle of the containers", Remedy: "If the hub cannot be exempted: put Zscaler's root CA into trust_bundle_cert in /etc/aziot/config.toml and apply it.", Results: []string{"r1", "r2", "r3", "r4"}},
		{Code: report.ProtocolNone, Severity: report.SeverityError, Actor: report.ActorFirewall, Summary: "no UpstreamProtocol works", Results: []string{"r1", "r2", "r3", "r4"}},
	}
	return r
}

func nothing() *report.Report {
	r := base(report.Route{ID: report.RouteDirect}, proxyRoute())
	r.DurationMs = 10012
	for i := range r.Results {
		res := &r.Results[i]
		switch {
		case i < 5:
			dropped(res)
		default:
			fail(res, report.HopProxy, report.StageConnect, report.ConnectAuthUnsupported, "proxy.corp:3128 answers 407 and offers NTLM and Negotiate alone", &report.ConnectDetail{Target: res.Host + ":" + strconv.Itoa(res.Port), StatusLine: "HTTP/1.1 407 Proxy Authentication Required", Status: 407, AuthSchemes: []string{"Negotiate", "NTLM"}, Credentials: "basic"}, 5)
		}
	}
	decide(r, "", "", "", "No UpstreamProtocol works: directly every connection is dropped, and the proxy wants a login that IoT Edge cannot do.", 1)
	r.Verdict.Expected, r.Verdict.ExpectedSource, r.Verdict.Consistent = report.AMQPWS, "config.toml", ptr(false)
	r.Findings = []report.Finding{{Code: report.ProtocolNone, Severity: report.SeverityError, Actor: report.ActorProxy, Summary: "no UpstreamProtocol works", Results: []string{"r1", "r2", "r3", "r4", "r6", "r7", "r8", "r9"}}}
	return r
}

func partial() *report.Report {
	r := base(report.Route{ID: report.RouteDirect}, proxyRoute())
	r.Partial, r.DurationMs = true, 2044
	for _, i := range []int{0, 1, 7, 8, 9} {
		res := &r.Results[i]
		*res = report.Result{ID: res.ID, Endpoint: res.Endpoint, Host: res.Host, Port: res.Port, Protocol: res.Protocol, Route: res.Route, Status: report.Skipped, SkipReason: "interrupted before it was through", RuntimeUsable: res.RuntimeUsable}
	}
	decide(r, report.AMQPWS, "direct", "direct", "Interrupted: AMQP over WebSocket works directly; AMQP was not through yet.", 130)
	return r
}

func mismatch() *report.Report {
	r := base(report.Route{ID: report.RouteDirect})
	r.DurationMs = 10012
	dropped(&r.Results[0])
	dropped(&r.Results[1])
	decide(r, report.AMQPWS, "direct", "direct", "This device is configured for AMQP, which is blocked here: it would lose contact. AMQP over WebSocket works; set UpstreamProtocol to AmqpWs for edgeAgent and edgeHub.", 3)
	r.Verdict.Expected, r.Verdict.ExpectedSource, r.Verdict.Consistent = report.AMQP, "config.toml", ptr(false)
	r.Findings = []report.Finding{
		{Code: report.ProtocolMismatch, Severity: report.SeverityError, Actor: report.ActorHost, Summary: "AMQP is configured in config.toml and does not work; AMQPWS does", Remedy: "Set UpstreamProtocol to AmqpWs for edgeAgent and edgeHub (edgenet manifest set), or have 5671 opened.", Results: []string{"r1", "r3"}},
		{Code: report.FirewallPortBlocked, Severity: report.SeverityError, Actor: report.ActorFirewall, Summary: "TCP 5671 to 203.0.113.9 is dropped, while 443 of the same address answers", Remedy: "Allow outbound TCP 5671 to " + hub + " (203.0.113.9).", Results: []string{"r1"}},
		{Code: report.FirewallPortBlocked, Severity: report.SeverityInfo, Actor: report.ActorFirewall, Summary: "TCP 8883 to 203.0.113.9 is dropped, while 443 of the same address answers", Remedy: "Only if MQTT is wanted: allow outbound TCP 8883 to " + hub + ".", Results: []string{"r2"}},
		{Code: report.ClockSkew, Severity: report.SeverityWarning, Actor: report.ActorHost, Summary: "this host's clock is 74 s behind the hub's Date", Remedy: "Enable NTP on this host.", Results: []string{"r5"}},
	}
	return r
}

const evil = "\x1b[31mred\x1b]0;owned\x07\u202egnp.exe\u200b\u009b2J\r\nfake: ok\xff日本語テスト"

func hostile() *report.Report { return hostileWith(evil) }

// hostileWith has the text wherever a stranger could put one.
func hostileWith(evil string) *report.Report {
	r := base(report.Route{ID: report.RouteDirect}, report.Route{ID: "proxy", URL: "http://" + evil, Source: evil})
	r.Target = report.Target{Hub: "hub" + evil, Source: evil}
	for i := range r.Results {
		res := &r.Results[i]
		res.Host = hub + evil
		if i%2 == 0 {
			fail(res, report.HopTarget, report.StageTLS, report.Unknown, evil, &report.TLSDetail{ServerName: evil, Vendor: evil, FirstBytes: evil, Reason: evil, Chain: []report.Certificate{{Subject: evil, Issuer: evil}}, Trust: map[string]report.Trust{evil: {Reason: evil}}}, 3)
			res.Remedy = evil
		}
	}
	r.Results[1].Status, r.Results[1].SkipReason = report.Skipped, evil
	r.Results[3].Protocol, r.Results[3].Route = report.Protocol(evil), evil
	r.Findings = []report.Finding{{Code: report.FindingCode(evil), Severity: report.Severity(evil), Actor: report.Actor(evil), Summary: evil, Remedy: evil, Results: []string{"r1"}}}
	r.Verdict = report.Verdict{UpstreamProtocol: ptr(report.Protocol(evil)), Route: evil, Reason: evil, Expected: report.Protocol(evil), Depth: evil, ExitCode: 3}
	return r
}

func attempts() *report.Report {
	r := base(report.Route{ID: report.RouteDirect})
	for i := range r.Results {
		res := &r.Results[i]
		res.Attempts, res.Failures = 20, i
		res.Latency.MaxMs = 1240
		if i > 0 {
			res.FailureCauses = map[report.Cause]int{report.TCPTimeout: 1, report.TLSReset: i}
		}
	}
	dropped(&r.Results[1])
	r.Findings = []report.Finding{{Code: report.Loss, Severity: report.SeverityWarning, Actor: report.ActorNetwork, Summary: "10 % of the attempts over AMQPWS got lost, 20 % over HTTPS", Remedy: "Ask the network team about loss on the way to " + hub + ".", Results: []string{"r3", "r5"}}}
	decide(r, report.AMQP, "direct", "direct", "AMQP works directly; some attempts over port 443 got lost.", 0)
	return r
}
