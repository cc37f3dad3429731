package watch

import (
	"slices"
	"sort"
	"time"

	"edgenet/report"
)

// Moment is when a round began and how long it took.
type Moment struct {
	At   time.Time
	Took time.Duration
}

// Span is a time in which nothing changed.
type Span struct {
	From, To time.Time
	Status   Status
	Protocol report.Protocol
	Route    string
	Cause    string
}

// For is how long it lasted.
func (s Span) For() time.Duration { return s.To.Sub(s.From) }

func (s Span) same(o Span) bool {
	s.From, s.To = o.From, o.To
	return s == o
}

// maxSpans bounds what a timeline keeps: a way that never rests has the latest.
const maxSpans = 20_000

// Timeline grows by a round at a time. The zero value takes any pause for a watch that
// went on.
type Timeline struct {
	// Gap is the longest pause between two rounds in which the state is taken to have stayed;
	// after more of it nobody looked. Zero means any.
	Gap    time.Duration
	Rounds int
	spans  []Span
	last   Moment
}

// Add adds the next round. One that is older than the last is left out: a clock that was
// set back tells nothing.
func (t *Timeline) Add(p Point) {
	if t.Rounds > 0 && p.At.At.Before(t.last.At) {
		return
	}
	next := Span{From: p.At.At, To: p.At.At.Add(p.At.Took), Status: p.Status, Protocol: p.Protocol, Route: p.Route,
		Cause: p.Cause}
	if n := len(t.spans); n > 0 {
		prev := &t.spans[n-1]
		pause := p.At.At.Sub(t.last.At)
		switch {
		case t.Gap > 0 && pause > t.Gap:
			t.push(Span{From: prev.To, To: p.At.At, Status: Unknown})
		default:
			prev.To = p.At.At
			if prev.same(next) {
				prev.To = next.To
				t.Rounds, t.last = t.Rounds+1, p.At
				return
			}
		}
	}
	t.push(next)
	t.Rounds, t.last = t.Rounds+1, p.At
}

func (t *Timeline) push(s Span) {
	if !s.To.Before(s.From) {
		t.spans = append(t.spans, s)
	}
	if len(t.spans) > maxSpans {
		t.spans = slices.Delete(t.spans, 0, maxSpans/10)
	}
}

// Hold says that the state has lasted until then, as who keeps transitions alone knows.
func (t *Timeline) Hold(until time.Time) {
	if n := len(t.spans); n > 0 && until.After(t.spans[n-1].To) {
		t.spans[n-1].To = until
	}
}

// Spans are all that is known, in order.
func (t *Timeline) Spans() []Span { return t.spans }

// Begin and End are of the time that is known.
func (t *Timeline) Begin() time.Time {
	if len(t.spans) == 0 {
		return time.Time{}
	}
	return t.spans[0].From
}

// End is when the last round ended.
func (t *Timeline) End() time.Time {
	if len(t.spans) == 0 {
		return time.Time{}
	}
	return t.spans[len(t.spans)-1].To
}

// Of makes a timeline of rounds in any order. What a pause is follows from the rounds.
func Of(points []Point) *Timeline {
	points = slices.Clone(points)
	sort.SliceStable(points, func(i, j int) bool { return points[i].At.At.Before(points[j].At.At) })
	t := &Timeline{Gap: pauseOf(points)}
	for _, p := range points {
		t.Add(p)
	}
	return t
}

// pausesPerRound is how many rounds may be missing before nobody looked.
const pausesPerRound = 3

// pauseOf is a few times the usual distance of two rounds.
func pauseOf(points []Point) time.Duration {
	var all []time.Duration
	for i := 1; i < len(points); i++ {
		all = append(all, points[i].At.At.Sub(points[i-1].At.At))
	}
	if len(all) == 0 {
		return 0
	}
	sort.Slice(all, func(i, j int) bool { return all[i] < all[j] }) // package sorting says why
	return max(time.Second, pausesPerRound*all[len(all)/2])
}
