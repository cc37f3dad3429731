package judge

import (
	"slices"
	"strings"
	"testing"

	"edgenet/report"
)

// TestBehindABox: what fails behind an inspection's certificate, though its CA is installed, is asked of who
// runs it, for the port that the device uses that way; and not what the service says, or a filter's page.
func TestBehindABox(t *testing.T) {
	t.Parallel()
	q := asking(t, report.RouteDirect, proxyURL)
	page := func(status int, headers ...string) *report.WebSocketDetail {
		return &report.WebSocketDetail{Status: status, Headers: headers}
	}
	for name, row := range map[string]struct {
		ws, https string
		page      report.Detail
		says      string       // in the first step; empty where another finding leads
		actor     report.Actor // of the first step
		needed    bool         // whether the inspection is what stops the device
	}{
		"it takes the upgrade out": {"ws.status", "ok", nil, "pass the WebSocket upgrade on", report.ActorProxy, true},
		"it cuts the upgrade":      {"ws.closed", "ok", nil, "pass the WebSocket upgrade on", report.ActorProxy, true},
		"it holds the messages":    {"amqp.timeout", "ok", nil, "sent by WebSocket", report.ActorProxy, true},
		"it drops them":            {"amqp.closed", "ok", nil, "sent by WebSocket", report.ActorProxy, true},
		"it does not trust the hub": {"ws.status", "ok", page(503, "X-Squid-Error: ERR_SECURE_CONNECT_FAIL 0"),
			"does not trust the certificate", report.ActorProxy, true},
		"it fails for another reason": {"ws.status", "ok", page(502), "why its own connection to", report.ActorProxy, true},
		"its CA is not installed": {"tls.intercepted", "tls.intercepted", nil, "Exempt hub.azure-devices.net from TLS inspection", report.ActorProxy,
			true},
		"its filter's page":    {"ws.block-page", "ok", page(403), "portal", report.ActorProxy, false},
		"the hub is unwell":    {"http.status", "ok", nil, "", report.ActorService, false},
		"the run was too slow": {"path.slow", "ok", nil, "", "", false},
	} {
		rs := pathLines(t, q, append(every("direct", "tcp.timeout"), "AMQP@proxy amqp.timeout", "MQTT@proxy ok",
			"AMQPWS@proxy "+row.ws, "MQTTWS@proxy "+row.ws, "HTTPS@proxy "+row.https)...)
		for i := range rs[5:] {
			d := chain("hub", "Corp CA")
			installed := row.https != "tls.intercepted"
			d.Trust = map[string]report.Trust{report.PoolOS: {OK: installed}, report.PoolBundle: {OK: installed}}
			target(&rs[5+i], report.StageTLS, d)
		}
		if row.page != nil {
			target(&rs[7], report.StageWebSocket, row.page)
			target(&rs[8], report.StageWebSocket, row.page)
		}
		r := report.Report{Results: rs}
		Conclude(&r, q, false)
		i := slices.IndexFunc(r.Findings, func(f report.Finding) bool { return f.Code == report.TLSInspection })
		if i < 0 {
			t.Fatalf("%s: %+v", name, r.Findings)
		}
		f := r.Findings[i]
		if got := f.Severity == report.SeverityError; got != row.needed || f.Actor != report.ActorProxy ||
			strings.Contains(f.Remedy, "5671") {
			t.Errorf("%s: %+v", name, f)
		}
		if row.says == "" {
			if slices.Contains(f.Results, "r8") {
				t.Errorf("%s: the inspection explains it: %+v", name, f)
			}
			continue
		}
		first := r.Advice[0]
		if first.Actor != row.actor || !strings.Contains(first.Do+first.ForThem, row.says) ||
			strings.Contains(first.Do+first.ForThem, "5671") {
			t.Errorf("%s: %+v", name, first)
		}
		if !strings.Contains(r.Verdict.Reason, "The proxy admin has to act") {
			t.Errorf("%s: %s", name, r.Verdict.Reason)
		}
	}
}
