package probe_test

import (
	"net"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"edgenet/internal/hop"
	"edgenet/probe"
	"edgenet/report"
)

// sieve lets through to an address only who comes from another one than a host's first; the
// others' hellos are answered with a reset.
func sieve(t *testing.T, to string, let func(netip.Addr) bool) string {
	t.Helper()
	l := listen(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			from, _ := netip.ParseAddrPort(c.RemoteAddr().String())
			if !let(from.Addr()) {
				_ = c.(*net.TCPConn).SetLinger(0)
				buf := make([]byte, 64)
				_, _ = c.Read(buf)
				_ = c.Close()
				continue
			}
			joinTo(t, c, to)
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return l.Addr().String()
}

// joinTo joins a connection to an address until either ends.
func joinTo(t *testing.T, c net.Conn, to string) {
	t.Helper()
	up, err := net.DialTimeout("tcp", to, 5*time.Second)
	if err != nil {
		_ = c.Close()
		return
	}
	ended := make(chan struct{}, 2)
	for _, x := range [][2]net.Conn{{c, up}, {up, c}} {
		go func() {
			_, _ = x[0].(*net.TCPConn).ReadFrom(x[1])
			_ = x[0].Close()
			ended <- struct{}{}
		}()
	}
	t.Cleanup(func() { _ = c.Close(); _ = up.Close(); <-ended; <-ended })
}

// TestOtherRoute: a second source of this host that the target answers is found over real
// connections; one that fares no better is not, and neither is any where a source is given.
func TestOtherRoute(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("127.0.0.0/8 is this host's own on Linux alone")
	}
	first, second := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.77")
	for _, tt := range []struct {
		name string
		let  func(netip.Addr) bool
		env  func(*hop.Env)
		want report.Outcome // empty: it was not asked
	}{
		{"another address is let through", func(a netip.Addr) bool { return a == second }, func(*hop.Env) {},
			report.Answered},
		{"none is", func(netip.Addr) bool { return false }, func(*hop.Env) {}, report.Blocked},
		{"the source is given", func(netip.Addr) bool { return false },
			func(e *hop.Env) { e.Source.IPv4 = first }, ""},
		{"there is no other", func(netip.Addr) bool { return false }, func(e *hop.Env) { e.Ways = nil }, "-"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, nil).only(report.HTTPS)
			hub := netip.MustParseAddr(s.info.Addresses.Hub)
			behind := s.env.Redirect[netip.AddrPortFrom(hub, 443)]
			s.env.Redirect[netip.AddrPortFrom(hub, 443)] = netip.MustParseAddrPort(sieve(t, behind.String(), tt.let))
			s.env.Ways = func(netip.AddrPort) []hop.Source { return []hop.Source{{IPv4: second}} }
			tt.env(s.env)
			r := probe.Check(t.Context(), s.plan, s.env, nil)
			row := result(t, r, "HTTPS@direct")
			e, asked := row.Experiment(report.OtherRoute)
			switch {
			case tt.want == "-":
				if asked && e.Outcome == report.Answered {
					t.Errorf("%+v", e)
				}
			case asked != (tt.want != "") || e.Outcome != tt.want:
				t.Errorf("%v %+v of %s", asked, e, words(row))
			case tt.want == report.Answered && (e.Source != second.String() || e.Sent == ""):
				t.Errorf("%+v", e)
			}
		})
	}
}
