// Package alarm waits long without waking anybody before. A timer of Go's costs an idle process some
// 50 wake-ups on Linux: epoll_wait(2) may end later than its time-out by a thousandth of it, and the
// monitor of Go's runtime, which sleeps until the same moment, is woken in time and looks every 20 us
// where the timer stays. An alarm is a timerfd there, whose ring is an event as any other of the network.
package alarm

import "time"

// Alarm rings once after each Set.
type Alarm struct {
	timer *time.Timer // where there is no clock
	clock clock
}

// New makes an alarm that calls ring, in a goroutine of its own. A call for what was set before may
// come after another Set, or Close, of the same moment.
func New(ring func()) *Alarm {
	a := &Alarm{}
	if !a.clock.start(ring) {
		return Timed(ring)
	}
	return a
}

// Timed is an alarm by a timer of Go's, as a test needs it whose time is not the system's.
func Timed(ring func()) *Alarm {
	a := &Alarm{timer: time.AfterFunc(time.Hour, ring)}
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

// Set makes it ring after d, at once where that is not positive, in place of what was set before. It
// is not for one that is closed.
func (a *Alarm) Set(d time.Duration) {
	if d = max(d, 1); a.timer != nil {
		a.timer.Reset(d)
	} else {
		a.clock.set(d)
	}
}

// Close ends it for good.
func (a *Alarm) Close() {
	if a.timer != nil {
		a.timer.Stop()
	} else {
		a.clock.stop()
	}
}
