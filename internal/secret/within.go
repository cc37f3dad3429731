package secret

import (
	"reflect"
	"strings"
	"unicode"

	"edgenet/report"
)

// Within masks what may be a secret in a longer text, such as a value in JSON or a line of
// a file: the words and quoted parts that are URLs or hold an @, a key or a token.
// Everything else stays as it is.
func Within(text string) string { return inWords(text, urlOrSuspicious) }

// Path is how a file's name, or a key, is shown: as it is, unless it is a URL or holds what
// may be a secret, since people put the one into the other's place.
func Path(text string) string {
	if urlOrSuspicious(text) || unfolded(text).numbered() {
		text, _ = mask(text)
	}
	return text
}

// Walk does the same in every text that a pointer leads to.
func Walk(pointer any) { walker(Within).walk(reflect.ValueOf(pointer), 0) }

// WalkForeign masks URLs with a user and what belongs to shared access in every text that a
// pointer leads to: of a document that another version may have written.
func WalkForeign(pointer any) {
	walker(func(text string) string { return inWords(text, foreign) }).walk(reflect.ValueOf(pointer), 0)
}

// inWords masks the words, and the parts between quotation marks, that a test points at.
func inWords(text string, hides func(word string) bool) string {
	if parts := strings.Split(text, `"`); len(parts) > 2 {
		for i, part := range parts {
			if i%2 == 1 && part != "" && namedBefore(parts[:i]) {
				parts[i] = Mask + part[len(strings.TrimRight(part, `\`)):]
			} else if i%2 == 1 && (hides(part) || noPort(part)) {
				parts[i], _ = mask(part)
			} else {
				parts[i] = inWords(part, hides)
			}
		}
		return strings.Join(parts, `"`)
	}
	var b strings.Builder
	start := 0
	flush := func(end int) {
		word := text[start:end]
		if hides(word) {
			word, _ = mask(word)
		}
		b.WriteString(word)
	}
	for i, r := range text {
		blank := unicode.IsSpace(r)
		if blank && goesOn(text[start:i], text[i:]) {
			continue
		}
		if blank || strings.ContainsRune("\"'<>`", r) {
			flush(i)
			start = i + len(string(r))
			b.WriteString(text[i:start])
		}
	}
	flush(len(text))
	return b.String()
}

// namedBefore tells whether the quoted part behind these is what a quoted name before it names
// as a secret: the value of a member of JSON, which itself may stand in a quoted text.
func namedBefore(parts []string) bool {
	n := len(parts)
	return n > 2 && strings.Trim(parts[n-1], " \\") == ":" && named().MatchString(foldedText(strings.TrimRight(parts[n-2], `\`))+":")
}

// goesOn tells whether a word belongs to the next one: what names a secret, and the secret.
func goesOn(word, rest string) bool {
	if word == "" {
		return false
	}
	next := strings.TrimLeftFunc(rest, unicode.IsSpace)
	switch last := word[len(word)-1]; {
	case next == "":
		return false
	case next[0] == ':':
		after := strings.TrimLeftFunc(next[1:], unicode.IsSpace)
		return loginLike(after) && named().MatchString(foldedText(strings.TrimRightFunc(word, unicode.IsSpace)+":"))
	case next[0] == '=' || last == '=':
		return named().MatchString(foldedText(strings.TrimRightFunc(word, unicode.IsSpace) + next[:1]))
	case last == ':' && strings.Contains(word, "://"): // a URL whose password has blanks about it
		return strings.Contains(next, "@")
	case last == ':':
		return loginLike(next) && named().MatchString(foldedText(word))
	}
	return len(word) < 10 && schemes[strings.ToLower(word)] && loginLike(next)
}

// loginLike tells a secret from what follows a word in a sentence, such as "Basic tier", or
// "it does not accept the credentials: the key has ended".
func loginLike(next string) bool {
	word, _, _ := strings.Cut(next, " ")
	return len(word) >= anywhere && strings.ContainsAny(word, "0123456789=")
}

// schemes are what HTTP's Authorization names before a login.
var schemes = map[string]bool{"basic": true, "bearer": true, "negotiate": true, "ntlm": true}

func urlOrSuspicious(word string) bool {
	return suspicious(word) || urlInside().MatchString(foldedText(word))
}

// suspicious tells whether a word has to go through mask; file names and addresses are
// left alone, which mask would cut.
func suspicious(word string) bool {
	folded := foldedText(word)
	at := strings.IndexAny(folded, ":=")
	alone := at > 0 && at == len(folded)-1 // a name, and nothing behind it
	return strings.ContainsRune(folded, '@') || !alone && named().MatchString(folded) || holdsKey(word) || bareKey(word)
}

// foreign is suspicious for a report, which has addresses of mail in certificates and
// paths such as AMQP@direct.
func foreign(word string) bool {
	folded := foldedText(word)
	colon, at := strings.IndexByte(folded, ':'), strings.LastIndexByte(folded, '@')
	return at >= 0 && (colon >= 0 && colon < at || urlInside().MatchString(folded)) ||
		sharedAccess().MatchString(folded)
}

func foldedText(text string) string {
	var b strings.Builder
	for _, u := range fold(text) {
		b.WriteRune(unicode.ToLower(u.r))
	}
	return b.String()
}

// Name is how an identity, a tag or another short value of somebody else's is shown: as it is,
// unless it is a URL, or holds a user and a password or what may be a key. An @ alone belongs
// to many names.
func Name(text string, max int) string {
	if nameHides(text) {
		text, _ = mask(text)
	}
	return report.Clean(text, max)
}

func nameHides(text string) bool {
	if harmless(text) {
		return false
	}
	folded := foldedText(text)
	colon, at := strings.IndexByte(folded, ':'), strings.LastIndexByte(folded, '@')
	return colon >= 0 && colon < at || urlInside().MatchString(folded) || named().MatchString(folded) ||
		holdsKey(text) || bareKey(text) || unfolded(text).numbered()
}
