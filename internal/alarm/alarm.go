// Package alarm waits long without waking anybody before. A timer of Go's costs an idle process some
// 50 wake-ups on Linux: epoll_wait(2) may end later than its time-out by a thousandth of it, and the
// monitor of Go's runtime, which sleeps until the same moment, is woken in time and looks every 20 us
// where the timer stays. An alarm is a timerfd there, whose ring is an event as any other of the network.
package alarm

import (
	"sync"
	"time"
)

// Alarm rings once after each Set. The zero value is none: see New.
type Alarm struct {
	ring  func()
	timer *time.Timer // where there is no clock
	clock clock

	mu     sync.Mutex
	at     time.Time // when it rings; zero: not at all
	closed bool
}

// New makes an alarm that calls ring, in a goroutine of its own. A call may still come after
// another Set, or Close, that was made at the same moment.
func New(ring func()) *Alarm {
	a := &Alarm{ring: ring}
	if !a.clock.start(a.rang) {
		return Timed(ring)
	}
	return a
}

// Timed is an alarm by a timer of Go's, as a test needs it whose time is not the system's.
func Timed(ring func()) *Alarm {
	a := &Alarm{ring: ring}
	a.timer = time.AfterFunc(time.Hour, a.rang)
	a.timer.Stop()
	return a
}

// Channel makes an alarm, by New or Timed, whose rings come by a channel; one that nobody took stands
// for all.
func Channel(by func(ring func()) *Alarm) (*Alarm, <-chan struct{}) {
	rings := make(chan struct{}, 1)
	return by(func() {
		select {
		case rings <- struct{}{}:
		default:
		}
	}), rings
}

// Set makes it ring after d, at once where that is not positive, in place of what was set before.
func (a *Alarm) Set(d time.Duration) {
	d = max(d, 1)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return
	}
	a.at = time.Now().Add(d)
	if a.timer != nil {
		a.timer.Reset(d)
		return
	}
	a.clock.set(d)
}

// Stop takes back what was set.
func (a *Alarm) Stop() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.at.IsZero() || a.closed {
		return
	}
	a.at = time.Time{}
	if a.timer != nil {
		a.timer.Stop()
		return
	}
	a.clock.set(0)
}

// Close ends it for good.
func (a *Alarm) Close() {
	a.Stop()
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.closed && a.timer == nil {
		a.clock.stop()
	}
	a.closed = true
}

// rang passes a ring on where its moment has come: what was set anew rings later.
func (a *Alarm) rang() {
	a.mu.Lock()
	due := !a.closed && !a.at.IsZero() && time.Until(a.at) <= 0
	if due {
		a.at = time.Time{}
	}
	a.mu.Unlock()
	if due {
		a.ring()
	}
}
