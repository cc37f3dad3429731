package devicelog

import (
	"encoding/binary"
	"html"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"
)

// Spoil is what happens to a log on its way to who reads it.
type Spoil struct {
	Name string
	Do   func(text string) string
}

// Spoils are those that are met; the first changes nothing.
func Spoils() []Spoil {
	return []Spoil{
		{"as it is", func(s string) string { return s }},
		{"quoted", func(s string) string {
			return "Hi, see below\n\n" +
				each(s, func(l string) string { return "> " + l })
		}},
		{"UTF-16", wide},
		{"cut", cut},
		{"doubled", func(s string) string { return s + s }},
		{"reversed", reversed},
		{"entities", html.EscapeString},
		{"fenced", func(s string) string { return "My gateway is offline!\n```\n" + s + "```\nPlease advise.\n" }},
	}
}

func each(s string, f func(string) string) string {
	var b strings.Builder
	for l := range strings.Lines(s) {
		b.WriteString(f(strings.TrimSuffix(l, "\n")) + "\n")
	}
	return b.String()
}

func wide(s string) string {
	b := []byte("\xff\xfe")
	for _, u := range utf16.Encode([]rune(strings.ReplaceAll(s, "\n", "\r\n"))) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return string(b)
}

// cut loses the first fifth, in the middle of a line, and the end of the last line.
func cut(s string) string {
	if len(s) < 100 {
		return s
	}
	return s[len(s)/5 : len(s)-7]
}

var beginRE = regexp.MustCompile(`^(<\d>|\d{4}-\d\d-\d\d|[A-Z][a-z]{2} \d\d |[A-Z][a-z]{2} \d{4}-\d\d-\d\d |\{|\$ |time=)`)

// reversed puts the newest record first, as portals do. The lines of a record stay together.
func reversed(s string) string {
	var records []string
	for l := range strings.Lines(s) {
		if len(records) == 0 || beginRE.MatchString(l) {
			records = append(records, l)
		} else {
			records[len(records)-1] += l
		}
	}
	slices.Reverse(records)
	return strings.Join(records, "")
}
