package twin

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"

	"edgenet/proxy"
)

// webSocketPath is the hub's; edgeHub takes any. The query spares a server that asks
// for client certificates a renegotiation.
const webSocketPath = "/$iothub/websocket?iothub-no-client-cert=true"

// goodbyeWait bounds every goodbye.
const goodbyeWait = 5 * time.Second

func joinPort(host string, port int) string { return net.JoinHostPort(host, strconv.Itoa(port)) }

// stream is what AMQP or MQTT is spoken over: TLS, or WebSocket in it, verified.
type stream struct {
	net.Conn               // bounded by a meter
	raw       net.Conn     // the socket, for an end without goodbye
	hangup    func() error // says goodbye
	stop      func()       // releases what the WebSocket holds
	deadlines deadlines
}

// open connects, verifies, and upgrades where the transport is a WebSocket's. ctx
// bounds this alone.
func (c *Config) open(ctx context.Context, t Transport, roots *x509.CertPool) (*stream, error) {
	raw, err := c.dial(ctx, t)
	if err != nil {
		return nil, staged(StageTCP, timedOut(ctx, err))
	}
	session := tls.Client(raw, &tls.Config{
		ServerName: c.Gateway, RootCAs: roots, MinVersion: tls.VersionTLS12, Time: c.clock,
		// The runtime's own hello: no post-quantum share, which would double it.
		CurvePreferences: []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384},
		NextProtos:       t.alpn(),
		Renegotiation:    t.renegotiation(),
	})
	if err := session.HandshakeContext(ctx); err != nil {
		_ = raw.Close()
		return nil, staged(StageTLS, timedOut(ctx, err))
	}
	s := &stream{Conn: session, raw: raw, stop: func() {}, hangup: session.Close}
	if t.subprotocol() != "" {
		if err := s.upgrade(ctx, c.Gateway, t.subprotocol()); err != nil {
			_ = raw.Close()
			return nil, staged(StageWebSocket, timedOut(ctx, err))
		}
	}
	s.Conn, s.deadlines.distant = &meter{Conn: s.Conn}, distant
	return s, nil
}

// alpn: a WebSocket upgrade needs HTTP/1.1.
func (t Transport) alpn() []string {
	if t.subprotocol() != "" {
		return []string{"http/1.1"}
	}
	return nil
}

// renegotiation: the front ends of 443 may ask for a client certificate late.
func (t Transport) renegotiation() tls.RenegotiationSupport {
	if t.subprotocol() != "" {
		return tls.RenegotiateOnceAsClient
	}
	return tls.RenegotiateNever
}

var errSecondDial = errors.New("an upgrade has one connection")

// upgrade speaks WebSocket (RFC 6455) over the verified session.
func (s *stream) upgrade(ctx context.Context, host, subprotocol string) error {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	conn := s.Conn
	ws, response, err := websocket.Dial(ctx, "wss://"+host+webSocketPath, &websocket.DialOptions{
		HTTPClient: clientOver(conn), Subprotocols: []string{subprotocol},
		HTTPHeader: http.Header{"User-Agent": {proxy.UserAgent}},
	})
	if err != nil {
		if response != nil {
			return fmt.Errorf("the upgrade is answered with %d", response.StatusCode)
		}
		return err
	}
	if got := ws.Subprotocol(); !strings.EqualFold(got, subprotocol) {
		_ = ws.CloseNow()
		return fmt.Errorf("upgraded without the sub-protocol %s", subprotocol)
	}
	life, stop := context.WithCancel(context.Background())
	s.Conn, s.stop = websocket.NetConn(life, ws, websocket.MessageBinary), stop
	s.hangup = s.Conn.Close
	return nil
}

// clientOver makes an HTTP client of a connection that is there: it follows no
// redirect and never dials.
func clientOver(conn net.Conn) *http.Client {
	used := false
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			MaxResponseHeaderBytes: 16 << 10, DisableKeepAlives: true,
			DialTLSContext: func(context.Context, string, string) (net.Conn, error) {
				if used {
					return nil, errSecondDial
				}
				used = true
				return conn, nil
			},
		},
	}
}

// drop ends the connection at once.
func (s *stream) drop() {
	_ = s.raw.Close() // there is nothing left to lose
	s.deadlines.rest()
	s.stop()
}

// close says goodbye, for as long as the socket takes it.
func (s *stream) close() {
	timer := time.AfterFunc(goodbyeWait, func() { _ = s.raw.Close() })
	defer timer.Stop()
	_ = s.hangup() // a courtesy: the peer may be gone
	s.drop()
}
