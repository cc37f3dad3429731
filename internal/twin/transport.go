package twin

import (
	"fmt"
	"slices"
	"strings"

	"edgenet/internal/secret"
)

// Transport is a way to speak with edgeHub.
type Transport string

// The transports, by the names under which they are reported.
const (
	AMQP   Transport = "amqp"
	MQTT   Transport = "mqtt"
	AMQPWS Transport = "amqpws"
	MQTTWS Transport = "mqttws"
)

// Transports are all of them in the order in which they are tried: the runtime's own
// default first, WebSocket last, as it adds a layer and gains nothing on this hop.
func Transports() []Transport { return []Transport{AMQP, MQTT, AMQPWS, MQTTWS} }

// port is edgeHub's, which has them fixed.
func (t Transport) port() int {
	switch t {
	case AMQP:
		return 5671
	case MQTT:
		return 8883
	}
	return 443
}

// subprotocol is what the WebSocket upgrade asks for; empty without WebSocket. The
// names are the vendor SDKs' (azure-iot-sdk-csharp, WebSocketConstants.cs).
func (t Transport) subprotocol() string {
	switch t {
	case AMQPWS:
		return "AMQPWSB10"
	case MQTTWS:
		return "mqtt"
	}
	return ""
}

// amqp tells which of the two protocols is spoken at the end.
func (t Transport) amqp() bool { return t == AMQP || t == AMQPWS }

// ordered puts first in front of the others, where it is one of them; transports that do
// not exist are errors.
func ordered(first Transport, others []Transport) ([]Transport, error) {
	if !slices.Contains(Transports(), first) { // remembered by another version
		first = ""
	}
	if len(others) == 0 {
		others = Transports()
	} else if slices.Contains(Transports(), first) && !slices.Contains(others, first) {
		first = "" // remembered from before, and not wanted any more
	}
	var all []Transport
	for _, t := range append([]Transport{first}, others...) {
		if t == "" || slices.Contains(all, t) {
			continue
		}
		if !slices.Contains(Transports(), t) {
			return nil, fmt.Errorf("transport %q: expected one of %s", secret.Show(string(t), 20), transportNames())
		}
		all = append(all, t)
	}
	return all, nil
}

func transportNames() string {
	var names []string
	for _, t := range Transports() {
		names = append(names, string(t))
	}
	return strings.Join(names, ", ")
}
