package sidecar

import (
	"runtime"
	"runtime/debug"
	"sync"
)

const (
	looksTogether = 4        // whose garbage is worth a collection
	restingLimit  = 18 << 20 // bytes of the runtime's with which the collector works by itself again; some 11 as a rule
)

// memory gives back what an idle module does not need: the heap of a check that is over, and the pages
// of the program's own file. And it keeps the runtime from its collection every two minutes, of which
// each wakes the process some 25 times for nothing.
type memory struct {
	mu      sync.Mutex
	file    ownFile
	looks   int // since the last collection of ours
	rests   int // how often the collector was told to rest
	resting bool
	percent int // the collector's settings before
	limit   int64
}

// release gives back after a check.
func (m *memory) release() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.collect()
	m.file.release()
}

// look gives back after a look, which leaves less behind than a collection costs.
func (m *memory) look() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.looks++; !m.resting || m.looks >= looksTogether {
		m.collect()
	}
	m.file.release()
}

// collect collects, and sets the collector off, until the heap has grown: the next collection of its own
// sets it on.
func (m *memory) collect() {
	debug.FreeOSMemory()
	if !m.resting {
		m.percent, m.limit = debug.SetGCPercent(-1), debug.SetMemoryLimit(-1)
	}
	debug.SetMemoryLimit(min(m.limit, restingLimit))
	m.looks, m.resting, m.rests = 0, true, m.rests+1
	rests := m.rests
	runtime.SetFinalizer(new([64]byte), func(*[64]byte) { m.wake(rests) })
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
