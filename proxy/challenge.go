package proxy

import (
	"strings"

	"edgenet/report"
)

// challenge is one way to log in that a 407 offers (RFC 9110, section 11.6).
type challenge struct{ scheme, realm string }

const maxChallenges = 8

func (c challenge) basic() bool { return strings.EqualFold(c.scheme, "Basic") }

// challenges reads the values of Proxy-Authenticate. One value may hold several
// challenges, with parameters of their own between the same commas.
func challenges(values []string) []challenge {
	var out []challenge
	for _, v := range values {
		for _, item := range splitList(v) {
			word, rest := token(item)
			after := strings.TrimLeft(rest, " \t")
			if param := strings.HasPrefix(after, "="); !param && word != "" && len(out) < maxChallenges {
				out = append(out, challenge{scheme: report.Clean(word, 40)})
				word, after = token(after)
				after = strings.TrimLeft(after, " \t")
			}
			if len(out) > 0 && strings.EqualFold(word, "realm") && strings.HasPrefix(after, "=") {
				out[len(out)-1].realm = report.Clean(unquote(strings.TrimSpace(after[1:])), 120)
			}
		}
	}
	return out
}

// splitList splits at the commas that are not inside a quoted string, and trims.
func splitList(v string) []string {
	var out []string
	start, in := 0, false
	for i := 0; i < len(v); i++ {
		switch {
		case in && v[i] == '\\':
			i++
		case v[i] == '"':
			in = !in
		case v[i] == ',' && !in:
			out = append(out, strings.TrimSpace(v[start:i]))
			start = i + 1
		}
	}
	return append(out, strings.TrimSpace(v[start:]))
}

// token cuts the token (RFC 9110, section 5.6.2) that a text starts with.
func token(s string) (word, rest string) {
	i := 0
	for i < len(s) && (s[i] >= '0' && s[i] <= '9' || s[i] >= 'A' && s[i] <= 'Z' || s[i] >= 'a' && s[i] <= 'z' ||
		strings.IndexByte("!#$%&'*+-.^_`|~", s[i]) >= 0) {
		i++
	}
	return s[:i], s[i:]
}

func unquote(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	return strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(s[1 : len(s)-1])
}
