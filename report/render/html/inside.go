package html

import "edgenet/report/render"

// inside is the check from a container: where it ran, what goes otherwise there than
// on the host, and who does what about it.
func (m *writer) inside(in *render.Inside) {
	if in == nil {
		return
	}
	m.Put("<section class=\"inside\" aria-labelledby=\"container\">\n<h2 id=\"container\">%</h2>\n<dl class=\"facts\">",
		in.Title)
	m.pairs(in.Facts)
	m.Put("</dl>\n")
	if in.Error != "" {
		m.Put("<p><b class=\"failed\"><span aria-hidden=\"true\">✗</span> Nothing came from the container:</b> "+
			"%</p>\n</section>\n", in.Error)
		return
	}
	if len(in.Paths)+len(in.Places) > 0 {
		m.Put("<section class=\"scroll\" aria-label=\"Table of host and container\" " +
			"tabindex=\"0\">\n<table>\n<caption>The paths that go otherwise in the container, and where the two " +
			"stand.</caption>\n")
		m.Put("<thead><tr><th scope=\"col\">Path or setting</th><th scope=\"col\">Host</th><th " +
			"scope=\"col\">Container</th></tr></thead>\n<tbody>\n")
		for _, b := range in.Paths {
			m.beside(b)
		}
		for _, b := range in.Places {
			m.beside(b)
		}
		m.Put("</tbody>\n</table>\n</section>\n")
	}
	if len(in.Paths) == 0 {
		m.Put("<p>No path goes otherwise in the container.</p>\n")
	}
	m.reasons(in.Reasons)
	m.Put("</section>\n")
}

func (m *writer) beside(b render.Beside) {
	m.Put("<tr><th scope=\"row\">%</th>", b.Name)
	m.side(b.Host)
	m.side(b.Container)
	m.Put("</tr>\n")
}

func (m *writer) side(s render.Side) {
	if s.Mark == "" {
		m.Put("<td>%</td>", s.Word)
		return
	}
	m.Put("<td><span class=\"cell %\"><span class=\"mark\" aria-hidden=\"true\">%</span> <b>%</b>", string(s.Tone),
		s.Mark, s.Word)
	m.maybe(" <code>%</code>", s.Code)
	m.maybe(" <span class=\"time\">%</span>", s.Time)
	m.Put("</span></td>")
}

func (m *writer) reasons(list []render.Reason) {
	if len(list) == 0 {
		return
	}
	m.Put("<ul class=\"advice\">\n")
	for _, r := range list {
		m.Put("<li class=\"bad\"><p><b>%</b>: %</p>", r.Paths, r.Why)
		if r.What != "" {
			m.Put("\n<p><b class=\"who\">%</b> %</p>", render.Sentence(r.Who), r.What)
		}
		m.Put("</li>\n")
	}
	m.Put("</ul>\n")
}
