package judge

import (
	"strings"
	"testing"

	"edgenet/report"
)

func TestOnePortLedElsewhere(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		other  string
		change func(rs []report.Result)
		want   report.Actor
	}{
		"another port shows the right one": {"ok", nil, report.ActorFirewall},
		"another address does": {"ok",
			func(rs []report.Result) { target(&rs[1], report.StageTCP, &report.TCPDetail{Remote: "10.9.9.9:8883"}) },
			report.ActorDNS},
		"no other port does": {"tls.name-mismatch", nil, report.ActorDNS},
		"the address is not known": {"ok", func(rs []report.Result) {
			rs[0].Steps,
				rs[1].Steps = rs[0].Steps[1:], rs[1].Steps[1:]
		}, report.ActorDNS},
		"by the proxy": {"ok", func(rs []report.Result) { rs[0].Route = "proxy" }, report.ActorProxy},
	} {
		q := asking(t, "direct")
		rs := pathLines(t, q, "AMQP@direct tls.name-mismatch", "MQTT@direct "+row.other)
		remote("10.1.2.3")(t, rs)
		if row.change != nil {
			row.change(rs)
		}
		Refine(rs)
		if rs[0].Actor != row.want || strings.Contains(rs[0].Summary,
			"port 8883 of the same address") != (row.want == report.ActorFirewall) {
			t.Errorf("%s: %s, %s", name, rs[0].Actor, rs[0].Summary)
		}
		if strings.Contains(rs[0].Remedy, "redirect of that port") != (row.want == report.ActorFirewall) {
			t.Errorf("%s: %s", name, rs[0].Remedy)
		}
	}
}

func TestTheHubItselfRefusesTheUpgrade(t *testing.T) {
	t.Parallel()
	hub := []string{"iothub-errorcode"}
	for _, row := range []struct {
		status  int
		headers []string
		service bool
	}{{429, hub, true}, {500, hub, true}, {503, hub, true}, {429, nil, false}, {503, nil, false}, {400, hub, false},
		{499, hub, false}} {
		q := asking(t, "direct")
		rs := pathLines(t, q, "AMQPWS@direct ws.status")
		target(&rs[0], report.StageWebSocket, &report.WebSocketDetail{Status: row.status, HubHeaders: row.headers})
		Refine(rs)
		if got := rs[0].Actor == report.ActorService &&
			strings.Contains(rs[0].Remedy, "itself answers"); got != row.service {
			t.Errorf("%d %q: %s %s", row.status, row.headers, rs[0].Actor, rs[0].Remedy)
		}
	}
}

// TestTwoBoxes: two inspectors on two ways are two findings, and what follows follows from
// both.
func TestTwoBoxes(t *testing.T) {
	t.Parallel()
	q := asking(t, "direct", proxyURL)
	rs := pathLines(t, q, append(every("direct", "tls.intercepted"), every("proxy", "tls.intercepted")...)...)
	for i := range rs {
		ca := map[string]string{"direct": "FortiGate", "proxy": "Zscaler"}[rs[i].Route]
		target(&rs[i], report.StageTLS, chain("hub.azure-devices.net", ca))
	}
	r := &report.Report{Results: rs}
	Conclude(r, q, false)
	var boxes []string
	for _, f := range r.Findings {
		switch f.Code {
		case report.TLSInspection:
			boxes = append(boxes, string(f.Actor)+" "+f.Results[0])
		case report.ProtocolNone, report.HTTPSRequired:
			if len(f.FollowsFrom) != 1 || f.FollowsFrom[0] != report.TLSInspection {
				t.Errorf("%s follows from %q", f.Code, f.FollowsFrom)
			}
		}
	}
	if s := strings.Join(boxes, "; "); s != "firewall-admin r1; proxy-admin r6" {
		t.Error(s)
	}
	if got := told(r); strings.Count(got, "/verdict]") != 4 || !strings.Contains(got, "root CA (Zscaler)") {
		t.Errorf("not told as alternatives:\n%s", got)
	}
}

// Without its headers the answer to an upgrade is the hub's where the hub says the same to plain
// HTTPS, with the same certificate; not where only something like it does.
func TestTheHubsFrontRefusesTheUpgrade(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		change  func(https *report.Result, said *report.HTTPDetail, cert *report.TLSDetail)
		service bool
	}{
		"the hub says the same": {nil, true},
		"another status":        {func(_ *report.Result, d *report.HTTPDetail, _ *report.TLSDetail) { d.Status = 500 }, false},
		"not the hub":           {func(_ *report.Result, d *report.HTTPDetail, _ *report.TLSDetail) { d.HubHeaders = nil }, false},
		"no certificate":        {func(_ *report.Result, _ *report.HTTPDetail, c *report.TLSDetail) { c.Chain = nil }, false},
		"another's":             {func(_ *report.Result, _ *report.HTTPDetail, c *report.TLSDetail) { c.Chain[0].SHA256 = "x" }, false},
		"another route":         {func(r *report.Result, _ *report.HTTPDetail, _ *report.TLSDetail) { r.Route = "proxy" }, false},
		"of another host":       {func(r *report.Result, _ *report.HTTPDetail, _ *report.TLSDetail) { r.Host = "o.test" }, false},
	} {
		q := asking(t, "direct")
		rs := pathLines(t, q, "AMQPWS@direct ws.status", "HTTPS@direct http.status")
		target(&rs[0], report.StageWebSocket, &report.WebSocketDetail{Status: 503})
		target(&rs[0], report.StageTLS, chain("hub", "root"))
		said, cert := &report.HTTPDetail{Status: 503, HubHeaders: []string{"iothub-errorcode"}}, chain("hub", "root")
		target(&rs[1], report.StageHTTP, said)
		target(&rs[1], report.StageTLS, cert)
		if row.change != nil {
			row.change(&rs[1], said, cert)
		}
		Refine(rs)
		found := serviceUnwell(&view{results: rs[:1], q: q})
		if got := rs[0].Actor == report.ActorService; got != row.service || (len(found) > 0) != row.service {
			t.Errorf("%s: %s %s, %d findings", name, rs[0].Actor, rs[0].Remedy, len(found))
		}
	}
}

// TestWhoResolvesInATunnel: by a proxy that resolves the name itself this host's DNS has no part in
// where it leads; where the name was resolved here, or leads there directly too, it has.
func TestWhoResolvesInATunnel(t *testing.T) {
	t.Parallel()
	q := asking(t, "direct", proxyURL)
	for name, row := range map[string]struct {
		direct string
		change func(r *report.Result)
		want   report.Actor
	}{
		"directly it is dropped":  {"tcp.timeout", nil, report.ActorProxy},
		"directly it is the same": {"tls.name-mismatch", nil, report.ActorDNS},
		"resolved here": {"tcp.timeout", func(r *report.Result) { target(r, report.StageDNS, &report.DNSDetail{}) },
			report.ActorDNS},
		"a parent": {"tcp.timeout", func(r *report.Result) { r.Endpoint = report.EndpointParent }, report.ActorParent},
	} {
		rs := pathLines(t, q, "AMQPWS@direct "+row.direct, "AMQPWS@proxy tls.name-mismatch")
		target(&rs[1], report.StageTLS, &report.TLSDetail{Names: []string{"portal.example"}})
		if row.direct == "tls.name-mismatch" {
			target(&rs[0], report.StageTLS, &report.TLSDetail{Names: []string{"portal.example"}})
		}
		if row.change != nil {
			row.change(&rs[1])
		}
		Refine(rs)
		if rs[1].Actor != row.want || strings.Contains(rs[1].Remedy, "The proxy looks") != (row.want == report.ActorProxy) {
			t.Errorf("%s: %s, want %s: %s", name, rs[1].Actor, row.want, rs[1].Remedy)
		}
	}
}

// TestAnotherProxysLogin: a 407 of another realm after the password is not about the password.
func TestAnotherProxysLogin(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		first *report.ConnectFirst
		realm string
		want  report.Actor
	}{
		"another realm":      {&report.ConnectFirst{Realm: "near"}, "corp", report.ActorProxy},
		"the same":           {&report.ConnectFirst{Realm: "near"}, "near", report.ActorCredentials},
		"none at first":      {&report.ConnectFirst{}, "corp", report.ActorCredentials},
		"none at last":       {&report.ConnectFirst{Realm: "near"}, "", report.ActorCredentials},
		"asked with it once": {nil, "corp", report.ActorCredentials},
	} {
		rs := []report.Result{{ID: "r1", Host: "hub", Route: "proxy", Status: report.Failed, Hop: report.HopProxy,
			Cause: report.ConnectAuthRejected, Actor: report.ActorCredentials}}
		rs = append(rs, rs[0]) // the daemon's path gives the password at once
		evidence(&rs[0], report.HopProxy, report.StageConnect, &report.ConnectDetail{First: row.first, Realm: row.realm})
		evidence(&rs[1], report.HopProxy, report.StageConnect, &report.ConnectDetail{Realm: row.realm})
		Refine(rs)
		if rs[1].Actor != row.want || rs[1].Remedy != rs[0].Remedy {
			t.Errorf("%s: the other path: %s: %s", name, rs[1].Actor, rs[1].Remedy)
		}
		if rs[0].Actor != row.want || strings.Contains(rs[0].Remedy, "behind it") != (row.want == report.ActorProxy) {
			t.Errorf("%s: %s: %s", name, rs[0].Actor, rs[0].Remedy)
		}
	}
}
