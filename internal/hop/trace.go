package hop

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/netip"
	"sync"
	"time"

	"edgenet/internal/secret"
	"edgenet/report"
)

// Trace collects the steps of one attempt on one path.
type Trace struct {
	round   context.Context
	base    time.Time
	last    report.Step      // the move that began last
	secrets *secret.Scrubber // what was sent as a secret, and is kept out of the steps
	wg      sync.WaitGroup

	mu      sync.Mutex // experiments look at these while the path goes on
	steps   []report.Step
	reached Reached
	found   map[string][]netip.Addr

	// OnBegin is told of each move when it begins. Zero means nobody.
	OnBegin func(report.Hop, report.Stage)
}

// NewTrace starts a trace whose StartMs count from base. When round ends before a
// step does, the step is skipped and not failed. What the round's scrubber knows
// (secret.With) is masked in whatever the steps keep of a peer's words.
func NewTrace(round context.Context, base time.Time) *Trace {
	return &Trace{round: round, base: base, secrets: secret.From(round)}
}

// Reached is the address that a trace's connection was made to, and the name's others.
type Reached struct {
	Hop    report.Hop // empty where no connection stands
	At     netip.Addr
	Others []netip.Addr // in the order in which they would have their turn
}

// Reached tells where the trace's last connection leads.
func (t *Trace) Reached() Reached {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.reached
}

func (t *Trace) dialled(h report.Hop, at netip.AddrPort, all []netip.AddrPort) {
	r := Reached{Hop: h, At: at.Addr()}
	for _, i := range inTurn(all, 0) {
		if all[i] != at {
			r.Others = append(r.Others, all[i].Addr())
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.reached = r
}

// Found are the addresses that names had when this trace looked them up, by the name as it was asked for.
func (t *Trace) Found() map[string][]netip.Addr {
	t.mu.Lock()
	defer t.mu.Unlock()
	return maps.Clone(t.found)
}

func (t *Trace) foundAt(host string, addrs []netip.Addr) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.found == nil {
		t.found = map[string][]netip.Addr{}
	}
	t.found[host] = addrs
}

// Sent notes a secret that goes out on the wire, so that a peer's echo of it is not kept.
func (t *Trace) Sent(v secret.Value) { t.secrets.Add(v) }

// Steps waits for what was left to finish beside the path (other addresses of a
// name), and gives the steps in order.
func (t *Trace) Steps() []report.Step {
	t.wg.Wait()
	return t.Recorded()
}

// Recorded gives the steps so far, without a wait.
func (t *Trace) Recorded() []report.Step {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.steps
}

// Last is the last step that was recorded.
func (t *Trace) Last() (report.Step, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
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
	t.last = report.Step{Hop: h, Stage: s}
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
	f.Summary = m.trace.secrets.Text(f.Summary)
	m.step.Status, m.step.Cause, m.step.Summary = report.Failed, f.Cause, f.Summary
	m.end(d)
	return &f
}

// Panicked turns a panic of our own code, met while it read what a stranger sent, into a
// failure of the move that was under way: the path is lost, and nothing else.
func (t *Trace) Panicked(v any) *Fault {
	h, s := cmp.Or(t.last.Hop, report.HopTarget), cmp.Or(t.last.Stage, report.StageTCP)
	m := t.Begin(h, s)
	return m.Fail(Fault{Cause: report.Unknown, Summary: PanicText(v)}, nil)
}

// PanicText says that the program itself failed, fit to be shown.
func PanicText(v any) string {
	return "edgenet failed while it read what came, which is a mistake of its own (please report it): " +
		report.Clean(secret.Within(fmt.Sprint(v)), 200)
}

// Elapsed is how long the step has run.
func (m *Move) Elapsed() time.Duration { return time.Since(m.start) }

func (m *Move) end(d report.Detail) {
	m.step.DurationMs = report.MillisOf(time.Since(m.start))
	m.trace.secrets.Walk(d)
	m.step.Detail = d
	m.trace.mu.Lock()
	defer m.trace.mu.Unlock()
	m.trace.steps = append(m.trace.steps, m.step)
}

// Refail turns the last recorded step of that stage into a failure found out later
// and drops what came after it.
func (t *Trace) Refail(h report.Hop, s report.Stage, f Fault, change func(report.Detail)) *Fault {
	f.Summary = t.secrets.Text(f.Summary)
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := len(t.steps) - 1; i >= 0; i-- {
		st := &t.steps[i]
		if st.Hop != h || st.Stage != s {
			continue
		}
		st.Status, st.Cause, st.Summary = report.Failed, f.Cause, f.Summary
		if change != nil && st.Detail != nil {
			change(st.Detail)
			t.secrets.Walk(st.Detail)
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
