// Package redact takes secrets out of texts that others wrote: logs, inspected
// containers, manifests. The runtime prints passwords of proxies in clear in several cases,
// modules print connection strings, and logs are cut in the middle of both.
//
// It would rather mask what is none than leave one. Whatever is quoted from a log passes
// Text, whole, before it is cut.
package redact

import (
	"regexp"
	"strings"
	"sync"

	"edgenet/internal/secret"
)

// Filter masks. It is safe for use by several goroutines.
type Filter struct{ rules []rule }

type rule struct {
	needles []string // one of them has to be there, in lower case; nil: always looked for
	re      *regexp.Regexp
	with    string
}

const key = `(?:shared[_-]?access[_-]?key|shared[_-]?access[_-]?signature|account[_-]?key|primary[_-]?key|secondary[_-]?key|symmetric[_-]?key|access[_-]?key|api[_-]?key|pass[_-]?word|passwd|pwd|passphrase|client[_-]?secret|secret|private[_-]?key|access[_-]?token|refresh[_-]?token|id[_-]?token|identitytoken|registrytoken|token|credentials?|x-registry-auth|auth)`

// New gives the filter. Its patterns are compiled when it is first asked for, and once.
func New() *Filter { return compiled() }

var compiled = sync.OnceValue(func() *Filter {
	m := secret.Mask
	words := []string{"key", "pass", "pwd", "secret", "token", "credential", "auth", "signature"}
	return &Filter{[]rule{
		{[]string{"private key"}, regexp.MustCompile(
			`(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)`), m},
		{[]string{"authorization"}, regexp.MustCompile(
			`(?i)((?:proxy-)?authorization\\?["']?\s*[:=]\s*\\?["']?(?:[a-z]+\s+)?)[^\s"'\\,}]+(?:\s+[^\s"'\\,}]*[=&][^\s"'\\,}]*)?`), "${1}" + m},
		{[]string{"basic ", "bearer ", "negotiate ", "ntlm "},
			regexp.MustCompile(`(?i)\b(basic|bearer|negotiate|ntlm) [A-Za-z0-9+/_.~=-]{8,}`), "${1} " + m},
		{[]string{"sig="}, regexp.MustCompile(`(?i)\b(sig=)[^\s&"'\\,;]+`), "${1}" + m},
		{[]string{"sig%3d"}, regexp.MustCompile(`(?i)(sig%3d)[^\s&"'\\,;]+`), "${1}" + m},
		{[]string{`"value`}, regexp.MustCompile(`(?i)(` + key +
			`\\?["']\s*:\s*\{\s*\\?["']value\\?["']\s*:\s*\\?["'])[^"'\\]*`), "${1}" + m},
		{words, regexp.MustCompile(`(?i)(` + key + `\\?["']\s*[:=]\s*(?:some\()?\\?["'])[^"'\\]+`), "${1}" + m},
		{words, regexp.MustCompile(`(?i)(` + key + `["']?\s*[=:]\s*\\?["']?)[^\s"'\\,;&}\])][^\s"'\\,;&}\])]*`),
			"${1}" + m},
		{[]string{"eyj"}, regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*){0,2}`), m},
		{[]string{"=", "%3d"}, regexp.MustCompile(`[A-Za-z0-9+/]{20,}={1,2}|[A-Za-z0-9+/]{20,}%3[dD]`), m},
	}}
})

// withoutURI masks what stands behind "Invalid URI" where that is none of .NET's own sentences: a proxy's URL that is
// none, in whatever disguise its password is.
func withoutURI(s string) string {
	const sign = "Invalid URI"
	before, rest, ok := strings.Cut(s, sign)
	if !ok || strings.Trim(rest, " .:") == "" {
		return s
	}
	for _, own := range [...]string{": The ", ": Invalid port", ": A "} {
		if strings.HasPrefix(rest, own) {
			return before + sign + own + withoutURI(rest[len(own):])
		}
	}
	_, more, several := strings.Cut(rest, "\n")
	if several {
		more = "\n" + withoutURI(more)
	}
	return before + sign + " " + secret.Mask + more
}

// Text masks all secrets of a text.
func (f *Filter) Text(s string) string {
	s = userinfo(s)
	s = withoutURI(s)
	lower := strings.ToLower(s)
	for _, r := range f.rules {
		if r.needles == nil || containsAny(lower, r.needles) {
			s = r.re.ReplaceAllString(s, r.with)
		}
	}
	return base64Lines(s)
}

func containsAny(s string, needles []string) bool {
	for _, n := range needles {
		if strings.Contains(s, n) {
			return true
		}
	}
	return false
}

// userinfo masks what stands between :// and the last @ of the same word. A user stays only
// where the password is masked already: without one it may be the secret itself. A
// log that was cut ends before the @, so that a port that is no number is a password.
func userinfo(s string) string {
	var b strings.Builder
	for {
		i := strings.Index(s, "://")
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i+3])
		s = s[i+3:]
		end := strings.IndexAny(s, " \t\r\n\"'`<>|")
		if end < 0 {
			end = len(s)
		}
		word := s[:end]
		s = s[end:]
		// another URL in the same word, as in lists, starts a new one
		if j := strings.Index(word, "://"); j > 0 {
			k := j
			for k > 0 && (word[k-1] >= 'a' && word[k-1] <= 'z' || word[k-1] >= 'A' && word[k-1] <= 'Z') {
				k--
			}
			word, s = word[:k], word[k:]+s
		}
		b.WriteString(maskWord(word))
	}
}

// isPort tells a port, with what a sentence or JSON puts behind it, from a password.
func isPort(s string) bool {
	rest := strings.TrimLeft(s, "0123456789")
	for _, end := range [...]string{`\n`, `\r`, `\t`, `\`} {
		rest = strings.TrimSuffix(rest, end)
	}
	return len(rest) < len(s) && strings.Trim(rest, ".,;:)]}…'") == ""
}

func maskWord(word string) string {
	at := strings.LastIndexByte(word, '@')
	if at < 0 {
		authority, _, _ := strings.Cut(word, "/")
		_, port, hasPort := strings.Cut(authority, ":")
		if hasPort && !isPort(port) && !strings.HasPrefix(authority, "[") {
			return secret.Mask
		}
		return word
	}
	user, password, _ := strings.Cut(word[:at], ":")
	if password != "" && strings.Trim(password, "*") == "" {
		return user + ":" + secret.Mask + word[at:]
	}
	return secret.Mask + word[at:]
}

// base64Lines masks long words that look like keys: upper and lower case and digits in one
// run of at least forty characters. Ids of containers and hashes are in lower case.
func base64Lines(s string) string {
	start := -1
	var b strings.Builder
	done := 0
	for i := 0; i <= len(s); i++ {
		if i < len(s) && isBase64(s[i]) {
			if start < 0 {
				start = i
			}
			continue
		}
		if start >= 0 && i-start >= 40 && looksLikeKey(s[start:i]) {
			b.WriteString(s[done:start])
			b.WriteString(secret.Mask)
			done = i
		}
		start = -1
	}
	if done == 0 {
		return s
	}
	b.WriteString(s[done:])
	return b.String()
}

func isBase64(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '+' || c == '/' ||
		c == '-' || c == '_'
}

// looksLikeKey tells keys from paths and names: no separator that recurs like a word's.
func looksLikeKey(w string) bool {
	var upper, lower, digit, sep int
	for i := range len(w) {
		switch c := w[i]; {
		case c >= 'A' && c <= 'Z':
			upper++
		case c >= 'a' && c <= 'z':
			lower++
		case c >= '0' && c <= '9':
			digit++
		default:
			sep++
		}
	}
	return upper >= 3 && lower >= 3 && digit >= 2 && sep*8 <= len(w)
}
