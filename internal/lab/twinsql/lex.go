package twinsql

import (
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

type kind int

const (
	end    kind = iota
	word        // a name or a keyword
	quoted      // [[a name]], which is no keyword
	text        // a string
	number
	symbol // an operator or a bracket
)

type lexeme struct {
	kind kind
	text string
	at   int
}

// SyntaxError is a query that the hub does not take, and where in it.
type SyntaxError struct {
	At     int // a byte of the query, from 0
	Reason string
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("at character %d: %s", e.At+1, e.Reason) }

func bad(at int, format string, args ...any) error {
	return &SyntaxError{at, fmt.Sprintf(format, args...)}
}

// lex cuts a query into lexemes; the last one is the end.
func lex(q string) ([]lexeme, error) {
	var out []lexeme
	for i := 0; i < len(q); {
		if strings.IndexByte(" \t\r\n", q[i]) >= 0 {
			i++
			continue
		}
		l, next, err := one(q, i)
		if err != nil {
			return nil, err
		}
		out, i = append(out, l), next
	}
	return append(out, lexeme{end, "", len(q)}), nil
}

// one reads the lexeme that begins at i.
func one(q string, i int) (lexeme, int, error) {
	c := q[i]
	switch {
	case c == '\'' || c == '"':
		return str(q, i)
	case strings.HasPrefix(q[i:], "[["):
		n := strings.Index(q[i:], "]]")
		if n < 0 {
			return lexeme{}, 0, bad(i, "[[ without ]]")
		}
		return lexeme{quoted, q[i+2 : i+n], i}, i + n + 2, nil
	case '0' <= c && c <= '9':
		j := i
		for j < len(q) && (nameByte(q[j]) && q[j] != '$' || q[j] == '.' || (q[j] == '-' || q[j] == '+') &&
			(q[j-1] == 'e' || q[j-1] == 'E')) {
			j++
		}
		return lexeme{number, q[i:j], i}, j, nil
	case nameByte(c):
		j := i
		for j < len(q) && nameByte(q[j]) {
			j++
		}
		return lexeme{word, q[i:j], i}, j, nil
	}
	for _, op := range []string{"!=", "<>", "<=", ">=", "=", "<", ">", "(", ")", "[", "]", ",", ".", "*", "-"} {
		if strings.HasPrefix(q[i:], op) {
			return lexeme{symbol, op, i}, i + len(op), nil
		}
	}
	return lexeme{}, 0, bad(i, "unexpected %q", firstRune(q[i:]))
}

func firstRune(s string) rune { r, _ := utf8.DecodeRuneInString(s); return r }

func nameByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '$' ||
		c >= utf8.RuneSelf
}

// str reads a string in either kind of quotes; a quote inside is doubled, or escaped.
func str(q string, start int) (lexeme, int, error) {
	quote := q[start]
	var b strings.Builder
	for i := start + 1; i < len(q); i++ {
		switch c := q[i]; {
		case c == quote && i+1 < len(q) && q[i+1] == quote:
			b.WriteByte(quote)
			i++
		case c == quote:
			return lexeme{text, b.String(), start}, i + 1, nil
		case c == '\\':
			n, err := escape(&b, q, i)
			if err != nil {
				return lexeme{}, 0, err
			}
			i += n
		default:
			b.WriteByte(c)
		}
	}
	return lexeme{}, 0, bad(start, "a string without its end")
}

// escape writes what the escape at i stands for and tells how many bytes follow the \.
func escape(b *strings.Builder, q string, i int) (int, error) {
	if i+1 >= len(q) {
		return 0, bad(i, "a \\ with nothing behind it")
	}
	const from, to = `'"\/bfnrt`, "'\"\\/\b\f\n\r\t"
	if n := strings.IndexByte(from, q[i+1]); n >= 0 {
		b.WriteByte(to[n])
		return 1, nil
	}
	r, ok := hex4(q, i)
	if !ok {
		return 0, bad(i, "an escape that is none of \\' \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX")
	}
	if utf16.IsSurrogate(r) {
		if low, ok := hex4(q, i+6); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				b.WriteRune(pair)
				return 11, nil
			}
		}
		return 0, bad(i, "half of a surrogate pair")
	}
	b.WriteRune(r)
	return 5, nil
}

// hex4 reads \uXXXX at i.
func hex4(q string, i int) (rune, bool) {
	if i+6 > len(q) || q[i] != '\\' || q[i+1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range []byte(q[i+2 : i+6]) {
		n := strings.IndexByte("0123456789abcdef", c|0x20)
		if n < 0 {
			return 0, false
		}
		r = r<<4 | rune(n)
	}
	return r, true
}
