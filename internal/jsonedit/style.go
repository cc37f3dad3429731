package jsonedit

import (
	"bytes"
	"strings"
)

// Style is how an object is written: in one line or in several, how far in, with which
// space after colons and commas.
type Style struct {
	Lines                               bool // one member a line
	indent, unit, newline, colon, comma string
}

// StyleOf reads the style of the last object of a path that begins at the root. What an
// empty object does not show it takes from the objects around it.
func (d *Document) StyleOf(path []*Node) Style {
	s := Style{Lines: bytes.ContainsRune(d.Text, '\n') && len(path[0].Members) == 0, unit: "  ", newline: "\n",
		colon: ": ", comma: ", "}
	if bytes.Contains(d.Text, []byte("\r\n")) {
		s.newline = "\r\n"
	}
	for _, n := range path {
		if n.Kind == Object {
			s = d.style(n, s)
		}
	}
	return s
}

func (d *Document) style(n *Node, outer Style) Style {
	s := outer
	if len(n.Members) == 0 {
		if s.Lines {
			s.indent += s.unit
		}
		return s
	}
	first := n.Members[0]
	s.colon = string(d.Text[first.KeyEnd:first.Value.Start])
	before := string(d.Text[n.Start+1 : first.KeyStart])
	i := strings.LastIndex(before, "\n")
	if s.Lines = i >= 0; s.Lines {
		s.comma, s.indent = ",", before[i+1:]
		if unit, ok := strings.CutPrefix(s.indent, outer.indent); ok && unit != "" {
			s.unit = unit
		}
		return s
	}
	s.comma = ","
	if strings.HasSuffix(s.colon, " ") {
		s.comma = ", "
	}
	if len(n.Members) > 1 {
		s.comma = string(d.Text[first.Value.End:n.Members[1].KeyStart])
	}
	return s
}
