package render

import (
	_ "embed"
	"fmt"
	"io"
	"strings"

	"edgenet/internal/logs"
	"edgenet/internal/logs/story"
	"edgenet/internal/markup"
	"edgenet/report"
)

//go:embed page.css
var pageCSS string

type page struct{ markup.Page }

// put writes the markup with every % replaced by the next text, cleaned and escaped.
func (p *page) put(form markup.Text, texts ...string) {
	clean := make([]string, len(texts))
	for i, t := range texts {
		clean[i] = report.Clean(t, 600)
	}
	p.Put(form, clean...)
}

// HTML writes the report as one page that holds all it needs, without a script.
func HTML(w io.Writer, r *logs.Report) error {
	v := newView(r)
	p := &page{}
	p.put("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta "+
		"http-equiv=\"Content-Security-Policy\" content=\"%\">\n", markup.Policy(pageCSS, ""))
	p.put("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" "+
		"content=\"light dark\">\n<meta name=\"robots\" content=\"noindex\">\n<title>%</title>\n<link rel=\"icon\" "+
		"href=\"data:,\">\n<style>", "edgenet logs: "+v.title)
	p.Own(pageCSS)
	p.put("</style>\n</head>\n<body>\n<header>\n<p class=\"brand\">edgenet logs</p>\n<h1>%</h1>\n<p "+
		"class=\"soft\">%</p>\n</header>\n<main>\n", v.title, strings.Join(v.facts, " · "))
	class := "good"
	if !v.good {
		class = "bad"
	}
	p.put("<section class=\"verdict %\" aria-labelledby=\"state\">\n<h2 id=\"state\">%</h2>\n", class, v.headline)
	p.why(v)
	p.put("</section>\n")
	p.components(v)
	p.beside(v)
	p.findings(v)
	p.rest(v, r)
	p.put("</main>\n<footer>\n<p>Made by edgenet %. Times are UTC.</p>\n</footer>\n</body>\n</html>\n", r.Tool.Version)
	return p.Send(w)
}

func (p *page) why(v *view) {
	for _, y := range v.why {
		p.put("<p>%</p>\n", y)
	}
	if v.quote != "" {
		p.put("<blockquote><code>%</code></blockquote>\n", v.quote)
	}
	for _, a := range v.also {
		p.put("<p>%</p>\n", a)
	}
	p.put("<p><b>What would prove it:</b> <code>%</code></p>\n", v.confirm)
}

var stretchClass = map[story.State]string{story.Connected: "up", story.Trying: "trying", story.Lost: "lost",
	story.Stopped: "stopped", story.Unknown: "unknown"}

func (p *page) components(v *view) {
	if len(v.rows) == 0 {
		return
	}
	p.put("<section aria-labelledby=\"when\">\n<h2 id=\"when\">When</h2>\n<section class=\"scroll\" " +
		"aria-label=\"Table of components\" tabindex=\"0\">\n<table>\n<caption>How each component stood; the bar " +
		"runs from the first to the last time.</caption>\n<thead><tr><th scope=\"col\">Component</th><th " +
		"scope=\"col\">At the end</th><th scope=\"col\" class=\"bar\">")
	if !v.from.IsZero() {
		left, right := stampFor(v.from, v.to)
		p.put("<span class=\"ends\"><span>%</span><span>%</span></span>", left, right)
	}
	p.put("</th></tr></thead>\n<tbody>\n")
	for _, row := range v.rows {
		p.put("<tr><th scope=\"row\">%</th><td><b class=\"%\">%</b><br><span class=\"soft\">%</span></td><td "+
			"class=\"bar\">", row.name, string(row.tone), row.state, row.detail)
		p.put("<svg viewBox=\"0 0 1000 24\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"%\"><rect "+
			"class=\"unknown\" x=\"0\" y=\"11\" width=\"1000\" height=\"2\"/>", row.name+": "+row.state)
		for _, s := range row.spans {
			x := int(s.from * 1000)
			p.put("<rect class=\"%\" x=\"%\" y=\"%\" width=\"%\" height=\"%\"><title>%</title></rect>",
				stretchClass[s.state], fmt.Sprint(x), top(s.state), fmt.Sprint(max(3, int(s.to*1000)-x)),
				height(s.state), s.title)
		}
		p.put("</svg></td></tr>\n")
	}
	p.put("</tbody>\n</table>\n</section>\n<p class=\"key\"><span class=\"up\">connected</span> <span " +
		"class=\"trying\">trying</span> <span class=\"lost\">lost</span> <span class=\"stopped\">stopped</span></p>\n")
	if v.uncertain != "" {
		p.put("<p class=\"warn\">%.</p>\n", sentence(v.uncertain))
	}
	p.put("</section>\n")
}

// top and height tell states apart without colour.
func top(s story.State) string {
	return map[story.State]string{story.Connected: "2", story.Trying: "14", story.Lost: "14", story.Stopped: "11"}[s]
}

func height(s story.State) string {
	return map[story.State]string{story.Connected: "12", story.Trying: "8", story.Lost: "10", story.Stopped: "2"}[s]
}

func (p *page) beside(v *view) {
	if len(v.beside) == 0 {
		return
	}
	p.put("<section aria-labelledby=\"now\">\n<h2 id=\"now\">The log, and what a check found " +
		"now</h2>\n<table>\n<thead><tr><th scope=\"col\">The log</th><th scope=\"col\">The " +
		"check</th></tr></thead>\n<tbody>\n")
	for _, row := range v.beside {
		p.put("<tr><td>%</td><td><b>%</b></td></tr>\n", row[0], row[1])
	}
	p.put("</tbody>\n</table>\n</section>\n")
}

func (p *page) findings(v *view) {
	if len(v.findings) == 0 {
		return
	}
	p.put("<section aria-labelledby=\"todo\">\n<h2 id=\"todo\">What follows, and who acts</h2>\n<ul " +
		"class=\"advice\">\n")
	for _, f := range v.findings {
		p.put("<li class=\"%\"><p><b>%</b></p>\n<p><b class=\"who\">%</b> %</p>\n<p class=\"soft\"><code>%</code> · %",
			string(f.tone), f.what, sentence(f.who), f.remedy, f.code, f.proved)
		for _, l := range f.lines {
			p.put(" · %", l)
		}
		p.put("</p></li>\n")
	}
	p.put("</ul>\n</section>\n")
}

func (p *page) rest(v *view, r *logs.Report) {
	if len(v.cannot) > 0 {
		p.put("<section aria-labelledby=\"cannot\">\n<h2 id=\"cannot\">What this log cannot tell</h2>\n<ul>\n")
		for _, c := range v.cannot {
			p.put("<li>%</li>\n", sentence(c))
		}
		p.put("</ul>\n</section>\n")
	}
	if len(r.Events) == 0 {
		return
	}
	p.put("<section aria-labelledby=\"lines\">\n<h2 id=\"lines\">Lines that tell something</h2>\n<section " +
		"class=\"scroll\" aria-label=\"Table of lines\" tabindex=\"0\">\n<table class=\"lines\">\n<thead><tr><th " +
		"scope=\"col\">Time</th><th scope=\"col\">Component</th><th scope=\"col\">Event</th><th " +
		"scope=\"col\">Line</th></tr></thead>\n<tbody>\n")
	for i := range r.Events {
		if i == 2*maxShown {
			p.put("<tr><td colspan=\"4\">% more: -f jsonl lists all.</td></tr>\n", number(len(r.Events)-i))
			break
		}
		e := &r.Events[i]
		at, more := "", ""
		if e.At != nil {
			at = e.At.Format("2006-01-02 15:04:05")
		}
		if e.Count > 1 {
			more = " ×" + number(e.Count)
		}
		p.put("<tr><td>%</td><td>%</td><td>%%</td><td><code>%</code></td></tr>\n", at, e.Component, string(e.Event),
			more, e.Text)
	}
	p.put("</tbody>\n</table>\n</section>\n</section>\n")
}
