package probe_test

import (
	"net"
	"net/netip"
	"sync/atomic"
	"testing"

	"edgenet/internal/hop"
	"edgenet/probe"
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

// TestBytesOfAHealthyRun: what a run says where everything works. On the wire, which the netns suite counts,
// a packet costs 66 bytes more.
func TestBytesOfAHealthyRun(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	s.plan.Routes = probe.Routes(true, nil)
	var made, sent atomic.Int64
	s.env.Wrap = func(c net.Conn) net.Conn {
		made.Add(1)
		return &countedConn{c, &sent}
	}
	hold(t, s.check(t), nil)
	if n := made.Load(); n > 5+2 {
		t.Errorf("%d connections, five paths and two looks are seven", n)
	}
	if n := sent.Load(); n > mostSent {
		t.Errorf("%d bytes sent, at most %d are meant to be", n, mostSent)
	}
}

// mostSent is what five paths say, one of them in a packet that is full, and two looks' short hellos,
// and 1 % more: the greetings hold a token whose length differs.
const mostSent = 5400

// countedConn counts what is written.
type countedConn struct {
	net.Conn
	n *atomic.Int64
}

func (c *countedConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.n.Add(int64(n))
	return n, err
}

func (c *countedConn) NetConn() net.Conn { return c.Conn }
