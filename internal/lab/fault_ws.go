package lab

import (
	"crypto/sha1" // RFC 6455 4.2.2 wants it
	"encoding/base64"
	"net"
	"net/http"

	"edgenet/internal/lab/hub"
)

// acceptKey is the value of Sec-WebSocket-Accept (RFC 6455 4.2.2).
func acceptKey(r *http.Request) string {
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// switching is a 101 with these header lines, and then talk.
func switching(w http.ResponseWriter, lines string, talk func(net.Conn)) {
	raw(w, func(nc net.Conn) {
		if _, err := nc.Write([]byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: " +
			"Upgrade\r\n" + lines + "\r\n")); err == nil {
			talk(nc)
		}
	})
}

func acceptLine(r *http.Request) string { return "Sec-WebSocket-Accept: " + acceptKey(r) + "\r\n" }

func protocolLine(r *http.Request) string {
	return "Sec-WebSocket-Protocol: " + hub.Subprotocol(r) + "\r\n"
}

var wsFaults = []faultKind{
	{
		name: "ws-status", layer: layerWS, arg: "400 to 599 (403)",
		about: "the upgrade is refused with this status and a JSON body, by something that is not the hub",
		check: between(400, 599),
		http: func(f Fault, w http.ResponseWriter, _ *http.Request) {
			if f.number(403) == 426 {
				w.Header().Set("Upgrade", "TLS/1.2")
			}
			w.Header().Set("Server", "gateway")
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(f.number(403))
			_, _ = w.Write([]byte(`{"error":"websocket is not allowed"}`)) // a client that is gone hears nothing
		},
	},
	{
		name: "ws-block-page", layer: layerWS, arg: "200, 302, 307, 403 or 511 (200)",
		about: "a captive portal's page, or the way to it, in place of the upgrade",
		check: portalStatuses, http: portal,
	},
	{
		name: "ws-stripped", layer: layerWS,
		about: "a proxy takes the upgrade out of the request, and the hub answers it as any other",
		http: func(_ Fault, w http.ResponseWriter, _ *http.Request) {
			hubStatus(400, "InvalidProtocolVersion", "Invalid protocol version.", w)
		},
	},
	{
		name: "ws-no-accept", layer: layerWS, about: "101 without Sec-WebSocket-Accept",
		http: func(_ Fault, w http.ResponseWriter, r *http.Request) { switching(w, protocolLine(r), swallow) },
	},
	{
		name: "ws-wrong-accept", layer: layerWS, about: "101 with a Sec-WebSocket-Accept of another key",
		http: func(_ Fault, w http.ResponseWriter, r *http.Request) {
			switching(w, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"+protocolLine(r), swallow)
		},
	},
	{
		name: "ws-no-subprotocol", layer: layerWS, about: "101 without the subprotocol",
		http: func(_ Fault, w http.ResponseWriter, r *http.Request) { switching(w, acceptLine(r), swallow) },
	},
	{
		name: "ws-close", layer: layerWS, about: "closed instead of an answer to the upgrade",
		http: func(_ Fault, w http.ResponseWriter, _ *http.Request) { raw(w, func(net.Conn) {}) },
	},
	{
		name: "ws-close-after", layer: layerWS, about: "upgraded, and closed at once",
		http: func(_ Fault, w http.ResponseWriter, r *http.Request) {
			switching(w, acceptLine(r)+protocolLine(r), func(net.Conn) {})
		},
	},
	{
		name: "ws-reset", layer: layerWS, about: "reset instead of an answer to the upgrade",
		http: func(_ Fault, w http.ResponseWriter, _ *http.Request) { raw(w, resetUnder) },
	},
	{
		name: "ws-silent", layer: layerWS, about: "the upgrade is swallowed",
		http: func(_ Fault, w http.ResponseWriter, _ *http.Request) { raw(w, swallow) },
	},
	{
		name: "ws-garbage", layer: layerWS, about: "upgraded, and then bytes that are no WebSocket frames",
		http: func(_ Fault, w http.ResponseWriter, r *http.Request) {
			switching(w, acceptLine(r)+protocolLine(r),
				func(nc net.Conn) { say(nc, []byte("\xff\xff\xff\xff\xff\xff\xff\xff")) })
		},
	},
	{
		name: "ws-lying-length", layer: layerWS, about: "upgraded, and then a frame that claims a length of 2^62 bytes",
		http: func(_ Fault, w http.ResponseWriter, r *http.Request) {
			switching(w, acceptLine(r)+protocolLine(r), func(nc net.Conn) {
				if _, err := nc.Write([]byte{0x82, 127, 0x40, 0, 0, 0, 0, 0, 0, 0}); err == nil {
					swallow(nc)
				}
			})
		},
	},
}
