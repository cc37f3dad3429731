package watch

import "time"

// Share is how a stretch of time was spent.
type Share struct {
	From, To               time.Time
	OK, Degraded, Down, No time.Duration // No: nobody looked
	Outages                int           // that began or went on in it
	Longest                time.Duration // of them, within it
}

// Availability is the part of the time that was looked at in which the hub could be
// reached; false where nobody looked.
func (s Share) Availability() (float64, bool) {
	seen := s.OK + s.Degraded + s.Down
	if seen <= 0 {
		return 0, false
	}
	return float64(s.OK+s.Degraded) / float64(seen), true
}

// Share adds up what was between two times.
func (t *Timeline) Share(from, to time.Time) Share {
	out := Share{From: from, To: to}
	known := time.Duration(0)
	down := time.Duration(0) // of the outage on its way
	for _, s := range t.spans {
		d := within(s, from, to)
		if d < 0 {
			continue
		}
		known += d
		switch s.Status {
		case OK:
			out.OK += d
		case Degraded:
			out.Degraded += d
		case Down:
			if down == 0 {
				out.Outages++
			}
			out.Down += d
			down += max(d, 1)
			out.Longest = max(out.Longest, down)
			continue
		default:
			out.No += d
		}
		down = 0
	}
	out.No += max(0, to.Sub(from)-known)
	return out
}

// within is how much of a span lies between two times; negative where none does.
func within(s Span, from, to time.Time) time.Duration {
	a, b := s.From, s.To
	if a.Before(from) {
		a = from
	}
	if b.After(to) {
		b = to
	}
	return b.Sub(a)
}

// Outages are the times without any way, whatever the cause was meanwhile; the cause is the
// first.
func (t *Timeline) Outages() []Span {
	var out []Span
	for i, s := range t.spans {
		if s.Status != Down {
			continue
		}
		if n := len(out); n > 0 && i > 0 && t.spans[i-1].Status == Down {
			out[n-1].To = s.To
			continue
		}
		out = append(out, s)
	}
	return out
}

// Cells cuts a stretch of time into equal parts and gives the worst of each, so that no
// outage is too short to be seen.
func (t *Timeline) Cells(from, to time.Time, n int) []Status {
	out := make([]Status, n)
	for i := range out {
		out[i] = Unknown
	}
	width := to.Sub(from)
	if n <= 0 || width <= 0 {
		return out
	}
	for _, s := range t.spans {
		if within(s, from, to) < 0 || s.Status == Unknown {
			continue
		}
		first := cellAt(s.From, from, width, n)
		for i := first; i <= max(first, cellAt(s.To.Add(-1), from, width, n)); i++ {
			if rank(s.Status) > rank(out[i]) {
				out[i] = s.Status
			}
		}
	}
	return out
}

func cellAt(at, from time.Time, width time.Duration, n int) int {
	return min(n-1, max(0, int(float64(at.Sub(from))/float64(width)*float64(n))))
}

func rank(s Status) int {
	switch s {
	case OK:
		return 1
	case Degraded:
		return 2
	case Down:
		return 3
	}
	return 0
}
