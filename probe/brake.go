package probe

import (
	"context"
	"slices"
	"sync"
	"time"

	"edgenet/internal/hop"
)

// brake makes the paths of a run give way to each other where the link is slow. The first
// certificates that come show how fast it is; paths that have fewer round trips before
// them than the longest one wait for that, which costs the run nothing. On a link that
// turns out slow there is one handshake at a time, what the verdict needs first, and
// experiments have to do with few bytes.
type brake struct {
	mu      sync.Mutex
	known   bool
	flights int     // first flights that came whole
	rate    float64 // bytes a second, where it is slow
	running int
	coming  time.Time     // when bytes of a first flight came last
	changed chan struct{} // closed and made anew at each change
	waiting []int         // ranks
	spent   int           // bytes that experiments may have cost
}

// The limits of the brake.
const (
	// A flight whose later bytes come over so long a time, and at no more than this rate,
	// comes over a slow link.
	slowSpread = 25 * time.Millisecond
	slowRate   = float64(128e3 / 8) // bytes a second
	// slowFlight is how much longer than a round trip a flight takes then, whole.
	slowFlight = 60 * time.Millisecond
	// slowAnswer is the same for one that came in one piece.
	slowAnswer = 300 * time.Millisecond
	// smallFlight may be what a slow link lets pass at once: a second one has to come then.
	smallFlight = 2000 // bytes
	// oneSegment is the time within which bytes count as one arrival: a segment is read in
	// pieces.
	oneSegment = 5 * time.Millisecond
	// firstWait is how long a path waits for the first flight of another beyond the round
	// trips that it needs, where nothing comes, and the part of the timeout that this takes
	// at most: it counts, so that a silent site costs one timeout.
	firstWait  = 1200 * time.Millisecond
	firstShare = 12
	// firstTurn is how long a path lets the longest one go first, where none has come yet.
	firstTurn = 2 * time.Millisecond
	// turnShare is the part of the timeout for which a path waits for its turn: peers do
	// not wait for a hello for ever.
	turnShare = 0.8
	// wholeShare is how long a path keeps a slow link to itself after its handshake: what is
	// spoken then is little, and a long way makes it last.
	wholeShare = 2 * time.Second
	// experimentShare is how long experiments may use a slow link.
	experimentShare = 1500 * time.Millisecond
)

func newBrake() *brake { return &brake{changed: make(chan struct{})} }

// change wakes who waits. The lock is held.
func (b *brake) change() {
	close(b.changed)
	b.changed = make(chan struct{})
}

// slow tells whether the link turned out slow.
func (b *brake) slow() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.rate > 0
}

// enter waits until the path may shake hands, and gives what has to be called after that.
// Once the link is known to be slow, the path's own clock stands still.
func (b *brake) enter(ctx context.Context, p *Path, waited *hop.Patience) (leave func()) {
	since, trip := time.Now(), waited.Trip()
	release := func() {}
	defer func() { release() }()
	b.mu.Lock()
	b.waiting = append(b.waiting, p.rank)
	for !b.may(p) {
		wait := b.patience(p, since, trip)
		if wait <= 0 {
			break
		}
		changed, slow := b.changed, b.rate > 0
		b.mu.Unlock()
		if slow {
			release()
			release = waited.Hold()
		}
		awake := time.NewTimer(wait)
		select {
		case <-changed:
		case <-awake.C:
		case <-ctx.Done():
		}
		awake.Stop()
		b.mu.Lock()
		if ctx.Err() != nil {
			break
		}
	}
	b.waiting = slices.Delete(b.waiting, slices.Index(b.waiting, p.rank), slices.Index(b.waiting, p.rank)+1)
	b.running++
	b.mu.Unlock()
	return sync.OnceFunc(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.running--
		b.change()
	})
}

// may tells whether a path may go now. The lock is held.
func (b *brake) may(p *Path) bool {
	if b.rate > 0 {
		return b.running == 0 && p.rank == slices.Min(b.waiting)
	}
	return b.known || p.yields == "" || b.flights > 0 && !p.last
}

// patience is how long a path waits at most from now. The lock is held.
func (b *brake) patience(p *Path, since time.Time, trip time.Duration) time.Duration {
	most := time.Until(since.Add(time.Duration(turnShare * float64(p.Timeout))))
	if b.rate > 0 {
		return most
	}
	from := since
	if b.coming.After(from) {
		from = b.coming
	}
	first := firstTurn + trip/4 // the longest has about the same way
	if b.running > 0 {
		first = 2*trip + min(firstWait, p.Timeout/firstShare)
	}
	return min(most, time.Until(from.Add(first)))
}

// came notes bytes of a first flight.
func (b *brake) came(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.coming = now
}

// learn takes what a whole first flight tells: the bytes after its first ones, and how
// long they took.
func (b *brake) learn(n, all int, spread, beyond time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	rate := slowRate
	switch {
	case spread >= slowSpread && beyond >= slowFlight:
		rate = float64(n) / spread.Seconds()
	case beyond >= slowAnswer: // the link, or the peer: neither wants to be asked by all at once
		rate = float64(all) / beyond.Seconds()
	}
	if rate < slowRate && (b.rate == 0 || rate < b.rate) {
		b.rate = rate
	}
	b.flights++
	b.known = b.known || all > smallFlight || b.flights > 1
	b.change()
}

// afford tells whether an experiment of so many bytes may be made, waits for the paths
// that are on their way, and counts it. On a link that is not slow everything may.
func (b *brake) afford(ctx context.Context, bytes int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rate == 0 {
		return true
	}
	if float64(b.spent+bytes) > b.rate*experimentShare.Seconds() {
		return false
	}
	b.spent += bytes
	for b.running > 0 || len(b.waiting) > 0 {
		changed := b.changed
		b.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
		}
		b.mu.Lock()
		if ctx.Err() != nil {
			return false
		}
	}
	return true
}
