package judge

import (
	"fmt"

	"edgenet/report"
)

// resent are the paths whose SYNs had to be sent again, where that is most of them: one lost
// packet is chance.
func (v *view) resent() []*report.Result {
	connected := 0
	var again []*report.Result
	for _, r := range v.matching(func(r *report.Result) bool { return true }) {
		n, stood := resentOf(r)
		if !stood {
			continue
		}
		connected++
		if n > 0 {
			again = append(again, r)
		}
	}
	if len(again) < 2 || 2*len(again) <= connected {
		return nil
	}
	return again
}

// resentOf is how many SYNs a path's own connection took beyond the first; false where none
// stood.
func resentOf(r *report.Result) (n int, stood bool) {
	for _, s := range r.Steps {
		if d, is := s.Detail.(*report.TCPDetail); is && s.Status == report.OK {
			return d.Resent, true
		}
	}
	return n, false
}

// resentWords says what it cost.
func resentWords(again []*report.Result) string {
	var longest report.Millis
	var most int
	for _, r := range again {
		n, _ := resentOf(r)
		most = max(most, n)
		for _, s := range r.Steps {
			if s.Stage == report.StageTCP {
				longest = max(longest, s.DurationMs)
			}
		}
	}
	return fmt.Sprintf("SYNs got lost on %d paths and were sent again, up to %d times, so that connecting took up to "+
		"%.3g s", len(again), most, longest.Duration().Seconds())
}
