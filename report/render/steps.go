package render

import (
	"fmt"
	"strings"

	"edgenet/report"
)

const (
	placeColumns = 16 // WebSocket to gateway is longer, and rare
	narrowBar    = 12 // columns of the waterfall, from 60 of the terminal on
	wideBar      = 24 // from 110 on

	experimentColumns = 14 // the longest name
)

// steps shows every step of every path, with its time.
func (p pen) steps(r *report.Report, st []standing) []line {
	out := []line{{{"STEPS", dim}}}
	for i, res := range r.Results {
		if len(res.Steps) == 0 {
			continue
		}
		out = append(out, line{p.mark(st[i]), {" ", plain}, {p.clean(string(res.Protocol)), bold},
			{fmt.Sprintf(" %d ", res.Port) + p.clean(res.Route), plain}})
		last := res.Steps[len(res.Steps)-1]
		for _, s := range res.Steps {
			out = append(out, p.step(res, s, st[i], last.StartMs+last.DurationMs)...)
		}
		for _, e := range res.Experiments {
			out = append(out, p.experiment(e)...)
		}
	}
	if len(out) == 1 {
		return nil
	}
	return out
}

// experiment shows what was asked beside the path, and what came of it.
func (p pen) experiment(e report.Experiment) []line {
	head := "  ? " + padRight(p.clean(string(e.Name)), experimentColumns) + " "
	out := []line{}
	for i, w := range wrap(p.clean(e.Summary), p.o.Width-displayWidth(head)) {
		if i > 0 {
			head = strings.Repeat(" ", displayWidth(head))
		}
		out = append(out, line{{head, plain}, {w, dim}})
	}
	return out
}

func (p pen) step(res report.Result, s report.Step, of standing, end report.Millis) []line {
	m, look := p.mark(skipped), cyan
	switch {
	case s.Status == report.OK:
		m = p.mark(works)
	case s.Status == report.Failed && of == unneeded:
		m, look = span{p.of("✗", "FAIL"), dim}, dim
	case s.Status == report.Failed:
		m, look = p.mark(fault), red
	}
	l := line{{"  +" + padRight(duration(s.StartMs), timeColumns+1) + " " + padLeft(duration(s.DurationMs), timeColumns+
		1) + "  ", dim}}
	switch {
	case p.o.Width >= 110:
		l = append(l, span{p.bar(s, end, wideBar) + "  ", look})
	case p.o.Width >= 60:
		l = append(l, span{p.bar(s, end, narrowBar) + "  ", look})
	}
	l = append(l, m, span{" " + padRight(p.place(res.Endpoint, s.Hop, s.Stage), placeColumns) + " ", plain})
	indent := l.width()
	facts := p.facts(s.Detail)
	if s.Cause != "" {
		facts = append([]string{p.clean(s.Cause.Label(s.Hop))}, facts...)
	}
	if s.Summary != "" {
		facts = append(facts, p.clean(s.Summary))
	}
	if p.o.Width-indent < 36 { // narrow: the facts go below
		out := []line{l}
		for _, w := range p.flow(facts, p.o.Width-4) {
			out = append(out, line{{"    " + w, plain}})
		}
		return out
	}
	out := []line{l}
	for i, w := range p.flow(facts, p.o.Width-indent) {
		if i > 0 {
			out = append(out, line{{strings.Repeat(" ", indent), plain}})
		}
		out[i] = append(out[i], span{w, plain})
	}
	return out
}

// bar places the step in the time of its path, which ends at end.
func (p pen) bar(s report.Step, end report.Millis, columns int) string {
	end = max(end, 0.01)
	scale := func(m report.Millis) int {
		return min(columns, max(0, int(float64(m)/float64(end)*float64(columns))))
	}
	from := min(scale(s.StartMs), columns-1)
	to := max(scale(s.StartMs+s.DurationMs), from+1)
	return strings.Repeat(" ", from) + strings.Repeat(p.of("━", "="), to-from) + strings.Repeat(" ", columns-to)
}
