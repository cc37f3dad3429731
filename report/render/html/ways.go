package html

import (
	"fmt"
	"strings"

	"edgenet/report/render"
)

// ways are the picture of how each protocol goes and where it breaks.
func (m *writer) ways(list []render.WayPicture) {
	if len(list) == 0 {
		return
	}
	m.Put("<section aria-labelledby=\"ways\">\n<h2 id=\"ways\">The ways to the hub</h2>\n<ul class=\"ways\">\n")
	for _, w := range list {
		m.Put("<li class=\"%\">", string(w.Tone))
		m.legs(w.Legs)
		m.Put("<p><b>%</b>", strings.Join(w.Names, ", "))
		m.maybe(" %", w.Title)
		m.maybe(" <code>%</code>", w.Words)
		m.Put("</p></li>\n")
	}
	m.Put("</ul>\n</section>\n")
}

// legs are one way from this device to its target.
func (m *writer) legs(legs []render.Leg) {
	m.Put("<p class=\"way\" role=\"img\" aria-label=\"%\"><span class=\"node\">you</span>", wayInWords(legs))
	for _, l := range legs {
		class := "leg " + string(l.Link)
		if l.Mild {
			class += " mild"
		}
		m.Put("<span class=\"%\"></span><span class=\"node\">%</span>", class, l.To)
	}
	m.Put("</p>\n")
}

func wayInWords(legs []render.Leg) string {
	var out []string
	from := "this device"
	for _, l := range legs {
		out = append(out, fmt.Sprintf("from %s to the %s: %s", from, l.To, linkWords[l.Link]))
		from = "the " + l.To
	}
	return strings.Join(out, "; ")
}
