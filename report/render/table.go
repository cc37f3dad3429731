package render

import (
	"fmt"
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
	target                            string
}

const (
	timeColumns   = 6
	lossColumns   = 5
	spreadColumns = lossColumns + 1 + 3*(timeColumns+1)
	wordsAtLeast  = 44 // columns that a cause needs beside the row; else it goes below
	shortestWords = 12
)

func newTable(p pen, r *report.Report) table {
	t := table{pen: p, mark: displayWidth(p.mark(works).text), target: r.Target.Hub, route: len("ROUTE"),
		protocol: len("PATH"), port: 3}
	asked := true
	for _, res := range r.Results {
		t.protocol = max(t.protocol, displayWidth(p.clean(string(res.Protocol))))
		t.port = max(t.port, len(strconv.Itoa(res.Port)))
		t.route = max(t.route, displayWidth(p.clean(res.Route)))
		asked = asked && res.Attempts != 1 // a failure alone is tried again by itself
		t.spread = t.spread || res.Attempts > 1
		if res.Host != r.Target.Hub {
			t.host = max(t.host, displayWidth(p.clean(res.Host)))
		}
	}
	t.spread = t.spread && asked
	t.protocol, t.route = min(t.protocol, 10), min(t.route, 10)
	wanted := t.host
	if t.host = 0; wanted > 0 {
		t.host = min(wanted, p.o.Width/3, p.o.Width-1-t.columns()-len("  "))
		t.host *= min(1, max(0, t.host/8)) // a few letters of a name say nothing
	}
	return t
}

// columns is the width of a row up to the words.
func (t table) columns() int {
	n := t.mark + 1 + t.protocol + 1 + t.port + 2 + t.route + 2 + timeColumns + 2
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
	idle, above := false, ""
	for i, res := range r.Results {
		idle = idle || st[i] == unneeded
		words := ""
		if st[i] == fault || st[i] == concern {
			words = t.place(res.Endpoint, res.Hop, res.Stage) + t.title(res) + string(res.Cause)
		}
		if words != "" && words == above {
			out = append(out, t.again(res, st[i])...)
			continue
		}
		above = words
		out = append(out, t.row(res, st[i], r.Verdict)...)
	}
	if idle {
		out = append(out, t.fit(line{{t.of("○ fails, and the device can do without it",
			"fail in small letters: the device can do without it"), plain}}, t.o.Width))
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
		s += padLeft("LOSS", lossColumns) + " " + padLeft("MIN", timeColumns+1) + padLeft("MEDIAN", timeColumns+1) +
			padLeft("MAX", timeColumns+1)
	} else {
		s += padLeft("TIME", timeColumns)
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
	if s == running {
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
	if s == fault || s == chosen || s == unset {
		name = bold
	}
	l = append(l, span{cell(string(res.Protocol), t.protocol), name},
		span{" " + padLeft(strconv.Itoa(res.Port), t.port) + "  " + cell(res.Route, t.route) + "  ", text})
	if t.spread {
		l = append(l, span{t.spreadCells(res, time), text})
	} else {
		l = append(l, span{padLeft(time, timeColumns), text})
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

// text is the line without its styles.
func (l line) text() string {
	var b strings.Builder
	for _, s := range l {
		b.WriteString(s.text)
	}
	return b.String()
}
