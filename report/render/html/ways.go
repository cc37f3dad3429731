package html

import (
	"fmt"
	"strings"

	"edgenet/report/render"
)

// ways are the picture of how each protocol goes and where it breaks.
func (m *markup) ways(list []render.WayPicture) {
	if len(list) == 0 {
		return
	}
	m.put("<section aria-labelledby=\"ways\">\n<h2 id=\"ways\">The ways to the hub</h2>\n<ul class=\"ways\">\n")
	for _, w := range list {
		m.put("<li class=\"%\">", string(w.Tone))
		m.legs(w.Legs)
		m.put("<p><b>%</b>", strings.Join(w.Names, ", "))
		m.maybe(" %", w.Title)
		m.maybe(" <code>%</code>", w.Words)
		m.put("</p></li>\n")
	}
	m.put("</ul>\n</section>\n")
}

// legs are one way from this device to its target.
func (m *markup) legs(legs []render.Leg) {
	m.put("<p class=\"way\" role=\"img\" aria-label=\"%\"><span class=\"node\">you</span>", wayInWords(legs))
	for _, l := range legs {
		class := "leg " + string(l.Link)
		if l.Mild {
			class += " mild"
		}
		m.put("<span class=\"%\"></span><span class=\"node\">%</span>", class, l.To)
	}
	m.put("</p>\n")
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
