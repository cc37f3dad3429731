package render

import (
	"strings"

	"golang.org/x/text/width"
)

// runeWidth is the number of terminal columns of a printable rune.
func runeWidth(r rune) int {
	if r < 0x1100 {
		return 1
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// displayWidth is the number of terminal columns of a cleaned text.
func displayWidth(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

// cut gives the longest start of s that fits, and the rest.
func cut(s string, columns int) (head, tail string) {
	n := 0
	for i, r := range s {
		if n += runeWidth(r); n > columns {
			return s[:i], s[i:]
		}
	}
	return s, ""
}

// padRight fills with spaces up to the columns; a longer text stays as it is.
func padRight(s string, columns int) string {
	return s + strings.Repeat(" ", max(0, columns-displayWidth(s)))
}

// padLeft fills with spaces on the left.
func padLeft(s string, columns int) string {
	return strings.Repeat(" ", max(0, columns-displayWidth(s))) + s
}

// wrap breaks a text between words, and inside a word only where the word alone
// is too long for a line.
func wrap(s string, columns int) []string {
	columns = max(columns, 2) // a wide rune must fit
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		if line != "" && displayWidth(line)+1+displayWidth(word) <= columns {
			line += " " + word
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for displayWidth(word) > columns {
			var head string
			head, word = cut(word, columns)
			lines = append(lines, head)
		}
		line = word
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
