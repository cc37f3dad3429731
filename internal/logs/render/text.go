package render

import (
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/text/width"

	"edgenet/internal/logs"
	"edgenet/internal/logs/story"
	"edgenet/report"
	"edgenet/report/render"
)

// screen writes for a terminal.
type screen struct {
	o render.TextOptions
	b strings.Builder
}

// The styles, as parameters of ANSI's "select graphic rendition".
const (
	bold   = "1"
	dim    = "2"
	red    = "1;31"
	green  = "32"
	yellow = "33"
)

var toneStyles = map[tone]string{good: green, bad: red, odd: yellow, idle: dim}

// Text writes the one screen.
func Text(w io.Writer, r *logs.Report, o render.TextOptions) error {
	if o.Width <= 0 {
		o.Width = 80
	}
	o.Width = max(o.Width, 40)
	s := &screen{o: o}
	v := newView(r)
	if o.Quiet {
		_, err := io.WriteString(w, s.clean(v.headline)+"\n")
		return err
	}
	s.line("", s.paint(dim, "edgenet logs")+"  "+s.paint(bold, s.clean(v.title)))
	s.flow("", strings.Join(v.facts, s.sep()), dim)
	s.gap()
	t := good
	if !v.good {
		t = bad
	}
	s.flow("", v.headline+".", toneStyles[t])
	s.gap()
	for _, row := range v.rows {
		s.hang(fmt.Sprintf("  %-10s ", s.clean(row.name)), firstOf(row.state+s.comma(row.detail)), toneStyles[row.tone])
	}
	s.timeline(v)
	s.whys(v)
	s.besideBlock(v)
	s.todo(v)
	s.coverage(v, o.Verbose)
	if o.Verbose {
		s.events(r)
	}
	s.gap()
	s.line("", s.paint(bold, "What would prove it: ")+s.clean(v.confirm))
	_, err := io.WriteString(w, s.b.String())
	return err
}

func (s *screen) comma(detail string) string {
	if detail == "" {
		return ""
	}
	return ", " + detail
}

func (s *screen) sep() string {
	if s.o.Unicode {
		return " · "
	}
	return ", "
}

// clean makes a text fit for this terminal.
func (s *screen) clean(text string) string {
	text = report.Clean(text, 600)
	if s.o.Unicode {
		return text
	}
	text = strings.NewReplacer("…", "...", "·", ".", "’", "'", "×", "x").Replace(text)
	return strings.Map(func(r rune) rune {
		if r > 0x7e {
			return '?'
		}
		return r
	}, text)
}

func (s *screen) paint(style, text string) string {
	if !s.o.Color || style == "" || text == "" {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
}

func (s *screen) line(indent, text string) {
	s.b.WriteString(strings.TrimRight(indent+text, " ") + "\n")
}
func (s *screen) gap() { s.b.WriteByte('\n') }

// flow writes a text over as many lines as it needs.
func (s *screen) flow(indent, text, style string) {
	for _, l := range wrap(s.clean(text), s.o.Width-columns(indent)) {
		s.line(indent, s.paint(style, l))
	}
}

// hang writes a label and beside it a text, whose further lines stand below it.
func (s *screen) hang(label, text, style string) {
	for i, l := range wrap(s.clean(text), s.o.Width-columns(label)) {
		if i > 0 {
			label = strings.Repeat(" ", columns(label))
		}
		s.line(label, s.paint(style, l))
	}
}

func (s *screen) heading(text string) {
	s.gap()
	s.line("", s.paint(bold, text))
}

// glyphs are the states on the timeline, and in ASCII.
var glyphs = map[story.State][2]string{story.Connected: {"━", "="}, story.Trying: {"×", "x"}, story.Lost: {"╳", "X"},
	story.Stopped: {"·", "."}, story.Unknown: {" ", " "}}

// worse orders states where several fall into one column.
var worse = map[story.State]int{story.Unknown: 1, story.Stopped: 2, story.Connected: 3, story.Trying: 4, story.Lost: 5}

func (s *screen) timeline(v *view) {
	if v.from.IsZero() || !v.to.After(v.from) || len(v.rows) == 0 {
		return
	}
	const label = 13
	room := min(s.o.Width-label, 100)
	s.heading("When (UTC)")
	left, right := stampFor(v.from, v.to)
	s.line(strings.Repeat(" ", label), s.paint(dim, left+strings.Repeat(" ", max(1, room-len(left)-len(right)))+right))
	for _, row := range v.rows {
		s.line("", fmt.Sprintf("  %-10s ", s.clean(row.name))+s.bar(row.spans, room))
	}
	key := "━ connected  × trying  ╳ lost  · stopped"
	if !s.o.Unicode {
		key = "= connected  x trying  X lost  . stopped"
	}
	s.line(strings.Repeat(" ", label), s.paint(dim, key))
	if v.uncertain != "" {
		s.flow(strings.Repeat(" ", label), sentence(v.uncertain)+".", yellow)
	}
}

// bar draws one component: of what falls into a column, the worst.
func (s *screen) bar(spans []stretch, room int) string {
	cells := make([]story.State, room)
	for _, sp := range spans {
		from, to := int(sp.from*float64(room)), int(sp.to*float64(room))
		for i := max(0, from); i <= min(to, room-1); i++ {
			if i == to && to > from && float64(to) >= sp.to*float64(room) {
				break
			}
			if worse[sp.state] > worse[cells[i]] {
				cells[i] = sp.state
			}
		}
	}
	if n := len(spans); n > 0 { // how it stands at the end is seen, however short it is
		cells[min(max(0, int(spans[n-1].to*float64(room))-1), room-1)] = spans[n-1].state
	}
	var b strings.Builder
	for i := 0; i < len(cells); {
		j := i
		for j < len(cells) && cells[j] == cells[i] {
			j++
		}
		g := glyphs[cells[i]]
		glyph := g[1]
		if s.o.Unicode {
			glyph = g[0]
		}
		b.WriteString(s.paint(map[story.State]string{story.Connected: green, story.Trying: yellow, story.Lost: red,
			story.Stopped: dim}[cells[i]], strings.Repeat(firstOf(glyph, " "), j-i)))
		i = j
	}
	return b.String()
}

// stampFor gives the ends of the timeline, with as much of the date as tells them apart.
func stampFor(from, to time.Time) (left, right string) {
	if to.Sub(from) < 10*time.Minute {
		return from.Format("2006-01-02 15:04:05"), to.Format("15:04:05")
	}
	if from.Format("2006-01-02") == to.Format("2006-01-02") {
		return from.Format("2006-01-02 15:04"), to.Format("15:04")
	}
	return from.Format("2006-01-02 15:04"), to.Format("2006-01-02 15:04")
}

func (s *screen) whys(v *view) {
	if len(v.why) == 0 {
		return
	}
	s.heading("Why")
	for _, w := range v.why {
		s.flow("  ", w, "")
	}
	if v.quote != "" {
		s.flow("    ", v.quote, dim)
	}
	for _, a := range v.also {
		s.flow("  ", a, "")
	}
}

func (s *screen) todo(v *view) {
	if len(v.findings) == 0 {
		return
	}
	s.heading("What follows, and who acts")
	for _, f := range v.findings {
		s.hang("  "+s.mark(f.tone)+" ", f.what, toneStyles[f.tone])
		s.flow("    ", f.code+s.sep()+f.proved+s.lines(f.lines), dim)
		if f.remedy != "" {
			s.flow("    ", sentence(f.who)+": "+f.remedy, "")
		}
	}
}

func (s *screen) besideBlock(v *view) {
	if len(v.beside) == 0 {
		return
	}
	s.heading("The log, and what a check found now")
	for _, row := range v.beside {
		s.flow("  ", row[0], "")
		s.hang("    now: ", row[1], bold)
	}
}

func (s *screen) lines(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return s.sep() + strings.Join(list, ", ")
}

func (s *screen) mark(t tone) string {
	m := map[tone][2]string{bad: {"✗", "x"}, odd: {"!", "!"}, idle: {"·", "-"}, good: {"✓", "+"}}[t]
	if s.o.Unicode {
		return m[0]
	}
	return m[1]
}

func (s *screen) coverage(v *view, verbose bool) {
	if len(v.cannot) > 0 {
		s.heading("What this log cannot tell")
		for _, c := range v.cannot {
			s.hang("  "+s.mark(idle)+" ", sentence(c), "")
		}
	}
	if verbose && len(v.can) > 0 {
		s.heading("What it could have shown")
		for _, c := range v.can {
			s.hang("  "+s.mark(idle)+" ", sentence(c), "")
		}
	}
}

// maxShown is how many events the long form shows.
const maxShown = 200

func (s *screen) events(r *logs.Report) {
	s.heading("Lines that tell something")
	for i := range r.Events {
		if i == maxShown {
			s.flow("  ", fmt.Sprintf("%s more: -f jsonl lists all.", number(len(r.Events)-i)), dim)
			return
		}
		e := &r.Events[i]
		at := "                   "
		if e.At != nil {
			at = e.At.Format("2006-01-02 15:04:05")
		}
		times := ""
		if e.Count > 1 {
			times = fmt.Sprintf(" (%s times)", number(e.Count))
		}
		s.hang(fmt.Sprintf("  %s %-9s ", at, s.clean(e.Component)), string(e.Event)+times+": "+e.Text, "")
	}
}

// columns is how wide a text is on a terminal.
func columns(text string) (n int) {
	for _, r := range text {
		n++
		if k := width.LookupRune(r).Kind(); r >= 0x1100 && (k == width.EastAsianWide || k == width.EastAsianFullwidth) {
			n++
		}
	}
	return n
}

// wrap breaks between words, and inside a word only where the word alone is too long.
func wrap(text string, room int) []string {
	room = max(room, 8)
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		for columns(word) > room {
			if line != "" {
				lines, line = append(lines, line), ""
			}
			cut := 0
			for i := range word {
				if columns(word[:i]) > room-1 {
					break
				}
				cut = i
			}
			lines, word = append(lines, word[:cut]), word[cut:]
		}
		switch {
		case line == "":
			line = word
		case columns(line)+1+columns(word) <= room:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
