package hop

import (
	"context"
	"slices"
	"sync"
	"syscall"
	"time"
)

// Ending says what ended a path's patience.
type Ending int

// The endings. NotEnded is the zero value.
const (
	NotEnded   Ending = iota
	BySilence         // nothing came for as long as a path waits
	ByLimit           // answers came all the time, and all of the time that a path has was used up
	ByAncestor        // the round ended
)

// Patience is the context of a path: it ends when nothing has come for Quiet, or when all
// of its time is used up. What is read from connections that Guard ties to it, and the
// answers of name servers, are what comes. Time in which this process did not run is no
// silence: what came meanwhile could not be read.
type Patience struct {
	parent context.Context //nolint:containedctx // this is a context
	quiet  time.Duration
	most   time.Duration
	own    context.Context //nolint:containedctx // carries the end
	end    context.CancelFunc
	leave  func() bool // stops watching the parent

	mu      sync.Mutex
	timer   *time.Timer
	due     time.Time     // when the timer is to fire
	slice   time.Duration // that it was set for
	start   time.Time
	heard   time.Time     // when something came last
	ticked  time.Time     // when silence was counted last
	silent  time.Duration // since heard, as far as this process ran
	held    int           // holders that stop the clock
	heldAt  time.Time
	heldFor time.Duration
	late    time.Duration // how late timers fired, all together
	ended   Ending
	pace    pace
	raw     syscall.RawConn // of the path's connection; nil where there is none
	also    []*Patience     // wait for the same, and are told of what comes
}

// How often silence is counted: often enough to see that this process did not run.
const (
	minSlice = 5 * time.Millisecond
	maxSlice = 500 * time.Millisecond
	// latest is how late a timer may fire on a machine that is busy, and not starved.
	latest = 100 * time.Millisecond
)

// LimitOf is how long a path may take in all that waits so long in silence.
func LimitOf(quiet time.Duration) time.Duration { return 3 * quiet }

// WithPatience makes a context that ends when nothing has come for quiet, after
// LimitOf(quiet) in all, or with its parent.
func WithPatience(parent context.Context, quiet time.Duration) (*Patience, context.CancelFunc) {
	now := time.Now()
	p := &Patience{parent: parent, quiet: quiet, most: LimitOf(quiet), start: now, heard: now, ticked: now}
	p.own, p.end = context.WithCancel(context.WithoutCancel(parent))
	p.leave = context.AfterFunc(parent, func() { p.finish(ByAncestor) })
	p.mu.Lock()
	p.arm(now) // last: the first count may come at once, and needs all the rest
	p.mu.Unlock()
	if parent.Err() != nil {
		p.finish(ByAncestor)
	}
	return p, func() { p.finish(ByAncestor) }
}

// Deadline is the parent's: silence has none that is known beforehand. See Until.
func (p *Patience) Deadline() (time.Time, bool) { return p.parent.Deadline() }

// Done is closed at the end.
func (p *Patience) Done() <-chan struct{} { return p.own.Done() }

// Err says that the time is over, or what the parent says.
func (p *Patience) Err() error {
	if p.own.Err() == nil {
		return nil
	}
	if ended := p.Ended(); ended == BySilence || ended == ByLimit {
		return context.DeadlineExceeded
	}
	if err := p.parent.Err(); err != nil {
		return err
	}
	return context.Canceled
}

// Value gives itself for its own key, so that what is derived from it finds it.
func (p *Patience) Value(key any) any {
	if key == (patienceKey{}) {
		return p
	}
	return p.parent.Value(key)
}

// AfterFunc lets the context package derive contexts without a goroutine for each.
func (p *Patience) AfterFunc(f func()) func() bool { return context.AfterFunc(p.own, f) }

type patienceKey struct{}

// patienceOf is the patience that a context belongs to, nil where it has none.
func patienceOf(ctx context.Context) *Patience {
	p, _ := ctx.Value(patienceKey{}).(*Patience)
	return p
}

func (p *Patience) hear(now time.Time) {
	p.mu.Lock()
	p.heard, p.silent, p.ticked = now, 0, now
	also := p.also
	p.mu.Unlock()
	for _, o := range also {
		o.hear(now)
	}
}

// with lets another path wait beside this one for the same answer, until the function
// that it gives is called.
func (p *Patience) with(o *Patience) (apart func()) {
	if p == nil || o == nil || o == p {
		return func() {}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.also = append(slices.Clone(p.also), o)
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.also = slices.DeleteFunc(slices.Clone(p.also), func(x *Patience) bool { return x == o })
	}
}

// Hold stops the clock until the function it gives is called: a path that waits for its
// turn waits for nothing that the network owes it.
func (p *Patience) Hold() (release func()) {
	if p == nil {
		return func() {}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held++; p.held == 1 {
		p.heldAt = time.Now()
	}
	return sync.OnceFunc(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		now := time.Now()
		if p.held--; p.held == 0 {
			p.heldFor += now.Sub(p.heldAt)
			p.heard, p.silent, p.ticked = now, 0, now
		}
	})
}

// arm sets the timer for the next count.
func (p *Patience) arm(now time.Time) {
	p.slice = min(max(p.quiet/16, minSlice), maxSlice)
	if left := p.quiet - p.silent; p.held == 0 && left < p.slice {
		p.slice = max(left, time.Millisecond)
	}
	p.due = now.Add(p.slice)
	if p.timer == nil {
		p.timer = time.AfterFunc(p.slice, p.tick)
	} else {
		p.timer.Reset(p.slice) // it has fired
	}
}

// tick counts the silence since the last one.
func (p *Patience) tick() {
	p.mu.Lock()
	ended := p.count(time.Now())
	p.mu.Unlock()
	if ended != NotEnded {
		p.finish(ended)
	}
}

// count adds what was silence, and tells whether that is enough.
func (p *Patience) count(now time.Time) Ending {
	if p.own.Err() != nil {
		return NotEnded
	}
	since := now.Sub(p.ticked)
	if late := now.Sub(p.due); late > latest {
		p.late += late
		since = min(since, p.slice) // the rest of it nobody listened
	}
	p.ticked = now
	if p.held == 0 {
		p.silent += since
		if p.silent >= p.quiet {
			return BySilence
		}
	}
	if p.used(now) >= p.most {
		return ByLimit
	}
	p.arm(now)
	return NotEnded
}

// used is how long the path has taken, without the time that it was held.
func (p *Patience) used(now time.Time) time.Duration {
	used := now.Sub(p.start) - p.heldFor
	if p.held > 0 {
		used -= now.Sub(p.heldAt)
	}
	return used
}

// finish ends the context once.
func (p *Patience) finish(ended Ending) {
	p.mu.Lock()
	if p.ended == NotEnded {
		p.ended = ended
	}
	if p.timer != nil {
		p.timer.Stop()
	}
	p.mu.Unlock()
	p.end()
	if ended != ByAncestor {
		p.leave()
	}
}

// Why says what ended the context.
func (p *Patience) Ended() Ending {
	if p == nil {
		return NotEnded
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ended
}

// Quiet is how long it has been silent, as far as this process could hear.
func (p *Patience) Quiet() time.Duration {
	if p == nil {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.silent
}

// Late is by how much timers fired too late, all together: this process did not run.
func (p *Patience) Late() time.Duration {
	if p == nil {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.late
}

// Held is how long the clock stood still.
func (p *Patience) Held() time.Duration {
	if p == nil {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.heldFor
}

// left is how long it will last at most, if nothing comes.
func (p *Patience) left() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	return min(p.quiet-p.silent-now.Sub(p.ticked), p.most-p.used(now))
}

// Until is how long a context lasts at most, if nothing comes; false where nothing ends it.
func Until(ctx context.Context) (time.Duration, bool) {
	left, limited := time.Duration(0), false
	if end, ok := ctx.Deadline(); ok {
		left, limited = time.Until(end), true
	}
	if p := patienceOf(ctx); p != nil {
		if l := p.left(); !limited || l < left {
			left, limited = l, true
		}
	}
	return left, limited
}
