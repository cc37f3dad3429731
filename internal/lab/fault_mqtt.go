package lab

import (
	"net"

	"edgenet/internal/lab/mqtt"
)

var mqttFaults = []faultKind{
	{
		name: "mqtt-not-mqtt", layer: layerMQTT, arg: "the bytes (HTTP/1.1 400 Bad Request)",
		about: "something that is no MQTT is answered",
		check: anyText,
		inner: inner(func(f Fault, nc net.Conn) {
			if spoken(nc) {
				say(nc, []byte(f.text("HTTP/1.1 400 Bad Request")+"\r\n\r\n"))
			}
		}),
	},
	{
		name: "mqtt-close", layer: layerMQTT, about: "closed instead of an answer to CONNECT",
		inner: inner(func(_ Fault, nc net.Conn) { spoken(nc) }),
	},
	{
		name: "mqtt-reset", layer: layerMQTT, about: "reset instead of an answer to CONNECT",
		inner: resetInner,
	},
	{
		name: "mqtt-silent", layer: layerMQTT, about: "TLS is fine, and CONNECT is never answered",
		inner: inner(func(_ Fault, nc net.Conn) { swallow(nc) }),
	},
	{
		name: "mqtt-connack", layer: layerMQTT, arg: "the return code, 1 to 255 (3)",
		about: "CONNECT is refused with this code",
		check: between(1, 255),
		inner: inner(func(f Fault, nc net.Conn) {
			if spoken(nc) {
				say(nc, mqtt.Connack(false, byte(f.number(3))))
			}
		}),
	},
	{
		name: "mqtt-lying-length", layer: layerMQTT, about: "a CONNACK that claims 256 MiB, and sends them",
		inner: inner(func(_ Fault, nc net.Conn) {
			if !spoken(nc) {
				return
			}
			if _, err := nc.Write([]byte{mqtt.TypeConnack << 4, 0xff, 0xff, 0xff, 0x7f}); err == nil {
				flood(nc, make([]byte, 1<<16), 1<<28)
			}
		}),
	},
	{
		name: "mqtt-drip", layer: layerMQTT, about: "the answer comes one byte a second",
		inner: inner(func(_ Fault, nc net.Conn) {
			if spoken(nc) {
				drip(nc, mqtt.Connack(false, mqtt.NotAuthorized), dripInterval)
			}
		}),
	},
}
