package sidecar

import (
	"math"
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

// collector is how it is set.
func collector() (percent int, limit int64) {
	percent = debug.SetGCPercent(100)
	debug.SetGCPercent(percent)
	return percent, debug.SetMemoryLimit(-1)
}

// TestCollectorRests until the heap has grown, and then works as it did before.
func TestCollectorRests(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(50))
	var m memory
	t.Cleanup(func() { m.wake(m.rests) })
	for range 3 { // a collection of ours wakes nothing
		m.release()
		m.kept = 0
		time.Sleep(10 * time.Millisecond)
	}
	if percent, limit := collector(); percent != -1 || limit == math.MaxInt64 {
		t.Errorf("released, the collector works at %d %%, with a limit of %d bytes", percent, limit)
	}
	var kept [][]byte
	for begun := time.Now(); ; kept = append(kept, make([]byte, 256<<10)) {
		if percent, limit := collector(); percent == 50 && limit == math.MaxInt64 {
			break
		}
		if time.Since(begun) > 10*time.Second || len(kept) > 400 {
			t.Fatalf("the heap has grown by %d times 256 KiB, and the collector rests", len(kept))
		}
		time.Sleep(time.Millisecond)
	}
	if len(kept) < 4 {
		t.Errorf("it works after %d times 256 KiB", len(kept))
	}
	runtime.KeepAlive(kept)
	m.release()
	if percent, _ := collector(); percent != -1 {
		t.Errorf("released again, the collector works at %d %%", percent)
	}
}

// TestReleaseCollectsWhatIsWorthIt: a look's garbage is not.
func TestReleaseCollectsWhatIsWorthIt(t *testing.T) {
	var m memory
	t.Cleanup(func() { m.wake(m.rests) })
	m.release()
	for _, row := range []struct {
		garbage int
		want    uint32
	}{{spareGarbage / 4, 0}, {2 * spareGarbage, 1}, {0, 0}} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		sink = make([]byte, row.garbage)
		sink = nil
		m.release()
		runtime.ReadMemStats(&after)
		if got := after.NumForcedGC - before.NumForcedGC; got != row.want {
			t.Errorf("%d bytes of garbage: %d collections, expected %d", row.garbage, got, row.want)
		}
	}
}

var sink []byte
