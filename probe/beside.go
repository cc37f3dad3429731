package probe

import (
	"context"
	"slices"
	"sync"
	"time"

	"edgenet/internal/hop"
	"edgenet/report"
)

// beside runs experiments next to an attempt: when a stage has been silent for half of
// the time that is left, and once more when the attempt has failed.
type beside struct {
	a         *attempt
	ctx       context.Context //nolint:containedctx // of the attempt
	wg        sync.WaitGroup  // timers that may still fire
	elsewhere *elsewhere      // nil where the other addresses are not asked

	mu    sync.Mutex
	timer *time.Timer
	hop   report.Hop // of the stage under way
	began int        // stages so far: tells a timer of an earlier stage
	over  bool
	asked map[report.ExperimentName]*inquiry
}

// watch makes the attempt's trace tell of its stages.
func watch(ctx context.Context, a *attempt, e *elsewhere) *beside {
	b := &beside{a: a, ctx: ctx, elsewhere: e, asked: map[report.ExperimentName]*inquiry{}}
	a.trace.OnBegin = func(h report.Hop, s report.Stage) {
		a.giveWay(ctx, s)
		b.stage(h, s)
	}
	return b
}

// stage arms the timer for the silence of a stage that begins.
func (b *beside) stage(h report.Hop, s report.Stage) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.disarm()
	b.hop = h
	b.began++
	if s == report.StageTLS && h == report.HopTarget && b.a.Route.Proxy == nil {
		b.a.survey.connected(b.a.Protocol.Port())
	}
	if cause, waits := silences[s]; waits || s != report.StageDNS && s != report.StageAuth {
		b.arm(cause, b.began)
	}
}

// arm waits for half of the silence that the path tolerates, from what came last.
func (b *beside) arm(c report.Cause, stage int) {
	left, limited := hop.Until(b.ctx)
	if !limited {
		return
	}
	b.wg.Add(1)
	b.timer = time.AfterFunc(max(left-b.a.Timeout/2, left/2), func() {
		defer b.wg.Done()
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.over || b.began != stage {
			return
		}
		left, _ := hop.Until(b.ctx)
		if left > b.a.Timeout*5/8 { // something came meanwhile, or the path was held
			b.arm(c, stage)
			return
		}
		b.start(c, time.Now().Add(left))
		if c != report.TCPTimeout {
			b.elsewhere.start(b.a.trace.Reached(), left)
		}
	})
}

// disarm stops the timer, where it did not fire.
func (b *beside) disarm() {
	if b.timer != nil && b.timer.Stop() {
		b.wg.Done()
	}
	b.timer = nil
}

// start puts the questions that a cause calls for.
func (b *beside) start(c report.Cause, until time.Time) {
	for _, e := range experiments() {
		if !slices.Contains(e.after, c) || b.asked[e.name] != nil {
			continue
		}
		if e.here != nil && !e.here(&trial{attempt: b.a, hop: b.hop}) {
			continue
		}
		b.asked[e.name] = b.a.survey.ask(e, b.a, b.hop, until)
	}
}

// end waits for the experiments that the attempt's failure calls for, and gives them in
// the table's order. One that never began is not there.
func (b *beside) end(f *hop.Fault) []report.Experiment {
	b.mu.Lock()
	b.disarm()
	b.over = true
	b.mu.Unlock()
	b.wg.Wait()
	if f == nil || f.Stopped {
		return nil
	}
	if left, ok := hop.Until(b.ctx); ok && b.ctx.Err() == nil && !hop.Ended(b.ctx) {
		b.start(f.Cause, time.Now().Add(left/2))
	}
	var out []report.Experiment
	for _, e := range experiments() {
		if q := b.asked[e.name]; q != nil && slices.Contains(e.after, f.Cause) {
			<-q.done // soon after its own end of time at the latest
			out = append(out, q.result)
		}
	}
	return out
}
