package html

import (
	"io"

	"edgenet/report"
	"edgenet/report/render"
)

// Sheet writes a sheet as one page, with the style and the policy of a report's. made says
// what made it.
func Sheet(w io.Writer, s *render.Sheet, made string) error {
	var m writer
	clean := render.Clean
	m.head(page{Title: report.Clean(s.Title, titleBytes)})
	m.Put("<body>\n<header>\n<p class=\"brand\">edgenet</p>\n<h1>%</h1>\n<p class=\"why\">", clean(s.Title))
	facts := make([]string, len(s.Facts))
	for i, f := range s.Facts {
		facts[i] = clean(f)
	}
	m.facts(facts)
	m.Put("</p>\n</header>\n<main>\n")
	if s.Verdict != "" {
		tone := "good"
		if s.Failed {
			tone = "bad"
		}
		m.Put("<section class=\"verdict %\" aria-label=\"verdict\">\n<p class=\"reason\">%</p>\n</section>\n", tone,
			clean(s.Verdict))
	}
	for _, b := range s.Blocks {
		m.sheetBlock(b)
	}
	if len(s.Notes) > 0 {
		m.Put("<section aria-label=\"notes\">\n")
		for _, n := range s.Notes {
			m.Put("<p>%</p>\n", clean(n))
		}
		m.Put("</section>\n")
	}
	m.Put("</main>\n<footer>\n<p>Made by %. Times are UTC. <code>edgenet explain CODE</code> says what a code "+
		"means.</p>\n</footer>\n</body>\n</html>\n", clean(made))
	return m.Send(w)
}

var sheetTones = map[render.Mark]string{render.MarkGood: "good", render.MarkBad: "bad", render.MarkOdd: "warn"}

// sheetBlock is a table; its first cells name the rows, in the tone of their mark.
func (m *writer) sheetBlock(b render.Block) {
	if len(b.Rows) == 0 {
		return
	}
	m.Put("<section>\n<h2>%</h2>\n<section class=\"scroll\" tabindex=\"0\" aria-label=\"%\"><table "+
		"class=\"sheet\">\n<thead><tr>", render.Clean(b.Heading), render.Clean(b.Heading))
	for _, c := range b.Columns {
		m.Put("<th scope=\"col\">%</th>", render.Clean(c))
	}
	m.Put("</tr></thead>\n<tbody>\n")
	for _, r := range b.Rows {
		m.Put("<tr>")
		for i, c := range r.Cells {
			switch tone := sheetTones[r.Mark]; {
			case i == 0 && tone != "":
				m.Put("<th scope=\"row\"><span class=\"cell %\">%</span></th>", tone, render.Clean(c))
			case i == 0:
				m.Put("<th scope=\"row\">%</th>", render.Clean(c))
			default:
				m.Put("<td>%</td>", render.Clean(c))
			}
		}
		m.Put("</tr>\n")
		for _, n := range r.Notes {
			m.Put("<tr><td></td><td class=\"why\" colspan=\"%\">%</td></tr>\n", number(max(len(r.Cells)-1, 1)),
				render.Clean(n))
		}
	}
	m.Put("</tbody>\n</table></section>\n</section>\n")
}
