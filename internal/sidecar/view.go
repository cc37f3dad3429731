package sidecar

import (
	"time"

	"edgenet/internal/sidecar/machine"
	"edgenet/report"
)

// view is what the HTTP side and the methods read: made anew after every turn of the
// machine and never changed.
type view struct {
	state  machine.State
	report *report.Report // of the last full check, nil before
}

// publish shows the state as it is now.
func (l *loop) publish() {
	l.shown.Store(&view{state: l.state, report: l.report})
}

// busySince is when the loop took the event that it is at, zero where it waits.
func (l *loop) busySince() time.Time {
	if n := l.busy.Load(); n != 0 {
		return time.Unix(0, n)
	}
	return time.Time{}
}
