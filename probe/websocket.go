package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"

	"edgenet/internal/hop"
	"edgenet/internal/neterr"
	"edgenet/proxy"
	"edgenet/report"
)

// The WebSocket endpoint of IoT Hub and its sub-protocols, as the vendor's SDKs use
// them (azure-iot-sdk-csharp, WebSocketConstants.cs). edgeHub ignores the path.
const (
	webSocketPath   = "/$iothub/websocket"
	noClientCert    = "?iothub-no-client-cert=true" // spares the server a TLS renegotiation
	subprotocolAMQP = "AMQPWSB10"
	subprotocolMQTT = "mqtt"
)

var errSecondDial = errors.New("a path has one connection")

// upgrade turns the session into a WebSocket (RFC 6455).
func (a *attempt) upgrade(ctx context.Context, session *hop.Session) (*websocket.Conn, *hop.Fault) {
	m := a.trace.Begin(report.HopTarget, report.StageWebSocket)
	sub := subprotocolMQTT
	if a.Protocol == report.AMQPWS {
		sub = subprotocolAMQP
	}
	url := "wss://" + bracket(a.Host) + webSocketPath
	if a.Identity == nil || a.Identity.Certificate == nil {
		url += noClientCert
	}
	d := &report.WebSocketDetail{URL: url}
	heard := &ear{Conn: session, spoken: make(chan struct{})}
	conn, resp, err := websocket.Dial(ctx, url, &websocket.DialOptions{HTTPClient: clientOf(heard),
		Subprotocols: []string{sub},
		HTTPHeader:   http.Header{"User-Agent": {""}}}) // none: .NET's ClientWebSocket sends none either
	if err == nil {
		d.Status, d.Server, d.Subprotocol = resp.StatusCode, report.Clean(resp.Header.Get("Server"), 80),
			conn.Subprotocol()
		if d.Subprotocol == sub {
			m.OK(d)
			return conn, nil
		}
		_ = conn.CloseNow()
		return nil, a.failWS(m, d, hop.Fault{Cause: report.WSNotUpgraded,
			Summary: fmt.Sprintf("%s upgrades to WebSocket without the sub-protocol %s", a.Host, sub)})
	}
	if resp == nil {
		if f := session.ClientRefusal(err); f != nil {
			return nil, f
		}
		return nil, a.failWS(m, d, a.noUpgrade(err, heard, d, m.Elapsed()))
	}
	fault := a.refusedUpgrade(resp, err, d)
	if said, ok := wantsCertificate(resp.StatusCode, []byte(d.Title)); ok && len(d.HubHeaders) == 0 {
		if f := session.PageRefusal(said); f != nil {
			return nil, f
		}
	}
	return nil, a.failWS(m, d, fault)
}

// clientOf makes an HTTP client of a connection that is there. It follows no redirect,
// never dials, and does not listen on after an answer: net/http would log what comes.
func clientOf(conn net.Conn) *http.Client {
	used := false
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{MaxResponseHeaderBytes: maxAnswer, DisableKeepAlives: true, DisableCompression: true,
			DialTLSContext: func(context.Context, string, string) (net.Conn, error) {
				if used {
					return nil, errSecondDial
				}
				used = true
				return conn, nil
			}},
	}
}

func (a *attempt) failWS(m *hop.Move, d *report.WebSocketDetail, f hop.Fault) *hop.Fault {
	d.At = a.env.UTC()
	return m.Fail(f, d)
}

// noUpgrade classifies an upgrade that got no HTTP answer.
func (a *attempt) noUpgrade(err error, e *ear, d *report.WebSocketDetail, waited time.Duration) hop.Fault {
	first, isHTTP, kind := e.heard(err)
	d.Error = neterr.Text(err)
	switch {
	case !isHTTP:
		return hop.Fault{Cause: report.HTTPMalformed,
			Summary: fmt.Sprintf("the answer of %s to the WebSocket upgrade is not HTTP: %s", a.Host, first)}
	case kind == neterr.Timeout || kind == neterr.Canceled:
		return hop.Fault{Cause: report.WSTimeout,
			Summary: fmt.Sprintf("TLS with %s is up, and the WebSocket upgrade got no answer within %s", a.Host,
				hop.Seconds(waited))}
	case kind == neterr.EOF || kind == neterr.Reset:
		return hop.Fault{Cause: report.WSClosed,
			Summary: fmt.Sprintf("TLS with %s is up, and the connection was closed in answer to the WebSocket upgrade",
				a.Host)}
	case first != "":
		return hop.Fault{Cause: report.HTTPMalformed,
			Summary: fmt.Sprintf("the answer of %s to the WebSocket upgrade cannot be read as HTTP: %s",
				a.Host, d.Error)}
	}
	return hop.Fault{Cause: report.Unknown, Summary: fmt.Sprintf("the WebSocket upgrade at %s failed: %s",
		a.Host, d.Error)}
}

// refusedUpgrade classifies an HTTP answer that made no WebSocket.
func (a *attempt) refusedUpgrade(resp *http.Response, err error, d *report.WebSocketDetail) hop.Fault {
	d.Status, d.Server = resp.StatusCode, report.Clean(resp.Header.Get("Server"), 80)
	d.HubHeaders, d.Location = hubHeaders(resp.Header), report.Clean(resp.Header.Get("Location"), 200)
	if resp.StatusCode == http.StatusSwitchingProtocols {
		d.Error = neterr.Text(err)
		return hop.Fault{Cause: report.WSNotUpgraded, Summary: fmt.Sprintf("%s answers 101 and does not upgrade: %s",
			a.Host, d.Error)}
	}
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxPage)) // at most 1 KiB, kept by the library
	if d.Title = proxy.Title(body); len(d.HubHeaders) == 0 {
		d.Headers = proxy.Reasons(resp.Header)
	}
	if len(d.HubHeaders) == 0 && blockPage(resp, body, http.StatusForbidden, http.StatusNetworkAuthenticationRequired) {
		return hop.Fault{Cause: report.WSBlockPage, Summary: fmt.Sprintf("in place of a WebSocket, %s shows %s", a.Host,
			pageWords(resp.StatusCode, d.Location, d.Title))}
	}
	who := ""
	if len(d.HubHeaders) > 0 {
		who = ", with the hub's own headers"
	} else if d.Server != "" {
		who = ", from " + d.Server
	}
	return hop.Fault{Cause: report.WSStatus, Summary: fmt.Sprintf("%s answers the WebSocket upgrade with %d%s", a.Host,
		resp.StatusCode, who)}
}

// bracket puts an IPv6 literal into brackets.
func bracket(host string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}
