package probe_test

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"testing"
	"time"

	"edgenet/probe"
	"edgenet/report"
)

// delayedAck is how long Linux keeps an acknowledgement back, at least (TCP_DELACK_MIN).
const delayedAck = 40

// TestHeldBack: a peer with Nagle's algorithm that says header, mechanisms and outcome apart gets its
// acknowledgements in time. The best of a few greetings counts: a busy host adds to each.
func TestHeldBack(t *testing.T) {
	t.Parallel()
	s := serve(t, nil, func(_ int, c *tls.Conn) {
		_ = c.NetConn().(*net.TCPConn).SetNoDelay(false)
		r := bufio.NewReader(c)
		for _, answer := range [][]string{{"AMQP\x03\x01\x00\x00", mechanisms, outcome},
			{"AMQP\x00\x01\x00\x00", openFrame}} {
			_, _ = r.Read(make([]byte, 4096))
			for _, a := range answer {
				_, _ = io.WriteString(c, a)
				time.Sleep(100 * time.Microsecond)
			}
		}
		_, _ = io.Copy(io.Discard, r)
	}).only(report.AMQP)
	s.plan.Sparing, s.plan.Farewells = true, &probe.Farewells{}
	best := report.Millis(1e9)
	for range 12 {
		st, there := result(t, s.check(t), "AMQP@direct").Step(report.HopTarget, report.StageAMQP)
		if !there || st.Status != report.OK {
			t.Fatalf("%+v", st)
		}
		best = min(best, st.DurationMs)
	}
	if best >= delayedAck {
		t.Errorf("the greeting took %v ms at best", best)
	}
}
