package command

import (
	"runtime"
	"sync"
)

// processors keeps the program to one processor while no full check is under way: for each further one
// whatever happens wakes a thread, which looks for work and finds none.
type processors struct {
	mu     sync.Mutex
	all    int
	checks int // under way
}

func newProcessors() *processors { return &processors{all: runtime.GOMAXPROCS(1)} }

// spread gives all of them, until the function that it gives is called.
func (p *processors) spread() (done func()) {
	p.count(1)
	return sync.OnceFunc(func() { p.count(-1) })
}

func (p *processors) count(more int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := p.checks
	p.checks += more
	switch {
	case before == 0:
		runtime.GOMAXPROCS(p.all)
	case p.checks == 0:
		runtime.GOMAXPROCS(1)
	}
}
