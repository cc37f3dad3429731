package report

import (
	"fmt"
	"strings"
)

// Protocol is a way of talking to IoT Hub, spelled as in JSON, tables and twins.
type Protocol string

// The protocols. The first four are values of UpstreamProtocol; HTTPS is what the
// daemon needs whatever the upstream protocol.
const (
	AMQP   Protocol = "AMQP"
	MQTT   Protocol = "MQTT"
	AMQPWS Protocol = "AMQPWS"
	MQTTWS Protocol = "MQTTWS"
	HTTPS  Protocol = "HTTPS"
)

// Protocols lists all five in the order in which they are shown.
func Protocols() []Protocol { return []Protocol{AMQP, MQTT, AMQPWS, MQTTWS, HTTPS} }

// UpstreamProtocols lists the four that UpstreamProtocol can name.
func UpstreamProtocols() []Protocol { return []Protocol{AMQP, MQTT, AMQPWS, MQTTWS} }

// DefaultPreference is the order of choice among working protocols: the runtime's
// own default and its fallback first.
func DefaultPreference() []Protocol { return []Protocol{AMQP, AMQPWS, MQTT, MQTTWS} }

// Port gives the TCP port on which IoT Hub and edgeHub serve the protocol
// (Azure IoT Hub "communication protocols and ports").
func (p Protocol) Port() int {
	switch p {
	case AMQP:
		return 5671
	case MQTT:
		return 8883
	}
	return 443
}

// WebSocket tells whether the protocol runs inside a WebSocket, which is what
// makes it able to pass an HTTP proxy under the runtime's rules.
func (p Protocol) WebSocket() bool { return p == AMQPWS || p == MQTTWS }

// Proxied tells whether the runtime would send the protocol through an HTTP
// proxy at all: the WebSocket protocols and HTTPS, never plain AMQP or MQTT.
func (p Protocol) Proxied() bool { return p.WebSocket() || p == HTTPS }

// RuntimeName is the spelling for everything written for the IoT Edge runtime,
// whose own check knows no other: Amqp, Mqtt, AmqpWs, MqttWs. HTTPS is not a value
// of UpstreamProtocol and gives itself.
func (p Protocol) RuntimeName() string {
	switch p {
	case AMQP:
		return "Amqp"
	case MQTT:
		return "Mqtt"
	case AMQPWS:
		return "AmqpWs"
	case MQTTWS:
		return "MqttWs"
	}
	return string(p)
}

// ParseProtocol reads a protocol in any case and spelling of the field: AmqpWs,
// AMQPWS, amqp-ws, "AMQP over WebSocket".
func ParseProtocol(s string) (Protocol, error) {
	k := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -_+/.", r) {
			return -1
		}
		return r
	}, strings.ToLower(strings.TrimSpace(s)))
	k = strings.NewReplacer("overwebsockets", "ws", "overwebsocket", "ws", "websockets", "ws", "websocket", "ws",
		"overwss", "ws", "overws", "ws").Replace(k)
	switch k {
	case "amqp", "amqps", "amqptcp":
		return AMQP, nil
	case "mqtt", "mqtts", "mqtttcp":
		return MQTT, nil
	case "amqpws", "amqpwss":
		return AMQPWS, nil
	case "mqttws", "mqttwss":
		return MQTTWS, nil
	case "https", "http":
		return HTTPS, nil
	}
	return "", fmt.Errorf("unknown protocol %q: expected AMQP, MQTT, AMQPWS, MQTTWS or HTTPS", Clean(s, 40))
}
