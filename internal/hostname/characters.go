package hostname

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Characters refuses a name with a character that no host name has, and says which and
// where. Letters of other scripts are let through where the whole name is one of theirs.
func Characters(s string) error {
	if isAddress(s) {
		return nil
	}
	return characters(s)
}

func characters(s string) error {
	looks := 0 // letters that look like ASCII ones
	other := 0 // letters that do not
	var first error
	place := 0
	for i, r := range s {
		place++
		switch {
		case letter(r) || r == '.':
			continue
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\ufffd"):
			return fmt.Errorf("character %d is no character at all (byte 0x%02X, not UTF-8): type the name anew",
				place, s[i])
		case r < utf8.RuneSelf || bad(r) || dashes[r] != "":
			return named(place, r)
		case lookalike(r) != 0:
			looks++
			if first == nil {
				first = fmt.Errorf("%w", named(place, r))
			}
		default:
			other++
		}
	}
	mixed := strings.ContainsFunc(s, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' })
	if looks > 0 && (other == 0 || mixed && scriptsMixed(s)) {
		return first
	}
	if other > 0 && azure(s) {
		return notASCII(s)
	}
	return nil
}

// scriptsMixed tells of a label with letters of ASCII beside some that only look like them.
func scriptsMixed(s string) bool {
	for label := range strings.SplitSeq(s, ".") {
		latin := strings.ContainsFunc(label, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' })
		if latin && strings.ContainsFunc(label, func(r rune) bool { return lookalike(r) != 0 }) {
			return true
		}
	}
	return false
}

// notASCII names the first letter that a hub's name cannot have.
func notASCII(s string) error {
	place := 0
	for _, r := range s {
		if place++; r >= utf8.RuneSelf {
			return fmt.Errorf("%w; the names of hubs have letters a to z, digits and hyphens", named(place, r))
		}
	}
	return nil
}

// bad tells of what nobody sees, or nobody can tell from another.
func bad(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r) && !unicode.Is(unicode.Mc, r) ||
		invisible(r)
}

// invisible: Unicode's Default_Ignorable_Code_Point as far as they are letters or marks, and
// the empty Braille pattern.
func invisible(r rune) bool {
	switch {
	case unicode.In(r, unicode.Cf, unicode.Cc, unicode.Zs, unicode.Zl, unicode.Zp, unicode.Co,
		unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point):
		return true
	}
	return r == 0x2800
}

func named(place int, r rune) error {
	switch name := characterName(r); {
	case r > ' ' && r < 0x7f:
		return fmt.Errorf(
			"character %d is %q, which no host name has: expected a host name alone, such as contoso.azure-devices.net",
			place,
			string(r),
		)
	case lookalike(r) != 0:
		return fmt.Errorf(
			"character %d is %U (%s), which only looks like %q: type the name anew",
			place,
			r,
			name,
			string(lookalike(r)),
		)
	default:
		return fmt.Errorf("character %d is %U (%s), which no host name has: type the name anew", place, r, name)
	}
}

func characterName(r rune) string {
	switch {
	case names[r] != "":
		return names[r]
	case dashes[r] != "":
		return dashes[r]
	case r < ' ' || r >= 0x7f && r < 0xa0:
		return "a control character"
	case r >= 0xff01 && r <= 0xff5e:
		return "a full-width character"
	case unicode.Is(unicode.Zs, r):
		return "a kind of space"
	case invisible(r):
		return "an invisible character"
	case unicode.Is(unicode.Cyrillic, r):
		return "a Cyrillic letter"
	case unicode.Is(unicode.Greek, r):
		return "a Greek letter"
	case unicode.IsLetter(r):
		return "a letter that is not ASCII"
	}
	return "a character that is not ASCII"
}

// names are those of what is pasted most.
var names = map[rune]string{
	0: "a zero byte", '\t': "tab", '\n': "line feed", '\r': "carriage return", 0x1b: "escape", ' ': "space",
	0x7f: "delete",
	0xa0: "no-break space", 0xad: "soft hyphen", 0x200b: "zero width space", 0x200c: "zero width non-joiner",
	0x200d: "zero width joiner",
	0x200e: "left-to-right mark", 0x200f: "right-to-left mark", 0x2028: "line separator", 0x2029: "paragraph separator",
	0x202a: "left-to-right embedding",
	0x202b: "right-to-left embedding", 0x202c: "pop directional formatting", 0x202d: "left-to-right override",
	0x202e: "right-to-left override",
	0x202f: "narrow no-break space", 0x2060: "word joiner", 0x3000: "ideographic space", 0xfeff: "byte order mark",
	0xfffd: "replacement character",
	0x3002: "ideographic full stop", 0xff0e: "full-width full stop", 0xff61: "half-width ideographic full stop",
	0x2024: "one dot leader",
	0x2018: "left quotation mark", 0x2019: "right quotation mark", 0x201c: "left double quotation mark",
	0x201d: "right double quotation mark", 0x2026: "ellipsis",
}

var dashes = map[rune]string{
	0x2010: "hyphen", 0x2011: "non-breaking hyphen", 0x2012: "figure dash", 0x2013: "en dash", 0x2014: "em dash",
	0x2015: "horizontal bar", 0x2043: "hyphen bullet",
	0x2212: "minus sign", 0xfe58: "small em dash", 0xfe63: "small hyphen-minus", 0xff0d: "full-width hyphen-minus",
	0x30fc: "prolonged sound mark",
}

// lookalikes are the letters that readers take for ASCII ones (Unicode, confusables.txt),
// Cyrillic and Greek: the ones that keyboards have.
var lookalikes = map[rune]rune{
	'а': 'a', 'с': 'c', 'е': 'e', 'о': 'o', 'р': 'p', 'х': 'x', 'у': 'y', 'і': 'i', 'ј': 'j', 'ѕ': 's', 'ԁ': 'd',
	'һ': 'h', 'ո': 'n', 'ԛ': 'q', 'ԝ': 'w', 'ѵ': 'v', 'ӏ': 'l',
	'А': 'A', 'В': 'B', 'С': 'C', 'Е': 'E', 'Н': 'H', 'І': 'I', 'Ј': 'J', 'К': 'K', 'М': 'M', 'О': 'O', 'Р': 'P',
	'Ѕ': 'S', 'Т': 'T', 'Х': 'X', 'Ү': 'Y', 'к': 'k', 'т': 't', 'м': 'm', 'в': 'b', 'н': 'h',
	'α': 'a', 'ο': 'o', 'ν': 'v', 'ρ': 'p', 'ι': 'i', 'κ': 'k', 'τ': 't', 'υ': 'u', 'γ': 'y', 'χ': 'x', 'η': 'n',
	'ω': 'w', 'ε': 'e',
	'Α': 'A', 'Β': 'B', 'Ε': 'E', 'Ζ': 'Z', 'Η': 'H', 'Ι': 'I', 'Κ': 'K', 'Μ': 'M', 'Ν': 'N', 'Ο': 'O', 'Ρ': 'P',
	'Τ': 'T', 'Υ': 'Y', 'Χ': 'X',
	'ı': 'i', 'ɑ': 'a', 'ɡ': 'g', 'ſ': 's', 'ℓ': 'l', 'օ': 'o', 'ѐ': 'e',
}

// lookalike is the ASCII letter that a letter looks like, zero where it looks like none.
func lookalike(r rune) rune {
	if r >= 0xff01 && r <= 0xff5e { // full width
		return r - 0xfee0
	}
	return lookalikes[r]
}
