package secret

import (
	"slices"
	"sort"
	"strings"
	"unicode"
)

// longestDisguise bounds the texts in which secrets are looked for behind escapes: what strangers
// say is shorter where it is kept.
const longestDisguise = 16 << 10

// leastBroken is the shortest secret that is looked for across blanks, where a long token was
// broken into lines.
const leastBroken = 16

// span is a part of a text, by its bytes.
type span struct{ from, to int }

// disguised masks known secrets that stand in a text with their characters escaped, or with marks
// of HTML, what nobody sees or the ends of lines between them. The lock is held.
func (s *Scrubber) disguised(text string) string {
	if len(text) < anywhere || len(text) > longestDisguise || !s.mayHide(text) {
		return text
	}
	units := untagged(fold(text))
	whole, at := plainText(units)
	broken := slices.DeleteFunc(slices.Clone(units), func(u unit) bool { return unicode.IsSpace(u.r) })
	joined, atJoined := plainText(broken)
	var spans []span
	for _, f := range s.forms {
		if f.alone {
			continue
		}
		spans = append(spans, found(whole, f.text, units, at)...)
		if len(f.text) >= leastBroken && len(joined) != len(whole) {
			spans = append(spans, found(joined, f.text, broken, atJoined)...)
		}
	}
	return cutOut(text, spans)
}

// mayHide tells at little cost that a text has nothing that is undone, and no beginning of a long
// secret that may have been broken.
func (s *Scrubber) mayHide(text string) bool {
	if strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII || strings.ContainsRune(`%\&<`, r) }) {
		return true
	}
	low := lower(text)
	return slices.ContainsFunc(s.forms, func(f form) bool {
		return len(f.text) >= leastBroken && strings.Contains(low, f.text[:leastEnd])
	})
}

// untagged leaves out short marks of HTML, and the points that stand for what nobody sees.
func untagged(units []unit) []unit {
	const longestTag = 24
	out := units[:0]
	for i := 0; i < len(units); i++ {
		if units[i].r == '<' {
			ahead := units[i:min(i+longestTag, len(units))]
			if n := slices.IndexFunc(ahead, func(u unit) bool { return u.r == '>' }); n > 1 {
				i += n
				continue
			}
		}
		if units[i].r != '\u00b7' {
			out = append(out, units[i])
		}
	}
	return out
}

// plainText is what units say, in lower case, and which of them each byte belongs to.
func plainText(units []unit) (text string, at []int) {
	var b strings.Builder
	for i, u := range units {
		n := b.Len()
		b.WriteRune(u.r)
		for range b.Len() - n {
			at = append(at, i)
		}
	}
	return lower(b.String()), at
}

func found(text, secret string, units []unit, at []int) (out []span) {
	for from := 0; ; {
		i := strings.Index(text[from:], secret)
		if i < 0 {
			return out
		}
		i += from
		from = i + len(secret)
		out = append(out, span{units[at[i]].from, units[at[from-1]].to})
	}
}

// cutOut puts the mask in place of parts, which may overlap.
func cutOut(text string, spans []span) string {
	if len(spans) == 0 {
		return text
	}
	sort.SliceStable(spans, func(i, j int) bool { return spans[i].from < spans[j].from })
	var b strings.Builder
	end := 0
	for _, x := range spans {
		if x.from >= end {
			b.WriteString(text[end:x.from] + Mask)
		}
		end = max(end, x.to)
	}
	return b.String() + text[end:]
}
