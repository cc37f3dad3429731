package html

import "edgenet/report/render"

// inside is the check from a container: where it ran, what goes otherwise there than
// on the host, and who does what about it.
func (m *markup) inside(in *render.Inside) {
	if in == nil {
		return
	}
	m.put("<section class=\"inside\" aria-labelledby=\"container\">\n<h2 id=\"container\">%</h2>\n<dl class=\"facts\">",
		in.Title)
	m.pairs(in.Facts)
	m.put("</dl>\n")
	if in.Error != "" {
		m.put("<p><b class=\"failed\"><span aria-hidden=\"true\">✗</span> Nothing came from the container:</b> "+
			"%</p>\n</section>\n", in.Error)
		return
	}
	if len(in.Paths)+len(in.Places) > 0 {
		m.put("<section class=\"scroll\" aria-label=\"Table of host and container\" " +
			"tabindex=\"0\">\n<table>\n<caption>The paths that go otherwise in the container, and where the two " +
			"stand.</caption>\n")
		m.put("<thead><tr><th scope=\"col\">Path or setting</th><th scope=\"col\">Host</th><th " +
			"scope=\"col\">Container</th></tr></thead>\n<tbody>\n")
		for _, b := range in.Paths {
			m.beside(b)
		}
		for _, b := range in.Places {
			m.beside(b)
		}
		m.put("</tbody>\n</table>\n</section>\n")
	}
	if len(in.Paths) == 0 {
		m.put("<p>No path goes otherwise in the container.</p>\n")
	}
	m.reasons(in.Reasons)
	m.put("</section>\n")
}

func (m *markup) beside(b render.Beside) {
	m.put("<tr><th scope=\"row\">%</th>", b.Name)
	m.side(b.Host)
	m.side(b.Container)
	m.put("</tr>\n")
}

func (m *markup) side(s render.Side) {
	if s.Mark == "" {
		m.put("<td>%</td>", s.Word)
		return
	}
	m.put("<td><span class=\"cell %\"><span class=\"mark\" aria-hidden=\"true\">%</span> <b>%</b>", string(s.Tone),
		s.Mark, s.Word)
	m.maybe(" <code>%</code>", s.Code)
	m.maybe(" <span class=\"time\">%</span>", s.Time)
	m.put("</span></td>")
}

func (m *markup) reasons(list []render.Reason) {
	if len(list) == 0 {
		return
	}
	m.put("<ul class=\"advice\">\n")
	for _, r := range list {
		m.put("<li class=\"bad\"><p><b>%</b>: %</p>", r.Paths, r.Why)
		if r.What != "" {
			m.put("\n<p><b class=\"who\">%</b> %</p>", render.Sentence(r.Who), r.What)
		}
		m.put("</li>\n")
	}
	m.put("</ul>\n")
}
