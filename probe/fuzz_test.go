package probe

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"edgenet/internal/hop"
	"edgenet/internal/lab/pki"
	"edgenet/internal/verify/testkit"
	"edgenet/report"
)

// Decoders that strangers feed: no panic, no more memory than the input deserves, and
// nothing that a terminal obeys in what is shown.

// deaf is a connection whose peer said all that it will.
type deaf struct {
	net.Conn
	r io.Reader
}

func (d *deaf) Read(p []byte) (int, error)       { return d.r.Read(p) }
func (d *deaf) Write(p []byte) (int, error)      { return len(p), nil }
func (d *deaf) Close() error                     { return nil }
func (d *deaf) SetReadDeadline(time.Time) error  { return nil }
func (d *deaf) SetWriteDeadline(time.Time) error { return nil }
func (d *deaf) SetDeadline(time.Time) error      { return nil }

// mute is a session that was closed after its handshake.
var mute = sync.OnceValue(func() *hop.Session {
	a, err := pki.NewAuthority(pkix.Name{CommonName: "root"})
	if err != nil {
		return nil
	}
	cert, err := a.Issue(pki.Leaf{Names: []string{"hub.test"}})
	if err != nil {
		return nil
	}
	near, far := net.Pipe()
	server := tls.Server(far, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12,
		MaxVersion: tls.VersionTLS12})
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Handshake() }()
	ctx := context.Background()
	env := &hop.Env{Trust: &hop.Trust{NoOS: true, Extra: []*x509.Certificate{a.Certificate}}}
	s, _ := hop.Handshake(ctx, env, hop.NewTrace(ctx, time.Now()), report.HopTarget, near,
		hop.TLSOptions{ServerName: "hub.test"})
	<-done
	_, _ = near.Close(), far.Close()
	return s
})

// fuzzAttempt is an attempt with nothing behind it.
func fuzzAttempt(p report.Protocol) *attempt {
	path := &Path{ID: "r1", Host: "hub.test", Protocol: p, Route: Route{ID: report.RouteDirect}, Depth: DepthProtocol,
		Timeout: time.Second}
	return &attempt{Path: path, env: &hop.Env{}, trace: hop.NewTrace(context.Background(), time.Now()),
		start: time.Now()}
}

// judged: whatever came, the greeting ends in a step, a cause of the table and clean text.
func judgedFuzz(t *testing.T, a *attempt, f *hop.Fault) {
	t.Helper()
	steps := a.trace.Steps()
	if len(steps) != 1 || (f == nil) != (steps[0].Status == report.OK) {
		t.Fatalf("fault %+v, steps %+v", f, steps)
	}
	if f != nil {
		testkit.Printable(t, f.Summary)
		if f.Cause.Info().Code != f.Cause {
			t.Errorf("cause %s", f.Cause)
		}
	}
}

func FuzzGreetAMQP(f *testing.F) {
	f.Add([]byte("AMQP\x03\x01\x00\x00" +
		"\x00\x00\x00\x19\x02\x01\x00\x00\x00\x53\x40\xc0\x0c\x01\xa3\x09ANONYMOUS" + // the mechanisms
		"\x00\x00\x00\x10\x02\x01\x00\x00\x00\x53\x44\xc0\x03\x01\x50\x00" + // the outcome
		"AMQP\x00\x01\x00\x00" +
		"\x00\x00\x00\x1d\x02\x00\x00\x00\x00\x80\x00\x00\x00\x00\x00\x00\x00\x10" + // OPEN, and CLOSE with an error
		"\xd0\x00\x00\x00\x06\x00\x00\x00\x02\x40A" +
		"\x00\x00\x00\x2e\x02\x00\x00\x00\x00\x53\x18\xc0\x21\x01\x00\x53\x1d\xc0\x1b\x02" +
		"\xa3\x10amqp:not-allowed\xa1\x06nobody"))
	f.Add([]byte("AMQP\x00\x00\x09\x01"))
	f.Add([]byte("HTTP/1.1 400"))
	f.Fuzz(func(t *testing.T, p []byte) {
		a := fuzzAttempt(report.AMQP)
		judgedFuzz(t, a, a.amqp(context.Background(), &stream{ctx: context.Background(),
			Conn: &deaf{r: bytes.NewReader(p)}, session: mute()}))
	})
}

func FuzzReadCONNACK(f *testing.F) {
	for _, s := range []string{"\x20\x02\x00\x05", "\x20\x02\x00\x00", "\x20\x02\x01\xff", "\x20\x02\xfe\x00",
		"\x20\xff\xff\x7f", "HTTP", "", "\x20"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, p []byte) {
		a := fuzzAttempt(report.MQTT)
		judgedFuzz(t, a, a.mqtt(context.Background(), &stream{ctx: context.Background(),
			Conn: &deaf{r: bytes.NewReader(p)}, session: mute()}))
	})
}

var answers = []string{
	"HTTP/1.1 401 Unauthorized\r\niothub-errorcode: x\r\nDate: Mon, 02 Jan 2006 15:04:05 GMT\r\nContent-Length: " +
		"2\r\n\r\n{}",
	"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 302 Found\r\nLocation: http://p\r\n\r\n<title>\x1b[2J</title>",
	"HTTP/1.1 403 X\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\nx", "HT", "\x00\xff", "HTTP/1.0 200 OK\r\n\r\n",
	"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n",
}

// FuzzJudgeHTTP parses an answer as the path does, and judges it.
func FuzzJudgeHTTP(f *testing.F) {
	for _, s := range answers {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, p []byte) {
		a := fuzzAttempt(report.HTTPS)
		x := a.exchanger(context.Background(), mute())
		x.ear.Conn = &deaf{r: bytes.NewReader(p)}
		x.limited.N = maxAnswer
		resp, err := x.read(&http.Request{Method: http.MethodGet})
		var d report.HTTPDetail
		if err != nil {
			fault := a.noAnswer(err, x, &d, time.Second)
			testkit.Printable(t, fault.Summary, d.Error, d.FirstBytes)
			return
		}
		body, _ := io.ReadAll(io.LimitReader(resp.Body, maxPage)) // as page does
		d.HubHeaders = hubHeaders(resp.Header)
		if fault := a.judgeHTTP(resp, body, &d); fault != nil {
			testkit.Printable(t, fault.Summary, d.Title)
		}
		skew(resp.Header.Get("Date"), time.Now(), time.Now())
	})
}

// FuzzJudgeUpgrade parses what answers an upgrade, and judges it.
func FuzzJudgeUpgrade(f *testing.F) {
	for _, s := range answers {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, p []byte) {
		a := fuzzAttempt(report.MQTTWS)
		e := &ear{Conn: &deaf{r: bytes.NewReader(p)}, spoken: make(chan struct{})}
		var d report.WebSocketDetail
		resp, err := clientOf(e).Get("https://hub.test/")
		if err != nil {
			fault := a.noUpgrade(err, e, &d, time.Second)
			testkit.Printable(t, fault.Summary, d.Error)
			return
		}
		defer func() { _ = resp.Body.Close() }()
		fault := a.refusedUpgrade(resp, io.EOF, &d)
		testkit.Printable(t, fault.Summary, d.Server, d.Location, d.Title, d.Error)
	})
}

func TestSkew(t *testing.T) {
	t.Parallel()
	sent := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	at, ms := skew("Fri, 02 Jan 2026 03:14:06 GMT", sent, sent.Add(2*time.Second))
	if at == nil || !at.Equal(sent.Add(601*time.Second)) || ms == nil || *ms != 600500 {
		t.Errorf("%v, %v", at, ms)
	}
	if at, ms := skew("yesterday", sent, sent); at != nil || ms != nil {
		t.Errorf("%v, %v", at, ms)
	}
}

func TestBracket(t *testing.T) {
	t.Parallel()
	if bracket("::1") != "[::1]" || bracket("hub.test") != "hub.test" {
		t.Error(bracket("::1"), bracket("hub.test"))
	}
}
