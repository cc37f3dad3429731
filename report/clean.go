package report

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes a text from a stranger fit for a terminal, a page or a log: control
// characters (terminal escapes among them), bidirectional overrides, zero-width
// and invalid characters become visible or go, white space folds, and what is
// longer than max bytes is cut with an ellipsis. Max 0 means 200; the ellipsis
// takes three of them.
func Clean(s string, max int) string {
	if max <= 0 {
		max = 200
	}
	if len(s) > 8*max { // what would be cut anyway is not worth folding
		s = s[:8*max]
	}
	var b strings.Builder
	space := false
	for _, r := range s {
		if unicode.IsSpace(r) {
			space = b.Len() > 0
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(printable(r))
		if b.Len() > max {
			break
		}
	}
	out := b.String()
	if len(out) <= max {
		return out
	}
	cut := max - len("…")
	if cut < 0 {
		return ""
	}
	for cut > 0 && !utf8.RuneStart(out[cut]) {
		cut--
	}
	return out[:cut] + "…"
}

// printable keeps what unicode calls printable and shows a dot for the rest.
func printable(r rune) rune {
	if r == utf8.RuneError || !unicode.IsPrint(r) || unicode.In(r, unicode.Mn, unicode.Me) ||
		strings.ContainsRune(blanks, r) {
		return '·'
	}
	return r
}

// blanks are letters and symbols that show nothing: Hangul fillers, the empty
// Braille pattern.
const blanks = "\u115f\u1160\u3164\uffa0\u2800"

// CleanBytes shows the first bytes of something that is not text as text: printable
// ASCII as it is, the rest as \xNN, at most max bytes of input (0 means 64).
func CleanBytes(p []byte, max int) string {
	if max <= 0 {
		max = 64
	}
	if len(p) > max {
		p = p[:max]
	}
	const hex = "0123456789abcdef"
	var b strings.Builder
	for _, c := range p {
		switch {
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\n':
			b.WriteString(`\n`)
		case c >= 0x20 && c < 0x7f && c != '\\':
			b.WriteByte(c)
		default:
			b.WriteString(`\x`)
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
	return b.String()
}

// FirstLine is the first line that is not empty of what CleanBytes made: enough for a
// sentence, where the rest is for the evidence.
func FirstLine(s string) string {
	for {
		line, rest, more := strings.Cut(strings.ReplaceAll(s, `\n`, `\r`), `\r`)
		if line = strings.TrimSpace(line); line != "" || !more {
			return line
		}
		s = rest
	}
}
