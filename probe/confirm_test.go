package probe_test

import (
	"testing"

	"edgenet/report"
)

// TestConfirm: a cut that does not come again decides nothing, and is not forgotten; one
// that comes most of the time is the answer.
func TestConfirm(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		cut    func(hello int) bool // of the path's own hellos and the experiments'
		status report.Status
		lost   int
	}{
		{"the first alone", func(n int) bool { return n == 0 }, report.OK, 1},
		{"all", func(int) bool { return true }, report.Failed, 1},
		{"all but one", func(n int) bool { return n != 7 }, report.Failed, 4},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			b := middlebox(t, func(h seenHello) act {
				if row.cut(h.n) {
					return reset
				}
				return pass
			})
			s := behind(b, patient).only(report.AMQP)
			s.plan.Depth = "tls"
			x := result(t, s.check(t), "AMQP@direct")
			if x.Status != row.status || x.Failures < row.lost || x.Failures > row.lost+3 ||
				x.FailureCauses[report.TLSReset] != x.Failures {
				t.Errorf("%s after %d of %d failures, %v", words(x), x.Failures, x.Attempts, x.FailureCauses)
			}
		})
	}
}

// TestLuckyHello: where a hello was cut, what came through once by another path is tried again: one
// that came by luck does not work, and a stray cut elsewhere harms nobody.
func TestLuckyHello(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		cut    func(hello int) bool
		status report.Status
	}{
		{"all but one are cut", func(n int) bool { return n != 1 }, report.Failed},
		{"one alone is cut", func(n int) bool { return n == 0 }, report.OK},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			b := middlebox(t, func(h seenHello) act {
				if row.cut(h.n) {
					return reset
				}
				return pass
			})
			s := behind(b, patient)
			for _, x := range s.check(t).Results {
				if x.Status != row.status {
					t.Errorf("%s after %d of %d failures, %v", words(&x), x.Failures, x.Attempts, x.FailureCauses)
				}
			}
			b.mu.Lock()
			defer b.mu.Unlock()
			if n := len(b.seen); n > 80 { // of which a hub sees those that pass
				t.Errorf("%d hellos", n)
			}
		})
	}
}

// TestLuckyPort: one path alone goes to a port, and its hello came through by luck: a look at the port says
// another one, which is cut, and what comes after that decides.
func TestLuckyPort(t *testing.T) {
	t.Parallel()
	b := middlebox(t, func(h seenHello) act {
		if h.n > 0 {
			return reset
		}
		return pass
	})
	s := behind(b, patient).only(report.AMQP)
	x := result(t, s.check(t), "AMQP@direct")
	if x.Status != report.Failed || x.Cause != report.TLSReset || x.FailureCauses[report.TLSReset] < 5 {
		t.Errorf("%s after %d of %d failures, %v", words(x), x.Failures, x.Attempts, x.FailureCauses)
	}
}
