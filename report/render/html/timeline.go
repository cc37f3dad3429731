package html

import (
	"slices"
	"time"

	"edgenet/report/render"
	"edgenet/report/watch"
)

// stripCells are the parts of a strip.
const stripCells = 96

// mostOutages are listed, the latest first.
const mostOutages = 20

var statusWords = map[watch.Status]string{watch.OK: "works", watch.Degraded: "works, and something has to be done",
	watch.Down: "no way", watch.Unknown: "nobody looked"}

// timeline is the last day and the last month, with how much of it the hub could be reached.
func (m *writer) timeline(t *watch.Timeline) {
	if t == nil || len(t.Spans()) == 0 {
		return
	}
	m.Put("<section aria-labelledby=\"timeline\">\n<h2 id=\"timeline\">Timeline</h2>\n<dl class=\"strips\">\n")
	for i, s := range render.Stretches(t) {
		words := render.ShareWords(s)
		m.Put("<div><dt>%</dt><dd>", []string{"Last 24 hours", "Last 30 days"}[i])
		m.strip(t.Cells(s.From, s.To, stripCells), words)
		m.Put("<p>%</p></dd></div>\n", words)
	}
	m.Put("</dl>\n<ul class=\"legend\">\n")
	for _, s := range []watch.Status{watch.OK, watch.Degraded, watch.Down, watch.Unknown} {
		m.Put("<li><svg viewBox=\"0 0 10 12\" aria-hidden=\"true\">")
		m.stripCell(0, s)
		m.Put("</svg> %</li>\n", statusWords[s])
	}
	m.Put("</ul>\n")
	m.outages(t)
	m.Put("</section>\n")
}

// stripCell is a part of a strip; each status has a height of its own, for who does not see the
// colours.
func (m *writer) stripCell(x int, s watch.Status) {
	y := map[watch.Status]int{watch.OK: 3, watch.Degraded: 7, watch.Down: 0, watch.Unknown: 11}[s]
	m.Put("<rect class=\"s-%\" x=\"%\" y=\"%\" width=\"10\" height=\"%\"/>", string(s), number(x), number(y),
		number(12-y))
}

func (m *writer) strip(cells []watch.Status, words string) {
	m.Put("<svg class=\"strip\" viewBox=\"0 0 % 12\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"%\">",
		number(len(cells)*10), words)
	for i, s := range cells {
		m.stripCell(i*10, s)
	}
	m.Put("</svg>")
}

// outages are a table, the latest first.
func (m *writer) outages(t *watch.Timeline) {
	all := t.Outages()
	if len(all) == 0 {
		m.Put("<p>No outage was seen.</p>\n")
		return
	}
	m.Put("<section class=\"scroll\" aria-label=\"Table of outages\" tabindex=\"0\">\n<table class=\"history\">\n" +
		"<caption>Outages, the latest first (UTC).</caption>\n<thead><tr><th scope=\"col\">From</th>" +
		"<th scope=\"col\">To</th><th scope=\"col\">Lasted</th><th scope=\"col\">Cause</th></tr></thead>\n<tbody>\n")
	shown := 0
	for _, s := range slices.Backward(all) {
		if shown++; shown > mostOutages {
			break
		}
		m.Put("<tr><td>%</td><td>%</td><td>%</td><td>", s.From.UTC().Format(time.DateTime),
			s.To.UTC().Format(time.DateTime),
			render.Span(s.For()))
		m.maybe("<code>%</code>", render.Clean(s.Cause))
		m.Put("</td></tr>\n")
	}
	m.Put("</tbody>\n</table>\n</section>\n")
	if len(all) > mostOutages {
		m.Put("<p>And % before.</p>\n", number(len(all)-mostOutages))
	}
}
