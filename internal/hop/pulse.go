package hop

import (
	"sync"
	"time"
)

// A pulse notices that this process does not run: a timer that should fire every beat fires
// late then. What is later than tardy is lost time; a machine that is busy takes less.
const (
	beat  = 20 * time.Millisecond
	tardy = 10 * time.Millisecond
)

// pulse beats while somebody watches.
type pulse struct {
	mu       sync.Mutex
	watchers int
	timer    *time.Timer
	due      time.Time
	lost     time.Duration // since the program began
}

// the process has one processor time, and so one pulse
var ownPulse pulse

// Watch has the time measured for which this process does not run, until the function that it
// gives is called.
func Watch() (stop func()) {
	p := &ownPulse
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.watchers++; p.watchers == 1 {
		p.due = time.Now().Add(beat)
		p.timer = time.AfterFunc(beat, p.tick)
	}
	return sync.OnceFunc(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.watchers--; p.watchers == 0 {
			p.timer.Stop()
		}
	})
}

// Lost is for how long this process has not run while somebody watched: differences of it
// count.
func Lost() time.Duration {
	p := &ownPulse
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lost + p.overdue(time.Now())
}

// overdue is the part of a beat's lateness that is lost time.
func (p *pulse) overdue(now time.Time) time.Duration {
	if late := now.Sub(p.due); p.watchers > 0 && late > tardy {
		return late
	}
	return 0
}

func (p *pulse) tick() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.watchers == 0 {
		return
	}
	now := time.Now()
	p.lost += p.overdue(now)
	p.due = now.Add(beat)
	p.timer.Reset(beat)
}
