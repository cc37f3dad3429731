package secret

import (
	"encoding/base64"
	"strings"
	"unicode"
)

// The shortest runs of Base64's letters that are taken for a key: with its padding, and
// without.
const (
	leastPadded = 16
	leastPlain  = 40
)

// bareKey tells whether a text is a key by itself.
func bareKey(text string) bool {
	if len(text) < 20 || strings.HasPrefix(text, "/") {
		return false
	}
	_, err := base64.StdEncoding.DecodeString(text)
	return err == nil && (strings.HasSuffix(text, "=") || mixed(text))
}

// mixed tells a random text from words.
func mixed(text string) bool {
	return strings.ContainsFunc(text, unicode.IsUpper) && strings.ContainsFunc(text, unicode.IsLower) &&
		strings.ContainsFunc(text, unicode.IsDigit)
}

// holdsKey tells whether a part of a text looks like a key.
func holdsKey(text string) bool {
	found := false
	eachKey(text, func(string, bool) { found = true })
	return found
}

// keys masks what still looks like a key in what is shown.
func (m *masker) keys(shown string) string {
	if !holdsKey(shown) {
		return shown
	}
	var b strings.Builder
	at := 0
	eachKey(shown, func(key string, _ bool) {
		i := at + strings.Index(shown[at:], key)
		b.WriteString(shown[at:i] + Mask)
		at = i + len(key)
		m.hidden = append(m.hidden, key)
	})
	return b.String() + shown[at:]
}

// eachKey calls f with every part that looks like a key, in order. A slash belongs to one
// only with its padding, as paths of files are long too.
func eachKey(text string, f func(key string, padded bool)) {
	start, plain := 0, 0 // of the run, and of its part since the last / or -
	for i := 0; i <= len(text); i++ {
		c := byte(0)
		if i < len(text) {
			c = text[i]
		}
		if isKeyByte(c) {
			continue
		}
		if c == '/' || c == '-' {
			if key := text[plain:i]; len(key) >= leastPlain && mixed(key) {
				f(key, false)
				start = i + 1
			}
			plain = i + 1
			continue
		}
		switch {
		case c == '=' && i-start >= leastPadded && !isName(text[start:i], text[i+1:]):
			end := i + 1
			if end < len(text) && text[end] == '=' {
				end++
			}
			f(text[start:end], true)
			i = end - 1
		case i-plain >= leastPlain && mixed(text[plain:i]):
			f(text[plain:i], false)
		}
		start, plain = i+1, i+1
	}
}

// isName tells a long name and its value (UpstreamProtocol=AmqpWs) from a key and its padding,
// behind which nothing goes on.
func isName(name, rest string) bool {
	return rest != "" && (isKeyByte(rest[0]) || strings.IndexByte("/$[{-*", rest[0]) >= 0) && !mixed(name)
}

func isKeyByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '+' || c == '_'
}

// letters gives a text of the same length in which all beyond ASCII that is no letter or
// digit, or stands for a separator, cannot be taken for a part of a name.
func letters(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII }) {
		return text
	}
	b := []byte(text)
	for i, r := range text {
		if r <= unicode.MaxASCII {
			continue
		}
		_, alike := lookalikes[r]
		if alike || r >= '\uff01' && r <= '\uff0f' || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			for n := range len(string(r)) {
				if i+n < len(b) {
					b[i+n] = 1
				}
			}
		}
	}
	return string(b)
}
