package show

import (
	_ "embed"
	"io"

	"edgenet/internal/markup"
	"edgenet/internal/ready"
)

//go:embed page.css
var pageCSS string

// page writes the parts of an answer.
type page struct{ markup.Page }

// HTML writes the answer as one file without scripts, whole before the first byte goes out.
func HTML(w io.Writer, a *ready.Answer, o Options) error {
	p := &page{}
	p.head(a)
	p.verdict(a, o)
	for _, g := range ready.Groups() {
		p.group(a, g)
	}
	p.theirs(a)
	p.Put(
		"</main>\n<footer><p>Made by %, %. <code>edgenet explain ROW</code> says what a row "+
			"means.</p></footer>\n</body>\n</html>\n",
		a.Tool,
		a.StartedAt.Format("2006-01-02 15:04:05 UTC"),
	)
	return p.Send(w)
}

func (p *page) head(a *ready.Answer) {
	policy := markup.Policy(pageCSS, "")
	p.Put(
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta "+
			"http-equiv=\"Content-Security-Policy\" content=\"%\">\n",
		policy,
	)
	p.Put(
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" " +
			"content=\"light dark\">\n<meta name=\"robots\" content=\"noindex\">\n",
	)
	p.Put("<title>ready: %</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>", a.Device.Title())
	p.Own(pageCSS)
	p.Put("</style>\n</head>\n<body>\n<main>\n<h1>Ready for production? %</h1>\n<dl>", a.Device.Title())
	for _, f := range []struct{ name, value string }{{"device", a.Device.ID}, {"hub", a.Device.Hub},
		{"runtime", a.Device.Runtime}, {"engine", a.Device.Engine}} {
		if f.value != "" {
			p.Put("<div><dt>%</dt><dd>%</dd></div>", f.name, f.value)
		}
	}
	p.Put("</dl>\n")
}

func (p *page) verdict(a *ready.Answer, o Options) {
	class := "verdict"
	if a.Failed(o.Strict) {
		class += " bad"
	}
	p.Put("<section class=\"%\" aria-label=\"Verdict\"><p>%</p></section>\n", class, Sentence(a))
}

func (p *page) group(a *ready.Answer, g ready.Group) {
	p.Put(
		"<section>\n<h2>%</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">Row</th><th "+
			"scope=\"col\">Status</th><th scope=\"col\">What is</th></tr></thead>\n<tbody>\n",
		titles[g],
	)
	asked := ""
	for _, r := range ordered(a.Rows) {
		if r.Group != g {
			continue
		}
		p.Put(
			"<tr><td class=\"id\">%</td><td class=\"%\">%</td><td>%",
			r.ID,
			string(r.Status),
			string(r.Status),
			r.Summary,
		)
		if ask := asks(r); ask != "" && ask != asked { // it stands above, once
			p.Put("<p class=\"more\">%</p>", ask)
		}
		asked = asks(r)
		if r.Needs != "" {
			p.Put("<p class=\"more\">needs %</p>", r.Needs)
		}
		if r.Source != "" && r.Needs == "" {
			p.Put("<p class=\"more\">seen in %</p>", r.Source)
		}
		p.Put("</td></tr>\n")
	}
	p.Put("</tbody>\n</table></div>\n</section>\n")
}

func (p *page) theirs(a *ready.Answer) {
	if len(a.Theirs) == 0 {
		return
	}
	p.Put(
		"<section>\n<h2>BESIDE THE RUNTIME'S OWN CHECK</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th " +
			"scope=\"col\">Theirs</th><th scope=\"col\">They say</th><th " +
			"scope=\"col\">Ours</th></tr></thead>\n<tbody>\n",
	)
	for _, r := range theirs(a).Rows {
		p.Put("<tr><td class=\"id\">%</td><td>%</td><td>%", r.Cells[0], r.Cells[1], r.Cells[2])
		for _, n := range r.Notes {
			p.Put("<p class=\"more\">%</p>", n)
		}
		p.Put("</td></tr>\n")
	}
	p.Put("</tbody>\n</table></div>\n</section>\n")
}
