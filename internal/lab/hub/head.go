package hub

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/url"
	"strings"
)

// Head is one service's front: what the ports hand their connections to.
type Head struct {
	Backend Backend
	Dialect Dialect
	// Log records logins and refusals. Must be set, and must not block.
	Log Log
	// AMQP and MQTT serve what is inside a WebSocket; nil means this head itself.
	// A fault can stand in between.
	AMQP, MQTT func(context.Context, net.Conn) error
	// Service answers the service API; nil where there is none, as at an edgeHub.
	Service *Hub
	// More answers what of the service API the hub has not; nil where nothing does.
	More More
	// Subscriptions of MQTT clients that come back.
	Subscriptions Subscriptions
}

// refusal is what a client may read of why it is refused: that it is, and no more.
const refusal = "Unauthorized"

// peerKey is where a request's context holds the connection that it came by.
type peerKey struct{}

// WithPeer notes the connection that requests come by, for PeerCertificates.
func WithPeer(ctx context.Context, nc net.Conn) context.Context {
	return context.WithValue(ctx, peerKey{}, nc)
}

// PeerCertificates are what the client showed in the TLS handshake underneath nc, or else
// underneath the connection of ctx, which is all that the inside of a WebSocket knows of it.
func PeerCertificates(ctx context.Context, nc net.Conn) []*x509.Certificate {
	if chain := peerCertificates(nc); len(chain) > 0 {
		return chain
	}
	peer, _ := ctx.Value(peerKey{}).(net.Conn)
	return peerCertificates(peer)
}

// peerCertificates are what the client showed in the TLS handshake underneath.
func peerCertificates(nc net.Conn) []*x509.Certificate {
	for nc != nil {
		switch c := nc.(type) {
		case *tls.Conn:
			return c.ConnectionState().PeerCertificates
		case interface{ NetConn() net.Conn }:
			nc = c.NetConn()
		default:
			return nil
		}
	}
	return nil
}

// parsePath splits devices/{d}[/modules/{m}][/rest], with the slash in front or
// without, ids escaped. ok is false for anything else.
func parsePath(path string) (id Identity, rest string, ok bool) {
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	if len(parts) < 2 || !strings.EqualFold(parts[0], "devices") {
		return id, "", false
	}
	device, err := url.PathUnescape(parts[1])
	if err != nil {
		return id, "", false
	}
	id.Device, parts = device, parts[2:]
	if len(parts) >= 2 && strings.EqualFold(parts[0], "modules") {
		module, err := url.PathUnescape(parts[1])
		if err != nil {
			return id, "", false
		}
		id.Module, parts = module, parts[2:]
	}
	return id, strings.Join(parts, "/"), validID(id.Device)
}

// parseAudience reads what a token is put for: host/devices/{d}[/modules/{m}], in
// clear (C#, C) or escaped as a whole (Node).
func parseAudience(audience string) (host string, id Identity, ok bool) {
	if !strings.Contains(audience, "/") {
		plain, err := url.PathUnescape(audience)
		if err != nil {
			return "", id, false
		}
		audience = plain
	}
	audience = strings.TrimPrefix(strings.TrimPrefix(audience, "amqps://"), "https://")
	host, path, _ := strings.Cut(audience, "/")
	id, rest, ok := parsePath(path)
	return host, id, ok && rest == ""
}
