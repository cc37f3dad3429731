package probe_test

import (
	"bufio"
	"bytes"
	"crypto/sha1" //nolint:gosec // RFC 6455 wants it
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"edgenet/internal/hop"
	"edgenet/internal/lab/pki"
	"edgenet/probe"
	"edgenet/report"
)

// Hand-written servers: what the lab should not be the only judge of.

const hubName = "hand.azure-devices.test"

// authority signs the hand-written servers' certificates.
var authority = sync.OnceValues(func() (*pki.Authority, error) {
	return pki.NewAuthority(pkix.Name{CommonName: "hand-written root"})
})

// trust knows their root. There is one, since it holds a copy of all public roots.
var trust = sync.OnceValue(func() *hop.Trust {
	a, err := authority()
	if err != nil {
		return nil
	}
	return &hop.Trust{NoOS: true, Extra: []*x509.Certificate{a.Certificate}}
})

// serve starts TLS servers for a hub: talk gets every connection, with its number. The
// returned plan and environment lead there.
func serve(t testing.TB, change func(*tls.Config), talk func(n int, c *tls.Conn)) *site {
	t.Helper()
	a, err := authority()
	if err != nil {
		t.Fatal(err)
	}
	trust().Prepare()
	cert, err := a.Issue(pki.Leaf{Names: []string{hubName}})
	if err != nil {
		t.Fatal(err)
	}
	cfg := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	if change != nil {
		change(cfg)
	}
	l := listen(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	wg.Go(func() {
		for n := 0; ; n++ {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, nc)
			mu.Unlock()
			wg.Go(func() {
				defer func() { _ = nc.Close() }()
				c := tls.Server(nc, cfg)
				if err := c.Handshake(); err == nil {
					talk(n, c)
				}
				_ = nc.SetReadDeadline(time.Now().Add(time.Second))
				_, _ = io.Copy(io.Discard, nc)
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		mu.Lock()
		for _, c := range open {
			_ = c.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
	s := &site{}
	s.plan = probe.Plan{Host: hubName, Timeout: patient, Routes: probe.Routes(true, nil)}
	s.env = &hop.Env{Trust: trust(), ConnectTo: map[string]netip.AddrPort{}}
	for _, port := range []int{5671, 8883, 443} {
		s.env.ConnectTo[hop.HostPort(hubName, port)] = netip.MustParseAddrPort(l.Addr().String())
	}
	return s
}

// upgrade reads a WebSocket upgrade and answers it.
func upgrade(t testing.TB, c net.Conn) (*http.Request, *bufio.Reader) {
	br := bufio.NewReader(c)
	req, err := http.ReadRequest(br)
	if err != nil {
		return nil, nil
	}
	sum := sha1.Sum([]byte(req.Header.Get("Sec-WebSocket-Key") +
		"258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) //nolint:gosec // as above
	_, err = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "+
		"Upgrade\r\nSec-WebSocket-Accept: "+
		base64.StdEncoding.EncodeToString(sum[:])+"\r\nSec-WebSocket-Protocol: "+
		req.Header.Get("Sec-WebSocket-Protocol")+"\r\n\r\n")
	if err != nil {
		t.Error(err)
	}
	return req, br
}

// say answers the first request with text and leaves the connection open, or closes it.
func say(text string, stay bool) func(int, *tls.Conn) {
	return func(_ int, c *tls.Conn) {
		_, _ = c.Read(make([]byte, 4096))
		_, _ = io.WriteString(c, text)
		if stay {
			_, _ = io.Copy(io.Discard, c)
		}
		_ = c.CloseWrite()
	}
}

func TestForeignAnswers(t *testing.T) {
	t.Parallel()
	const hub = "iothub-errorcode: IotHubUnauthorizedAccess\r\n"
	for _, row := range []struct {
		name     string
		protocol report.Protocol
		answer   string
		stay     bool
		timeout  time.Duration
		want     string
		summary  string
	}{
		{"the hub's 401", report.HTTPS, "HTTP/1.1 401 Unauthorized\r\n" + hub + "Content-Length: 0\r\n\r\n", true,
			0, "ok", ""},
		{"the hub's request id alone", report.HTTPS,
			"HTTP/1.1 404 Not Found\r\nx-ms-request-id: 1\r\nContent-Length: 0\r\n\r\n", true, 0, "ok", ""},
		{"after interim answers", report.HTTPS,
			"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 401 Unauthorized\r\n" + hub +
				"Content-Length: 0\r\n\r\n", true, 0, "ok", ""},
		{"the hub throttles", report.HTTPS, "HTTP/1.1 429 Too Many Requests\r\niothub-errorcode: " +
			"ThrottlingException\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n", true, 0,
			"target http http.status service", "the hub is reached and answers 429 ThrottlingException, retry after 7"},
		{"the hub is unwell", report.HTTPS, "HTTP/1.1 503 Service Unavailable\r\niothub-errorcode: " +
			"Down\r\nContent-Length: 0\r\n\r\n", true, 0,
			"target http http.status service", "the hub is reached and answers 503 Down"},
		{"a filter that then closes", report.HTTPS,
			"HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: 7\r\n\r\nblocked", false, 0,
			"target http http.block-page firewall-admin", `in place of the hub's answer, ` + hubName +
				` shows a page with status 403 ("blocked")`},
		{"a filter that then is silent", report.HTTPS,
			"HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: 7\r\n\r\nblocked", true, short,
			"target http http.block-page firewall-admin", `in place of the hub's answer, ` + hubName +
				` shows a page with status 403 ("blocked")`},
		{"half a body", report.HTTPS, "HTTP/1.1 403 Forbidden\r\nContent-Length: 70\r\n\r\nblocked", true, short,
			"target http http.block-page firewall-admin", "shows a page with status 403"},
		{"a redirect", report.HTTPS, "HTTP/1.1 302 Found\r\nLocation: " +
			"http://portal.test/\x1b[2Jin\r\nContent-Length: 0\r\n\r\n", true, 0, "target http http.malformed network",
			""},
		{"a clean redirect", report.HTTPS, "HTTP/1.1 302 Found\r\nLocation: http://portal.test/in\r\nContent-Length: " +
			"0\r\n\r\n", true, 0,
			"target http http.block-page firewall-admin", "shows a redirect (302) to http://portal.test/in"},
		{"SSH for HTTP", report.HTTPS, "SSH-2.0-OpenSSH_9.2\r\n", true, 0, "target http http.malformed network",
			`is not HTTP: SSH-2.0-OpenSSH_9.2\r\n`},
		{"SSH for HTTP without an end", report.HTTPS, "SSH", true, short, "target http http.malformed network",
			`is not HTTP: SSH`},
		{"the start of HTTP, and silence", report.HTTPS, "HT", true, short, "target http http.timeout network",
			"got no answer within"},
		{"the start of HTTP, and the end", report.HTTPS, "HTTP/1.1 40", false, 0, "target http http.closed network",
			"was closed in place of an answer"},
		{"an unreadable status line", report.HTTPS, "HTTP/1.1 abc\r\n\r\n", true, 0,
			"target http http.malformed network", "cannot be read as HTTP"},
		{"a greeting before the request", report.MQTTWS, "", true, short, "target websocket ws.timeout firewall-admin",
			"got no answer"},
		{"SSH for a WebSocket", report.AMQPWS, "SSH-2.0-OpenSSH_9.2\r\n", true, 0,
			"target websocket http.malformed network", `to the WebSocket upgrade is not HTTP: SSH-2.0-OpenSSH_9.2\r\n`},
		{"an unreadable status line for a WebSocket", report.MQTTWS, "HTTP/1.1 abc\r\n\r\n", true, 0,
			"target websocket http.malformed network", "to the WebSocket upgrade cannot be read as HTTP"},
		{"the start of HTTP for a WebSocket, and silence", report.MQTTWS, "HTTP", true, short,
			"target websocket ws.timeout firewall-admin", "upgrade got no answer within"},
		{"the start of HTTP for a WebSocket, and the end", report.MQTTWS, "HTTP/1", false, 0,
			"target websocket ws.closed firewall-admin", "was closed in answer to the WebSocket upgrade"},
		{"a refused upgrade by the hub", report.MQTTWS, "HTTP/1.1 403 Forbidden\r\n" + hub +
			"Content-Type: text/html\r\nContent-Length: 0\r\n\r\n", true, 0,
			"target websocket ws.status firewall-admin", hubName +
				" answers the WebSocket upgrade with 403, with the hub's own headers"},
		{"a refused upgrade by nginx", report.MQTTWS,
			"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n", true,
			0,
			"target websocket ws.status firewall-admin", "answers the WebSocket upgrade with 400, from nginx"},
		{"a refused upgrade by nobody", report.MQTTWS,
			"HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n", true, 0,
			"target websocket ws.status firewall-admin", "answers the WebSocket upgrade with 403"},
		{"HTML without its type", report.MQTTWS,
			"HTTP/1.1 403 Forbidden\r\nContent-Length: 42\r\n\r\n <!DOCTYPE html><title>No entry</title>    ", true, 0,
			"target websocket ws.block-page firewall-admin", `in place of a WebSocket, ` + hubName +
				` shows a page with status 403 ("No entry")`},
		{"a page in place of a WebSocket", report.MQTTWS,
			"HTTP/1.1 511 X\r\nContent-Type: application/xhtml+xml\r\nContent-Length: 0\r\n\r\n", true, 0,
			"target websocket ws.block-page firewall-admin", "shows a page with status 511"},
		{"a redirect without a place", report.MQTTWS, "HTTP/1.1 304 Not Modified\r\n\r\n", true, 0,
			"target websocket ws.status firewall-admin", "with 304"},
		{"another 101", report.MQTTWS, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n", true, 0, "target websocket ws.not-upgraded firewall-admin", "answers 101 and does not upgrade"},
		{"SSH for AMQP", report.AMQP, "SSH-2.0-OpenSSH_9.2\r\n", true, 0, "target amqp amqp.not-amqp network",
			"what answers at " + hubName + " is not AMQP: SSH-2.0-"},
		{"AM, and silence", report.AMQP, "AM", true, short, "target amqp amqp.timeout network", "TLS is up with " +
			hubName + ", and then no AMQP answer within"},
		{"AM, and the end", report.AMQP, "AM", false, 0, "target amqp amqp.closed network", "TLS is up with " +
			hubName + ", and then the connection was closed before OPEN came back"},
		{"AMQP without SASL", report.AMQP, "AMQP\x00\x01\x00\x00", true, 0, "target amqp amqp.version service",
			hubName + " speaks AMQP with protocol id 0, version 1.0.0 in place of id 3, version 1.0.0"},
		{"AMQP that hangs up in place of mechanisms", report.AMQP,
			"AMQP\x03\x01\x00\x00\x00\x00\x00\x0c\x02\x00\x00\x00\x00\x53\x18\x45", true, 0,
			"target amqp amqp.closed network", hubName + " sent CLOSE before OPEN, without an error"},
		{"open in place of mechanisms", report.AMQP,
			"AMQP\x03\x01\x00\x00\x00\x00\x00\x0c\x02\x00\x00\x00\x00\x53\x10\x45", true, 0,
			"target amqp unknown unknown", hubName + " sent the performative 0x10 where sasl-mechanisms belongs"},
		{"no mechanisms at all", report.AMQP, "AMQP\x03\x01\x00\x00\x00\x00\x00\x0c\x02\x01\x00\x00\x00\x53\x40\x45",
			true, 0, "target amqp amqp.sasl service", "offers no SASL ANONYMOUS, only nothing"},
		{"mechanisms twice", report.AMQP, "AMQP\x03\x01\x00\x00" + mechanisms + mechanisms, true, 0,
			"target amqp unknown unknown", hubName + " sent the performative 0x40 where sasl-outcome belongs"},
		{"an outcome without a code", report.AMQP, "AMQP\x03\x01\x00\x00" + mechanisms +
			"\x00\x00\x00\x0c\x02\x01\x00\x00\x00\x53\x44\x45", true, 0, "target amqp amqp.sasl service", hubName +
			" refuses SASL ANONYMOUS with outcome <nil>"},
		{"an outcome of 1", report.AMQP, "AMQP\x03\x01\x00\x00" + mechanisms +
			"\x00\x00\x00\x10\x02\x01\x00\x00\x00\x53\x44\xc0\x03\x01\x50\x01", true, 0,
			"target amqp amqp.sasl service", hubName + " refuses SASL ANONYMOUS with outcome 1"},
		{"the end after the outcome", report.AMQP, "AMQP\x03\x01\x00\x00" + mechanisms + outcome, false, 0,
			"target amqp amqp.closed network", "SASL is done with " + hubName + ", and then the connection"},
		{"SASL twice", report.AMQP, "AMQP\x03\x01\x00\x00" + mechanisms + outcome + "AMQP\x03\x01\x00\x00", true, 0,
			"target amqp amqp.version service", "protocol id 3, version 1.0.0 in place of id 0"},
		{"CLOSE for OPEN with an error", report.AMQP, greeting + closeError, true, 0, "target amqp amqp.error service",
			hubName + " is reached and refuses with amqp:not-allowed nobody"},
		{"begin for open", report.AMQP, greeting + "\x00\x00\x00\x0c\x02\x00\x00\x00\x00\x53\x11\x45", true, 0,
			"target amqp unknown unknown", "sent the performative 0x11 where open belongs"},
		{"no goodbye of AMQP", report.AMQP, greeting + openFrame, false, 0, "ok", ""},
		{"heartbeats, and then a refusal", report.AMQP, greeting + openFrame +
			strings.Repeat("\x00\x00\x00\x08\x02\x00\x00\x00", 3) + closeError, true, 0,
			"target amqp amqp.error service", "amqp:not-allowed nobody"},
		{"too many heartbeats for a goodbye", report.AMQP, greeting + openFrame +
			strings.Repeat("\x00\x00\x00\x08\x02\x00\x00\x00", 8) + closeError, true, 0, "ok", ""},
		{"PINGRESP for CONNACK", report.MQTT, "\xd0\x00", true, short, "target mqtt mqtt.not-mqtt network",
			`is not an MQTT CONNACK: \xd0\x00`},
		{"half a CONNACK, and silence", report.MQTT, "\x20\x02", true, short, "target mqtt mqtt.timeout network",
			"MQTT's CONNECT got no answer within"},
		{"half a CONNACK, and the end", report.MQTT, "\x20\x02\x00", false, 0, "target mqtt mqtt.closed network",
			"was closed before MQTT's CONNACK"},
		{"a CONNACK of three", report.MQTT, "\x20\x03\x00\x05\x00", true, 0, "target mqtt mqtt.not-mqtt network",
			`CONNACK:  \x03\x00\x05`},
		{"CONNACK 5", report.MQTT, "\x20\x02\x00\x05", false, 0, "ok", ""},
		{"CONNACK 0", report.MQTT, "\x20\x02\x00\x00", true, 0, "ok", ""},
		{"CONNACK 3", report.MQTT, "\x20\x02\x00\x03", false, 0, "target mqtt mqtt.refused service", hubName +
			" is reached and refuses MQTT with return code 3 (server unavailable)"},
	} {
		t.Run(string(row.protocol)+": "+row.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, nil, say(row.answer, row.stay)).only(row.protocol)
			if row.timeout > 0 {
				s.plan.Timeout = row.timeout
			}
			x := s.check(t).Results[0]
			if words(&x) != row.want || !strings.Contains(x.Summary, row.summary) {
				t.Errorf("%s: %s\nwant %s: %s", words(&x), x.Summary, row.want, row.summary)
			}
		})
	}
}

// Frames of AMQP, byte by byte from the specification.
const (
	mechanisms = "\x00\x00\x00\x19\x02\x01\x00\x00\x00\x53\x40\xc0\x0c\x01\xa3\x09ANONYMOUS"
	outcome    = "\x00\x00\x00\x10\x02\x01\x00\x00\x00\x53\x44\xc0\x03\x01\x50\x00"
	greeting   = "AMQP\x03\x01\x00\x00" + mechanisms + outcome + "AMQP\x00\x01\x00\x00"
	openFrame  = "\x00\x00\x00\x14\x02\x00\x00\x00\x00\x53\x10\xc0\x07\x01\xa1\x04peer"
	closeError = "\x00\x00\x00\x2e\x02\x00\x00\x00\x00\x53\x18\xc0\x21\x01\x00\x53\x1d\xc0\x1b\x02\xa3\x10amqp:not-allowed\xa1\x06nobody"
)

// binary wraps text as one WebSocket message of a server.
func binary(text string) string { return "\x82" + string(rune(len(text))) + text }

func TestAnswersInsideAWebSocket(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name     string
		protocol report.Protocol
		sent     string
		stay     bool
		want     string
		summary  string
	}{
		{"not a frame", report.AMQPWS, "HTTP/1.1 400 Bad Request\r\n\r\n", true,
			"target websocket ws.not-upgraded firewall-admin", hubName +
				" answers 101, and what it sends then are no binary WebSocket messages"},
		{"not a frame", report.MQTTWS, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", true,
			"target websocket ws.not-upgraded firewall-admin", "no binary WebSocket messages"},
		{"text messages", report.MQTTWS, "\x81\x02hi", true, "target websocket ws.not-upgraded firewall-admin",
			"no binary WebSocket messages"},
		{"cut", report.MQTTWS, "", false, "target websocket ws.closed firewall-admin", "the WebSocket to " + hubName +
			" was cut right after the upgrade"},
		{"closed properly", report.MQTTWS, "\x88\x02\x03\xe8", false, "target mqtt mqtt.closed network",
			"was closed before MQTT's CONNACK"},
		{"closed for a policy", report.AMQPWS, "\x88\x02\x03\xf0", false, "target amqp amqp.closed network",
			"closed before OPEN came back"},
		{"cut inside CONNACK", report.MQTTWS, "\x82\x02\x20\x02", false, "target mqtt mqtt.closed network",
			"was closed before MQTT's CONNACK"},
		{"cut after the header", report.AMQPWS, "\x82\x08AMQP\x03\x01\x00\x00", false,
			"target amqp amqp.closed network", "the AMQP header came back with " + hubName +
				", and then the connection was closed"},
		{"cut inside the header", report.AMQPWS, "\x82\x02AM", false, "target amqp amqp.closed network",
			"TLS is up with " + hubName},
		{"CONNACK in two messages", report.MQTTWS, "\x82\x01\x20\x82\x03\x02\x00\x05", true, "ok", ""},
		{"pings first", report.MQTTWS, "\x89\x00\x89\x01x\x82\x04\x20\x02\x00\x05", true, "ok", ""},
		{"not MQTT", report.MQTTWS, "\x82\x04HTTP", true, "target mqtt mqtt.not-mqtt network",
			"is not an MQTT CONNACK: HTTP"},
	} {
		t.Run(string(row.protocol)+": "+row.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, nil, func(_ int, c *tls.Conn) {
				_, br := upgrade(t, c)
				_, _ = br.ReadByte() // the client has spoken
				_, _ = io.WriteString(c, row.sent)
				if row.stay {
					_, _ = io.Copy(io.Discard, br)
				}
				_ = c.CloseWrite()
			}).only(row.protocol)
			x := s.check(t).Results[0]
			if words(&x) != row.want || !strings.Contains(x.Summary, row.summary) {
				t.Errorf("%s: %s\nwant %s: %s", words(&x), x.Summary, row.want, row.summary)
			}
		})
	}
}

// TestClientCertificateRefusedLate: in TLS 1.3 the refusal shows at the first read of
// whatever is spoken, and belongs to the handshake.
func TestClientCertificateRefusedLate(t *testing.T) {
	t.Parallel()
	s := serve(t, func(c *tls.Config) { c.MinVersion, c.ClientAuth = tls.VersionTLS13, tls.RequireAnyClientCert },
		func(int, *tls.Conn) {})
	r := s.check(t)
	hold(t, r, directly("target tls tls.client-auth credentials"))
	for _, x := range r.Results {
		if !strings.Contains(x.Summary, "asked for a client certificate, got none, and refused (alert 116 "+
			"certificate_required)") {
			t.Errorf("%s: %s", x.Protocol, x.Summary)
		}
		if x.Steps[len(x.Steps)-1].Stage != report.StageTLS {
			t.Errorf("%s: a step after the handshake that failed", x.Protocol)
		}
	}
}

// goodbyes is what a recording server saw at the end of a connection.
type goodbyes struct {
	amqpClose, disconnect, wsClose, closeNotify bool
}

// TestGoodbyes: AMQP's CLOSE, MQTT's DISCONNECT where it was let in, the WebSocket's
// close and TLS's close_notify, on every protocol.
func TestGoodbyes(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		protocol report.Protocol
		answer   []string // to each thing that the client sends
		want     goodbyes
	}{
		{report.AMQP, []string{"AMQP\x03\x01\x00\x00" + mechanisms + outcome, "AMQP\x00\x01\x00\x00" + openFrame},
			goodbyes{amqpClose: true, closeNotify: true}},
		{report.MQTT, []string{"\x20\x02\x00\x00"}, goodbyes{disconnect: true, closeNotify: true}},
		{report.MQTT, []string{"\x20\x02\x00\x05"}, goodbyes{closeNotify: true}},
		{report.MQTTWS, []string{"\x20\x02\x00\x00"}, goodbyes{disconnect: true, wsClose: true, closeNotify: true}},
		{report.AMQPWS, []string{"AMQP\x03\x01\x00\x00" + mechanisms + outcome, "AMQP\x00\x01\x00\x00" + openFrame},
			goodbyes{amqpClose: true, wsClose: true, closeNotify: true}},
		{report.HTTPS, []string{"HTTP/1.1 401 X\r\niothub-errorcode: x\r\nContent-Length: 0\r\n\r\n",
			"HTTP/1.1 401 X\r\niothub-errorcode: x\r\nContent-Length: 0\r\n\r\n"}, // to the padded request
			goodbyes{closeNotify: true}},
	} {
		t.Run(string(row.protocol), func(t *testing.T) {
			t.Parallel()
			seen := make(chan goodbyes, 8) // a path that fails tries again
			s := serve(t, nil, func(_ int, c *tls.Conn) {
				seen <- record(t, c, row.protocol.WebSocket(),
					row.answer)
			}).only(row.protocol)
			if x := s.check(t).Results[0]; x.Status != report.OK {
				t.Fatalf("%s: %s", words(&x), x.Summary)
			}
			if got := <-seen; got != row.want {
				t.Errorf("saw %+v, want %+v", got, row.want)
			}
		})
	}
}

// record answers what comes and notes the goodbyes.
func record(t testing.TB, c *tls.Conn, ws bool, answers []string) (g goodbyes) {
	var r io.Reader = c
	if ws {
		_, br := upgrade(t, c)
		r = br
	}
	for {
		_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
		text, opcode, err := receive(r, ws)
		if err != nil {
			g.closeNotify = errors.Is(err, io.EOF) // tls.Conn gives it for close_notify alone, else io.ErrUnexpectedEOF
			return g
		}
		switch {
		case opcode == 8:
			g.wsClose = true
			_, _ = io.WriteString(c, "\x88\x02\x03\xe8")
			continue
		case bytes.Contains(text, []byte("\x00\x53\x18")):
			g.amqpClose = true
		case bytes.Equal(text, []byte{0xe0, 0}):
			g.disconnect = true
		}
		if len(answers) > 0 {
			out := answers[0]
			if answers = answers[1:]; ws {
				out = binary(out)
			}
			_, _ = io.WriteString(c, out)
		}
	}
}

// receive reads what the client sends at once: a read, or a WebSocket message.
func receive(r io.Reader, ws bool) (text []byte, opcode byte, err error) {
	if !ws {
		buf := make([]byte, 4096)
		n, err := r.Read(buf)
		return buf[:n], 0, err
	}
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, 0, err
	}
	n := int(head[1] & 127)
	if n == 126 {
		var long [2]byte
		if _, err := io.ReadFull(r, long[:]); err != nil {
			return nil, 0, err
		}
		n = int(long[0])<<8 | int(long[1])
	}
	masked := make([]byte, 4+n)
	if _, err := io.ReadFull(r, masked); err != nil {
		return nil, 0, err
	}
	for i := range n {
		masked[4+i] ^= masked[i%4]
	}
	return masked[4:], head[0] & 15, nil
}

// TestUpgradeAsksAsTheSDKsDo: path, query and sub-protocols of the WebSocket.
func TestUpgradeAsksAsTheSDKsDo(t *testing.T) {
	t.Parallel()
	asked := make(chan *http.Request, 2)
	s := serve(t, nil, func(_ int, c *tls.Conn) {
		req, err := http.ReadRequest(bufio.NewReader(c))
		if err == nil {
			asked <- req
		}
	}).only(report.AMQPWS, report.MQTTWS)
	s.check(t)
	subs := map[string]bool{}
	for range 2 {
		req := <-asked
		subs[req.Header.Get("Sec-WebSocket-Protocol")] = true
		if req.RequestURI != "/$iothub/websocket?iothub-no-client-cert=true" || req.Host != hubName ||
			len(req.Header) != 5 || req.Header.Get("Authorization") != "" { // neither User-Agent nor Accept-Encoding
			t.Errorf("asked %s of %s with %v", req.RequestURI, req.Host, req.Header)
		}
	}
	if !subs["AMQPWSB10"] || !subs["mqtt"] {
		t.Errorf("sub-protocols %v", subs)
	}
}

// TestEdgeHubShowsItselfWithoutAVersion: the second question on the same connection.
func TestEdgeHubShowsItselfWithoutAVersion(t *testing.T) {
	t.Parallel()
	s := serve(t, nil, func(_ int, c *tls.Conn) {
		br := bufio.NewReader(c)
		for _, answer := range []string{"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\n{}",
			"HTTP/1.1 400 Bad Request\r\niothub-errorcode: InvalidProtocolVersion\r\nContent-Length: 0\r\n\r\n"} {
			if _, err := http.ReadRequest(br); err != nil {
				return
			}
			_, _ = io.WriteString(c, answer)
		}
		_, _ = io.Copy(io.Discard, br)
	}).only(report.HTTPS)
	x := s.check(t).Results[0]
	d, ok := x.Steps[len(x.Steps)-1].Detail.(*report.HTTPDetail)
	if x.Status != report.OK || !ok || d.Request != "GET /devices/edgenet-probe/modules" || d.Status != 400 ||
		d.ErrorCode != "InvalidProtocolVersion" {
		t.Errorf("%s %s: %+v", words(&x), x.Summary, d)
	}
}

// TestNoSecondQuestion where the first answer is a page, a success, or says that it is
// the last.
func TestNoSecondQuestion(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"a page":    "HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n",
		"a success": "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
		"the last":  "HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
		"too long":  "HTTP/1.1 403 Forbidden\r\nContent-Length: 9000\r\n\r\n" + strings.Repeat("x", 9000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := make(chan int, 1)
			s := serve(t, nil, func(_ int, c *tls.Conn) {
				br := bufio.NewReader(c)
				n := 0
				for {
					if _, err := http.ReadRequest(br); err != nil {
						asked <- n
						return
					}
					n++
					_, _ = io.WriteString(c, answer)
				}
			}).only(report.HTTPS)
			x := s.check(t).Results[0]
			if x.Cause != report.HTTPBlockPage {
				t.Errorf("%s: %s", words(&x), x.Summary)
			}
			if n := <-asked; n != 1 {
				t.Errorf("asked %d times", n)
			}
		})
	}
}
