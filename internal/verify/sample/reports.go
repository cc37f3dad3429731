package sample

import (
	"strconv"

	"edgenet/report"
)

// AllOK works by every path.
func AllOK() *report.Report {
	r := base(report.Route{ID: report.RouteDirect})
	r.Target.Source = "lab"
	decide(r, report.AMQP, "direct", "direct",
		"AMQP works directly, and so does everything else: nothing has to be changed.", 0)
	return told(r)
}

// ProxyOnly has a firewall that lets nothing out but the proxy.
func ProxyOnly() *report.Report {
	r := base(report.Route{ID: report.RouteDirect}, proxyRoute())
	r.Device = &report.Device{Host: "gw-17", ID: "line-1", Labels: map[string]string{"site": "plant-3"},
		Source: "config.toml"}
	r.DurationMs = 10012
	for i := range r.Results[:5] {
		dropped(&r.Results[i])
	}
	forbidden(&r.Results[5])
	forbidden(&r.Results[6])
	decide(r, report.AMQPWS, "proxy", "proxy", "Set UpstreamProtocol to AmqpWs with the proxy "+
		"http://edge:****@proxy.corp:3128: only the proxy leads out, and AMQP over WebSocket works through it.", 0)
	r.Findings = []report.Finding{
		{Code: report.ProxyRequired, Severity: report.SeverityInfo, Actor: report.ActorHost,
			Summary: "only the route through the proxy works",
			Remedy:  "Keep the proxy set for the daemon, edgeAgent and edgeHub.", Results: []string{"r8", "r9", "r10"}},
	}
	return told(r)
}

// Intercepted has an inspection box whose CA the containers lack.
func Intercepted() *report.Report {
	r := base(report.Route{ID: report.RouteDirect})
	for i := range r.Results {
		res := &r.Results[i]
		fail(res, report.HopTarget, report.StageTLS, report.TLSIntercepted, "the certificate of "+hub+
			" is issued by Zscaler Intermediate Root CA (zscalerthree.net)",
			&report.TLSDetail{ServerName: hub, Version: "TLS 1.2", Vendor: "Zscaler",
				Chain: []report.Certificate{{Subject: "CN=*.azure-devices.net,O=Microsoft Corporation",
					Issuer:   "CN=Zscaler Intermediate Root CA (zscalerthree.net),O=Zscaler Inc.,C=US",
					NotAfter: clock(1e9)}},
				Trust: map[string]report.Trust{"public": {Reason: "signed by unknown authority"},
					"os": {OK: true, Root: "CN=Zscaler Root CA"}}, Consumer: "containers", Local: "192.0.2.7:50212",
				Remote: "203.0.113.9:443", At: ptr(clock(16))}, 31)
	}
	r.Results[4] = working(4, report.HTTPS, report.RouteDirect)
	decide(r, "", "", "direct", "No UpstreamProtocol works: Zscaler opens TLS to the hub, and the containers do not "+
		"trust its certificate; the firewall admin can exempt the hub.", 1)
	r.Findings = []report.Finding{
		{Code: report.TLSInspection, Severity: report.SeverityError, Actor: report.ActorFirewall,
			Summary: "Zscaler presents its own certificate for " + hub, Remedy: "Exempt " + hub +
				" from TLS inspection.", Results: []string{"r1", "r2", "r3", "r4", "r5"}},
		{Code: report.TLSCAMissingInBundle, Severity: report.SeverityError, Actor: report.ActorHost,
			Summary: "the chain verifies by this host's CA store and not by the trust bundle of the containers",
			Remedy: "If the hub cannot be exempted: put Zscaler's root CA into trust_bundle_cert in " +
				"/etc/aziot/config.toml and apply it.", Results: []string{"r1", "r2", "r3", "r4"}},
		{Code: report.ProtocolNone, Severity: report.SeverityError, Actor: report.ActorFirewall,
			Summary: "no UpstreamProtocol works", Results: []string{"r1", "r2", "r3", "r4"}},
	}
	return told(r)
}

// Nothing works: a firewall that drops, a proxy that wants a login nobody can do.
func Nothing() *report.Report {
	r := base(report.Route{ID: report.RouteDirect}, proxyRoute())
	r.DurationMs = 10012
	for i := range r.Results {
		res := &r.Results[i]
		switch {
		case i < 5:
			dropped(res)
		default:
			fail(res, report.HopProxy, report.StageConnect, report.ConnectAuthUnsupported,
				"proxy.corp:3128 answers 407 and offers NTLM and Negotiate alone",
				&report.ConnectDetail{Target: res.Host + ":" + strconv.Itoa(res.Port),
					StatusLine: "HTTP/1.1 407 Proxy Authentication Required", Status: 407,
					AuthSchemes: []string{"Negotiate", "NTLM"}, Credentials: "basic"}, 5)
		}
	}
	decide(r, "", "", "", "No UpstreamProtocol works: directly every connection is dropped, and the proxy wants a "+
		"login that IoT Edge cannot do.", 1)
	r.Verdict.Expected, r.Verdict.ExpectedSource, r.Verdict.Consistent = report.AMQPWS, "config.toml", ptr(false)
	r.Verdict.Because = &report.Because{Result: "r8"}
	r.Findings = []report.Finding{{Code: report.ProtocolNone, Severity: report.SeverityError, Actor: report.ActorProxy,
		Summary: "no UpstreamProtocol works", Results: []string{"r1", "r2", "r3", "r4", "r6", "r7", "r8", "r9"}}}
	return told(r)
}

// Partial was interrupted.
func Partial() *report.Report {
	r := base(report.Route{ID: report.RouteDirect}, proxyRoute())
	r.Partial, r.DurationMs = true, 2044
	for _, i := range []int{0, 1, 7, 8, 9} {
		res := &r.Results[i]
		*res = report.Result{ID: res.ID, Endpoint: res.Endpoint, Host: res.Host, Port: res.Port, Protocol: res.Protocol,
			Route: res.Route, Status: report.Skipped, SkipReason: "interrupted before it was through",
			RuntimeUsable: res.RuntimeUsable}
	}
	decide(r, report.AMQPWS, "direct", "direct",
		"Interrupted: AMQP over WebSocket works directly; AMQP was not through yet.", 130)
	return told(r)
}

// Mismatch works by another protocol than the configured one.
func Mismatch() *report.Report {
	r := base(report.Route{ID: report.RouteDirect})
	r.DurationMs = 10012
	dropped(&r.Results[0])
	dropped(&r.Results[1])
	decide(r, report.AMQPWS, "direct", "direct", "This device is configured for AMQP, which is blocked here: it "+
		"would lose contact. AMQP over WebSocket works; set UpstreamProtocol to AmqpWs for edgeAgent and edgeHub.", 3)
	r.Verdict.Expected, r.Verdict.ExpectedSource, r.Verdict.Consistent = report.AMQP, "config.toml", ptr(false)
	r.Findings = []report.Finding{
		{Code: report.ProtocolMismatch, Severity: report.SeverityError, Actor: report.ActorHost,
			Summary: "AMQP is configured in config.toml and does not work; AMQPWS does",
			Remedy: "Set UpstreamProtocol to AmqpWs for edgeAgent and edgeHub (edgenet manifest set), or have 5671 " +
				"opened.", Results: []string{"r1", "r3"}},
		{Code: report.FirewallPortBlocked, Severity: report.SeverityError, Actor: report.ActorFirewall,
			Summary: "TCP 5671 to 203.0.113.9 is dropped, while 443 of the same address answers",
			Remedy:  "Allow outbound TCP 5671 to " + hub + " (203.0.113.9).", Results: []string{"r1"}},
		{Code: report.FirewallPortBlocked, Severity: report.SeverityInfo, Actor: report.ActorFirewall,
			Summary: "TCP 8883 to 203.0.113.9 is dropped, while 443 of the same address answers",
			Remedy:  "Only if MQTT is wanted: allow outbound TCP 8883 to " + hub + ".", Results: []string{"r2"}},
		{Code: report.ClockSkew, Severity: report.SeverityWarning, Actor: report.ActorHost,
			Summary: "this host's clock is 74 s behind the hub's Date", Remedy: "Enable NTP on this host.",
			Results: []string{"r5"}},
	}
	return told(r)
}

// Attempts repeated each probe and lost some.
func Attempts() *report.Report {
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
	r.Findings = []report.Finding{{Code: report.Loss, Severity: report.SeverityWarning, Actor: report.ActorNetwork,
		Summary: "10 % of the attempts over AMQPWS got lost, 20 % over HTTPS",
		Remedy:  "Ask the network team about loss on the way to " + hub + ".", Results: []string{"r3", "r5"}}}
	decide(r, report.AMQP, "direct", "direct", "AMQP works directly; some attempts over port 443 got lost.", 0)
	return told(r)
}
