package render

import (
	"strings"

	"edgenet/report"
)

// style is an ANSI "select graphic rendition" parameter; the sixteen basic
// colours alone, which every theme makes readable on its own background.
type style string

const (
	plain  style = ""
	bold   style = "1"
	dim    style = "2"
	red    style = "1;31"
	green  style = "32"
	yellow style = "33"
	cyan   style = "36"
)

// span is a cleaned text in one style; a line is what stands in one row.
type span struct {
	text  string
	style style
}

type line []span

func (l line) width() int {
	n := 0
	for _, s := range l {
		n += displayWidth(s.text)
	}
	return n
}

// pen knows what the terminal can show.
type pen struct{ o *TextOptions }

// clean makes a text fit for this terminal; whoever wrote it, nothing reaches a
// line without passing here.
func (p pen) clean(s string) string {
	s = report.Clean(s, 600)
	if p.o.Unicode {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r > 0x7e {
			return '?'
		}
		return r
	}, asciiForms.Replace(s))
}

var asciiForms = strings.NewReplacer("…", "...", "–", "-", "—", "-", "→", "->", "·", ".", "’", "'", "‘", "'", "“", `"`,
	"”", `"`, "×", "x", "≥", ">=", "≤", "<=")

// ASCIISigns gives a text's ellipses, dashes, arrows and quotation marks in ASCII.
func ASCIISigns(text string) string { return asciiForms.Replace(text) }

// of chooses between a glyph and its ASCII form.
func (p pen) of(unicode, ascii string) string {
	if p.o.Unicode {
		return unicode
	}
	return ascii
}

func (p pen) ellipsis() string { return p.of("…", "...") }
func (p pen) arrow() string    { return p.of(" → ", " -> ") }
func (p pen) dot() string      { return p.of(" · ", ", ") }

// fit cuts a line to the columns, with an ellipsis where something is lost.
func (p pen) fit(l line, columns int) line {
	if l.width() <= columns {
		return l
	}
	left := columns - displayWidth(p.ellipsis())
	var out line
	for _, s := range l {
		head, tail := cut(s.text, left)
		left -= displayWidth(head)
		if tail != "" {
			return append(out, span{head + p.ellipsis(), s.style})
		}
		out = append(out, s)
	}
	return out
}

// print gives the line as bytes for the terminal, without trailing space.
func (p pen) print(l line) string {
	for len(l) > 0 {
		last := &l[len(l)-1]
		if t := strings.TrimRight(last.text, " "); t != "" {
			l = append(append(line(nil), l[:len(l)-1]...), span{t, last.style})
			break
		}
		l = l[:len(l)-1]
	}
	var b strings.Builder
	for _, s := range l {
		if !p.o.Color || s.style == plain || strings.TrimSpace(s.text) == "" {
			b.WriteString(s.text)
			continue
		}
		b.WriteString("\x1b[" + string(s.style) + "m" + s.text + "\x1b[0m")
	}
	return b.String()
}
