package infile

import (
	"bytes"
	"fmt"
)

// What a YAML text may have before it is parsed. The parser's costs grow with the square
// of the depth, of the lines of a block of text and of the keys of a mapping: 80 KB of
// nesting cost it 2.5 GB, 200 KB of empty lines a minute. The largest configuration of
// the runtime has five levels and some hundred lines.
const (
	maxYAMLDepth = 100
	maxYAMLLines = 5000
	maxYAMLMarks = 30000
)

// BoundYAML refuses a text that would cost more than it is worth. It does not parse:
// brackets and dashes inside of quotes count too, which no real file notices. The line is
// where the bound was met.
func BoundYAML(text []byte) (line int, err error) {
	flow, marks := 0, 0
	for l := range bytes.Lines(text) {
		if line++; line > maxYAMLLines {
			return line, fmt.Errorf("at most %d lines", maxYAMLLines)
		}
		opened := before(l)
		if opened+flow > maxYAMLDepth {
			return line, fmt.Errorf("at most %d levels", maxYAMLDepth)
		}
		for _, c := range l {
			switch c {
			case '[', '{':
				flow++
			case ']', '}':
				flow = max(flow-1, 0)
			case ',', ':', '-', '?', '&', '*', '!':
			default:
				continue
			}
			if marks++; marks > maxYAMLMarks {
				return line, fmt.Errorf("at most %d values", maxYAMLMarks)
			}
			if opened+flow > maxYAMLDepth {
				return line, fmt.Errorf("at most %d levels", maxYAMLDepth)
			}
		}
	}
	return 0, nil
}

// before is how many levels a line can open with dashes and question marks ("- - -",
// "? ?"), and by half of its indentation, since every level takes one space at least.
func before(l []byte) int {
	n := 0
	for i, c := range l {
		ends := i+1 == len(l) || l[i+1] == ' ' || l[i+1] == '\t' || l[i+1] == '\n' || l[i+1] == '\r'
		if (c == '-' || c == '?') && ends && (i == 0 || l[i-1] == ' ' || l[i-1] == '\t') {
			n++
		}
	}
	indent := len(l) - len(bytes.TrimLeft(l, " "))
	if indent < len(bytes.TrimRight(l, "\r\n")) {
		n += indent / 2
	}
	return n
}
