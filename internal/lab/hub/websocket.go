package hub

import (
	"net/http"
	"strings"

	"github.com/coder/websocket"
)

// WebSocketPath is where the hub takes WebSockets; edgeHub takes them anywhere.
const WebSocketPath = "/$iothub/websocket"

// The subprotocols that decide what is spoken inside.
const (
	ProtocolAMQP = "AMQPWSB10"
	ProtocolMQTT = "mqtt"
)

// IsUpgrade tells whether a request asks for a WebSocket.
func IsUpgrade(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// Subprotocol is the first of the offered subprotocols that is served, in the
// client's spelling.
func Subprotocol(r *http.Request) string {
	for _, line := range r.Header.Values("Sec-WebSocket-Protocol") {
		for offered := range strings.SplitSeq(line, ",") {
			offered = strings.TrimSpace(offered)
			if strings.EqualFold(offered, ProtocolAMQP) || strings.EqualFold(offered, ProtocolMQTT) {
				return offered
			}
		}
	}
	return ""
}

// serveWebSocket upgrades and speaks the subprotocol's language inside.
func (h *Head) serveWebSocket(w http.ResponseWriter, r *http.Request) {
	protocol := Subprotocol(r)
	if protocol == "" {
		fail(w, 400, "ArgumentInvalid", "no known subprotocol is offered")
		return
	}
	// Origins mean nothing to devices; browsers have no business here.
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{protocol},
		InsecureSkipVerify: true})
	if err != nil {
		return // Accept has answered
	}
	defer ws.CloseNow() // for what a goodbye without an answer leaves open
	ctx := r.Context()
	nc := websocket.NetConn(ctx, ws, websocket.MessageBinary)
	serve, inside := h.ServeAMQP, h.AMQP
	if strings.EqualFold(protocol, ProtocolMQTT) {
		serve, inside = h.ServeMQTT, h.MQTT
	}
	if inside != nil {
		serve = inside
	}
	if err := serve(ctx, nc); err != nil {
		h.Log("end", "", "websocket: "+err.Error())
	}
}
