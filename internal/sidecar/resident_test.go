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
		if time.Since(begun) > 10*time.Second || len(kept) > 2*restingLimit>>18 {
			t.Fatalf("the heap has grown by %d times 256 KiB, and the collector rests", len(kept))
		}
		time.Sleep(time.Millisecond)
	}
	runtime.KeepAlive(kept)
	m.look()
	if percent, _ := collector(); percent != -1 {
		t.Errorf("released again, the collector works at %d %%", percent)
	}
}

// TestLooksAreCollectedTogether: the garbage of one is not worth it, unless the collector works.
func TestLooksAreCollectedTogether(t *testing.T) {
	var m memory
	t.Cleanup(func() { m.wake(m.rests) })
	for i, row := range []struct {
		give func()
		want uint32
	}{{m.look, 1}, {m.look, 0}, {m.release, 1}, {m.look, 0}, {m.look, 0}, {m.look, 0}, {m.look, 1}, {m.look, 0}} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		row.give()
		runtime.ReadMemStats(&after)
		if got := after.NumForcedGC - before.NumForcedGC; got != row.want {
			t.Errorf("%d: %d collections, expected %d", i, got, row.want)
		}
	}
}
