package html

import (
	"edgenet/report/render"
)

// whole is the page from its first byte to its last.
func (m *markup) whole(p page) {
	m.head(p)
	m.put("<body>\n")
	m.put("<header>\n<p class=\"brand\">edgenet</p>\n<h1>%</h1>\n<dl class=\"facts\">", p.Hub)
	m.pairs(p.Facts)
	m.put("</dl>\n</header>\n<main>\n")
	m.verdict(p)
	m.advice("todo", "What to do", p.ToDo)
	if len(p.Rows) > 0 {
		m.matrix(p)
	}
	m.inside(p.Inside)
	if len(p.Ways) > 0 {
		m.put("<section aria-labelledby=\"steps\">\n<h2 id=\"steps\">Each path%, step by step</h2>\n", p.Where)
		for _, w := range p.Ways {
			m.way(w)
		}
		m.put("</section>\n")
	}
	m.advice("know", "Good to know", p.Know)
	m.history(p.History)
	m.put("</main>\n<footer>\n<p>Made by %. Times are UTC. <code>edgenet explain CODE</code> says what a code "+
		"means.</p>\n</footer>\n</body>\n</html>\n", p.Tool)
}

func (m *markup) head(p page) {
	m.put("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta "+
		"http-equiv=\"Content-Security-Policy\" content=\"%\">\n", policy())
	m.put("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" " +
		"content=\"light dark\">\n")
	m.put("<meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"robots\" "+
		"content=\"noindex\">\n<title>%</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>", p.Title)
	m.b.WriteString(pageCSS) // its hash is what the policy allows
	m.put("</style>\n</head>\n")
}

func (m *markup) pairs(list []render.Fact) {
	m.put("\n")
	for _, f := range list {
		m.put("<div><dt>%</dt><dd>%</dd></div>\n", f.Name, f.Value)
	}
}

func (m *markup) verdict(p page) {
	m.put("<section class=\"verdict %\" aria-labelledby=\"verdict\">\n<h2 id=\"verdict\">%</h2>\n<p "+
		"class=\"reason\">%</p>\n", string(p.Tone), p.Headline, p.Reason)
	if p.Partial {
		m.put("<p class=\"partial\">Incomplete: stopped before every path was through. What is here was really " +
			"seen.</p>\n")
	}
	m.put("<dl class=\"answers\">")
	m.pairs(p.Answers)
	m.put("</dl>\n</section>\n")
}

func (m *markup) advice(id, title literal, list []render.Advice) {
	if len(list) == 0 {
		return
	}
	m.put("<section aria-labelledby=\"" + id + "\">\n<h2 id=\"" + id + "\">" + title + "</h2>\n<ul class=\"advice\">\n")
	for _, a := range list {
		m.put("<li class=\"%\">", string(a.Tone))
		m.maybe("<p class=\"way\">%</p>", a.Heading())
		m.put("<p><b class=\"who\">%</b> %</p>", render.Sentence(a.Who), a.Text)
		for _, why := range a.Whys {
			m.put("\n<p class=\"why\">")
			m.facts(why)
			m.put("</p>")
		}
		m.put("</li>\n")
	}
	m.put("</ul>\n</section>\n")
}

func (m *markup) matrix(p page) {
	m.put("<section aria-labelledby=\"paths\">\n<h2 id=\"paths\">Paths%</h2>\n<section class=\"scroll\" "+
		"aria-label=\"Table of paths\" tabindex=\"0\">\n<table class=\"matrix\">\n", p.Where)
	m.put("<caption>What came of each protocol by each route; every entry leads to its " +
		"steps.</caption>\n<thead><tr><th scope=\"col\">Protocol</th>")
	for _, route := range p.Routes {
		m.put("<th scope=\"col\">%</th>", route)
	}
	m.put("</tr></thead>\n<tbody>\n")
	for _, row := range p.Rows {
		m.put("<tr><th scope=\"row\">")
		m.maybe("<span class=\"host\">%</span> ", row.Host)
		m.put("% <span class=\"port\">%</span></th>", row.Protocol, number(row.Port))
		for _, cell := range row.Cells {
			m.cell(cell)
		}
		m.put("</tr>\n")
	}
	m.put("</tbody>\n</table>\n</section>\n</section>\n")
}

func (m *markup) cell(ways []way) {
	m.put("<td>")
	for _, w := range ways {
		class := "cell " + string(w.Tone)
		if w.Chosen {
			class += " chosen"
		}
		m.put("<a class=\"%\" href=\"#%\"><span class=\"mark\" aria-hidden=\"true\">%</span> <b>%</b>", class, w.Anchor,
			w.Mark, w.Word)
		m.maybe(" <code>%</code>", w.Code)
		m.put(" <span class=\"time\">%</span>", w.Time)
		if w.Chosen {
			m.put(" <span class=\"tag\">UpstreamProtocol</span>")
		}
		m.put("</a>")
	}
	if len(ways) == 0 {
		m.put("<span class=\"none\">not probed</span>")
	}
	m.put("</td>")
}

// way is one path: what came of it, where it broke, its steps in time.
func (m *markup) way(w way) {
	m.put("<details class=\"path %\"", string(w.Tone))
	if w.Open {
		m.put(" open")
	}
	m.put(">\n<summary><span class=\"mark\" aria-hidden=\"true\">%</span> <b>%</b> <span class=\"what\">%", w.Mark,
		w.Name, w.Word)
	m.maybe(", %", w.Place)
	m.maybe(": %", w.Title)
	m.put("</span>")
	m.maybe(" <code>%</code>", w.Code)
	m.put(" <span class=\"time\">%</span></summary>\n<div class=\"body\" id=\"%\">\n<p class=\"way\" role=\"img\" "+
		"aria-label=\"%\"><span class=\"node\">you</span>", w.Time, w.Anchor, w.WayInWords)
	for _, l := range w.Way {
		class := "leg " + string(l.Link)
		if l.Mild {
			class += " mild"
		}
		m.put("<span class=\"%\"></span><span class=\"node\">%</span>", class, l.To)
	}
	m.put("</p>\n")
	m.maybe("<p>%</p>\n", w.Summary)
	if w.Remedy != "" {
		m.put("<p><b class=\"who\">%</b> %</p>\n", render.Sentence(w.Who), w.Remedy)
	}
	m.waterfall(w)
	m.put("</div>\n</details>\n")
}

func (m *markup) waterfall(w way) {
	if len(w.Bars) == 0 {
		return
	}
	m.put("<table class=\"steps\">\n<caption>Steps of %, with their time</caption>\n<thead><tr><th "+
		"scope=\"col\">Step</th><th scope=\"col\">Outcome</th>", w.Name)
	m.put("<th scope=\"col\">From</th><th scope=\"col\">Took</th><th scope=\"col\" " +
		"class=\"line\">Waterfall</th></tr></thead>\n")
	for _, b := range w.Bars {
		m.put("<tbody class=\"%\">\n<tr><th scope=\"row\">%</th><td class=\"outcome\">%</td><td "+
			"class=\"num\">%</td><td class=\"num\">%</td>", string(b.Tone), b.Place, b.Outcome, b.Start, b.Took)
		m.put("<td class=\"line\"><svg viewBox=\"0 0 1000 12\" preserveAspectRatio=\"none\" " +
			"aria-hidden=\"true\"><rect class=\"track\" x=\"0\" y=\"5\" width=\"1000\" height=\"2\"/>")
		m.put("<rect class=\"bar\" x=\"%\" y=\"0\" width=\"%\" height=\"12\"/></svg></td></tr>\n", number(b.X),
			number(b.Width))
		if b.Code != "" || len(b.Facts) > 0 {
			m.put("<tr class=\"seen\"><td colspan=\"5\">")
			m.maybe("<code>%</code> ", b.Code)
			m.facts(b.Facts)
			m.put("</td></tr>\n")
		}
		m.put("</tbody>\n")
	}
	m.put("</table>\n")
}

func (m *markup) history(list []change) {
	if len(list) == 0 {
		return
	}
	m.put("<section aria-labelledby=\"history\">\n<h2 id=\"history\">History</h2>\n<section class=\"scroll\" " +
		"aria-label=\"Table of changes\" tabindex=\"0\">\n<table class=\"history\">\n")
	m.put("<caption>Changes of the upstream, the latest first.</caption>\n<thead><tr><th scope=\"col\">When</th><th " +
		"scope=\"col\">Change</th><th scope=\"col\">Protocol</th>")
	m.put("<th scope=\"col\">Cause</th><th scope=\"col\">Time in the state before</th></tr></thead>\n<tbody>\n")
	for _, c := range list {
		m.put("<tr><td><time datetime=\"%\">%</time></td><td>% → <b>%</b></td><td>%</td><td>", c.Machine, c.At, c.From,
			c.To, c.By)
		m.maybe("<code>%</code>", c.Cause)
		m.put("</td><td>%</td></tr>\n", c.Lasted)
	}
	m.put("</tbody>\n</table>\n</section>\n</section>\n")
}
