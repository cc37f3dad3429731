package sweep

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestPlacesAreBounded: whoever comes, no more than so many are at work, and all get through.
func TestPlacesAreBounded(t *testing.T) {
	t.Parallel()
	g := New(8, 0)
	var now, most atomic.Int64
	var wg sync.WaitGroup
	for i := range 200 {
		n := 1 + i%5
		l, err := g.Admit(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			defer l.End()
			at := now.Add(int64(n))
			for m := most.Load(); at > m && !most.CompareAndSwap(m, at); m = most.Load() {
			}
			time.Sleep(time.Millisecond)
			for range n {
				now.Add(-1)
				l.Settled()
			}
		})
	}
	wg.Wait()
	if most.Load() > 8 || most.Load() < 5 {
		t.Errorf("%d at once, want at most 8", most.Load())
	}
	if g.working != 0 || g.underWay != 0 {
		t.Errorf("%d and %d places are lost", g.working, g.underWay)
	}
}

// TestWaitingCostsNoPlace: hubs that are silent give their places for work to the next, up
// to what the descriptors allow, and no further.
func TestWaitingCostsNoPlace(t *testing.T) {
	t.Parallel()
	const hubs = 6
	g := New(4, reserved+perConnection*4*hubs)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var silent []*Lease
	start := time.Now()
	for range hubs {
		l, err := g.Admit(ctx, 4)
		if err != nil {
			t.Fatalf("after %d silent hubs: %v", len(silent), err)
		}
		silent = append(silent, l)
	}
	if took := time.Since(start); took < (hubs-1)*lull {
		t.Errorf("%d hubs within %s: no place was waited for", hubs, took)
	}
	full, stop := context.WithTimeout(t.Context(), 3*lull)
	defer stop()
	if _, err := g.Admit(full, 1); err == nil {
		t.Error("more descriptors than there are")
	}
	silent[0].Settled()
	l, err := g.Admit(ctx, 1)
	if err != nil {
		t.Errorf("a place that was given back is lost: %v", err)
	}
	for _, l := range append(silent, l) {
		l.End()
		l.End() // twice is once
	}
	if g.working != 0 || g.underWay != 0 {
		t.Errorf("%d and %d places are lost", g.working, g.underWay)
	}
}

// TestBehind: while this process has more to do than it can, no more is begun, and soon after that it
// is.
func TestBehind(t *testing.T) { //nolint:paralleltest // it takes all of the processor's time
	g := New(0, 0)
	l, err := g.Admit(t.Context(), unhurried+1)
	if err != nil {
		t.Fatal(err)
	}
	defer l.End()
	var wg sync.WaitGroup
	var idle atomic.Bool
	var busy atomic.Int64
	many := 8 * runtime.GOMAXPROCS(0)
	for range many {
		wg.Go(func() {
			busy.Add(1)
			for !idle.Load() { // without a pause: each has its ten milliseconds
			}
		})
	}
	for busy.Load() < int64(many) { // else a processor that has nothing to do yet answers at once
		runtime.Gosched()
	}
	short, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := g.Admit(short, 1); err == nil {
		t.Error("more connections for a process that is behind")
	}
	idle.Store(true)
	wg.Wait()
	next, err := g.Admit(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	next.End()
}

// TestFewDescriptors: the gate is as wide as the process can pay for, and never shut.
func TestFewDescriptors(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ slots, descriptors, want int }{
		{0, 0, DefaultSlots}, {300, 0, 300}, {5000, 0, 5000}, {0, Wanted(DefaultSlots), DefaultSlots},
		{0, reserved + 20*perConnection, 20}, {0, 1, 1},
	} {
		if got := New(row.slots, row.descriptors).Slots(); got != row.want {
			t.Errorf("%d slots of %d descriptors: %d, want %d", row.slots, row.descriptors, got, row.want)
		}
	}
	if n := Descriptors(); n < 0 {
		t.Error(n)
	}
}
