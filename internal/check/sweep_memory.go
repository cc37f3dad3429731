package check

import (
	"math"
	"runtime/debug"

	"edgenet/internal/check/sweep"
)

// How much memory a sweep may take before the collector works for it more often: what is
// alive is a third of it, and without a limit the heap grows to twice what was alive at the
// worst moment. With the pages of the program's own file a process stays below 60 MB while
// the hubs answer. Connections that wait for dead ones keep their stacks; without room for
// those the collector took three quarters of the processor's time.
const (
	heapOfSweep   = 46 << 20 // bytes
	heapOfWaiting = 28 << 10 // bytes more for each connection under way beyond sweep.DefaultSlots
	heapStep      = 4 << 20  // bytes that make a change worth it
	usualGrowth   = 100      // percent: Go's own
	heapGrowth    = 900      // percent of what is alive, below that limit: most sweeps keep 3 MB
)

// heapBound keeps a sweep small. Who has set GOMEMLIMIT or GOGC is obeyed: it leaves that alone.
type heapBound struct {
	before, now int64
	percent     int
}

func boundMemory() *heapBound {
	b := &heapBound{before: debug.SetMemoryLimit(-1), percent: debug.SetGCPercent(heapGrowth)}
	if b.before != math.MaxInt64 || b.percent != usualGrowth {
		debug.SetGCPercent(b.percent)
	}
	b.fit(0)
	return b
}

// fit makes room for so many connections under way. One goroutine calls it.
func (b *heapBound) fit(underWay int) {
	if b.before != math.MaxInt64 {
		return
	}
	limit := int64(heapOfSweep + heapOfWaiting*max(0, underWay-sweep.DefaultSlots))
	if b.now != 0 && limit-b.now < heapStep && b.now-limit < heapStep {
		return
	}
	debug.SetMemoryLimit(limit)
	b.now = limit
}

// end gives back what was there before.
func (b *heapBound) end() {
	debug.SetMemoryLimit(b.before)
	debug.SetGCPercent(b.percent)
}
