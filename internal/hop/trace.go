package hop

import (
	"context"
	"sync"
	"time"

	"edgenet/report"
)

// Trace collects the steps of one attempt on one path.
type Trace struct {
	round context.Context
	base  time.Time
	steps []report.Step
	wg    sync.WaitGroup
	// OnBegin is told of each move when it begins. Zero means nobody.
	OnBegin func(report.Hop, report.Stage)
}

// NewTrace starts a trace whose StartMs count from base. When round ends before a
// step does, the step is skipped and not failed.
func NewTrace(round context.Context, base time.Time) *Trace {
	return &Trace{round: round, base: base}
}

// Steps waits for what was left to finish beside the path (other addresses of a
// name), and gives the steps in order.
func (t *Trace) Steps() []report.Step {
	t.wg.Wait()
	return t.steps
}

// Recorded gives the steps so far, without a wait.
func (t *Trace) Recorded() []report.Step { return t.steps }

// Last is the last step that was recorded.
func (t *Trace) Last() (report.Step, bool) {
	if len(t.steps) == 0 {
		return report.Step{}, false
	}
	return t.steps[len(t.steps)-1], true
}

// beside runs f next to the path; Steps waits for it.
func (t *Trace) beside(f func()) { t.wg.Go(f) }

// Move is a step under way.
type Move struct {
	trace *Trace
	step  report.Step
	start time.Time
}

// Begin starts a step.
func (t *Trace) Begin(h report.Hop, s report.Stage) *Move {
	if t.OnBegin != nil {
		t.OnBegin(h, s)
	}
	now := time.Now()
	return &Move{t, report.Step{Hop: h, Stage: s, StartMs: report.MillisOf(now.Sub(t.base))}, now}
}

// OK records success.
func (m *Move) OK(d report.Detail) {
	m.step.Status = report.OK
	m.end(d)
}

// Fail records a failure and gives its fault back.
func (m *Move) Fail(f Fault, d report.Detail) *Fault {
	if Ended(m.trace.round) {
		f.Stopped = true
		m.step.Status = report.Skipped
		m.end(d)
		return &f
	}
	m.step.Status, m.step.Cause, m.step.Summary = report.Failed, f.Cause, f.Summary
	m.end(d)
	return &f
}

// Elapsed is how long the step has run.
func (m *Move) Elapsed() time.Duration { return time.Since(m.start) }

func (m *Move) end(d report.Detail) {
	m.step.DurationMs = report.MillisOf(time.Since(m.start))
	m.step.Detail = d
	m.trace.steps = append(m.trace.steps, m.step)
}

// Refail turns the last recorded step of that stage into a failure found out later
// and drops what came after it.
func (t *Trace) Refail(h report.Hop, s report.Stage, f Fault, change func(report.Detail)) *Fault {
	for i := len(t.steps) - 1; i >= 0; i-- {
		st := &t.steps[i]
		if st.Hop != h || st.Stage != s {
			continue
		}
		st.Status, st.Cause, st.Summary = report.Failed, f.Cause, f.Summary
		if change != nil && st.Detail != nil {
			change(st.Detail)
		}
		t.steps = t.steps[:i+1]
		return &f
	}
	return &f
}

// UTC is the time of day for evidence that other people's logs are searched with.
func (e *Env) UTC() *time.Time {
	u := e.Clock().UTC().Truncate(time.Millisecond)
	return &u
}

// Aside is a trace for moves that are part of a later step and not recorded.
func (t *Trace) Aside() *Trace { return NewTrace(t.round, t.base) }

// Ended tells whether a round is over. A socket's deadline can fire a moment before the
// context's own timer does, so the clock is asked too.
func Ended(round context.Context) bool {
	d, ok := round.Deadline()
	return round.Err() != nil || ok && !time.Now().Before(d)
}
