package html

import (
	"html"
	"strconv"
	"strings"
)

// literal is markup of our own. Only a constant becomes one without a conversion, so
// that the compiler keeps what a stranger wrote from being taken for markup.
type literal string

// markup builds a page. html/template would make the binary a sixth larger, since it
// keeps every method of every type in it; a page whose strangers' texts stand between
// tags and in quoted attributes alone needs no more than their escaping.
type markup struct{ b strings.Builder }

// put writes the markup with every % replaced by the next text, escaped for its place
// between tags or in a double-quoted attribute.
func (m *markup) put(form literal, texts ...string) {
	rest := string(form)
	for _, text := range texts {
		before, after, _ := strings.Cut(rest, "%")
		m.b.WriteString(before)
		m.b.WriteString(html.EscapeString(text))
		rest = after
	}
	m.b.WriteString(rest)
}

// maybe puts where there is a text.
func (m *markup) maybe(form literal, text string) {
	if text != "" {
		m.put(form, text)
	}
}

// facts joins with dots.
func (m *markup) facts(list []string) {
	for i, f := range list {
		if i > 0 {
			m.put(" · ")
		}
		m.put("%", f)
	}
}

func number(n int) string { return strconv.Itoa(n) }
