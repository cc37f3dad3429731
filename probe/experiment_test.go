package probe_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"edgenet/internal/hop"
	"edgenet/internal/lab/pki"
	"edgenet/probe"
	"edgenet/report"
)

// act is what a middlebox does with a connection once it has seen the hello.
type act int

const (
	pass act = iota
	reset
	swallow
)

// seenHello is a ClientHello and how many came before it.
type seenHello struct {
	n    int
	text []byte
}

// box is a middlebox before a TLS server that answers nothing inside: what it does with a
// hello is up to judge.
type box struct {
	address netip.AddrPort
	mu      sync.Mutex
	seen    []seenHello
}

func middlebox(t testing.TB, judge func(seenHello) act) *box {
	t.Helper()
	a, err := authority()
	if err != nil {
		t.Fatal(err)
	}
	cert, err := a.Issue(pki.Leaf{Names: []string{hubName}})
	if err != nil {
		t.Fatal(err)
	}
	l := listen(t)
	b := &box{address: netip.MustParseAddrPort(l.Addr().String())}
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer func() { _ = c.Close() }()
				b.serve(c, judge, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12},
					done)
			})
		}
	})
	t.Cleanup(func() { close(done); _ = l.Close(); wg.Wait() })
	return b
}

func (b *box) serve(c net.Conn, judge func(seenHello) act, cfg *tls.Config, done <-chan struct{}) {
	head := make([]byte, 5)
	_ = c.SetDeadline(time.Now().Add(patient))
	if _, err := io.ReadFull(c, head); err != nil {
		return
	}
	body := make([]byte, int(head[3])<<8|int(head[4]))
	if _, err := io.ReadFull(c, body); err != nil {
		return
	}
	b.mu.Lock()
	h := seenHello{len(b.seen), body}
	b.seen = append(b.seen, h)
	b.mu.Unlock()
	switch judge(h) {
	case reset:
		_ = c.(*net.TCPConn).SetLinger(0)
	case swallow:
		<-done
	case pass:
		s := tls.Server(again{c, io.MultiReader(bytes.NewReader(append(head, body...)), c)}, cfg)
		if s.Handshake() == nil {
			<-done
		}
	}
}

// hellos counts what the box has seen.
func (b *box) hellos() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.seen)
}

// again gives bytes that were read already.
type again struct {
	net.Conn
	r io.Reader
}

func (a again) Read(p []byte) (int, error) { return a.r.Read(p) }

// behind makes a plan that leads every port of the hub to a box, AMQP alone.
func behind(b *box, timeout time.Duration) *site {
	s := &site{}
	s.plan = probe.Plan{Host: hubName, Timeout: timeout, Routes: probe.Routes(true, nil), Depth: probe.DepthTLS,
		Protocols: []report.Protocol{report.AMQP, report.MQTT}}
	s.env = &hop.Env{Trust: trust(), ConnectTo: map[string]netip.AddrPort{}}
	for _, port := range []int{5671, 8883, 443} {
		s.env.ConnectTo[hop.HostPort(hubName, port)] = b.address
	}
	return s
}

// outcomes are a result's experiments in a line.
func outcomes(r *report.Result) string {
	var out []string
	for _, e := range r.Experiments {
		out = append(out, string(e.Name)+"="+string(e.Outcome))
	}
	return strings.Join(out, " ")
}

func codesOf(r *report.Report) []report.FindingCode {
	var out []report.FindingCode
	for _, f := range r.Findings {
		out = append(out, f.Code)
	}
	return out
}

func TestHelloExperiments(t *testing.T) {
	t.Parallel()
	named := func(a act) func(seenHello) act {
		return func(h seenHello) act {
			if bytes.Contains(h.text, []byte(hubName)) {
				return a
			}
			return pass
		}
	}
	always := func(a act) func(seenHello) act { return func(seenHello) act { return a } }
	const tls13 = "\x00\x2b" // the extension supported_versions begins so (RFC 8446, 4.2.1); a hello of TLS 1.2 alone names no 3.4 in it
	for _, row := range []struct {
		name    string
		judge   func(seenHello) act
		timeout time.Duration
		cause   report.Cause
		want    string
		finding report.FindingCode // zero means neither of the two
	}{
		{"reset by name", named(reset), patient, report.TLSReset,
			"again=killed other-name=answered no-name=answered small-hello=killed large-hello=killed " +
				"new-hello=killed first-byte=answered",
			report.FirewallSNI},
		{"swallowed by name", named(swallow), short, report.TLSTimeout, "again=silent small-segments=silent " +
			"other-name=answered no-name=answered small-hello=silent large-hello=silent new-hello=silent " +
			"first-byte=answered", report.FirewallSNI},
		{"reset whatever the name", always(reset), patient, report.TLSReset,
			"again=killed other-name=killed no-name=killed small-hello=killed large-hello=killed " +
				"new-hello=killed first-byte=answered",
			report.FirewallProtocol},
		{"swallowed whatever the name", always(swallow), short, report.TLSTimeout, "again=silent " +
			"small-segments=silent other-name=silent no-name=silent small-hello=silent large-hello=silent " +
			"new-hello=silent first-byte=answered", report.FirewallProtocol},
		{"TLS 1.3 is cut", func(h seenHello) act {
			for rest := h.text; ; { // random bytes may look like the extension's number
				i := bytes.Index(rest, []byte(tls13))
				if i < 0 {
					return pass
				}
				if bytes.Contains(rest[i:min(len(rest), i+12)], []byte("\x03\x04")) {
					return reset
				}
				rest = rest[i+1:]
			}
		}, patient, report.TLSReset, "again=killed other-name=killed no-name=killed small-hello=answered " +
			"large-hello=killed new-hello=killed first-byte=answered", report.FirewallProtocol},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			b := middlebox(t, row.judge)
			s := behind(b, row.timeout)
			paths := []string{"AMQP@direct", "MQTT@direct"}
			if row.finding == "" { // which of two came first is nobody's to say
				s.only(report.AMQP)
				paths = paths[:1]
			}
			r := s.check(t)
			for _, path := range paths {
				x := result(t, r, path)
				if x.Cause != row.cause || x.Stage != report.StageTLS {
					t.Errorf("%s: %s", path, words(x))
				}
				if got := outcomes(x); got != row.want {
					t.Errorf("%s: %s\nwant %s", path, got, row.want)
				}
			}
			for _, c := range []report.FindingCode{report.FirewallSNI, report.FirewallProtocol} {
				if got := slices.Contains(codesOf(r), c); got != (c == row.finding) {
					t.Errorf("%s: %v", c, got)
				}
			}
			if took := r.DurationMs.Duration(); took > row.timeout+busy {
				t.Errorf("took %s of %s", took, row.timeout)
			}
		})
	}
}

// TestHelloSizes: the small hello is smaller than the runtime's, and the large one does
// not fit into a packet.
func TestHelloSizes(t *testing.T) {
	t.Parallel()
	b := middlebox(t, func(seenHello) act { return reset })
	s := behind(b, patient)
	s.plan.Protocols = []report.Protocol{report.AMQP}
	s.check(t)
	var sizes []int
	b.mu.Lock()
	for _, h := range b.seen {
		sizes = append(sizes, len(h.text))
	}
	b.mu.Unlock()
	if len(sizes) != 39 {
		t.Fatalf("%d hellos, want the path's, six experiments' and the count's 32: %v", len(sizes), sizes)
	}
	own, smallest, largest := sizes[0], slices.Min(sizes), slices.Max(sizes)
	if smallest >= own || largest < 1250 || own > 400 {
		t.Errorf("sizes %v", sizes)
	}
}

// TestExperimentsAreShared: paths that call for the same question get one answer.
func TestExperimentsAreShared(t *testing.T) {
	t.Parallel()
	b := middlebox(t, func(seenHello) act { return reset })
	s := behind(b, patient)
	s.plan.Protocols = []report.Protocol{report.AMQPWS, report.MQTTWS, report.HTTPS}
	r := s.check(t)
	if n := b.hellos(); n != 3+6+32 {
		t.Errorf("%d connections for three paths to one port, six hellos of experiments and one count of 32", n)
	}
	if a, h := result(t, r, "AMQPWS@direct"), result(t, r, "HTTPS@direct"); outcomes(a) != outcomes(h) ||
		outcomes(a) == "" {
		t.Errorf("%s, and %s", outcomes(a), outcomes(h))
	}
}

// TestNoExperimentsWithoutFailure: what works is asked nothing more.
func TestNoExperimentsWithoutFailure(t *testing.T) {
	t.Parallel()
	b := middlebox(t, func(seenHello) act { return pass })
	s := behind(b, patient)
	r := s.check(t)
	for i := range r.Results {
		if x := &r.Results[i]; x.Status != report.OK || len(x.Experiments) > 0 {
			t.Errorf("%s: %s", words(x), outcomes(x))
		}
	}
	if n := b.hellos(); n < 2 || n > 4 {
		t.Errorf("%d connections for two paths and two looks", n)
	}
}

// TestMTU: the lab's path loses what is large.
func TestMTU(t *testing.T) {
	t.Parallel()
	s := start(t, []string{"amqps=mtu", "https=tls-stall"})
	s.plan.Timeout = 2 * short
	r := s.check(t)
	hole, stall := result(t, r, "AMQP@direct"), result(t, r, "HTTPS@direct")
	if hole.Cause != report.TLSMTU || hole.FailureCauses[report.TLSMTU] != 1 {
		t.Errorf("%s, %v", words(hole), hole.FailureCauses)
	}
	st, _ := hole.Step(report.HopTarget, report.StageTLS)
	if d, ok := st.Detail.(*report.TLSDetail); !ok || !strings.Contains(d.Told, "536 bytes passed") ||
		st.Cause != report.TLSMTU {
		t.Errorf("told by %+v", st)
	}
	if stall.Cause != report.TLSTimeout {
		t.Errorf("a stall: %s", words(stall))
	}
	if st, _ = stall.Step(report.HopTarget, report.StageTLS); !strings.Contains(st.Detail.(*report.TLSDetail).Told,
		"size is not the reason") {
		t.Errorf("told by %+v", st)
	}
	if !slices.Contains(codesOf(r), report.MTUBlackhole) {
		t.Error("no finding")
	}
}

// connectOnly is a proxy that answers CONNECT by a table of targets; no row is silence.
func connectOnly(t testing.TB, answers map[string]string) string {
	t.Helper()
	l := listen(t)
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer func() { _ = c.Close() }()
				var target string
				buf := make([]byte, 1024)
				n, _ := c.Read(buf)
				if _, err := fmt.Sscanf(string(buf[:n]), "CONNECT %s HTTP/1.1", &target); err != nil {
					return
				}
				if a, ok := answers[target]; ok {
					_, _ = io.WriteString(c, "HTTP/1.1 "+a+"\r\nContent-Length: 0\r\n\r\n")
					return
				}
				<-done
			})
		}
	})
	t.Cleanup(func() { close(done); _ = l.Close(); wg.Wait() })
	return "http://" + l.Addr().String()
}

func TestProxyExperiments(t *testing.T) {
	t.Parallel()
	const none = "edgenet-probe.invalid:443"
	for _, row := range []struct {
		name     string
		protocol report.Protocol
		answers  map[string]string
		cause    report.Cause
		want     string
		says     string
		port443  string
	}{
		{"the proxy lives", report.HTTPS, map[string]string{none: "503 No"}, report.ConnectTimeout,
			"proxy-alive=answered", "with HTTP/1.1 503 No: the proxy lives", ""},
		{"the proxy is silent", report.HTTPS, nil, report.ConnectTimeout, "proxy-alive=silent",
			"slow or stuck", ""},
		{"443 is allowed", report.AMQP, map[string]string{hubName + ":5671": "403 No", hubName + ":443": "200 OK"},
			report.ConnectForbidden, "port-443=answered", "it allows 443", "allowed"},
		{"443 is forbidden", report.AMQP, map[string]string{hubName + ":5671": "403 No", hubName + ":443": "403 No"},
			report.ConnectForbidden, "port-443=blocked", "it forbids 443", "refused"},
		{"443 fails otherwise", report.AMQP, map[string]string{hubName + ":5671": "403 No", hubName + ":443": "503 No"},
			report.ConnectForbidden, "port-443=unavailable", "forbids CONNECT", ""},
		{"443 is what was asked", report.HTTPS, map[string]string{hubName + ":443": "403 No"}, report.ConnectForbidden,
			"user-agent=blocked", "forbids CONNECT", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := &site{env: &hop.Env{Trust: trust()}}
			s.plan = probe.Plan{Host: hubName, Timeout: 2 * short, Protocols: []report.Protocol{row.protocol},
				Routes: probe.Routes(false, s.proxies(t, connectOnly(t, row.answers)))}
			x := result(t, s.check(t), string(row.protocol)+"@proxy")
			if x.Cause != row.cause || outcomes(x) != row.want || !strings.Contains(x.Summary, row.says) {
				t.Errorf("%s, %s: %s", words(x), outcomes(x), x.Summary)
			}
			st, _ := x.Step(report.HopProxy, report.StageConnect)
			if d, ok := st.Detail.(*report.ConnectDetail); !ok || d.Port443 != row.port443 {
				t.Errorf("port 443: %+v", st.Detail)
			}
		})
	}
}

// refusing is an address that refuses connections for as long as the test runs: the near
// end of a connection, on whose port nobody else can listen.
func refusing(t *testing.T) netip.AddrPort {
	t.Helper()
	l := listen(t)
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return netip.MustParseAddrPort(c.LocalAddr().String())
}

// TestOtherPort: where one port alone is asked for, another of the same address is tried.
func TestOtherPort(t *testing.T) {
	t.Parallel()
	b := middlebox(t, func(seenHello) act { return pass })
	closed := refusing(t)
	for _, row := range []struct {
		name     string
		protocol report.Protocol
		others   netip.AddrPort
		want     string
		finding  bool
	}{
		{"443 answers", report.AMQP, b.address, "other-port=answered where=unavailable", true},
		{"5671 answers", report.HTTPS, b.address, "other-port=answered where=unavailable", true},
		{"nothing answers", report.AMQP, closed, "other-port=blocked where=unavailable", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := behind(b, patient)
			s.plan.Protocols = []report.Protocol{row.protocol}
			for _, port := range []int{5671, 8883, 443} {
				s.env.ConnectTo[hop.HostPort(hubName, port)] = row.others
			}
			s.env.ConnectTo[hop.HostPort(hubName, row.protocol.Port())] = closed
			r := s.check(t)
			x := result(t, r, string(row.protocol)+"@direct")
			if x.Cause != report.TCPRefused || outcomes(x) != row.want {
				t.Errorf("%s, %s", words(x), outcomes(x))
			}
			if got := slices.Contains(codesOf(r), report.FirewallPortBlocked); got != row.finding {
				t.Errorf("firewall.port-blocked: %v of %v", got, codesOf(r))
			}
		})
	}
}
