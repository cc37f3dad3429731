package judge

import (
	"fmt"
	"math"
	"time"

	"edgenet/report"
)

// counted are the paths with which a count of some outcome stands.
func (v *view) counted(o report.Outcome) []*report.Result {
	return v.matching(func(r *report.Result) bool {
		e, asked := r.Experiment(report.LostPackets)
		return asked && e.Outcome == o
	})
}

// heavyWords says how much gets lost.
func heavyWords(heavy []*report.Result) string {
	e, _ := heavy[0].Experiment(report.LostPackets)
	return fmt.Sprintf("%s: some %.0f %% of all packets get lost, if both ways are alike", e.Summary,
		100*(1-math.Sqrt(1-float64(e.Lost)/float64(max(e.Tries, 1)))))
}

// resent are the paths whose SYNs had to be sent again, where that is most of them: one lost packet is chance,
// and what a count has found to be little, or a limit on connections, is no loss.
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
	told := len(v.counted(report.Answered)) + len(v.counted(report.Blocked))
	if told > 0 || len(again) < 2 || 2*len(again) <= connected {
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

// How many paths have to tell that a link woke up, and how far apart they may see it: a SYN is sent again a second
// after the one before.
const (
	wakingPaths = 3
	wakingApart = 1500 * time.Millisecond
	wakingLeast = 1900 * time.Millisecond // two SYNs of each path: one may get lost by how many came at once
)

// woke are all paths that connected, where they did so at about one moment, each after SYNs that got lost before it,
// and for how long nothing got through; none where that is not so. Loss by chance lets some through before, and what a
// count finds later to be little loss fits.
func (v *view) woke() (all []*report.Result, dark time.Duration) {
	began, first, last := report.Millis(math.Inf(1)), report.Millis(math.Inf(1)), report.Millis(0)
	for _, r := range v.matching(func(r *report.Result) bool { _, stood := resentOf(r); return stood }) {
		if n, _ := resentOf(r); n == 0 {
			return nil, 0
		}
		all = append(all, r)
		for _, s := range r.Steps {
			if _, is := s.Detail.(*report.TCPDetail); is && s.Status == report.OK {
				began, first = min(began, s.StartMs), min(first, s.StartMs+s.DurationMs)
				last = max(last, s.StartMs+s.DurationMs)
				break
			}
		}
	}
	dark = (first - began).Duration()
	if len(all) < wakingPaths || (last-first).Duration() > wakingApart || dark < wakingLeast ||
		len(v.counted(report.Silent))+len(v.counted(report.Blocked)) > 0 {
		return nil, 0
	}
	return all, dark
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
	times := ""
	if most > 1 {
		times = fmt.Sprintf(", up to %d times", most)
	}
	return fmt.Sprintf("SYNs got lost on %d paths and were sent again%s, so that connecting took up to %.3g s",
		len(again), times, longest.Duration().Seconds())
}
