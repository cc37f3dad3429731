package alarm

import (
	"runtime"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// both runs a test with the system's clock and with a timer of Go's.
func both(t *testing.T, test func(t *testing.T, make func(ring func()) *Alarm)) {
	t.Helper()
	t.Run("clock", func(t *testing.T) {
		test(t, func(ring func()) *Alarm {
			a := New(ring)
			if runtime.GOOS == "linux" && a.timer != nil {
				t.Error("no timerfd")
			}
			t.Cleanup(a.Close)
			return a
		})
	})
	t.Run("timer", func(t *testing.T) {
		test(t, func(ring func()) *Alarm {
			a := Timed(ring)
			t.Cleanup(a.Close)
			return a
		})
	})
}

const (
	soon = 30 * time.Millisecond
	late = 10 * time.Second // a busy machine's
)

func TestRingsOnceAfterEachSet(t *testing.T) {
	both(t, func(t *testing.T, make func(func()) *Alarm) {
		rings := newRings()
		a := make(rings.ring)
		for _, d := range []time.Duration{soon, 0, -time.Hour, 2 * soon} {
			begun := time.Now()
			a.Set(d)
			rings.wait(t)
			if took := time.Since(begun); took < d {
				t.Errorf("set to %s, it rang after %s", d, took)
			}
		}
		rings.none(t, 2*soon)
	})
}

func TestSetAnewRingsAtTheNewMoment(t *testing.T) {
	both(t, func(t *testing.T, make func(func()) *Alarm) {
		rings := newRings()
		a := make(rings.ring)
		begun := time.Now()
		a.Set(soon)
		a.Set(5 * soon)
		rings.wait(t)
		if took := time.Since(begun); took < 5*soon {
			t.Errorf("put off to %s, it rang after %s", 5*soon, took)
		}
		a.Set(time.Hour)
		a.Set(soon)
		rings.wait(t)
	})
}

func TestClosedAlarmsAreSilent(t *testing.T) {
	both(t, func(t *testing.T, make func(func()) *Alarm) {
		rings := newRings()
		a := make(rings.ring)
		a.Set(soon)
		rings.wait(t)
		a.Set(soon)
		a.Close()
		a.Close()
		rings.none(t, 3*soon)
	})
}

func TestClosedAlarmsLeaveNothing(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for range 20 {
		a := New(func() {})
		a.Set(time.Hour)
		a.Close()
	}
}

type rings chan time.Time

func newRings() rings { return make(rings, 100) }

func (r rings) ring() { r <- time.Now() }

func (r rings) wait(t *testing.T) {
	t.Helper()
	select {
	case <-r:
	case <-time.After(late):
		t.Fatal("it does not ring")
	}
}

func (r rings) none(t *testing.T, within time.Duration) {
	t.Helper()
	select {
	case <-r:
		t.Fatal("it rings")
	case <-time.After(within):
	}
}
