package probe_test

import (
	"crypto/tls"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"edgenet/internal/hop"
	"edgenet/report"
)

// The two addresses of a name: the first comes first by its number.
const (
	firstIP  = "127.0.0.1"
	secondIP = "127.0.0.2"
)

// address serves connections at an address of loopback until the test ends.
func address(t *testing.T, ip string, talk func(net.Conn)) netip.AddrPort {
	t.Helper()
	l, err := net.Listen("tcp", ip+":0") //nolint:noctx // of a test
	if err != nil {
		t.Skipf("%s cannot be used here: %v", ip, err)
	}
	var wg sync.WaitGroup
	over := make(chan struct{})
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer func() { _ = c.Close() }()
				done := make(chan struct{})
				go func() { defer close(done); talk(c) }()
				select {
				case <-done:
				case <-over:
					_ = c.Close()
					<-done
				}
			})
		}
	})
	t.Cleanup(func() { _ = l.Close(); close(over); wg.Wait() })
	return netip.MustParseAddrPort(l.Addr().String())
}

// relay leads to another address.
func relay(to string) func(net.Conn) {
	return func(c net.Conn) {
		up, err := net.Dial("tcp", to) //nolint:noctx // of a test
		if err != nil {
			return
		}
		defer func() { _ = up.Close() }()
		back := make(chan struct{})
		go func() { defer close(back); _, _ = io.Copy(c, up); _ = c.Close() }()
		_, _ = io.Copy(up, c)
		_ = up.Close()
		<-back
	}
}

// The ways in which an address answers wrongly.
func mute(c net.Conn) { _, _ = io.Copy(io.Discard, c) }
func portal(c net.Conn) {
	_, _ = io.WriteString(c, "HTTP/1.1 302 Found\r\nLocation: http://portal.test/\r\n\r\n")
}
func cutter(c net.Conn) {
	_, _ = c.Read(make([]byte, 1))
	if t, is := c.(*net.TCPConn); is {
		_ = t.SetLinger(0)
	}
}

// twoAddresses gives the hand-written hub a name with two addresses on port 443.
func twoAddresses(t *testing.T, s *site, first, second netip.AddrPort) *site {
	t.Helper()
	hosts := filepath.Join(t.TempDir(), "hosts")
	text := secondIP + " " + hubName + "\n" + firstIP + " " + hubName + "\n" // the order is no matter
	if err := os.WriteFile(hosts, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s.env.ConnectTo = nil
	s.env.DNS = &hop.Resolver{Hosts: hosts, Config: "-"}
	s.env.Redirect = map[netip.AddrPort]netip.AddrPort{
		netip.MustParseAddrPort(firstIP + ":443"):  first,
		netip.MustParseAddrPort(secondIP + ":443"): second}
	return s.only(report.HTTPS)
}

// hubAt is the hand-written hub by HTTPS, and the address at which it listens.
func hubAt(t *testing.T) (*site, string) {
	t.Helper()
	s := serve(t, nil, func(_ int, c *tls.Conn) {
		_, _ = c.Read(make([]byte, 4096))
		_, _ = io.WriteString(c, "HTTP/1.1 401 Unauthorized\r\niothub-errorcode: IotHubUnauthorizedAccess\r\n"+
			"Content-Length: 0\r\nConnection: close\r\n\r\n")
	})
	return s, s.env.ConnectTo[hop.HostPort(hubName, 443)].String()
}

// byAddress is what came of each address of a result, by its number.
func byAddress(r *report.Result) map[string]report.TCPAttempt {
	out := map[string]report.TCPAttempt{}
	for _, s := range r.Steps {
		if d, is := s.Detail.(*report.TCPDetail); is {
			for _, a := range d.Tried {
				out[netip.MustParseAddrPort(a.Remote).Addr().String()] = a
			}
		}
	}
	return out
}

// TestAnotherAddressWorks: an address that fails above TCP does not end the path, and costs one
// timeout at most.
func TestAnotherAddressWorks(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name  string
		talk  func(net.Conn)
		cause report.Cause
	}{
		{"a portal", portal, report.TLSNotTLS}, {"cut at the hello", cutter, report.TLSReset},
		{"nothing said", mute, report.TLSTimeout},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s, hub := hubAt(t)
			s = twoAddresses(t, s, address(t, firstIP, row.talk), address(t, secondIP, relay(hub)))
			s.plan.Timeout = 2 * time.Second
			r := s.check(t)
			x := &r.Results[0]
			got := byAddress(x)
			bad := got[firstIP]
			if x.Status != report.OK || bad.Cause != row.cause || bad.Stage != report.StageTLS ||
				bad.Status != report.Failed || got[secondIP].Status != report.OK || !got[secondIP].Walked {
				t.Errorf("%s: %+v", words(x), got)
			}
			if !slices.ContainsFunc(r.Findings, func(f report.Finding) bool {
				return f.Code == report.AddressDiffers
			}) {
				t.Errorf("%+v", r.Findings)
			}
			if took := x.DurationMs.Duration(); took > 2*s.plan.Timeout { // once on an idle machine
				t.Errorf("took %s", took)
			}
		})
	}
}

// TestFurthestAddress: where no address works, the one that gets further gives the cause.
func TestFurthestAddress(t *testing.T) {
	t.Parallel()
	s := serve(t, nil, func(_ int, c *tls.Conn) {
		_, _ = c.Read(make([]byte, 4096))
		_, _ = io.WriteString(c, "HTTP/1.1 503 Unavailable\r\niothub-errorcode: ServiceUnavailable\r\n"+
			"Content-Length: 0\r\nConnection: close\r\n\r\n")
	})
	hub := s.env.ConnectTo[hop.HostPort(hubName, 443)].String()
	s = twoAddresses(t, s, address(t, firstIP, portal), address(t, secondIP, relay(hub)))
	x := &s.check(t).Results[0]
	if got := byAddress(x); x.Cause != report.HTTPStatus || got[firstIP].Cause != report.TLSNotTLS ||
		got[secondIP].Cause != report.HTTPStatus {
		t.Errorf("%s: %+v", words(x), got)
	}
}

// TestHealthyAddresses: where the first works, no second is spoken to.
func TestHealthyAddresses(t *testing.T) {
	t.Parallel()
	s, hub := hubAt(t)
	var spoken atomic.Int32
	s = twoAddresses(t, s, address(t, firstIP, relay(hub)), address(t, secondIP, func(c net.Conn) {
		if n, _ := c.Read(make([]byte, 1)); n > 0 {
			spoken.Add(1)
		}
	}))
	r := s.check(t)
	if got := byAddress(&r.Results[0]); r.Results[0].Status != report.OK || !got[firstIP].Walked ||
		got[secondIP].Status != report.OK ||
		got[secondIP].Walked || spoken.Load() > 0 || len(r.Findings) > 0 {
		t.Errorf("%s, %d spoken to: %+v, %+v", words(&r.Results[0]), spoken.Load(), got, r.Findings)
	}
}

// TestExperimentsGoToTheFailedAddress and to no other.
func TestExperimentsGoToTheFailedAddress(t *testing.T) {
	t.Parallel()
	var first, second atomic.Int32
	count := func(n *atomic.Int32) func(net.Conn) {
		return func(c net.Conn) { n.Add(1); cutter(c) }
	}
	s, _ := hubAt(t)
	s = twoAddresses(t, s, address(t, firstIP, count(&first)), address(t, secondIP, count(&second)))
	x := &s.check(t).Results[0]
	at := ""
	for _, e := range x.Experiments {
		for _, st := range e.Steps {
			d, is := st.Detail.(*report.TCPDetail)
			if !is {
				continue
			}
			if at == "" {
				at = d.Remote
			}
			if d.Remote != at {
				t.Errorf("%s went to %s, others to %s", e.Name, d.Remote, at)
			}
		}
	}
	if x.Cause != report.TLSReset || at == "" || first.Load() == 0 || second.Load() == 0 {
		t.Errorf("%s: %q, %d and %d", words(x), at, first.Load(), second.Load())
	}
}
