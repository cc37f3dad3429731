package report

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParseProtocol(t *testing.T) {
	for in, want := range map[string]Protocol{
		"AMQP": AMQP, "amqp": AMQP, "amqps": AMQP, " Amqp ": AMQP,
		"MQTT": MQTT, "mqtts": MQTT,
		"AmqpWs": AMQPWS, "AMQPWS": AMQPWS, "amqp-ws": AMQPWS, "amqp_ws": AMQPWS, "AMQP over WebSocket": AMQPWS,
		"AMQP over WebSockets": AMQPWS, "amqp+wss": AMQPWS,
		"MqttWs": MQTTWS, "mqtt-over-ws": MQTTWS, "MQTT over WSS": MQTTWS,
		"https": HTTPS, "HTTPS": HTTPS, "http": HTTPS,
	} {
		if got, err := ParseProtocol(in); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"", "ws", "amq", "amqp1", "tcp", "amqp,mqtt", "websocket"} {
		if got, err := ParseProtocol(in); err == nil {
			t.Errorf("%q gives %q, want an error", in, got)
		}
	}
}

func TestProtocolsOwnNamesParse(t *testing.T) {
	for _, p := range Protocols() {
		for _, s := range []string{string(p), p.RuntimeName(), strings.ToLower(string(p))} {
			if got, err := ParseProtocol(s); err != nil || got != p {
				t.Errorf("%q: %q, %v", s, got, err)
			}
		}
	}
}

func TestProtocolFacts(t *testing.T) {
	for _, c := range []struct {
		p           Protocol
		port        int
		ws, proxied bool
		name        string
	}{
		{AMQP, 5671, false, false, "Amqp"}, {MQTT, 8883, false, false, "Mqtt"},
		{AMQPWS, 443, true, true, "AmqpWs"}, {MQTTWS, 443, true, true, "MqttWs"}, {HTTPS, 443, false, true, "HTTPS"},
	} {
		if c.p.Port() != c.port || c.p.WebSocket() != c.ws || c.p.Proxied() != c.proxied ||
			c.p.RuntimeName() != c.name {
			t.Errorf("%s: %d %v %v %s", c.p, c.p.Port(), c.p.WebSocket(), c.p.Proxied(), c.p.RuntimeName())
		}
	}
}

func FuzzParseProtocol(f *testing.F) {
	f.Add("AMQP over WebSocket")
	f.Add("\x1b[31mamqp")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParseProtocol(s)
		if err == nil {
			if again, err := ParseProtocol(string(p)); err != nil || again != p {
				t.Errorf("%q gives %q, which gives %q, %v", s, p, again, err)
			}
			return
		}
		if m := err.Error(); !utf8.ValidString(m) || strings.ContainsRune(m, 0x1b) || len(m) > 400 {
			t.Errorf("error text not fit to print: %q", m)
		}
	})
}
