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
		{"all but one", func(n int) bool { return n != 6 }, report.Failed, 2},
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
			if n := len(b.seen); n > 64 {
				t.Errorf("%d hellos", n)
			}
		})
	}
}
