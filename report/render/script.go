package render

import (
	"io"
	"strings"
)

// Script writes what is pasted into files and shells to a terminal: comments are wrapped to
// its width and stay comments, their heads are bold, and every other line is left whole, so that
// it can be copied.
func Script(w io.Writer, text string, o TextOptions) error {
	p := newPen(o)
	var b strings.Builder
	for _, l := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		for _, part := range p.comment(l) {
			b.WriteString(p.print(part) + "\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// comment wraps one line, if it is a comment.
func (p pen) comment(l string) []line {
	words := strings.TrimLeft(strings.TrimPrefix(l, "#"), " ")
	if !strings.HasPrefix(l, "#") || words == "" {
		return []line{{{l, plain}}}
	}
	style, prefix := plain, l[:len(l)-len(words)]
	if strings.HasPrefix(words, "---- ") { // a file's name is not broken
		return []line{{{l, bold}}}
	}
	if words[0] >= '0' && words[0] <= '9' {
		style = bold
	}
	var out []line
	for _, part := range wrap(words, p.o.Width-displayWidth(prefix)) {
		out = append(out, line{{prefix, plain}, {part, style}})
		if style == bold { // below the step's number stands its text
			prefix = "#" + strings.Repeat(" ", max(1, displayWidth(l)-displayWidth(words)-1+len(number(words))))
		}
	}
	return out
}

// number is what a step begins with: its digits, the dot and the blank.
func number(words string) string {
	before, _, _ := strings.Cut(words, " ")
	return before + " "
}
