package secret

import (
	"strconv"
	"unicode"
	"unicode/utf8"
)

// unit is a character of a text as a reader might take it, and the bytes [from, to) of the
// text that it stands for.
type unit struct {
	r        rune
	from, to int
}

// maxRounds bounds how often encodings inside encodings are undone.
const maxRounds = 6

// fold undoes what may hide a character: percent encodings (once or many times over, of
// UTF-8 too), %u0040, \u0040, \x40, HTML's references, full-width and small forms, and
// what looks like : @ / = ; without being it. Invisible characters go.
func fold(text string) []unit {
	units := make([]unit, 0, len(text))
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		units = append(units, unit{r, i, i + n})
		i += n
	}
	for range maxRounds {
		next, changed := decode(plainForms(units))
		units = next
		if !changed {
			break
		}
	}
	return plainForms(units)
}

// lookalikes are characters that are taken for the separators of URLs and connection
// strings, besides the full-width forms (Unicode, confusables.txt).
var lookalikes = map[rune]rune{
	'\ufe6b': '@', '\u24d0': '@',
	'\ufe55': ':', '\u2236': ':', '\ua789': ':', '\u02d0': ':', '\u02f8': ':', '\u0589': ':', '\u05c3': ':',
	'\ufe13': ':', '\ufe30': ':', '\u205a': ':', '\u1803': ':',
	'\u1809': ':', '\u0703': ':', '\u0704': ':', '\u16ec': ':', '\u0903': ':', '\u0a83': ':',
	'\u2044': '/', '\u2215': '/', '\u29f8': '/', '\u2571': '/', '\u27cb': '/', '\u1735': '/', '\u3033': '/',
	'\u2cc6': '/', '\u2f03': '/',
	'\ufe68': '\\', '\u2216': '\\', '\u29f5': '\\', '\u29f9': '\\', '\u27cd': '\\', '\u2f02': '\\',
	'\ufe66': '=', '\ua78a': '=', '\u2550': '=', '\u30a0': '=',
	'\ufe54': ';', '\u037e': ';', '\u061b': ';',
	'\ufe6a': '%', '\u066a': '%', '\ufe60': '&', '\ufe5f': '#',
}

func plainForms(units []unit) []unit {
	out := units[:0]
	for _, u := range units {
		if u.r >= '\uff01' && u.r <= '\uff5e' {
			u.r -= 0xfee0
		} else if to, is := lookalikes[u.r]; is {
			u.r = to
		}
		if unicode.In(u.r, unicode.Cf, unicode.Mn, unicode.Me) || u.r < ' ' && !unicode.IsSpace(u.r) {
			continue // nobody sees them
		}
		out = append(out, u)
	}
	return out
}

// decode undoes one layer of escapes.
func decode(units []unit) (out []unit, changed bool) {
	out = make([]unit, 0, len(units))
	for i := 0; i < len(units); {
		if run, n := percentRun(units[i:]); n > 0 {
			out, changed = append(out, run...), true
			i += n
			continue
		}
		if r, n := escape(units[i:]); n > 0 {
			out, changed = append(out, unit{r, units[i].from, units[i+n-1].to}), true
			i += n
			continue
		}
		out = append(out, units[i])
		i++
	}
	return out, changed
}

// percentRun reads neighbouring %XX as the UTF-8 that they may be together.
func percentRun(units []unit) (out []unit, n int) {
	var octets []byte
	for n+2 < len(units) && units[n].r == '%' {
		v, ok := hexadecimal(units[n+1 : n+3])
		if !ok {
			break
		}
		octets = append(octets, byte(v)) //nolint:gosec // two digits
		n += 3
	}
	for i := 0; i < len(octets); {
		r, size := utf8.DecodeRune(octets[i:])
		out = append(out, unit{r, units[3*i].from, units[3*(i+size)-1].to})
		i += size
	}
	return out, n
}

// escape reads %u0040, \u0040, \u{40}, \x40, &#64;, &#x40; and &commat;.
func escape(units []unit) (r rune, n int) {
	if len(units) < 4 {
		return 0, 0
	}
	switch first, second := units[0].r, units[1].r; {
	case (first == '%' || first == '\\') && (second == 'u' || second == 'U') && len(units) >= 6:
		if v, ok := hexadecimal(units[2:6]); ok {
			return rune(v), 6
		}
	case first == '\\' && (second == 'x' || second == 'X'):
		if v, ok := hexadecimal(units[2:4]); ok {
			return rune(v), 4
		}
	case first == '&':
		return reference(units)
	}
	return 0, 0
}

// references are the names that HTML has for separators.
var references = map[string]rune{"commat": '@', "colon": ':', "sol": '/', "bsol": '\\', "equals": '=', "semi": ';',
	"amp": '&', "percnt": '%', "num": '#'}

func reference(units []unit) (r rune, n int) {
	const longest = 10
	name := make([]rune, 0, longest)
	for i := 1; i < len(units) && i <= longest; i++ {
		if units[i].r != ';' {
			name = append(name, unicode.ToLower(units[i].r))
			continue
		}
		s := string(name)
		if r, is := references[s]; is {
			return r, i + 1
		}
		base := 10
		if len(s) > 1 && s[0] == '#' {
			if s = s[1:]; s[0] == 'x' {
				s, base = s[1:], 16
			}
			if v, err := strconv.ParseInt(s, base, 32); err == nil {
				return rune(v), i + 1
			}
		}
		break
	}
	return 0, 0
}

func hexadecimal(units []unit) (int, bool) {
	v := 0
	for _, u := range units {
		d, err := strconv.ParseUint(string(u.r), 16, 8)
		if err != nil {
			return 0, false
		}
		v = v<<4 | int(d) //nolint:gosec // a digit
	}
	return v, true
}
