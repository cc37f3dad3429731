package judge

import (
	"slices"
	"strings"
	"testing"

	"edgenet/report"
)

// TestTheSettingComesFirst: where it is how the proxy is written, this host has to act, and nobody else first.
func TestTheSettingComesFirst(t *testing.T) {
	t.Parallel()
	dead := every("direct", "tcp.timeout")
	unread := report.Finding{Code: report.ProxyScheme, Severity: report.SeverityError, Actor: report.ActorHost,
		Summary: "config.toml:11 cannot be read", Remedy: "Percent-encode it.", Results: []string{}}
	speaks := func(what string) func([]report.Result) {
		return func(rs []report.Result) {
			for i := range rs {
				if rs[i].Cause == report.ConnectNotHTTP {
					rs[i].Steps[0].Detail = &report.ConnectDetail{Speaks: what}
				}
			}
		}
	}
	for name, row := range map[string]struct {
		url    string
		lines  []string
		plan   func(*Question)
		change func([]report.Result)
		actor  report.Actor
		says   string // by the first step
		reason string
	}{
		"https:// for http://": {httpsURL, every("proxy", "proxy/tls.not-tls"), nil, nil, report.ActorHost,
			"use http:// in its URL", "You have to act, on this host"},
		"no port": {proxyURL, every("proxy", "proxy/tcp.refused"), func(q *Question) { q.Routes[1].NoPort = true }, nil,
			report.ActorHost, "Write the proxy's port", "names no port, so that 3128 was tried"},
		"no port, and nothing answers": {proxyURL, every("proxy", "proxy/tcp.timeout"),
			func(q *Question) { q.Routes[1].NoPort = true }, nil, report.ActorHost, "Write the proxy's port", "no port"},
		"a port": {proxyURL, every("proxy", "proxy/tcp.refused"), nil, nil, report.ActorProxy, "Nothing listens",
			"The proxy admin has to act"},
		"a SOCKS port": {proxyURL, every("proxy", "connect.not-http"), nil, speaks(report.SpeaksSOCKS), report.ActorProxy,
			"Give this device an HTTP proxy", "The proxy admin has to act"},
		"a TLS port": {proxyURL, every("proxy", "connect.not-http"), nil, speaks(report.SpeaksTLS), report.ActorHost,
			"Use the proxy's http:// port", "You have to act"},
		"something else": {proxyURL, every("proxy", "connect.not-http"), nil, speaks(""), report.ActorHost,
			"The proxy URL's port or scheme is wrong", "You have to act"},
		"what cannot be read": {"", nil, func(q *Question) { q.Settings = []report.Finding{unread} }, nil, report.ActorHost,
			"Percent-encode it. Then check again", "No UpstreamProtocol works directly (tcp.timeout), and the proxy that " +
				"is set was not tried: config.toml:11 cannot be read. You have to act"},
		"what cannot be read, by edgeAgent": {"", nil, func(q *Question) {
			own := unread
			own.Components = []string{"edgeAgent"}
			q.Settings = []report.Finding{own}
			q.Users = []*User{{Name: "edgeAgent", Loss: "unread", Protocols: []report.Protocol{report.AMQPWS}}}
		}, nil, report.ActorHost, "Percent-encode it. Then check again", "You have to act, on this host"},
		"what cannot be read, beside a proxy that was tried": {proxyURL, every("proxy", "proxy/tcp.refused"),
			func(q *Question) { q.Settings = []report.Finding{unread} }, nil, report.ActorProxy, "Nothing listens",
			"The proxy admin has to act"},
	} {
		routes := []string{report.RouteDirect}
		if row.url != "" {
			routes = append(routes, row.url)
		}
		q := asking(t, routes...)
		if row.plan != nil {
			row.plan(&q)
		}
		r := report.Report{Results: pathLines(t, q, slices.Concat(dead, row.lines)...)}
		if row.change != nil {
			row.change(r.Results)
		}
		Conclude(&r, q, false)
		first := r.Advice[0]
		if first.Actor != row.actor || !strings.Contains(first.Do, row.says) || first.Way != "A" {
			t.Errorf("%s: %+v", name, first)
		}
		if !strings.Contains(r.Verdict.Reason, row.reason) {
			t.Errorf("%s: %s", name, r.Verdict.Reason)
		}
		if row.says != "" && strings.Contains(row.reason, "was not tried") {
			for _, a := range r.Advice {
				if strings.Contains(a.Do, "site's proxy") {
					t.Errorf("%s: there is one: %+v", name, a)
				}
			}
		}
		asked := 0
		for _, a := range r.Advice {
			if slices.Contains(a.Findings, report.ProxyScheme) {
				asked++
			}
		}
		if asked > 1 {
			t.Errorf("%s: asked %d times: %+v", name, asked, r.Advice)
		}
	}
}
