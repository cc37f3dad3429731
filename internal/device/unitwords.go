package device

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

var (
	errQuote  = errors.New("a quote is not closed")
	errEscape = errors.New("a backslash has to be written \\\\, or begin an escape that systemd knows")
)

// unitWords splits a line as systemd splits Environment=: at white space, with single
// and double quotes anywhere in a word, and C escapes everywhere (extract_first_word
// with EXTRACT_UNQUOTE and EXTRACT_CUNESCAPE). At an error the words before it count.
func unitWords(s string) ([]string, error) {
	var out []string
	for {
		s = strings.TrimLeft(s, " \t\n\r")
		if s == "" {
			return out, nil
		}
		w, rest, err := unitWord(s)
		if err != nil {
			return out, err
		}
		out, s = append(out, w), rest
	}
}

func unitWord(s string) (word, rest string, err error) {
	var b strings.Builder
	quote := byte(0)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			text, n, err := unescape(s[i+1:])
			if err != nil {
				return "", "", err
			}
			b.WriteString(text)
			i += n
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case quote == 0 && (c == ' ' || c == '\t' || c == '\n' || c == '\r'):
			return b.String(), s[i:], nil
		default:
			b.WriteByte(c)
		}
	}
	if quote != 0 {
		return "", "", errQuote
	}
	return b.String(), "", nil
}

var simpleEscapes = map[byte]string{'a': "\a", 'b': "\b", 'f': "\f", 'n': "\n", 'r': "\r", 't': "\t", 'v': "\v",
	'\\': `\`, '"': `"`, '\'': "'", 's': " "}

// unescape reads what stands behind a backslash, and says how long it is
// (cunescape_one of systemd).
func unescape(s string) (text string, n int, err error) {
	if s == "" {
		return "", 0, errEscape
	}
	if t, ok := simpleEscapes[s[0]]; ok {
		return t, 1, nil
	}
	digits, base, skip := 0, 16, 1
	switch s[0] {
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	case '0', '1', '2', '3', '4', '5', '6', '7':
		digits, base, skip = 3, 8, 0
	}
	if digits == 0 || len(s) < skip+digits {
		return "", 0, errEscape
	}
	v, perr := strconv.ParseUint(s[skip:skip+digits], base, 32)
	switch {
	case perr != nil || v == 0:
		return "", 0, errEscape
	case s[0] == 'x' || base == 8:
		if v > 255 {
			return "", 0, errEscape
		}
		return string([]byte{byte(v)}), skip + digits, nil
	case !utf8.ValidRune(rune(v)): //nolint:gosec // 32 bits
		return "", 0, errEscape
	}
	return string(rune(v)), skip + digits, nil //nolint:gosec // valid
}

// specifiers are those of systemd.unit(5) whose value can be known without asking the
// system; the others of its letters expand to something that is not known here.
func specifiers(unit string) map[byte]string {
	full := unit + ".service"
	return map[byte]string{
		'n': full, 'N': unit, 'p': unit, 'P': unit, 'i': "", 'I': "",
		'C': "/var/cache", 'E': "/etc", 'L': "/var/log", 'S': "/var/lib", 't': "/run", 'T': "/tmp", 'V': "/var/tmp",
		'u': "root", 'U': "0", 'g': "root", 'G': "0", 'h': "/root", 's': "/bin/sh",
	}
}

// otherSpecifiers expand to what only the running system knows.
const otherSpecifiers = "aAbBHjJlmMoqvwWfcrRdDyY"

// expand replaces specifiers. A letter or digit that is none makes systemd (235 and
// later) refuse the text: bad is that pair. Any other byte behind a % stays.
func expand(s string, known map[byte]string) (out, bad string) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		c := s[i]
		v, ok := known[c]
		switch {
		case c == '%':
			b.WriteByte('%')
		case ok:
			b.WriteString(v)
		case strings.IndexByte(otherSpecifiers, c) >= 0:
			b.WriteString("%" + string(c))
		case c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			return s, "%" + string(c)
		default:
			b.WriteString("%" + string(c))
		}
	}
	return b.String(), ""
}
