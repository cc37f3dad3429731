package html

import (
	"strconv"

	"edgenet/internal/markup"
)

// writer writes the parts of a page.
type writer struct{ markup.Page }

// maybe puts where there is a text.
func (m *writer) maybe(form markup.Text, text string) {
	if text != "" {
		m.Put(form, text)
	}
}

// facts joins with dots.
func (m *writer) facts(list []string) {
	for i, f := range list {
		if i > 0 {
			m.Put(" · ")
		}
		m.Put("%", f)
	}
}

func number(n int) string { return strconv.Itoa(n) }
