package probe_test

import (
	"net"
	"strings"
	"testing"

	"edgenet/report"
)

// broken is a connection on which reading panics, as a parser with a mistake in it would.
type broken struct{ net.Conn }

func (broken) Read([]byte) (int, error) {
	panic("index out of range in http://user:Pl4nted@proxy:1 \x1b[2J")
}

// TestPanicCostsThePath: the other paths are told as they are, and the broken one is unknown.
func TestPanicCostsThePath(t *testing.T) {
	t.Parallel()
	s := start(t, nil, "open")
	n := 0
	s.plan.Protocols = []report.Protocol{report.AMQP, report.HTTPS}
	port := ":" + strings.TrimPrefix(s.info.Proxy("open")[strings.LastIndexByte(s.info.Proxy("open"), ':'):], ":")
	s.env.Wrap = func(c net.Conn) net.Conn {
		if strings.HasSuffix(c.RemoteAddr().String(), port) {
			return broken{c}
		}
		return c
	}
	r := s.check(t)
	for _, x := range r.Results {
		if x.Route == report.RouteDirect {
			if x.Status != report.OK {
				t.Errorf("%s@%s: %s %s", x.Protocol, x.Route, x.Cause, x.Summary)
			}
			continue
		}
		n++
		if x.Cause != report.Unknown || !strings.Contains(x.Summary, "index out of range") ||
			strings.ContainsAny(x.Summary, "\x1b") || strings.Contains(x.Summary, "Pl4nted") {
			t.Errorf("%s@%s: %s %q", x.Protocol, x.Route, x.Cause, x.Summary)
		}
		if last := x.Steps[len(x.Steps)-1]; last.Status != report.Failed || last.Stage != report.StageConnect ||
			last.Hop != report.HopProxy {
			t.Errorf("the failed step is %+v", last)
		}
	}
	if n != 2 {
		t.Errorf("%d paths through the proxy", n)
	}
}
