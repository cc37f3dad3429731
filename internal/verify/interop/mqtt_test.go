//go:build interop && unix

package interop

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"edgenet/internal/verify/blackbox"
	"edgenet/internal/verify/testkit"
	"edgenet/report"
)

func returnCode(codes ...int) func(report.Detail) error {
	return func(d report.Detail) error {
		m, ok := d.(*report.MQTTDetail)
		if !ok || m.ReturnCode == nil || !slices.Contains(codes, *m.ReturnCode) {
			return fmt.Errorf("want CONNACK %v, got %+v", codes, d)
		}
		return nil
	}
}

func connack(p report.Protocol, codes ...int) blackbox.Want {
	w := ok(p)
	w.Proof, w.Evidence = report.StageMQTT, returnCode(codes...)
	return w
}

// mosquitto starts a broker with one TLS listener and gives its address.
func mosquitto(t *testing.T, lines ...string) string {
	t.Helper()
	blackbox.Need(t, "mosquitto")
	chain, key := good(t)
	address := testkit.NobodyAt(t)
	conf := []string{"per_listener_settings true", "user root"}
	if slices.Contains(lines, "protocol websockets") { // such a listener knows no address, and does not start alone
		conf = append(conf, "listener "+portOf(testkit.NobodyAt(t))+" 127.0.0.1", "listener "+portOf(address))
	} else {
		conf = append(conf, "listener "+portOf(address)+" 127.0.0.1")
	}
	conf = append(append(conf, "certfile "+chain, "keyfile "+key), lines...)
	name := write(t, filepath.Join(openDir(t), "mosquitto.conf"), strings.Join(conf, "\n")+"\n")
	blackbox.Start(t, nil, "mosquitto", "-c", name, "-v").AwaitTCP(t, 10*time.Second, address)
	return address
}

func TestMosquitto(t *testing.T) {
	t.Parallel()
	open := mosquitto(t, "allow_anonymous true")
	check(t, "mosquitto", "MQTT over TLS, anonymous allowed: CONNACK 0", direct(hub, open), connack(report.MQTT, 0))
	check(t, "mosquitto", "MQTT over TLS, anonymous forbidden: CONNACK 5",
		direct(hub, mosquitto(t, "allow_anonymous false")), connack(report.MQTT, 5))
	check(t, "mosquitto", "MQTT over WebSocket (libwebsockets)",
		direct(hub, mosquitto(t, "allow_anonymous true", "protocol websockets")), connack(report.MQTTWS, 0))
	for _, v := range []string{"tlsv1.2", "tlsv1.3"} {
		address := mosquitto(t, "allow_anonymous true", "require_certificate true", "cafile "+bench.caFile,
			"tls_version "+v)
		check(t, "mosquitto", "require_certificate, "+v, direct(hub, address),
			fails(report.MQTT, report.TLSClientAuth, report.TLSAlert, report.MQTTClosed))
	}
	check(t, "mosquitto", "AMQP to an MQTT port", direct(hub, open), fails(report.AMQP, report.AMQPClosed,
		report.AMQPTimeout, report.AMQPNotAMQP))
	check(t, "mosquitto", "HTTP and WebSocket to an MQTT port", direct(hub, open),
		fails(report.HTTPS, report.HTTPClosed, report.HTTPTimeout, report.HTTPMalformed),
		fails(report.MQTTWS, report.WSClosed, report.WSTimeout))
}

// TestWrongBroker speaks to brokers in the other one's protocol.
func TestWrongBroker(t *testing.T) {
	t.Parallel()
	check(t, "rhea", "MQTT to an AMQP port", direct(hub, node(t, "rhea-tls")), fails(report.MQTT, report.MQTTClosed,
		report.MQTTTimeout, report.MQTTRefused))
	check(t, "aedes", "AMQP to an MQTT port", direct(hub, node(t, "aedes-tls")), fails(report.AMQP, report.AMQPClosed,
		report.AMQPTimeout, report.AMQPError))
}

func TestAedes(t *testing.T) {
	t.Parallel()
	check(t, "aedes", "MQTT over TLS", direct(hub, node(t, "aedes-tls")), connack(report.MQTT, 0))
	check(t, "aedes", "MQTT over WebSocket", direct(hub, node(t, "aedes-wss")), connack(report.MQTTWS, 0))
	check(t, "aedes", "CONNACK 5", direct(hub, node(t, "aedes-tls", "returnCode=5")), connack(report.MQTT, 5))
	for _, code := range []int{2, 3} {
		w := fails(report.MQTT, report.MQTTRefused, report.MQTTClosed, report.MQTTNotMQTT)
		w.Evidence = returnCode(code)
		check(t, "aedes", fmt.Sprintf("CONNACK %d", code),
			direct(hub, node(t, "aedes-tls", fmt.Sprintf("returnCode=%d", code))), w)
	}
}
