package check

import (
	"math"
	"runtime/debug"
)

// heapOfSweep is how much memory a sweep may take before the collector works for it more
// often: what is alive is a third of it, and without a limit the heap grows to twice what was
// alive at the worst moment. With the pages of the program's own file a process stays below
// 60 MB.
const heapOfSweep = 36 << 20

// boundMemory keeps a sweep small until the function that it gives is called. Who has set
// GOMEMLIMIT is obeyed.
func boundMemory() (restore func()) {
	before := debug.SetMemoryLimit(-1)
	if before != math.MaxInt64 {
		return func() {}
	}
	debug.SetMemoryLimit(heapOfSweep)
	return func() { debug.SetMemoryLimit(before) }
}
