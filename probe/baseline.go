package probe

import (
	"sync"
	"time"

	"edgenet/internal/hop"
)

// When this host's own failures are counted first. The kernel sends a SYN again after a
// second, and only what it fails to send again stands in the count: until then a run that
// goes well need not read it at all.
const (
	countAfter  = 300 * time.Millisecond
	countBefore = 900 * time.Millisecond
)

// baseline is the count as it was before anything can have been sent again. Where the clock
// came too late it is unknown.
type baseline struct {
	start time.Time
	timer *time.Timer
	once  sync.Once
	n     hop.LocalFailures
}

func newBaseline() *baseline {
	b := &baseline{start: time.Now()}
	b.timer = time.AfterFunc(countAfter, func() { b.count() })
	return b
}

// count gives the count as it was.
func (b *baseline) count() hop.LocalFailures {
	b.once.Do(func() {
		if time.Since(b.start) < countBefore {
			b.n = hop.CountLocalFailures(b.start)
		}
	})
	return b.n
}

// drop is for a run that ended before.
func (b *baseline) drop() { b.timer.Stop() }
