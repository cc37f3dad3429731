package lab

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"edgenet/internal/lab/hub"
)

// patience is how long a test waits for what is not to come, and plenty for what
// is, on a busy machine too.
const (
	patience = 300 * time.Millisecond
	plenty   = 10 * time.Second
)

// waitFor is how long to wait for an outcome.
func waitFor(outcome string) time.Duration {
	if outcome == "timeout" {
		return patience
	}
	return plenty
}

// seen puts a word to how a move ended, as a client can tell.
func seen(err error) string {
	var (
		record  tls.RecordHeaderError
		unknown x509.UnknownAuthorityError
		name    x509.HostnameError
		invalid x509.CertificateInvalidError
		netErr  net.Error
		op      *net.OpError
	)
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &record):
		return "not tls"
	case errors.As(err, &unknown):
		return "untrusted " + unknown.Cert.Issuer.CommonName
	case errors.As(err, &name):
		return "another name"
	case errors.As(err, &invalid):
		return "validity"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "reset"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "closed"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &netErr) && netErr.Timeout():
		return "timeout"
	case errors.As(err, &op) && op.Op == "remote error":
		return "alert " + strings.TrimPrefix(op.Err.Error(), "tls: ")
	}
	return err.Error()
}

// handshake goes as far as TLS and reads once, since a TLS 1.3 refusal of the
// client's certificate shows there.
func handshake(l *Lab, address, want string) string {
	nc, err := net.DialTimeout("tcp", address, waitFor(want))
	if err != nil {
		return seen(err)
	}
	defer nc.Close()
	_ = nc.SetDeadline(time.Now().Add(waitFor(want)))
	c := tls.Client(nc, clientTLS(l, HubName))
	if err := c.Handshake(); err != nil {
		return seen(err)
	}
	if c.ConnectionState().Version != tls.VersionTLS13 {
		return "ok"
	}
	_, err = c.Read(make([]byte, 1))
	return seen(err)
}

var tlsWants = map[string]string{
	"refuse": "refused", "swallow": "timeout", "tcp-close": "closed", "tcp-reset": "reset", "drop-syn": "timeout",
	"tls-reset": "reset", "sni-reset": "reset", "sni-reset:other.test": "ok", "tls-close": "closed",
	"tls-stall": "timeout", "tls-drip": "timeout",
	"tls-alert": "alert handshake failure", "tls-alert:access_denied": "alert access denied",
	"tls-alert:70": "alert protocol version not supported",
	"plain-http":   "not tls", "banner": "not tls",
	"wrong-name": "another name", "expired": "validity", "future": "validity", "self-signed": "untrusted " + HubName,
	"incomplete-chain": "untrusted edgenet lab intermediate", "inspected": "untrusted FortiGate CA",
	"corp-inspected":       "untrusted Contoso TLS Inspection CA",
	"client-cert-required": "alert handshake failure", "client-cert-required:1.3": "alert certificate required",
	"old-tls": "alert protocol version not supported",
}

func TestFaultsUpToTLS(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	for _, place := range []string{"amqps", "https"} {
		for spec, want := range tlsWants {
			if spec == faultDropSYN && runtime.GOOS != "linux" {
				continue
			}
			f, err := ParseFault(place + "=" + spec)
			if err != nil {
				t.Fatal(err)
			}
			if err := l.SetFault(f); err != nil {
				t.Fatal(err)
			}
			if got := handshake(l, l.ports[place].address, want); got != want {
				t.Errorf("%s: %s, want %s", f, got, want)
			}
			if err := l.ClearFault(place); err != nil {
				t.Fatal(err)
			}
			// HTTPS does not speak first and AMQP neither: both wait.
			if got := handshake(l, l.ports[place].address, "ok"); got != "ok" {
				t.Errorf("%s, cleared: %s", f, got)
			}
		}
	}
}

// exchange sends bytes and returns what comes back and how it ends, which should
// be as want says. What starts the answer gets all the time it needs.
func exchange(nc net.Conn, send []byte, starts, want string) (string, string) {
	_ = nc.SetDeadline(time.Now().Add(plenty))
	if _, err := nc.Write(send); err != nil {
		return "", seen(err)
	}
	first := make([]byte, len(starts))
	n, err := io.ReadFull(nc, first)
	if err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = nil // as ReadAll has it
		}
		return string(first[:n]), seen(err)
	}
	_ = nc.SetDeadline(time.Now().Add(waitFor(want)))
	rest, err := io.ReadAll(io.LimitReader(nc, 100_000))
	return string(first) + string(rest), seen(err)
}

// connectPacket is a CONNECT of a made-up device.
var connectPacket = []byte("\x10\x1a\x00\x04MQTT\x04\x02\x00\x3c\x00\x0eedgenet-probe1")

// saslInit chooses ANONYMOUS, and openFrame opens as "x".
var (
	saslInit  = []byte("\x00\x00\x00\x19\x02\x01\x00\x00\x00\x53\x41\xc0\x0c\x01\xa3\x09ANONYMOUS")
	openFrame = []byte("\x00\x00\x00\x11\x02\x00\x00\x00\x00\x53\x10\xc0\x04\x01\xa1\x01x")
	headSASL  = "AMQP\x03\x01\x00\x00"
	headAMQP  = "AMQP\x00\x01\x00\x00"
)

func TestFaultsOfProtocols(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	bare := append([]byte(headAMQP), openFrame...)
	tests := []struct {
		spec    string
		send    []byte
		starts  string // what the answer starts with
		absent  string // what it must not hold
		outcome string
	}{
		{"amqp-not-amqp", bare, "HTTP/1.1 400", "AMQP", "ok"},
		{"amqp-version", bare, "AMQP\x00\x00\x09\x01", headAMQP, "ok"},
		{"amqp-version:tls", bare, "AMQP\x02\x01\x00\x00", headAMQP, "ok"},
		{"amqp-no-mechanisms", append([]byte(headSASL), saslInit...), headSASL, "ANONYMOUS", "ok"},
		{"amqp-sasl-refused", append([]byte(headSASL), saslInit...), headSASL, headAMQP, "ok"},
		{"amqp-close:start", bare, "", "AMQP", "ok"},
		{"amqp-close", bare, headAMQP, "\x53\x10", "ok"},
		{"amqp-close:sasl", append(append([]byte(headSASL), saslInit...), bare...), headSASL, "\x53\x10", "ok"},
		{"amqp-close:open", bare, headAMQP, "\x53\x10", "ok"},
		{"amqp-reset", bare, "", "AMQP", "reset"},
		{"amqp-silent", bare, "", "AMQP", "timeout"},
		{"amqp-silent:header", bare, headAMQP, "\x53\x10", "timeout"},
		{"amqp-silent:open", bare, headAMQP, "\x53\x10", "timeout"},
		{"amqp-error:amqp:connection:forced", bare, headAMQP, "internal", "ok"},
		{"amqp-lying-size", bare, headAMQP + "\xff\xff\xff\xff", "", "ok"},
		{"amqp-lying-count", bare, headAMQP + "\x00\x00", "", "timeout"},
		{"amqp-flood", bare, headAMQP + "\x00\x00\x00\x08\x02", "", "ok"},
		{"amqp-drip", bare, "A", "AM", "timeout"},
		{"mqtt-not-mqtt", connectPacket, "HTTP/1.1 400", "\x20\x02", "ok"},
		{"mqtt-close", connectPacket, "", "\x20", "ok"},
		{"mqtt-reset", connectPacket, "", "\x20", "reset"},
		{"mqtt-silent", connectPacket, "", "\x20", "timeout"},
		{"mqtt-connack", connectPacket, "\x20\x02\x00\x03", "", "ok"},
		{"mqtt-connack:1", connectPacket, "\x20\x02\x00\x01", "", "ok"},
		{"mqtt-lying-length", connectPacket, "\x20\xff\xff\xff\x7f", "", "ok"},
		{"mqtt-drip", connectPacket, "\x20", "\x20\x02", "timeout"},
	}
	covered := map[string]bool{}
	for _, tt := range tests {
		place, _, _ := strings.Cut(tt.spec, "-")
		place += "s"
		f, err := ParseFault(place + "=" + tt.spec)
		if err != nil {
			t.Fatal(err)
		}
		covered[f.Name] = true
		if err := l.SetFault(f); err != nil {
			t.Fatal(err)
		}
		got, outcome := exchange(mustDial(t, l, place), tt.send, tt.starts, tt.outcome)
		if !strings.HasPrefix(got, tt.starts) || tt.absent != "" && strings.Contains(got, tt.absent) {
			t.Errorf("%s: answered %q", f, got[:min(len(got), 80)])
		}
		if outcome != tt.outcome {
			t.Errorf("%s: %s, want %s", f, outcome, tt.outcome)
		}
	}
	for _, k := range slices.Concat(amqpFaults, mqttFaults) {
		if !covered[k.name] {
			t.Errorf("%s is not tried", k.name)
		}
	}
}

// Inside a WebSocket the same faults hit the protocol and not the upgrade.
func TestFaultsInsideWebSocket(t *testing.T) {
	t.Parallel()
	l := start(t, Options{Faults: []Fault{{Place: "https", Name: "mqtt-connack", Arg: "2"},
		{Place: "https", Name: "amqp-version"}}})
	for protocol, want := range map[string]string{hub.ProtocolMQTT: "\x20\x02\x00\x02",
		hub.ProtocolAMQP: "AMQP\x00\x00\x09\x01"} {
		nc, err := dialWS(t, l, "https", protocol)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := nc.Write(connectPacket); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len(want))
		if _, err := io.ReadFull(nc, got); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", protocol, got, err)
		}
	}
}

func TestFaultsOfHTTP(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	tests := []struct{ spec, starts, holds, outcome string }{
		{"block-page", "HTTP/1.1 200", "<title>Guest network login", "ok"},
		{"block-page:302", "HTTP/1.1 302", "Location: http://portal", "ok"},
		{"block-page:511", "HTTP/1.1 511", "<title>", "ok"},
		{"status", "HTTP/1.1 503", "Iothub-Errorcode: ServiceUnavailable", "ok"},
		{"status:429", "HTTP/1.1 429", "Retry-After: 5", "ok"},
		{"http-silent", "", "", "timeout"},
		{"http-close", "", "", "ok"},
		{"http-reset", "", "", "reset"},
		{"http-garbage", "\x00\xff\x1b[2J", "", "ok"},
		{"http-endless-header", "HTTP/1.1 200 OK\r\nX-Filler: xxx", "", "ok"},
		{"http-endless-body", "HTTP/1.1 401", "edgenet edgenet", "ok"},
		{"http-drip", "H", "", "timeout"},
		{"skew:-7200", "HTTP/1.1 401", "Date: " + time.Now().Add(-2*time.Hour).UTC().Format("Mon, 02 Jan 2006 15"),
			"ok"},
		{"ws-status", "HTTP/1.1 403", "Content-Type: application/json", "ok"},
		{"ws-status:426", "HTTP/1.1 426", "Upgrade: TLS", "ok"},
		{"ws-block-page:403", "HTTP/1.1 403", "<title>Guest", "ok"},
		{"ws-stripped", "HTTP/1.1 400", "Iothub-Errorcode", "ok"},
		{"ws-no-accept", "HTTP/1.1 101", "Sec-WebSocket-Protocol: mqtt", "timeout"},
		{"ws-wrong-accept", "HTTP/1.1 101", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "timeout"},
		{"ws-no-subprotocol", "HTTP/1.1 101", "Sec-WebSocket-Accept: ", "timeout"},
		{"ws-close", "", "", "ok"},
		{"ws-close-after", "HTTP/1.1 101", "Sec-WebSocket-Protocol: mqtt", "ok"},
		{"ws-reset", "", "", "reset"},
		{"ws-silent", "", "", "timeout"},
		{"ws-garbage", "HTTP/1.1 101", "\xff\xff\xff\xff", "ok"},
		{"ws-lying-length", "HTTP/1.1 101", "\x82\x7f\x40", "timeout"},
	}
	covered := map[string]bool{}
	for _, tt := range tests {
		f, err := ParseFault("https=" + tt.spec)
		if err != nil {
			t.Fatal(err)
		}
		covered[f.Name] = true
		if err := l.ClearFault("https"); err != nil {
			t.Fatal(err)
		}
		if err := l.SetFault(f); err != nil {
			t.Fatal(err)
		}
		request := "GET /devices/x/modules?api-version=1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
		if strings.HasPrefix(tt.spec, "ws-") {
			request = "GET /$iothub/websocket HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade, " +
				"close\r\nSec-WebSocket-Version: 13\r\n" +
				"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n"
		}
		got, outcome := exchange(mustDial(t, l, "https"), []byte(request), tt.starts, tt.outcome)
		if !strings.HasPrefix(got, tt.starts) || !strings.Contains(got, tt.holds) {
			t.Errorf("%s: answered %q", f, got[:min(len(got), 300)])
		}
		if f.Name == "ws-no-accept" && strings.Contains(got, "Accept") || f.Name == "ws-no-subprotocol" &&
			strings.Contains(got, "Sec-WebSocket-Protocol") {
			t.Errorf("%s: answered %q", f, got)
		}
		if outcome != tt.outcome {
			t.Errorf("%s: %s, want %s", f, outcome, tt.outcome)
		}
	}
	for _, k := range slices.Concat(httpFaults, wsFaults) {
		if !covered[k.name] {
			t.Errorf("%s is not tried", k.name)
		}
	}
}

// A fault of the upgrade leaves other requests alone, and the other way round.
func TestUpgradeAndRequestAreApart(t *testing.T) {
	t.Parallel()
	l := start(t, Options{Faults: []Fault{{Place: "https", Name: "ws-status"}}})
	client := httpClient(t, l, "https")
	if status := statusOf(t, client, "https://"+HubName+"/devices/x/modules?api-version=1"); status != 401 {
		t.Errorf("request: %d", status)
	}
	_, response, err := websocket.Dial(within(t, 5*time.Second), "wss://"+HubName+hub.WebSocketPath,
		&websocket.DialOptions{HTTPClient: client, Subprotocols: []string{"mqtt"}})
	if err == nil || response.StatusCode != http.StatusForbidden {
		t.Errorf("upgrade: %v", err)
	}
}

func TestParseFault(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{
		"", "amqps", "amqps=", "amqps=no-such-fault", "nowhere=refuse", "proxy:nobody=refuse", "dns=refuse",
		"amqps=ws-status",
		"amqps=refuse:1", "https=ws-status:200", "https=ws-status:x", "amqps=latency:-1",
		"proxy:open=connect-upstream:404", "dns=sinkhole:nowhere",
	} {
		if f, err := ParseFault(bad); err == nil {
			t.Errorf("%q gives %v", bad, f)
		} else if !strings.Contains(err.Error(), fmt.Sprintf("%q", bad)) && bad != "" {
			t.Errorf("%q: the error does not say what: %v", bad, err)
		}
	}
	for _, info := range FaultNames() {
		if info.About == "" || len(info.Places) == 0 {
			t.Errorf("%s is not described", info.Name)
		}
		for _, place := range info.Places {
			f, err := ParseFault(strings.Replace(place, "NAME", "open", 1) + "=" + info.Name)
			if err != nil {
				t.Errorf("%s does not fit %s, where it says it does: %v", info.Name, place, err)
			} else if again, err := ParseFault(f.String()); err != nil || again != f {
				t.Errorf("%s does not survive being written", f)
			}
		}
	}
}

// Each fault has what its layer calls, but for those that are looked at by name.
func TestFaultTable(t *testing.T) {
	t.Parallel()
	byName := []string{faultRefuse, faultDropSYN, faultSkew, faultConnectSlow, faultDNSGarbage, faultCut,
		faultSOCKSRefuse}
	seen := map[string]bool{}
	for _, k := range faultKinds {
		if seen[k.name] {
			t.Errorf("%s stands there twice", k.name)
		}
		seen[k.name] = true
		has := map[layer]bool{
			layerTCP: k.conn != nil, layerTLS: k.conn != nil, layerLine: k.line != nil, layerPath: k.line != nil,
			layerCert: k.cert != nil,
			layerHTTP: k.http != nil, layerWS: k.http != nil, layerWorkload: k.http != nil, layerAMQP: k.inner != nil,
			layerMQTT:  k.inner != nil,
			layerProxy: k.connect != nil, layerDNS: k.dns != nil,
		}[k.layer]
		if has == slices.Contains(byName, k.name) {
			t.Errorf("%s: has what the layer %s calls: %v", k.name, k.layer, has)
		}
	}
}

func TestScenarios(t *testing.T) {
	t.Parallel()
	for _, s := range Scenarios() {
		l, err := Start(within(t, 10*time.Second), Options{Scenario: s.Name})
		if err != nil {
			t.Errorf("%s: %v", s.Name, err)
			continue
		}
		for _, spec := range s.Faults {
			f, err := ParseFault(spec)
			if err != nil {
				t.Fatal(err)
			}
			if on, there := l.faults.get(f.Place, kindOf(f).layer); !there || on != f {
				t.Errorf("%s: %s is not on; two faults of one layer at one place?", s.Name, spec)
			}
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := Start(within(t, time.Second), Options{Scenario: "nothing-like-it"}); err == nil ||
		!strings.Contains(err.Error(), "proxy-only") {
		t.Errorf("an unknown scenario: %v", err)
	}
}

func TestLine(t *testing.T) {
	t.Parallel()
	l := start(t, Options{Delay: 30 * time.Millisecond, Faults: []Fault{{Place: "mqtts", Name: "loss", Arg: "4"},
		{Place: "amqps", Name: "idle-cut", Arg: "4"}, {Place: "https", Name: "idle-drop", Arg: "4"}}})
	begin := time.Now()
	nc := mustDial(t, l, "edgeMqtts")
	if d := time.Since(begin); d < 60*time.Millisecond || d > 3*time.Second {
		t.Errorf("a TLS 1.3 handshake over 30 ms each way took %s", d)
	}
	begin = time.Now()
	got, _ := exchange(nc, connectPacket, "", "ok")
	if d := time.Since(begin); d < 60*time.Millisecond || len(got) == 0 {
		t.Errorf("an answer of %d bytes over 30 ms each way took %s", len(got), d)
	}
	for place, limit := range map[string]time.Duration{"mqtts": 7 * time.Second, "amqps": 7 * time.Second} {
		nc := mustDial(t, l, place)
		begin := time.Now()
		_ = nc.SetReadDeadline(begin.Add(8 * time.Second))
		_, err := nc.Read(make([]byte, 1))
		if d := time.Since(begin); seen(err) != "reset" || d < 2*time.Second || d > limit {
			t.Errorf("%s: %s after %s", place, seen(err), d)
		}
	}
	nc = mustDial(t, l, "https")
	time.Sleep(4300 * time.Millisecond)
	if got, outcome := exchange(nc, []byte("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), "", "timeout"); got != "" ||
		outcome != "timeout" {
		t.Errorf("a forgotten connection: %q, %s", got, outcome)
	}
}

func TestOwnConnectPacket(t *testing.T) {
	if !bytes.HasPrefix(connectPacket[2:], []byte("\x00\x04MQTT")) || int(connectPacket[1]) != len(connectPacket)-2 {
		t.Fatal("the test's own CONNECT is malformed")
	}
}
