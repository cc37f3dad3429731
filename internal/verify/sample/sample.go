package sample

import (
	"strconv"
	"time"

	"edgenet/internal/judge"
	"edgenet/report"
)

const hub = "contoso.azure-devices.net"

func clock(ms float64) time.Time {
	return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).Add(time.Duration(ms * float64(time.Millisecond)))
}

func ptr[T any](v T) *T { return &v }

// Reports are the reports that every encoder is held against, by name.
func Reports() map[string]*report.Report {
	return map[string]*report.Report{
		"all-ok": AllOK(), "proxy-only": ProxyOnly(), "intercepted": Intercepted(), "nothing": Nothing(),
		"partial": Partial(), "mismatch": Mismatch(), "hostile": Hostile(), "attempts": Attempts(),
		"in-container": InContainer(), "no-container": NoContainer(),
	}
}

// told completes a report, as a check leaves it.
func told(r *report.Report) *report.Report {
	judge.Complete(r)
	return r
}

// base is a report of all protocols by the routes, with every result working.
func base(routes ...report.Route) *report.Report {
	r := &report.Report{Schema: report.Schema, Tool: report.Tool{Name: "edgenet", Version: "test", OS: "linux",
		Arch: "arm64"}, StartedAt: clock(0), DurationMs: 312,
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
	res := report.Result{ID: "r" + strconv.Itoa(i+1), Endpoint: report.EndpointIoTHub, Host: hub, Port: p.Port(),
		Protocol: p, Route: route, Status: report.OK,
		RuntimeUsable: ptr(route == report.RouteDirect || p.Proxied()), DurationMs: took + 20, Attempts: 1,
		Latency: &report.Latency{MinMs: took, MedianMs: took, MaxMs: took}}
	step := func(h report.Hop, s report.Stage, start, ms report.Millis, d report.Detail) {
		res.Steps = append(res.Steps, report.Step{Hop: h, Stage: s, Status: report.OK, StartMs: start, DurationMs: ms,
			Detail: d})
	}
	tls := &report.TLSDetail{ServerName: hub, Version: "TLS 1.3", Cipher: "TLS_AES_256_GCM_SHA384",
		Chain: []report.Certificate{{Subject: "CN=*.azure-devices.net",
			Issuer:    "CN=Microsoft Azure RSA TLS Issuing CA 04,O=Microsoft Corporation,C=US",
			NotBefore: clock(-1e10), NotAfter: clock(1e10), SHA256: "ab"}},
		Trust: map[string]report.Trust{"public": {OK: true, Root: "CN=DigiCert Global Root G2"},
			"os": {OK: true, Root: "CN=DigiCert Global Root G2"}}, Consumer: "containers"}
	if route == report.RouteDirect {
		step(report.HopTarget, report.StageDNS, 0, 4.2, &report.DNSDetail{Name: hub, Addresses: []string{"203.0.113.9"},
			CNAME: []string{"ihsu-prod-am-001.azure-devices-provisioning.net"}, TTLSec: ptr(uint32(60)),
			Resolver: "10.0.0.53:53"})
		step(report.HopTarget, report.StageTCP, 4.2, 11, &report.TCPDetail{Local: "192.0.2.7:50212",
			Remote: "203.0.113.9:" + strconv.Itoa(p.Port()), Interface: "eth0", At: clock(4.2)})
	} else {
		step(report.HopProxy, report.StageDNS, 0, 1.1, &report.DNSDetail{Name: "proxy.corp",
			Addresses: []string{"10.0.0.8"}, Resolver: "10.0.0.53:53"})
		step(report.HopProxy, report.StageTCP, 1.1, 0.7, &report.TCPDetail{Local: "192.0.2.7:50300",
			Remote: "10.0.0.8:3128", Interface: "eth0", At: clock(1.1)})
		step(report.HopProxy, report.StageConnect, 1.8, 14,
			&report.ConnectDetail{Target: hub + ":" + strconv.Itoa(p.Port()),
				StatusLine: "HTTP/1.1 200 Connection established", Status: 200, Credentials: "basic"})
	}
	step(report.HopTarget, report.StageTLS, 15.8, 24, tls)
	if p.WebSocket() {
		step(report.HopTarget, report.StageWebSocket, 40, 12, &report.WebSocketDetail{URL: "wss://" + hub +
			"/$iothub/websocket", Status: 101, Subprotocol: "AMQPWSB10"})
	}
	switch p {
	case report.HTTPS:
		step(report.HopTarget, report.StageHTTP, 52, took-52, &report.HTTPDetail{Request: "GET /devices/…", Status: 401,
			ErrorCode: "IotHubUnauthorizedAccess", Server: "Microsoft-HTTPAPI/2.0"})
	case report.MQTT, report.MQTTWS:
		step(report.HopTarget, report.StageMQTT, 52, took-52, &report.MQTTDetail{ReturnCode: ptr(5),
			Meaning: "not authorized: the service answered"})
	default:
		step(report.HopTarget, report.StageAMQP, 52, took-52,
			&report.AMQPDetail{Mechanisms: []string{"EXTERNAL", "MSSBCBS", "ANONYMOUS", "PLAIN"},
				ContainerID: "DeviceGateway_1234", IdleTimeMs: ptr(report.Millis(240000))})
	}
	return res
}

func proxyRoute() report.Route {
	return report.Route{ID: "proxy", URL: "http://edge:****@proxy.corp:3128", Source: "env:https_proxy"}
}

// fail makes the result fail at its step of that hop and stage.
func fail(res *report.Result, h report.Hop, s report.Stage, c report.Cause, summary string, d report.Detail,
	took report.Millis) {
	res.Status, res.Hop, res.Stage, res.Cause, res.Summary, res.Actor = report.Failed, h, s, c, summary, c.ActorAt(h)
	res.Remedy = c.RemedyAt(h, res.Host, res.Port, "proxy.corp:3128")
	res.Failures, res.Latency = res.Attempts, nil
	for i, st := range res.Steps {
		if st.Hop == h && st.Stage == s {
			res.Steps = res.Steps[:i+1]
			res.Steps[i] = report.Step{Hop: h, Stage: s, Status: report.Failed, StartMs: st.StartMs, DurationMs: took,
				Cause: c, Detail: d}
			res.DurationMs = st.StartMs + took
			return
		}
	}
	panic("no such step")
}

func dropped(res *report.Result) {
	remote := "203.0.113.9:" + strconv.Itoa(res.Port)
	fail(res, report.HopTarget, report.StageTCP, report.TCPTimeout, "no answer from "+remote+" within 10 s",
		&report.TCPDetail{Local: "192.0.2.7:50212", Remote: remote, Interface: "eth0", At: clock(4.2),
			Errno: "ETIMEDOUT"}, 9996)
}

func forbidden(res *report.Result) {
	fail(res, report.HopProxy, report.StageConnect, report.ConnectForbidden,
		"proxy.corp:3128 answers 403 Forbidden to CONNECT "+hub+":"+strconv.Itoa(res.Port),
		&report.ConnectDetail{Target: hub + ":" + strconv.Itoa(res.Port), StatusLine: "HTTP/1.1 403 Forbidden",
			Status: 403, ProxyError: "ERR_ACCESS_DENIED 0", Server: "squid/6.6", Credentials: "basic",
			Port443: "allowed", At: ptr(clock(2))}, 6)
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
			v.Working = append(v.Working, report.Working{Protocol: res.Protocol, Route: res.Route, ResultID: res.ID,
				LatencyMs: res.Latency.MedianMs})
		}
	}
}
