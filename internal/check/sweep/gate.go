package sweep

import (
	"context"
	"runtime"
	"sync"
	"time"
)

// The limits of a gate.
const (
	// DefaultSlots is how many connections work at once where nothing else is said.
	DefaultSlots = 256
	// maxUnderWay bounds those that work and those that wait, together, where nothing else is
	// asked for: one that waits keeps some 30 kB, and a thousand took 20 MB more and half of
	// the processor's time for the collector.
	maxUnderWay = 512
	// lull is how long connections have to have been under way to count as waiting: what a
	// handshake costs is a few milliseconds, and the rest is the other side's time.
	lull = 250 * time.Millisecond
	// behind is how late this process' own clock may be for that: where it is later than
	// this, it is this process that the connections wait for.
	behind = 25 * time.Millisecond
	// breath is how long a turn of all that can run may take before this process is behind.
	breath = time.Millisecond
	// unhurried is how many connections may be under way however far behind it is.
	unhurried = 16
)

// Gate hands out places. Make it with New.
type Gate struct {
	slots, most int // places for work, and for all together
	mu          sync.Mutex
	working     int
	underWay    int
	changed     chan struct{} // closed and made anew when places are given back
}

// New makes a gate for so many connections at work, and so many descriptors that they may
// hold; zero means DefaultSlots, and no bound.
func New(slots, descriptors int) *Gate {
	if slots <= 0 {
		slots = DefaultSlots
	}
	most := max(maxUnderWay, slots)
	if descriptors > 0 {
		most = max(1, min(most, (descriptors-reserved)/perConnection))
	}
	return &Gate{slots: min(slots, most), most: most, changed: make(chan struct{})}
}

// Slots is how many connections may work at once: fewer than asked for where the process may
// not have the descriptors.
func (g *Gate) Slots() int { return g.slots }

// UnderWay is how many connections hold a place now, at work or waiting.
func (g *Gate) UnderWay() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.underWay
}

// Admit waits for places for so many connections, which belong together. Its error is the
// context's.
func (g *Gate) Admit(ctx context.Context, connections int) (*Lease, error) {
	n := max(1, min(connections, g.slots))
	g.breathe(ctx)
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		g.mu.Lock()
		if g.working+n <= g.slots && g.underWay+n <= g.most {
			g.working += n
			g.underWay += n
			l := &Lease{gate: g, left: connections, open: n, working: n, due: time.Now().Add(lull)}
			l.timer = time.AfterFunc(lull, l.lapse) // which sets it anew, once mu is free
			g.mu.Unlock()
			return l, nil
		}
		changed := g.changed
		g.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

// breathe waits while this process is behind with what it has: more connections would make none
// faster, take memory, and have peers called slow that are not.
func (g *Gate) breathe(ctx context.Context) {
	for ctx.Err() == nil && g.UnderWay() > unhurried {
		asked := time.Now()
		runtime.Gosched() // comes back when the others had their turn
		if time.Since(asked) < breath {
			return
		}
	}
}

// back takes places back; g.mu is held.
func (g *Gate) back(working, underWay int) {
	if working == 0 && underWay == 0 {
		return
	}
	g.working -= working
	g.underWay -= underWay
	close(g.changed)
	g.changed = make(chan struct{})
}

// Lease is the places of the connections of one hub. End has to be called.
type Lease struct {
	gate    *Gate
	timer   *time.Timer
	due     time.Time // when the timer is to fire
	left    int       // connections that have not settled
	open    int       // places under way that are held
	working int       // of them those at work
}

// Settled gives the place of one connection back, which has come to its end.
func (l *Lease) Settled() {
	l.gate.mu.Lock()
	defer l.gate.mu.Unlock()
	l.left--
	l.keep(min(l.left, l.working), min(l.left, l.open))
}

// End gives back what is still held.
func (l *Lease) End() {
	l.timer.Stop()
	l.gate.mu.Lock()
	defer l.gate.mu.Unlock()
	l.left = 0
	l.keep(0, 0)
}

// lapse gives the places for work back: what is left only waits, unless this process is late
// itself.
func (l *Lease) lapse() {
	l.gate.mu.Lock()
	defer l.gate.mu.Unlock()
	if l.left <= 0 {
		return
	}
	if now := time.Now(); now.Sub(l.due) > behind {
		l.due = now.Add(2 * behind)
		l.timer.Reset(2 * behind)
		return
	}
	l.keep(0, l.open)
}

// keep gives back all places but so many; the gate's mu is held.
func (l *Lease) keep(working, open int) {
	working, open = max(0, min(working, l.working)), max(0, min(open, l.open))
	back, closed := l.working-working, l.open-open
	l.working, l.open = working, open
	l.gate.back(back, closed)
}
