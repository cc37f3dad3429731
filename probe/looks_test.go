package probe_test

import (
	"net"
	"net/netip"
	"sync/atomic"
	"testing"

	"edgenet/internal/hop"
)

// TestLooksGoWhereThePathsGo: a port is looked at where the paths connect, also where ConnectTo or
// Redirect lead elsewhere. A look at another port is refused, and then connections are counted.
func TestLooksGoWhereThePathsGo(t *testing.T) {
	t.Parallel()
	for _, led := range []string{"redirect", "connect-to"} {
		t.Run(led, func(t *testing.T) {
			t.Parallel()
			s := start(t, nil)
			if led == "connect-to" {
				s.env.ConnectTo = map[string]netip.AddrPort{}
				for from, to := range s.env.Redirect {
					if from.Addr().String() == s.info.Addresses.Hub {
						s.env.ConnectTo[hop.HostPort(s.plan.Host, int(from.Port()))] = to
					}
				}
				s.env.Redirect = nil
			}
			var made atomic.Int64
			s.env.Wrap = func(c net.Conn) net.Conn {
				made.Add(1)
				return c
			}
			hold(t, s.check(t), nil)
			if n := made.Load(); n > 3*4 { // three ports, four connections each
				t.Errorf("%d connections", n)
			}
		})
	}
}
