package story

import "edgenet/internal/logs/pattern"

// Ended takes in a line of somebody else that says that this component is gone: what a story calls connected it no
// longer is, unless a line behind that one proves the connection again.
func (s *Story) Ended(e *pattern.Event) {
	l := s.Last()
	if l == nil || l.State != Connected || !e.Timed || e.Uncertain != "" || e.Last <= s.Up {
		return
	}
	end := max(l.To, e.Last)
	l.To = e.Last
	s.Spans = append(s.Spans, Span{State: Stopped, From: e.Last, To: end, First: e, Via: ViaUnknown})
}
