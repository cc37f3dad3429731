package render

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"edgenet/report"
)

// table is the layout of the rows, one a path: the columns' widths, made once, so
// that live rows and the final ones stand in the same place.
type table struct {
	pen
	mark, host, protocol, port, route int
	spread                            bool // several attempts: loss, min, median, max in place of one time
	drawing                           int  // columns of the little drawing of the way; zero where there is no room
	target                            string
	gateway                           bool
}

const (
	timeColumns   = 6
	lossColumns   = 5
	spreadColumns = lossColumns + 1 + 3*(timeColumns+1)
	wordsAtLeast  = 44 // columns that a cause needs beside the row; else it goes below
	shortestWords = 12
	drawingFrom   = 120 // columns of the terminal from which the way is drawn
)

func newTable(p pen, r *report.Report) table {
	t := table{pen: p, mark: displayWidth(p.mark(works).text), target: r.Target.Hub, route: len("ROUTE"), protocol: len("PATH"), port: 3}
	for _, res := range r.Results {
		t.protocol = max(t.protocol, displayWidth(p.clean(string(res.Protocol))))
		t.port = max(t.port, len(strconv.Itoa(res.Port)))
		t.route = max(t.route, displayWidth(p.clean(res.Route)))
		t.spread = t.spread || res.Attempts > 1
		if res.Host != r.Target.Hub {
			t.host = max(t.host, displayWidth(p.clean(res.Host)))
		}
	}
	t.protocol, t.route = min(t.protocol, 10), min(t.route, 10)
	wanted := t.host
	if t.host = 0; wanted > 0 {
		t.host = min(wanted, p.o.Width/3, p.o.Width-1-t.columns()-len("  "))
		t.host *= min(1, max(0, t.host/8)) // a few letters of a name say nothing
	}
	if p.o.Width >= drawingFrom {
		for _, res := range r.Results {
			t.drawing = max(t.drawing, displayWidth(p.way(res, fault)))
		}
	}
	return t
}

// columns is the width of a row up to the words.
func (t table) columns() int {
	n := t.mark + 1 + t.protocol + 1 + t.port + 2 + t.route + 2 + timeColumns + 2
	if t.drawing > 0 {
		n += t.drawing + 2
	}
	if t.spread {
		n += spreadColumns - timeColumns
	}
	if t.host > 0 {
		n += t.host + 2
	}
	return n
}

// beside tells whether a cause has room beside its row.
func (t table) beside() bool { return t.o.Width-t.columns() >= wordsAtLeast }

// block is the whole table, its head first.
func (t table) block(r *report.Report, st []standing) []line {
	if len(r.Results) == 0 {
		return nil
	}
	out := []line{t.head()}
	idle := false
	for i, res := range r.Results {
		idle = idle || st[i] == unneeded
		out = append(out, t.row(res, st[i], r.Verdict.Depth)...)
	}
	if idle {
		out = append(out, t.fit(line{{t.of("○ fails, and the device can do without it", "fail in small letters: the device can do without it"), dim}}, t.o.Width))
	}
	return out
}

func (t table) head() line {
	s := strings.Repeat(" ", t.mark+1)
	if t.host > 0 {
		s += padRight("HOST", t.host) + "  "
	}
	s += padRight("PATH", t.protocol+1+t.port) + "  " + padRight("ROUTE", t.route) + "  "
	if t.spread {
		s += padLeft("LOSS", lossColumns) + " " + padLeft("MIN", timeColumns+1) + padLeft("MEDIAN", timeColumns+1) + padLeft("MAX", timeColumns+1)
	} else {
		s += padLeft("TIME", timeColumns)
	}
	if t.drawing > 0 {
		s += "  " + padRight("WAY", t.drawing)
	}
	if t.o.Width-t.columns() >= shortestWords {
		s += "  RESULT"
	}
	return line{{s, dim}}
}

// cells is a row up to the words; time is what stands in the time column while
// there is no result yet.
func (t table) cells(res report.Result, m span, s standing, time string) line {
	text := plain
	if s == unneeded || s == skipped || s == useless || s == running {
		text = dim
	}
	l := line{m, {" ", plain}}
	cell := func(s string, columns int) string {
		return padRight(t.fit(line{{t.clean(s), plain}}, columns).text(), columns)
	}
	if t.host > 0 {
		l = append(l, span{cell(res.Host, t.host) + "  ", text})
	}
	name := text
	if s == fault || s == chosen {
		name = bold
	}
	l = append(l, span{cell(string(res.Protocol), t.protocol), name}, span{" " + padLeft(strconv.Itoa(res.Port), t.port) + "  " + cell(res.Route, t.route) + "  ", text})
	if t.spread {
		l = append(l, span{t.spreadCells(res, time), text})
	} else {
		l = append(l, span{padLeft(time, timeColumns), text})
	}
	if t.drawing > 0 {
		l = append(l, span{"  " + padRight(t.way(res, s), t.drawing), text})
	}
	return l
}

func (t table) spreadCells(res report.Result, time string) string {
	loss := ""
	if res.Attempts > 0 {
		loss = fmt.Sprintf("%d %%", (res.Failures*100+res.Attempts/2)/res.Attempts)
	}
	lat := [3]string{"", "", time}
	if res.Latency != nil {
		lat = [3]string{duration(res.Latency.MinMs), duration(res.Latency.MedianMs), duration(res.Latency.MaxMs)}
	}
	s := padLeft(loss, lossColumns) + " "
	for _, v := range lat {
		s += " " + padLeft(v, timeColumns)
	}
	return s
}

// row is a settled result: its cells, the words beside or below, the evidence.
func (t table) row(res report.Result, s standing, depth string) []line {
	time := duration(res.DurationMs)
	if res.Status == report.OK && res.Latency != nil {
		time = duration(res.Latency.MedianMs)
	}
	if res.Status == report.Skipped {
		time = ""
	}
	cells := t.cells(res, t.pen.mark(s), s, time)
	if s != fault && s != concern {
		words, look := t.calm(res, s, depth)
		return []line{t.fit(append(cells, span{"  ", plain}, span{words, look}), t.o.Width)}
	}
	return t.failure(cells, res)
}

// calm is what to say in one line of a result that is no fault.
func (t table) calm(res report.Result, s standing, depth string) (string, style) {
	switch s {
	case works, chosen:
		words := "works"
		if depth != "" && depth != "protocol" && depth != "auth" {
			words = t.clean(depth) + " reached"
		}
		if len(res.FailureCauses) > 0 {
			words = t.longest(words+"; not always: "+t.causes(res), words+"; not always")
		}
		if s == chosen {
			return words + t.of(" ← UpstreamProtocol", " <- UpstreamProtocol"), green
		}
		return words, plain
	case useless:
		return t.longest("answers; the runtime cannot use it", "answers; not usable"), dim
	case skipped:
		return t.longest("skipped: "+t.clean(res.SkipReason), t.clean(res.SkipReason)), dim
	case unneeded:
		words := "not needed"
		if res.RuntimeUsable != nil && !*res.RuntimeUsable {
			words = "not for the runtime"
		}
		return t.longest(words+t.dot()+t.title(res), words+t.dot()+t.clean(res.Cause.Label(res.Hop)), words), dim
	}
	return "", dim
}

// causes lists what the failed attempts of a result met, the most frequent first.
func (t table) causes(res report.Result) string {
	codes := slices.SortedFunc(maps.Keys(res.FailureCauses), func(a, b report.Cause) int {
		return cmp.Or(res.FailureCauses[b]-res.FailureCauses[a], strings.Compare(string(a), string(b)))
	})
	var out []string
	for _, c := range codes {
		out = append(out, t.clean(fmt.Sprintf("%d × %s", res.FailureCauses[c], c)))
	}
	return strings.Join(out, ", ")
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
func (t table) failure(cells line, res report.Result) []line {
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
	facts := append([]string{code}, t.forTheLog(res)...)
	if last := out[len(out)-1]; last.width()+displayWidth(t.dot()+code) <= t.o.Width {
		out[len(out)-1] = append(last, span{t.dot() + code, dim})
		facts = facts[1:]
	}
	if displayWidth(strings.Join(facts, t.dot())) > room {
		indent = t.mark + 1
	}
	return append(out, t.flowed(facts, indent)...)
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

// text is the line without its styles.
func (l line) text() string {
	var b strings.Builder
	for _, s := range l {
		b.WriteString(s.text)
	}
	return b.String()
}
