package lab

import (
	"bytes"
	"strconv"
	"strings"
	"time"
)

// tlsAlerts are the alerts that tls-alert knows by name (RFC 8446 6.2); any
// other goes by its number.
var tlsAlerts = map[string]byte{
	"handshake_failure": 40, "bad_certificate": 42, "access_denied": 49, "protocol_version": 70,
	"insufficient_security": 71, "internal_error": 80, "unrecognized_name": 112, "no_application_protocol": 120,
}

// The plain answer of a web server that is spoken to in TLS.
const plainHTTP = "HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nContent-Type: text/html\r\nContent-Length: " +
	"103\r\nConnection: close\r\n\r\n" +
	"<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head><body></body></html>\n"

var tlsFaults = []faultKind{
	{
		name: "tls-reset", layer: layerTLS, about: "reset at the client's hello, as by a firewall that reads the " +
			"server name",
		conn: func(_ Fault, c *conn) { c.hello(); c.reset() },
	},
	{
		name: "sni-reset", layer: layerTLS, arg: "a server name (the hub's)",
		about: "reset at a hello with that server name, by a firewall that reads it; any other passes",
		check: anyText,
		conn: func(f Fault, c *conn) {
			hello := c.wholeHello()
			if bytes.Contains(bytes.ToLower(hello), []byte(strings.ToLower(f.text(HubName)))) { // TLS sends it in clear
				c.reset()
				return
			}
			c.Conn, c.passes = &replayed{c.Conn, hello}, true
		},
	},
	{
		name: "tls-close", layer: layerTLS, about: "closed at the client's hello",
		conn: func(_ Fault, c *conn) { c.hello() },
	},
	{
		name: "tls-stall", layer: layerTLS, about: "the client's hello is swallowed",
		conn: func(_ Fault, c *conn) { c.hello(); swallow(c) },
	},
	{
		name: "tls-drip", layer: layerTLS, about: "the server's hello comes one byte a second",
		conn: func(_ Fault, c *conn) {
			c.hello()
			drip(c, append([]byte{22, 3, 3, 0x3f, 0xff, 2, 0, 0x3f, 0xfb}, make([]byte, 1<<12)...), dripInterval)
		},
	},
	{
		name: "tls-alert", layer: layerTLS, arg: "an alert's name or number (handshake_failure)",
		about: "the hello is answered with a fatal alert",
		check: func(arg string) error {
			if _, known := tlsAlerts[arg]; known {
				return nil
			}
			return between(0, 255)(arg)
		},
		conn: func(f Fault, c *conn) {
			c.hello()
			number, known := tlsAlerts[f.text("handshake_failure")]
			if !known {
				n, _ := strconv.Atoi(f.Arg) // checked when it was set
				number = byte(n)
			}
			say(c, []byte{21, 3, 3, 0, 2, 2, number})
		},
	},
	{
		name: "plain-http", layer: layerTLS,
		about: "plain HTTP instead of TLS, as from a captive portal or the wrong port",
		conn:  func(_ Fault, c *conn) { c.hello(); say(c, []byte(plainHTTP)) },
	},
	{
		name: "banner", layer: layerTLS, arg: "text (SSH-2.0-OpenSSH_9.2)",
		about: "another service's greeting instead of TLS",
		check: anyText,
		conn: func(f Fault, c *conn) {
			_ = c.SetReadDeadline(time.Now().Add(time.Second))
			say(c, []byte(f.text("SSH-2.0-OpenSSH_9.2")+"\r\n"))
		},
	},
}
