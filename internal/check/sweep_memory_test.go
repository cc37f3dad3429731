package check

import (
	"math"
	"runtime/debug"
	"testing"

	"edgenet/internal/check/sweep"
)

// TestHeapOfASweep: the limit follows the connections under way in steps, what was there
// before comes back, and what the operator set is left alone.
func TestHeapOfASweep(t *testing.T) { //nolint:paralleltest // the limit is the process's
	before := debug.SetMemoryLimit(math.MaxInt64)
	defer debug.SetMemoryLimit(before)
	limit := func() int64 { return debug.SetMemoryLimit(-1) }
	b := boundMemory()
	small := limit()
	if b.fit(sweep.DefaultSlots + 8); limit() != small {
		t.Errorf("eight connections more changed %d to %d", small, limit())
	}
	if b.fit(4 * sweep.DefaultSlots); limit() < small+16<<20 || limit() > small+32<<20 {
		t.Errorf("%d MiB for four times the connections, and %d before", limit()>>20, small>>20)
	}
	if b.fit(0); limit() != small {
		t.Errorf("%d after they ended, and %d before", limit(), small)
	}
	if b.end(); limit() != math.MaxInt64 {
		t.Errorf("%d is left", limit())
	}
	percent := func() int { p := debug.SetGCPercent(usualGrowth); debug.SetGCPercent(p); return p }
	if b = boundMemory(); percent() != heapGrowth {
		t.Errorf("the heap may grow by %d percent", percent())
	}
	if b.end(); percent() != usualGrowth {
		t.Errorf("%d percent are left", percent())
	}
	debug.SetMemoryLimit(1 << 40)
	if b = boundMemory(); limit() != 1<<40 || percent() != usualGrowth {
		t.Error("what the operator set is not left alone")
	}
	if b.end(); limit() != 1<<40 {
		t.Error("what the operator set is gone")
	}
}
