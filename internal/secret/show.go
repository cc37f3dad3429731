package secret

import (
	"strings"
	"unicode"

	"edgenet/report"
)

// Show is the one way in which a text that somebody typed, set or wrote into a file may be
// shown where it can be a URL or a connection string, well formed or not: all that may be
// a password, a key or a token is masked, whatever encoding or look-alike its separators
// have, and the rest is scrubbed by report.Clean and cut to max bytes (zero means 200).
// Where it cannot tell, it masks.
func Show(text string, max int) string {
	shown, _ := mask(text)
	return report.Clean(shown, max)
}

// Hidden gives the parts of a text that Show masks.
func Hidden(text string) []string {
	_, hidden := mask(text)
	return hidden
}

// masker builds what is shown of a text, and keeps what is not.
type masker struct {
	text   string
	units  []unit
	folded string // what the units say, in lower case
	at     []int  // for each byte of folded, its unit
	out    strings.Builder
	hidden []string
}

// harmless tells at little cost that a text has none of what the rules look at.
func harmless(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		return r >= 0x7f || r <= ' ' ||
			strings.ContainsRune(":@%=&\\;#", r)
	}) &&
		!strings.Contains(text, "-----") && !bareKey(text) && !holdsKey(text)
}

func mask(text string) (shown string, hidden []string) {
	text = strings.TrimSpace(text)
	if harmless(text) {
		return text, nil
	}
	m := unfolded(text)
	switch {
	case text == "":
	case bareKey(text):
		m.hide(text)
	case named().MatchString(m.folded) || hubPart().MatchString(m.folded):
		m.pairs()
	case shownBefore().MatchString(letters(text)) || routed().MatchString(text) || digest().MatchString(text) ||
		faulty().MatchString(text):
		m.out.WriteString(text)
	case strings.ContainsRune(m.folded, '@'):
		m.userinfo()
	case m.numbered():
		m.numbers()
	case localURL().MatchString(m.folded):
		m.out.WriteString(text)
	case urlStart().MatchString(m.folded):
		start := m.source(len(urlStart().FindString(m.folded)))
		m.out.WriteString(knownScheme().FindString(text[:start]))
		m.authority(text[start:])
	case strings.ContainsRune(m.folded, ':') && !addressed().MatchString(letters(text)):
		m.colon()
	default:
		m.out.WriteString(text)
	}
	return m.keys(m.out.String()), m.hidden
}

// unfolded begins with a text, and what it says once all that may hide a character is undone.
func unfolded(text string) *masker {
	m := &masker{text: text, units: fold(text)}
	var b strings.Builder
	for i, u := range m.units {
		low := string(unicode.ToLower(u.r))
		b.WriteString(low)
		for range len(low) {
			m.at = append(m.at, i)
		}
	}
	m.folded = b.String()
	return m
}

// source is where in the text a byte of folded came from.
func (m *masker) source(i int) int {
	if i >= len(m.at) {
		return len(m.text)
	}
	return m.units[m.at[i]].from
}

func (m *masker) hide(part string) {
	if part == "" {
		return
	}
	m.out.WriteString(Mask)
	m.hidden = append(m.hidden, part)
}

// userinfo masks all before the last @, since raw passwords may hold one.
func (m *masker) userinfo() {
	scheme := knownScheme().FindString(m.text)
	last := strings.LastIndexByte(m.folded, '@')
	from, to := m.source(last), m.units[m.at[last]].to
	m.out.WriteString(scheme)
	if from > len(scheme) {
		m.hide(m.text[len(scheme):from])
	}
	m.out.WriteByte('@')
	m.authority(m.text[to:])
}

// authority shows host and port, the path of a PAC file, and nothing else that follows.
func (m *masker) authority(rest string) {
	found := rest[:len(authority().FindString(letters(rest)))]
	tail := rest[len(found):]
	if strings.Contains(found, ":") && tail != "" && !strings.ContainsRune("/?#", rune(tail[0])) {
		found = found[:strings.LastIndexByte(found, ':')+1] // digits, and more: no port
		tail = rest[len(found):]
	}
	if i := strings.LastIndexByte(found, ':'); i >= 0 && i+1 < len(found) && !strings.HasSuffix(found, "]") {
		if _, ok := Port(found[i+1:]); !ok {
			m.out.WriteString(found[:i+1])
			m.hide(rest[i+1:])
			return
		}
	}
	m.out.WriteString(found)
	switch {
	case tail == "/" || pacFile().MatchString(tail):
		m.out.WriteString(tail)
	case found != "" && (tail[:min(1, len(tail))] == "/" || tail[:min(1, len(tail))] == ":"):
		m.out.WriteByte(tail[0])
		m.hide(tail[1:])
	default:
		m.hide(tail)
	}
}

// colon masks what follows a colon and is neither port nor address: the password of
// somebody who forgot the host.
func (m *masker) colon() {
	i := strings.IndexByte(m.folded, ':')
	from, to := m.source(i), m.units[m.at[i]].to
	m.out.WriteString(m.text[:from] + ":")
	m.hide(m.text[to:])
}

// pairs shows the members of a connection string that are known to be harmless, and the
// names of the others.
func (m *masker) pairs() {
	start := 0
	for i := 0; i <= len(m.units); i++ {
		if i < len(m.units) && m.units[i].r != ';' {
			continue
		}
		from, to := len(m.text), len(m.text)
		if start < len(m.units) {
			from = m.units[start].from
		}
		if i < len(m.units) {
			to = m.units[i].from
		}
		if from < to {
			if start > 0 {
				m.out.WriteByte(';')
			}
			m.pair(m.text[from:to])
		}
		start = i + 1
	}
}

func (m *masker) pair(part string) {
	if shownKeys().MatchString(part) && !holdsKey(part) {
		m.out.WriteString(part)
		return
	}
	name := pairName().FindString(part)
	m.out.WriteString(name)
	m.hide(part[len(name):])
}

// Separated tells whether a text holds what separates a user from a password, encoded or
// not, or looks like a key.
func Separated(text string) bool {
	for _, u := range fold(text) {
		if strings.ContainsRune(":/;=\r\n", u.r) {
			return true
		}
	}
	return bareKey(text) || holdsKey(text)
}
