package html

import (
	"time"

	"edgenet/internal/markup"
	"edgenet/report/render"
)

// whole is the page from its first byte to its last.
func (m *writer) whole(p page) {
	m.head(p)
	m.Put("<body>\n")
	m.Put("<header>\n<p class=\"brand\">edgenet</p>\n<h1>%</h1>\n<dl class=\"facts\">", p.Hub)
	m.pairs(p.Facts)
	m.Put("</dl>\n")
	m.age(p)
	m.Put("</header>\n<main>\n")
	m.verdict(p)
	m.ways(p.Pictures)
	m.advice("todo", "What to do", p.ToDo)
	m.command(p.Command)
	m.timeline(p.Timeline)
	if len(p.Rows) > 0 {
		m.matrix(p)
	}
	m.inside(p.Inside)
	if len(p.Ways) > 0 {
		m.Put("<section aria-labelledby=\"steps\">\n<h2 id=\"steps\">Each path%, step by step</h2>\n", p.Where)
		m.Put("<p class=\"filter\" hidden><label for=\"filter\">Show only paths with</label> <input id=\"filter\" " +
			"type=\"search\" data-filter=\"\" autocomplete=\"off\"> <output id=\"shown\" " +
			"for=\"filter\"></output></p>\n")
		for _, w := range p.Ways {
			m.way(w)
		}
		m.Put("</section>\n")
	}
	m.advice("know", "Good to know", p.Know)
	m.history(p.History)
	m.Put("</main>\n<footer>\n<p>Made by %. Times are UTC. <code>edgenet explain CODE</code> says what a code "+
		"means.</p>\n</footer>\n", p.Tool)
	m.Put("<script>")
	m.Own(pageJS) // its hash is what the policy allows
	m.Put("</script>\n</body>\n</html>\n")
}

// age says how old the answer is, and lets the reader stop the page from being loaded again.
func (m *writer) age(p page) {
	if p.At.IsZero() {
		return
	}
	m.Put("<p class=\"age\">Seen <time data-age=\"\" datetime=\"%\">%</time>", p.At.UTC().Format(time.RFC3339),
		p.At.UTC().Format("2006-01-02 15:04:05 UTC"))
	m.Put("</p>\n")
	if p.Reload > 0 {
		m.Put("<p class=\"age\" hidden><input type=\"checkbox\" id=\"reload\" checked "+
			"data-reload=\"%\"> <label for=\"reload\">Load again every % s</label></p>\n",
			number(int(p.Reload.Seconds())),
			number(int(p.Reload.Seconds())))
	}
}

// command is to be copied.
func (m *writer) command(command string) {
	if command == "" {
		return
	}
	m.Put("<section aria-labelledby=\"command\">\n<h2 id=\"command\">The command that makes the settings</h2>\n"+
		"<p><code id=\"setting\">%</code></p>\n", command)
	m.copyButton("setting", "Copy the command")
	m.Put("</section>\n")
}

// copyButton copies the text of an element; it is shown where the script runs.
func (m *writer) copyButton(id, label string) {
	m.Put("<button type=\"button\" class=\"copy\" data-copy=\"%\" hidden>%</button>\n", id, label)
}

func (m *writer) head(p page) {
	m.Put("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta "+
		"http-equiv=\"Content-Security-Policy\" content=\"%\">\n", policy())
	m.Put("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" " +
		"content=\"light dark\">\n")
	m.Put("<meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"robots\" "+
		"content=\"noindex\">\n<title>%</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>", p.Title)
	m.Own(pageCSS) // its hash is what the policy allows
	m.Put("</style>\n</head>\n")
}

func (m *writer) pairs(list []render.Fact) {
	m.Put("\n")
	for _, f := range list {
		m.Put("<div><dt>%</dt><dd>%</dd></div>\n", f.Name, f.Value)
	}
}

func (m *writer) verdict(p page) {
	m.Put("<section class=\"verdict %\" aria-labelledby=\"verdict\">\n<h2 id=\"verdict\">%</h2>\n<p "+
		"class=\"reason\">%</p>\n", string(p.Tone), p.Headline, p.Reason)
	if p.Partial {
		m.Put("<p class=\"partial\">Incomplete: stopped before every path was through. What is here was really " +
			"seen.</p>\n")
	}
	m.Put("<dl class=\"answers\">")
	m.pairs(p.Answers)
	m.Put("</dl>\n</section>\n")
}

func (m *writer) advice(id, title markup.Text, list []render.Advice) {
	if len(list) == 0 {
		return
	}
	m.Put("<section aria-labelledby=\"" + id + "\">\n<h2 id=\"" + id + "\">" + title + "</h2>\n<ul class=\"advice\">\n")
	for i, a := range list {
		m.Put("<li class=\"%\">", string(a.Tone))
		m.maybe("<p class=\"way\">%</p>", a.Heading())
		text := string(id) + "-" + number(i+1)
		m.Put("<p><b class=\"who\">%</b> <span id=\"%\">%</span></p>", render.Sentence(a.Who), text, a.Text)
		for _, why := range a.Whys {
			m.Put("\n<p class=\"why\">")
			m.facts(why)
			m.Put("</p>")
		}
		if id == "todo" {
			m.Put("\n")
			label := "Copy the text for the " + a.Who
			if a.Actor.Yours() {
				label = "Copy the text"
			}
			m.copyButton(text, label)
		}
		m.Put("</li>\n")
	}
	m.Put("</ul>\n</section>\n")
}

func (m *writer) matrix(p page) {
	m.Put("<section aria-labelledby=\"paths\">\n<h2 id=\"paths\">Paths%</h2>\n<section class=\"scroll\" "+
		"aria-label=\"Table of paths\" tabindex=\"0\">\n<table class=\"matrix\">\n", p.Where)
	m.Put("<caption>What came of each protocol by each route; every entry leads to its " +
		"steps.</caption>\n<thead><tr><th scope=\"col\">Protocol</th>")
	for _, route := range p.Routes {
		m.Put("<th scope=\"col\">%</th>", route)
	}
	m.Put("</tr></thead>\n<tbody>\n")
	for _, row := range p.Rows {
		m.Put("<tr><th scope=\"row\">")
		m.maybe("<span class=\"host\">%</span> ", row.Host)
		m.Put("% <span class=\"port\">%</span></th>", row.Protocol, number(row.Port))
		for _, cell := range row.Cells {
			m.cell(cell)
		}
		m.Put("</tr>\n")
	}
	m.Put("</tbody>\n</table>\n</section>\n</section>\n")
}

func (m *writer) cell(ways []way) {
	m.Put("<td>")
	for _, w := range ways {
		class := "cell " + string(w.Tone)
		if w.Chosen {
			class += " chosen"
		}
		m.Put("<a class=\"%\" href=\"#%\"><span class=\"mark\" aria-hidden=\"true\">%</span> <b>%</b>", class, w.Anchor,
			w.Mark, w.Word)
		m.maybe(" <span class=\"plainly\">%</span>", w.Title)
		m.maybe(" <code>%</code>", w.Code)
		m.Put(" <span class=\"time\">%</span>", w.Time)
		if w.Chosen {
			m.Put(" <span class=\"tag\">UpstreamProtocol</span>")
		}
		m.Put("</a>")
	}
	if len(ways) == 0 {
		m.Put("<span class=\"none\">not probed</span>")
	}
	m.Put("</td>")
}

// way is one path: what came of it, where it broke, its steps in time.
func (m *writer) way(w way) {
	m.Put("<details class=\"path %\"", string(w.Tone))
	if w.Open {
		m.Put(" open")
	}
	m.Put(">\n<summary><span class=\"mark\" aria-hidden=\"true\">%</span> <b>%</b> <span class=\"what\">%", w.Mark,
		w.Name, w.Word)
	m.maybe(", %", w.Place)
	m.maybe(": %", w.Title)
	m.Put("</span>")
	m.maybe(" <code>%</code>", w.Code)
	m.Put(" <span class=\"time\">%</span></summary>\n<div class=\"body\" id=\"%\">\n", w.Time, w.Anchor)
	m.legs(w.Way)
	m.maybe("<p>%</p>\n", w.Summary)
	if w.Remedy != "" {
		m.Put("<p><b class=\"who\">%</b> %</p>\n", render.Sentence(w.Who), w.Remedy)
	}
	m.waterfall(w)
	m.Put("</div>\n</details>\n")
}

func (m *writer) waterfall(w way) {
	if len(w.Bars) == 0 {
		return
	}
	m.Put("<table class=\"steps\">\n<caption>Steps of %, with their time</caption>\n<thead><tr><th "+
		"scope=\"col\">Step</th><th scope=\"col\">Outcome</th>", w.Name)
	m.Put("<th scope=\"col\">From</th><th scope=\"col\">Took</th><th scope=\"col\" " +
		"class=\"line\">Waterfall</th></tr></thead>\n")
	for _, b := range w.Bars {
		m.Put("<tbody class=\"%\">\n<tr><th scope=\"row\">%</th><td class=\"outcome\">%</td><td "+
			"class=\"num\">%</td><td class=\"num\">%</td>", string(b.Tone), b.Place, b.Outcome, b.Start, b.Took)
		m.Put("<td class=\"line\"><svg viewBox=\"0 0 1000 12\" preserveAspectRatio=\"none\" " +
			"aria-hidden=\"true\"><rect class=\"track\" x=\"0\" y=\"5\" width=\"1000\" height=\"2\"/>")
		m.Put("<rect class=\"bar\" x=\"%\" y=\"0\" width=\"%\" height=\"12\"/></svg></td></tr>\n", number(b.X),
			number(b.Width))
		if b.Code != "" || len(b.Facts) > 0 {
			m.Put("<tr class=\"seen\"><td colspan=\"5\">")
			m.maybe("<code>%</code> ", b.Code)
			m.facts(b.Facts)
			m.Put("</td></tr>\n")
		}
		m.Put("</tbody>\n")
	}
	m.Put("</table>\n")
}

func (m *writer) history(list []change) {
	if len(list) == 0 {
		return
	}
	m.Put("<section aria-labelledby=\"history\">\n<h2 id=\"history\">History</h2>\n<section class=\"scroll\" " +
		"aria-label=\"Table of changes\" tabindex=\"0\">\n<table class=\"history\">\n")
	m.Put("<caption>Changes of the upstream, the latest first.</caption>\n<thead><tr><th scope=\"col\">When</th><th " +
		"scope=\"col\">Change</th><th scope=\"col\">Protocol</th>")
	m.Put("<th scope=\"col\">Cause</th><th scope=\"col\">Time in the state before</th></tr></thead>\n<tbody>\n")
	for _, c := range list {
		m.Put("<tr><td><time datetime=\"%\">%</time></td><td>% → <b>%</b></td><td>%</td><td>", c.Machine, c.At, c.From,
			c.To, c.By)
		m.maybe("<code>%</code>", c.Cause)
		m.Put("</td><td>%</td></tr>\n", c.Lasted)
	}
	m.Put("</tbody>\n</table>\n</section>\n</section>\n")
}
