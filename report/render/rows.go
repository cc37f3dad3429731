package render

import (
	"cmp"
	"fmt"
	"strings"

	"edgenet/internal/sorting"
	"edgenet/report"
)

// row is a settled result: its cells, the words beside or below, the evidence.
func (t table) row(res report.Result, s standing, v report.Verdict) []line {
	time := duration(ownTime(res))
	if res.Status == report.OK && res.Latency != nil {
		time = duration(res.Latency.MedianMs)
	}
	if res.Status == report.Skipped {
		time = ""
	}
	cells := t.cells(res, t.pen.mark(s), s, time)
	if s != fault && s != concern {
		words, look := t.calm(res, s, v)
		return []line{t.fit(append(cells, span{"  ", plain}, span{words, look}), t.o.Width)}
	}
	return t.failure(cells, res, strandedOn(res, v))
}

// ownTime is what a path itself took, to its proof or to its failure: what was asked beside it and
// afterwards is no part of it.
func ownTime(res report.Result) report.Millis {
	if len(res.Steps) == 0 {
		return res.DurationMs
	}
	last := res.Steps[len(res.Steps)-1]
	return last.StartMs + last.DurationMs - res.Steps[0].StartMs
}

// calm is what to say in one line of a result that is no fault.
func (t table) calm(res report.Result, s standing, v report.Verdict) (string, style) {
	switch s {
	case works, chosen, unset, likewise:
		words := "works"
		if depth := v.Depth; depth != "" && depth != "protocol" && depth != "auth" {
			words = t.clean(depth) + " reached"
		}
		if s == unset || s == likewise {
			words += " only if set"
		}
		if len(res.FailureCauses) > 0 {
			words = t.longest(words+"; not always: "+t.causes(res), words+"; not always")
		}
		if h := t.held(res); h != "" {
			words = t.longest(words+"; "+h, words)
		}
		c, asked := expectedClosed(v, res)
		switch {
		case asked && c.State == report.PathOpen:
			return t.longest(words+t.dot()+"open, and has to be closed", "has to be closed"), red
		case s == unset:
			return t.longest(words+t.of(" ← ", " <- ")+"set this", words), yellow
		case s == chosen && v.Consistent != nil && *v.Consistent:
			return words + t.of(" ← ", " <- ") + "as expected", green
		case s == chosen:
			return words + t.of(" ← ", " <- ") + "set this", green
		}
		return words, plain
	case useless:
		return t.longest("answers; the runtime cannot use it", "answers; not usable"), plain
	case skipped:
		return t.longest("skipped: "+t.clean(res.SkipReason), t.clean(res.SkipReason)), plain
	case unneeded:
		words := "not needed"
		if res.RuntimeUsable != nil && !*res.RuntimeUsable {
			words = "not for the runtime"
		}
		if c, asked := expectedClosed(v, res); asked && c.State == report.PathClosed {
			words = "closed, as expected"
		}
		return t.longest(words+t.dot()+t.title(res), words+t.dot()+t.clean(res.Cause.Label(res.Hop)), words), plain
	}
	return "", dim
}

// causes lists what the failed attempts of a result met, the most frequent first.
func (t table) causes(res report.Result) string {
	codes := sorting.Keys(res.FailureCauses, func(a, b report.Cause) int {
		return cmp.Or(res.FailureCauses[b]-res.FailureCauses[a], strings.Compare(string(a), string(b)))
	})
	var out []string
	for _, c := range codes {
		out = append(out, t.clean(fmt.Sprintf("%d × %s", res.FailureCauses[c], c)))
	}
	return strings.Join(out, ", ")
}

// held says how long an idle connection of the result lived, empty where that was not
// tried.
func (t table) held(res report.Result) string {
	s, _ := res.Step(report.HopTarget, report.StageHold)
	d, ok := s.Detail.(*report.HoldDetail)
	switch {
	case !ok:
		return ""
	case d.LostSec > 0 && d.Busy != nil && (d.Busy.Outcome == report.HoldCut || d.Busy.Outcome == report.HoldLost):
		// what ends a busy one as well is no idle timeout
		return fmt.Sprintf("an idle connection ends by %.3g s, a busy one after %.3g s", d.LostSec, d.Busy.EndSec)
	case d.LostSec > 0 && d.HeldSec > 0:
		return fmt.Sprintf("an idle connection lives for %.3g s, not for %.3g s", d.HeldSec, d.LostSec)
	case d.LostSec > 0:
		return fmt.Sprintf("an idle connection lives for less than %g s", d.LostSec)
	case d.HeldSec > 0 && d.ServerIdle:
		return fmt.Sprintf("an idle connection lives for %g s, then the server closes it", d.HeldSec)
	case d.HeldSec > 0:
		return fmt.Sprintf("an idle connection lives for %g s at least", d.HeldSec)
	case d.ServerIdle:
		return "idle connections are closed by the server itself"
	}
	return "idle connections could not be tried"
}

// longest gives the first of the texts that has room beside the row, else the last.
func (t table) longest(texts ...string) string {
	for _, s := range texts {
		if displayWidth(s) <= t.o.Width-t.columns() {
			return s
		}
	}
	return texts[len(texts)-1]
}

// failure puts place, cause and evidence of a failed result beside the cells, or
// below them where there is no room.
func (t table) failure(cells line, res report.Result, goers []string) []line {
	where := t.place(res.Endpoint, res.Hop, res.Stage) + ": "
	code := t.clean(res.Cause.Label(res.Hop))
	indent := t.columns()
	out := []line{append(cells, span{"  ", plain})}
	if !t.beside() {
		indent = t.mark + 1
		out = append(out, line{{strings.Repeat(" ", indent), plain}})
	}
	room := t.o.Width - indent
	for i, w := range wrap(where+t.title(res), room) {
		if i > 0 {
			out = append(out, line{{strings.Repeat(" ", indent), plain}})
		}
		last := len(out) - 1
		if rest, ok := strings.CutPrefix(w, where); ok && i == 0 {
			out[last] = append(out[last], span{where, bold}, span{rest, plain})
			continue
		}
		out[last] = append(out[last], span{w, plain})
	}
	facts := []string{code}
	if len(goers) > 0 {
		facts = append(facts, "the way of "+t.clean(list(goers))+", as set")
	}
	facts = append(facts, t.forTheLog(res)...)
	if last := out[len(out)-1]; last.width()+displayWidth(t.dot()+code) <= t.o.Width {
		out[len(out)-1] = append(last, span{t.dot() + code, plain})
		facts = facts[1:]
	}
	if displayWidth(strings.Join(facts, t.dot())) > room {
		indent = t.mark + 1
	}
	return append(out, t.flowed(facts, indent)...)
}

// again is a failed result that failed as the one above it did: only its evidence is
// new.
func (t table) again(res report.Result, s standing) []line {
	cells := t.cells(res, t.pen.mark(s), s, duration(ownTime(res)))
	facts := append([]string{"as above"}, t.forTheLog(res)...)
	for n := len(facts); n > 0 && n > len(facts)-2; n-- { // the time can be spared
		if words := strings.Join(facts[:n], t.dot()); displayWidth(words) <= t.o.Width-t.columns() {
			return []line{append(cells, span{"  " + words, plain})}
		}
	}
	head := t.fit(append(cells, span{"  as above", dim}), t.o.Width)
	return append([]line{head}, t.flowed(facts[1:], t.mark+1)...)
}

// title is the cause in words; of an unknown one, the error's own.
func (t table) title(res report.Result) string {
	if res.Cause == report.Unknown && res.Summary != "" {
		return t.clean(res.Summary)
	}
	return t.clean(res.Cause.Info().Title)
}

// forTheLog is what a firewall team looks for in its log after a failed connect.
func (t table) forTheLog(res report.Result) []string {
	s, _ := res.Step(res.Hop, report.StageTCP)
	d, ok := s.Detail.(*report.TCPDetail)
	if !ok || s.Status != report.Failed {
		return nil
	}
	var out []string
	if d.Local != "" && d.Remote != "" {
		out = append(out, t.clean(d.Local)+t.arrow()+t.clean(d.Remote))
	}
	if !d.At.IsZero() {
		out = append(out, d.At.UTC().Format("15:04:05 UTC"))
	}
	return out
}
