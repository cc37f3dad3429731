package render

import (
	"fmt"
	"io"
	"strings"
	"time"

	"edgenet/report"
	"edgenet/report/watch"
)

// Watched is a hub that was watched, and the last full report of it.
type Watched struct {
	Timeline *watch.Timeline
	Last     *report.Report
}

// Percent says an availability so that it never looks better than it was.
func Percent(share float64) string {
	hundredths := int(share * 10_000)
	return fmt.Sprintf("%d.%02d %%", hundredths/100, hundredths%100)
}

// ShareWords say how a stretch of time was spent.
func ShareWords(s watch.Share) string {
	a, ok := s.Availability()
	if !ok {
		return "nobody looked"
	}
	out := Percent(a) + " available"
	switch {
	case s.Outages == 1:
		out += ", 1 outage of " + Span(s.Longest)
	case s.Outages > 1:
		out += fmt.Sprintf(", %d outages, the longest %s", s.Outages, Span(s.Longest))
	default:
		out += ", no outage"
	}
	if s.Degraded > 0 {
		out += ", " + Span(s.Degraded) + " with something to do"
	}
	if s.No > s.To.Sub(s.From)/100 {
		out += ", " + Span(s.No) + " not looked at"
	}
	return out
}

// WatchWords sum up a watch in a line.
func WatchWords(t *watch.Timeline) string {
	return fmt.Sprintf("%s, %s: %s", Span(t.End().Sub(t.Begin())), count(t.Rounds, "round"),
		ShareWords(t.Share(t.Begin(), t.End())))
}

// mostOutages is how many of the latest are listed.
const mostOutages = 20

// Watch tells a watch: availability, a strip of the last day and of the last month, the
// outages, and how it stands now, last.
func Watch(w io.Writer, list []Watched, o TextOptions) error {
	p := newPen(o)
	for i, x := range list {
		blocks := [][]line{p.watchHead(x), p.strips(x.Timeline), p.outages(x.Timeline)}
		if i > 0 {
			blocks = append([][]line{{{{strings.Repeat(p.of("─", "-"), p.o.Width), plain}}}}, blocks...)
		}
		if x.Last != nil {
			end, _ := p.closing(x.Last, inOrder(p.allActions(x.Last).todo, x.Last))
			now := "AT THE LAST FULL REPORT, " + x.Last.StartedAt.UTC().Format("2006-01-02 15:04:05 UTC")
			blocks = append(blocks, append([]line{{{now, bold}}}, end...))
		}
		if p.o.Quiet {
			blocks = [][]line{p.wrapped(p.clean(WatchWords(x.Timeline)), 0, plain)}
		}
		if _, err := io.WriteString(w, p.join(blocks)); err != nil {
			return err
		}
	}
	return nil
}

func (p pen) watchHead(x Watched) []line {
	t := x.Timeline
	hub, device := "", ""
	if x.Last != nil {
		hub, device = p.clean(x.Last.Target.Hub), DeviceWords(x.Last.Device)
	}
	out := []line{{{"edgenet ", dim}, {hub, bold}}}
	facts := []string{"watched from " + minuteOf(t.Begin()) + " to " + minuteOf(t.End()) + " UTC", WatchWords(t)}
	if device != "" {
		facts = append(facts, "device "+p.clean(device))
	}
	return append(out, p.flowed(facts, 0)...)
}

func minuteOf(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }

// stripCells are the parts of a strip, where the terminal has room.
const stripCells = 48

// Stretches are the times that a watch is shown for, up to its end.
func Stretches(t *watch.Timeline) []watch.Share {
	var out []watch.Share
	end := t.End()
	for _, d := range []time.Duration{24 * time.Hour, 30 * 24 * time.Hour} {
		out = append(out, t.Share(end.Add(-d), end))
	}
	return out
}

func (p pen) strips(t *watch.Timeline) []line {
	var out []line
	cells := max(8, min(stripCells, p.o.Width-12))
	for i, s := range Stretches(t) {
		l := line{{padRight([]string{"Last 24 h", "Last 30 d"}[i], 11), bold}}
		for _, c := range t.Cells(s.From, s.To, cells) {
			l = append(l, p.cellMark(c))
		}
		out = append(out, l)
		out = append(out, p.wrapped(p.clean(ShareWords(s)), 11, plain)...)
	}
	return append(out, p.wrapped(p.of("█ works  ▄ works, and something has to be done  ✗ no way  · nobody looked",
		"# works  + works, and something has to be done  x no way  . nobody looked"), 11, dim)...)
}

func (p pen) cellMark(s watch.Status) span {
	switch s {
	case watch.OK:
		return span{p.of("█", "#"), green}
	case watch.Degraded:
		return span{p.of("▄", "+"), yellow}
	case watch.Down:
		return span{p.of("✗", "x"), red}
	}
	return span{p.of("·", "."), dim}
}

func (p pen) outages(t *watch.Timeline) []line {
	all := t.Outages()
	if len(all) == 0 {
		return []line{{{"NO OUTAGE was seen.", plain}}}
	}
	out := []line{{{"OUTAGES, the latest first (UTC)", bold}}}
	for i := range all {
		if i == mostOutages {
			out = append(out, line{{fmt.Sprintf("and %d before", len(all)-i), plain}})
			break
		}
		s := all[len(all)-1-i]
		out = append(out, p.flowed([]string{minuteOf(s.From) + " to " + minuteOf(s.To), Span(s.For()),
			p.clean(s.Cause)}, 2)...)
	}
	return out
}
