package device

import "strings"

// tooDeep finds the line where a YAML text nests deeper than anybody needs, 0 where it does
// not. It has to be known before the text is parsed: the parser's memory grows with the
// square of the depth.
func tooDeep(text []byte) int {
	s := &depthScan{line: 1}
	lineStart := true
	for i := 0; i < len(text); i++ {
		c := text[i]
		if lineStart && s.quote == 0 && indicators(text[i:]) > maxYAMLDepth {
			return s.line
		}
		lineStart = c == '\n'
		if s.step(text, i) {
			i++
		}
		if s.depth > maxYAMLDepth {
			return s.line
		}
	}
	return 0
}

// depthScan is how far the brackets of flow style are open.
type depthScan struct {
	line, depth int
	quote       byte // of the string that the place is in
}

// step takes one byte; true means that the next one belongs to it.
func (s *depthScan) step(text []byte, i int) (skip bool) {
	c := text[i]
	if c == '\n' {
		s.line++
	}
	if s.quote != 0 {
		if c == s.quote {
			s.quote = 0
		}
		return s.quote == '"' && c == '\\'
	}
	switch c {
	case '"', '\'':
		if i == 0 || strings.IndexByte(" \t\n[{,:-", text[i-1]) >= 0 { // else it is inside a word
			s.quote = c
		}
	case '[', '{':
		s.depth++
	case ']', '}':
		s.depth = max(0, s.depth-1)
	}
	return false
}

// indicators counts the entries, keys and properties that begin one behind the other on a
// line ("- - -", "? ?"), each of which is a level.
func indicators(line []byte) int {
	n := 0
	for i := 0; i+1 < len(line) && n <= maxYAMLDepth; i++ {
		switch c := line[i]; {
		case c == ' ' || c == '\t':
		case (c == '-' || c == '?' || c == ':') && (line[i+1] == ' ' || line[i+1] == '\t'):
			n++
		case c == '&' || c == '!':
			n++
			for i+1 < len(line) && line[i+1] > ' ' {
				i++
			}
		default:
			return n
		}
	}
	return n
}
