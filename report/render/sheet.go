package render

import (
	"io"
	"strings"

	"edgenet/report"
)

// Mark says how a row of a sheet stands.
type Mark int

// The marks.
const (
	MarkNone Mark = iota
	MarkGood
	MarkBad
	MarkOdd  // worth a look
	MarkIdle // of no effect
	MarkOpen // not set, not tried
)

// Sheet is what commands show that are no check: blocks of rows, what to do about them,
// and a sentence at the end. Its texts are cleaned here.
type Sheet struct {
	Title    string
	Facts    []string
	Blocks   []Block
	Findings []report.Finding
	Notes    []string // what could not be read, and the like
	Verdict  string   // the last sentence; empty means none
	Failed   bool     // of the verdict
	Odd      bool     // nothing failed, and something is worth a look: the verdict is not green
}

// Block is a table with a heading.
type Block struct {
	Heading string
	Columns []string // their heads; the last column takes what is left of the line
	Rows    []SheetRow
	Plain   bool // its rows have no marks
}

// SheetRow is a row and what has to be said about it.
type SheetRow struct {
	Mark  Mark
	Cells []string
	Notes []string
}

// SheetText writes the sheet for a person.
func SheetText(w io.Writer, s *Sheet, o TextOptions) error {
	p := newPen(o)
	if o.Quiet {
		_, err := io.WriteString(w, p.clean(s.Verdict)+"\n")
		return err
	}
	head := []line{{{"edgenet ", dim}, {p.clean(s.Title), bold}}}
	head = append(head, p.flowed(p.cleanAll(s.Facts), 0)...)
	blocks := [][]line{head}
	for _, b := range s.Blocks {
		blocks = append(blocks, p.sheetBlock(b))
	}
	todo, know := p.sheetActions(s.Findings)
	blocks = append(blocks, p.actionBlock("WHAT TO DO", todo), p.actionBlock("GOOD TO KNOW", know))
	var notes []line
	for _, n := range s.Notes {
		notes = append(notes, p.wrapped("! "+p.clean(n), 0, yellow)...)
	}
	blocks = append(blocks, notes, p.sentenceOf(s))
	_, err := io.WriteString(w, p.join(blocks))
	return err
}

// sheetActions are what findings ask for; those that ask the same of the same are one.
func (p pen) sheetActions(findings []report.Finding) (todo, know []action) {
	type ask struct {
		severity report.Severity
		actor    report.Actor
		text     string
	}
	told := map[ask]int{}
	for _, f := range findings {
		list := &todo
		key := ask{report.SeverityError, f.Actor, p.clean(f.Actor.Ask(f.Remedy))}
		if f.Severity == report.SeverityInfo {
			list, key.severity = &know, report.SeverityInfo
		}
		why := []string{p.clean(f.Summary), p.clean(string(f.Code))}
		if i, old := told[key]; old { // one thing to do
			(*list)[i].whys = append((*list)[i].whys, why)
			continue
		}
		told[key] = len(*list)
		*list = append(*list, action{Advice: report.Advice{Actor: f.Actor, Severity: f.Severity}, text: key.text,
			whys: [][]string{why}})
	}
	return todo, know
}

func (p pen) cleanAll(texts []string) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = p.clean(t)
	}
	return out
}

// sentenceOf is the verdict in the form that check's has.
func (p pen) sentenceOf(s *Sheet) []line {
	if s.Verdict == "" {
		return nil
	}
	glyph, style := p.of("✓ ", "OK: "), style("1;32")
	switch {
	case s.Failed:
		glyph, style = p.of("✗ ", "FAIL: "), red
	case s.Odd:
		glyph, style = "! ", yellow
	}
	out := p.wrapped(glyph+p.clean(s.Verdict), 0, bold)
	if len(out) > 0 && p.o.Unicode {
		out[0] = line{{glyph, style}, {strings.TrimPrefix(out[0].text(), glyph), bold}}
	}
	return out
}

func (p pen) sheetMark(m Mark) span {
	switch m {
	case MarkGood:
		return span{p.of("✓", "ok  "), green}
	case MarkBad:
		return span{p.of("✗", "FAIL"), red}
	case MarkOdd:
		return span{p.of("!", "!   "), yellow}
	case MarkIdle:
		return span{p.of("○", "o   "), dim}
	case MarkOpen:
		return span{p.of("–", "-   "), dim}
	}
	return span{p.of(" ", "    "), plain}
}

const (
	gap         = 2
	lastAtLeast = 40 // columns that the last cell needs beside the others; else it goes below
)

// sheetBlock lays out a block: every column as wide as its widest cell, the last one
// wrapped, or below the row where there is no room.
func (p pen) sheetBlock(b Block) []line {
	if len(b.Rows) == 0 {
		return nil
	}
	widths := make([]int, len(b.Columns))
	for i, c := range b.Columns {
		widths[i] = displayWidth(c)
		for _, r := range b.Rows {
			widths[i] = max(widths[i], displayWidth(p.clean(r.Cells[i])))
		}
	}
	mark := displayWidth(p.sheetMark(MarkNone).text) + 1
	last := len(widths) - 1
	used := mark
	for _, w := range widths[:last] {
		used += w + gap
	}
	below := p.o.Width-used < min(lastAtLeast, widths[last])
	var out []line
	if b.Heading != "" {
		out = append(out, line{{p.clean(b.Heading), bold}})
	}
	head := line{{strings.Repeat(" ", mark), plain}}
	for i, c := range b.Columns {
		switch {
		case i < last:
			head = append(head, span{padRight(c, widths[i]) + strings.Repeat(" ", gap), dim})
		case !below:
			head = append(head, span{c, dim})
		}
	}
	out = append(out, head)
	for _, r := range b.Rows {
		out = append(out, p.sheetRow(r, widths, mark, used, below)...)
	}
	return out
}

func (p pen) sheetRow(r SheetRow, widths []int, mark, used int, below bool) []line {
	text := plain
	if r.Mark == MarkIdle || r.Mark == MarkOpen {
		text = dim
	}
	last := len(widths) - 1
	under := line{{strings.Repeat(" ", mark+gap), plain}} // how a line that goes on begins
	l := line{p.sheetMark(r.Mark), {" ", plain}}
	var out []line
	for i, w := range widths[:last] {
		c := p.clean(r.Cells[i])
		if i > 0 && l.width()+displayWidth(c) > p.o.Width { // never cut: somebody has to find it
			out, l = append(out, l), append(line(nil), under...)
		}
		l = append(l, span{padRight(c, w) + strings.Repeat(" ", gap), text})
	}
	indent := used
	if below || len(out) > 0 {
		indent = mark + gap
	}
	rest := wrap(p.clean(r.Cells[last]), p.o.Width-indent)
	if indent == used && len(rest) > 0 {
		l = append(l, span{rest[0], text})
		rest = rest[1:]
	}
	out = append(out, p.folded(l, mark+gap)...)
	for _, x := range rest {
		out = append(out, line{{strings.Repeat(" ", indent), plain}, {x, text}})
	}
	for _, n := range r.Notes {
		out = append(out, p.wrapped(p.of("↳ ", "- ")+p.clean(n), mark+gap, dim)...)
	}
	return out
}

// folded breaks a line whose one cell is wider than the terminal.
func (p pen) folded(l line, indent int) []line {
	if len(l) == 0 || len(strings.TrimRight(l.text(), " ")) <= p.o.Width ||
		displayWidth(strings.TrimRight(l.text(), " ")) <= p.o.Width {
		return []line{l}
	}
	var out []line
	text := strings.TrimRight(l.text(), " ")
	for first := true; text != ""; first = false {
		columns, lead := p.o.Width-indent, strings.Repeat(" ", indent)
		if first {
			columns, lead = p.o.Width, ""
		}
		var head string
		head, text = cut(text, columns)
		out = append(out, line{{lead + head, l[len(l)-1].style}})
	}
	return out
}

// Value writes any value of this project's JSON forms, indented and harmless for a
// terminal.
func Value(w io.Writer, v any) error { return encode(w, v, "  ") }
