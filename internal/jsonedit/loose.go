package jsonedit

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// ParseLoose reads a text as Newtonsoft.Json does by default (JsonTextReader): beside JSON it
// takes keys without quotes or in single ones, strings in single quotes and with raw line
// ends, trailing commas, comments, numbers in other notations, NaN and undefined. What was
// taken so is in Document.Loose. Constructors (new Date(…)) are not read.
func ParseLoose(text []byte) (*Document, error) { return parse(&parser{text: text, loose: true}) }

func (p *parser) loosen(at int, what string) {
	if p.loosened == nil && p.bad == nil {
		p.loosened = &Looseness{At: at, What: what}
	}
}

// looseSpace skips a comment, or white space that JSON does not know.
func (p *parser) looseSpace() bool {
	rest := p.text[p.at:]
	switch {
	case bytes.HasPrefix(rest, []byte("//")):
		p.loosen(p.at, "a comment")
		if i := bytes.IndexAny(rest, "\r\n"); i >= 0 {
			p.at += i
		} else {
			p.at = len(p.text)
		}
		return true
	case bytes.HasPrefix(rest, []byte("/*")):
		p.loosen(p.at, "a comment")
		i := bytes.Index(rest, []byte("*/"))
		if i < 0 {
			p.expected("the end of this comment")
			return true
		}
		p.at += i + 2
		return true
	}
	if r, size := utf8.DecodeRune(rest); r != utf8.RuneError && unicode.IsSpace(r) {
		p.loosen(p.at, "white space that JSON does not know")
		p.at += size
		return true
	}
	return false
}

// looseEnd takes the end of an object or array behind a trailing comma; the caller has taken
// the end of an empty one.
func (p *parser) looseEnd(end byte, before int) bool {
	if p.next() != end {
		return false
	}
	if before > 0 {
		p.loosen(p.at, "a comma before "+string(end))
	}
	p.at++
	return true
}

// looseKey reads a key in single quotes or without any.
func (p *parser) looseKey(m *Member) bool {
	switch c := p.next(); {
	case c == '"':
		m.Key = p.looseString('"')
		return true
	case c == '\'':
		p.loosen(p.at, "single quotes")
		m.Key = p.looseString('\'')
		return true
	}
	start := p.at
	for p.at < len(p.text) {
		r, size := utf8.DecodeRune(p.text[p.at:])
		if r == utf8.RuneError || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '$' {
			break
		}
		p.at += size
	}
	if p.at == start {
		return false
	}
	p.loosen(start, "a key without quotes")
	m.Key = string(p.text[start:p.at])
	return true
}

// looseWords are the values that are words, longest first where one begins another.
var looseWords = []struct {
	word string
	kind Kind
}{{"undefined", Null}, {"NaN", Number}, {"Infinity", Number}, {"-Infinity", Number}}

// looseValue reads what a strict reader would refuse.
func (p *parser) looseValue(n *Node, _ int) bool {
	switch c := p.next(); c {
	case '"', '\'':
		if c == '\'' {
			p.loosen(p.at, "single quotes")
		}
		n.Kind, n.Text = String, p.looseString(c)
		return true
	case ',': // between commas: an undefined value
		p.loosen(p.at, "a missing value")
		n.Kind, n.Text = Null, "undefined"
		return true
	}
	for _, w := range looseWords {
		if bytes.HasPrefix(p.text[p.at:], []byte(w.word)) {
			p.loosen(p.at, w.word)
			n.Kind, n.Text = w.kind, w.word
			p.at += len(w.word)
			return true
		}
	}
	return p.looseNumber(n)
}

// looseNumber reads hexadecimal and octal numbers, and decimals without a digit before or
// behind the point.
func (p *parser) looseNumber(n *Node) bool {
	start := p.at
	c := p.next()
	if c != '-' && c != '.' && (c < '0' || c > '9') {
		return false
	}
	end := start
	for end < len(p.text) && strings.IndexByte("-+0123456789abcdefABCDEFxX.", p.text[end]) >= 0 {
		end++
	}
	word := string(p.text[start:end])
	if !isLooseNumber(word) {
		return false // JSON's own rules judge it
	}
	if !isNumber(word) {
		p.loosen(start, "a number that JSON does not know")
	}
	n.Kind, n.Text, p.at = Number, word, end
	return true
}

func isNumber(word string) bool {
	p := &parser{text: []byte(word)}
	p.number()
	return p.bad == nil && p.at == len(word)
}

// isLooseNumber: 0x and digits, 0 and octal digits, or a decimal with an optional part on
// either side of the point.
func isLooseNumber(word string) bool {
	if isNumber(word) {
		return true
	}
	if len(word) > 2 && word[0] == '0' && (word[1] == 'x' || word[1] == 'X') {
		return len(word) <= 18 && only(word[2:], "0123456789abcdefABCDEF")
	}
	if len(word) > 1 && word[0] == '0' && only(word, "01234567") {
		return len(word) <= 22
	}
	word = strings.TrimPrefix(word, "-")
	mantissa, exponent := word, "0"
	if i := strings.IndexAny(word, "eE"); i >= 0 {
		mantissa, exponent = word[:i], word[i+1:]
		if exponent != "" && (exponent[0] == '+' || exponent[0] == '-') {
			exponent = exponent[1:]
		}
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	return whole+fraction != "" && only(whole+fraction, "0123456789") && exponent != "" &&
		only(exponent, "0123456789") &&
		(len(whole) < 2 || whole[0] != '0')
}

func only(s, chars string) bool { return strings.Trim(s, chars) == "" }

// looseString reads a string that ends with its quote; control characters may stand in it
// as they are.
func (p *parser) looseString(quote byte) string {
	start := p.at
	var b strings.Builder
	for p.at++; p.at < len(p.text); {
		switch c := p.text[p.at]; {
		case c == quote:
			p.at++
			return string([]rune(b.String())) // with U+FFFD for each byte that is no UTF-8
		case c == '\\':
			if !p.looseEscape(&b) {
				p.at = start
				p.expected(`a string with valid escapes (\" \' \\ \/ \b \f \n \r \t \uXXXX)`)
				return ""
			}
		case c < 0x20:
			p.loosen(p.at, "a control character in a string")
			b.WriteByte(c)
			p.at++
		default:
			b.WriteByte(c)
			p.at++
		}
	}
	p.at = start
	p.expected("the end of this string")
	return ""
}

var escapes = map[byte]byte{'b': '\b', 't': '\t', 'n': '\n', 'f': '\f', 'r': '\r', '\\': '\\', '"': '"', '\'': '\'',
	'/': '/'}

func (p *parser) looseEscape(b *strings.Builder) bool {
	if p.at+1 >= len(p.text) {
		return false
	}
	c := p.text[p.at+1]
	if out, ok := escapes[c]; ok {
		if c == '\'' {
			p.loosen(p.at, `the escape \'`)
		}
		b.WriteByte(out)
		p.at += 2
		return true
	}
	r, ok := p.hex(p.at)
	if !ok {
		return false
	}
	p.at += 6
	if utf16.IsSurrogate(r) {
		low, ok := p.hex(p.at)
		if both := utf16.DecodeRune(r, low); ok && both != utf8.RuneError {
			p.at += 6
			r = both
		} else {
			r = utf8.RuneError
		}
	}
	b.WriteRune(r)
	return true
}

// hex reads \uXXXX at a place.
func (p *parser) hex(at int) (rune, bool) {
	if at+6 > len(p.text) || p.text[at] != '\\' || p.text[at+1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range p.text[at+2 : at+6] {
		i := strings.IndexByte("0123456789abcdef", c|0x20)
		if i < 0 || c < '0' {
			return 0, false
		}
		r = r<<4 | rune(i)
	}
	return r, true
}
