package sidecar

import (
	"runtime"
	"runtime/debug"
	"sync"
)

const (
	spareGarbage = 1 << 20 // bytes that are not worth a collection
	restingHeap  = 4 << 20 // bytes that may be allocated before the collector works by itself again
)

// memory gives back what an idle module does not need: the heap of a check that is over, and the pages
// of the program's own file. And it keeps the runtime from its collection every two minutes, of which
// each wakes the process some 25 times for nothing.
type memory struct {
	mu      sync.Mutex
	file    ownFile
	kept    uint64 // bytes in the heap after the last collection of ours
	rests   int    // how often the collector was told to rest
	resting bool
	percent int // the collector's settings before
	limit   int64
}

// release gives back. A look leaves less behind than a collection costs.
func (m *memory) release() {
	m.mu.Lock()
	defer m.mu.Unlock()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	if !m.resting || s.HeapAlloc > m.kept+spareGarbage {
		debug.FreeOSMemory()
		m.rest()
	}
	m.file.release()
}

// rest sets the collector off, until the heap has grown: the next collection of its own sets it on.
func (m *memory) rest() {
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	if !m.resting {
		m.percent, m.limit = debug.SetGCPercent(-1), debug.SetMemoryLimit(-1)
	}
	m.kept, m.resting, m.rests = s.HeapAlloc, true, m.rests+1
	debug.SetMemoryLimit(min(m.limit, int64(s.Sys-s.HeapReleased)+restingHeap)) //nolint:gosec // memory's size
	runtime.AddCleanup(new([64]byte), m.wake, m.rests)
}

// wake sets the collector on, unless it was told to rest since.
func (m *memory) wake(rests int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if rests == m.rests && m.resting {
		m.resting = false
		debug.SetGCPercent(m.percent)
		debug.SetMemoryLimit(m.limit)
	}
}
