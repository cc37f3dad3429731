//go:build interop && unix

package interop

import (
	"testing"

	"edgenet/internal/verify/testkit"
	"edgenet/report"
)

func TestWebSocketThroughNginx(t *testing.T) {
	t.Parallel()
	aedes, rhea := node(t, "aedes-wss"), node(t, "rhea-wss")
	chain, key := good(t)
	mqtt, amqp, stripped := testkit.NobodyAt(t), testkit.NobodyAt(t), testkit.NobodyAt(t)
	pass := func(to, headers string) string {
		return "location / { proxy_pass https://" + to + "; proxy_http_version 1.1; " + headers + " }"
	}
	const upgrade = "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;"
	nginx(t, server(mqtt, chain, key, pass(aedes, upgrade))+server(amqp, chain, key, pass(rhea, upgrade))+
		server(stripped, chain, key, pass(aedes, "")), mqtt, amqp, stripped)
	check(t, "nginx", "a reverse proxy that upgrades (101) to aedes", direct(hub, mqtt), connack(report.MQTTWS, 0))
	check(t, "nginx", "a reverse proxy that upgrades (101) to rhea", direct(hub, amqp), ok(report.AMQPWS))
	check(t, "nginx", "a reverse proxy that strips Upgrade: the server behind it answers 426", direct(hub, stripped),
		fails(report.MQTTWS, report.WSStatus, report.WSBlockPage, report.WSNotUpgraded))
}

func TestWebPages(t *testing.T) {
	t.Parallel()
	chain, key := good(t)
	cases := []struct {
		how, block string
		ws, http   report.Cause
	}{
		{"a captive portal's redirect (302)", `location / { return 302 http://portal.example.net/login; }`,
			report.WSBlockPage, report.HTTPBlockPage},
		{"a page with 200", `location / { return 200 "<html><title>Blocked</title></html>"; }`, report.WSBlockPage,
			report.HTTPBlockPage},
		{"a page with 403", `location / { return 403; }`, report.WSBlockPage, report.HTTPBlockPage},
		{"a page with 404", `location / { return 404; }`, report.WSStatus, report.HTTPBlockPage},
		{"503 with the hub's own header", `location / { add_header iothub-errorcode ServiceUnavailable always; return 503; }`, report.WSStatus, report.HTTPStatus},
		{"429 with the hub's own header", `location / { add_header iothub-errorcode ThrottlingException always; return 429; }`, report.WSStatus, report.HTTPStatus},
		{"closed without an answer (444)", `location / { return 444; }`, report.WSClosed, report.HTTPClosed},
	}
	conf, addresses := "", make([]string, len(cases))
	for i, c := range cases {
		addresses[i] = testkit.NobodyAt(t)
		conf += server(addresses[i], chain, key, c.block)
	}
	nginx(t, conf, addresses...)
	ws := []report.Cause{report.WSStatus, report.WSBlockPage, report.WSNotUpgraded, report.WSClosed, report.WSTimeout}
	http := []report.Cause{report.HTTPStatus, report.HTTPBlockPage, report.HTTPClosed, report.HTTPMalformed,
		report.HTTPTimeout}
	for i, c := range cases {
		check(t, "nginx", c.how, direct(hub, addresses[i]), fails(report.MQTTWS, c.ws, others(ws, c.ws)...),
			fails(report.AMQPWS, c.ws, others(ws, c.ws)...), fails(report.HTTPS, c.http, others(http, c.http)...))
	}
	check(t, "nginx", "AMQP and MQTT to a web server's TLS port", direct(hub, addresses[0]),
		fails(report.AMQP, report.AMQPNotAMQP, report.AMQPClosed, report.AMQPVersion),
		fails(report.MQTT, report.MQTTNotMQTT, report.MQTTClosed, report.MQTTRefused))
}

// others are the causes without one.
func others(all []report.Cause, one report.Cause) []report.Cause {
	var out []report.Cause
	for _, c := range all {
		if c != one {
			out = append(out, c)
		}
	}
	return out
}

// TestStalledFront meets a front end whose back end accepts and never answers.
func TestStalledFront(t *testing.T) {
	t.Parallel()
	chain, key := good(t)
	front, back := testkit.NobodyAt(t), testkit.NobodyAt(t)
	nginx(t, "server { listen "+back+"; return 200 x; }\n", back).Freeze(t)
	nginx(t, server(front, chain, key, "location / { proxy_pass http://"+back+"; }"), front)
	check(t, "nginx", "a reverse proxy before a frozen server", direct(hub, front),
		fails(report.HTTPS, report.HTTPTimeout, report.HTTPClosed, report.TLSTimeout),
		fails(report.MQTTWS, report.WSTimeout, report.WSClosed, report.TLSTimeout))
}

// TestTLSFront meets a TLS front end that knows no protocol, before a service that
// accepts and never answers: what inspection boxes do to what they do not know.
func TestTLSFront(t *testing.T) {
	t.Parallel()
	front := haproxy(t, "mode tcp\n  timeout client 30s\n  timeout server 30s\n  timeout connect 5s", true)
	check(t, "haproxy", "a TLS front end before a frozen server", direct(hub, front),
		fails(report.AMQP, report.AMQPTimeout, report.AMQPClosed, report.TLSTimeout),
		fails(report.MQTT, report.MQTTTimeout, report.MQTTClosed, report.TLSTimeout))
}

func TestNoSubprotocol(t *testing.T) {
	t.Parallel()
	check(t, "ws", "101 without the sub-protocol", direct(hub, node(t, "ws-plain")),
		fails(report.MQTTWS, report.WSNotUpgraded, report.WSClosed, report.WSStatus),
		fails(report.AMQPWS, report.WSNotUpgraded, report.WSClosed))
	check(t, "aedes", "asked for AMQPWSB10, 101 without it", direct(hub, node(t, "aedes-wss")),
		fails(report.AMQPWS, report.WSNotUpgraded, report.AMQPNotAMQP, report.WSStatus))
}
