package hop_test

import (
	"context"
	"flag"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"edgenet/internal/hop"
	"edgenet/report"
)

func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", "8") // whatever the processors: most of these tests wait
	goleak.VerifyTestMain(m)
}

// trace is one whose round does not end.
func trace() *hop.Trace { return hop.NewTrace(context.Background(), time.Now()) }

// failed asserts that the last step is this failure and no other, that fault and step say
// the same, and that the summary holds the actual values.
func failed(t *testing.T, tr *hop.Trace, f *hop.Fault, h report.Hop, s report.Stage, c report.Cause,
	values ...string) report.Step {
	t.Helper()
	steps := tr.Steps()
	if f == nil || len(steps) == 0 {
		t.Fatalf("no failure: fault %v, %d steps", f, len(steps))
	}
	last := steps[len(steps)-1]
	if last.Hop != h || last.Stage != s || last.Status != report.Failed || last.Cause != c || f.Cause != c ||
		f.Summary != last.Summary || f.Stopped {
		t.Fatalf("got %s %s %s %s: %q\nwant %s %s %s", last.Hop, last.Stage, last.Status, last.Cause,
			last.Summary, h, s, c)
	}
	for _, st := range steps[:len(steps)-1] {
		if st.Status != report.OK || st.Cause != "" {
			t.Errorf("step %s %s before it is %s %s", st.Hop, st.Stage, st.Status, st.Cause)
		}
	}
	if last.DurationMs > 5500 { // no test gives more than 5 s
		t.Errorf("%s: took %v ms", c, last.DurationMs)
	}
	for _, v := range values {
		if !strings.Contains(last.Summary, v) {
			t.Errorf("%s: summary %q lacks %q", c, last.Summary, v)
		}
	}
	return last
}

// serve accepts on a listener until the test ends; every connection gets its own f.
func serve(t *testing.T, l net.Listener, f func(net.Conn)) netip.AddrPort {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			f(c)
			_ = c.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return netip.MustParseAddrPort(l.Addr().String())
}

// listen is a listener on a free port.
func listen(t *testing.T, address string) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Skipf("no %s here: %v", address, err)
	}
	return l
}

// reset closes a connection with RST.
func reset(c net.Conn) {
	if x, ok := c.(*net.TCPConn); ok {
		_ = x.SetLinger(0)
	}
	_ = c.Close()
}

// closedPort is an address where nothing listens.
func closedPort(t *testing.T, address string) netip.AddrPort {
	t.Helper()
	l := listen(t, address)
	defer func() { _ = l.Close() }()
	return netip.MustParseAddrPort(l.Addr().String())
}
