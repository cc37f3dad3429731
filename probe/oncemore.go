package probe

import (
	"context"
	"time"

	"edgenet/internal/hop"
	"edgenet/report"
)

// How long a second connection is waited for before SYNs are followed: after a silence,
// and after a refusal, which comes as fast as an answer. Firewalls are given settling to
// forget the connections of paths that ended.
const (
	onceMore        = 500 * time.Millisecond
	onceMoreRefused = 2 * time.Second
	settling        = 250 * time.Millisecond
)

// onceMoreOrWhere connects once more before SYNs are followed, which would count against
// a limit on how many connections this device may have: such a limit refuses some of
// those that a check opens at once, and closes no port. A refusal is tried again when
// the other paths have ended; a silence is half-way through already.
func onceMoreOrWhere(ctx context.Context, t *trial, refused bool) (report.Outcome, string) {
	if t.hop != report.HopTarget || t.Route.Proxy != nil {
		return where(ctx, t)
	}
	wait := onceMore
	if refused {
		wait = onceMoreRefused
		t.survey.calm(ctx)
		pause(ctx, settling)
	}
	if t.survey.alone(ctx, func() bool { return t.connects(ctx, wait) }) {
		return report.Answered, "the same connection once more, on its own, is answered"
	}
	return where(ctx, t)
}

// connects tells whether a connection stands within wait, and a sixth of the time left.
func (t *trial) connects(ctx context.Context, wait time.Duration) bool {
	if left, ok := hop.Until(ctx); ok {
		wait = min(wait, left/6)
	}
	waited, cancel := hop.WithPatience(ctx, wait) // a process that does not run waits for nothing
	defer cancel()
	c, fault := t.reach(waited)
	if fault != nil {
		return false
	}
	hop.Reset(c)
	return true
}

// pause waits, for a quarter of the time that is left at most.
func pause(ctx context.Context, d time.Duration) {
	if left, ok := hop.Until(ctx); ok {
		d = min(d, left/4)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
