package html

import (
	"io"
	"strings"

	"edgenet/report/render"
)

// Hubs writes a list of many hubs as one page: how many stand how, what fails alike with
// what to do about it, and a row each. Made says what made it, at when.
func Hubs(w io.Writer, hubs []render.Hub, made, at string) error {
	s := &render.Sheet{Title: hubsTitle(hubs), Verdict: render.Tally(hubs)}
	if at != "" {
		s.Facts = append(s.Facts, "checked "+at)
	}
	alike := render.Block{Heading: "What fails", Columns: []string{"Result", "Hubs", "HTTPS", "What to do"}}
	all := render.Block{Heading: "Hubs", Columns: []string{"Hub", "Upstream", "Route", "HTTPS", "Result", "Labels"}}
	for _, g := range render.GroupHubs(hubs) {
		if h := g.Hubs[0]; h.Tone != render.Good {
			s.Failed = s.Failed || h.Tone == render.Bad
			alike.Rows = append(alike.Rows, render.SheetRow{Mark: hubMark(h.Tone), Cells: []string{h.Result,
				number(len(g.Hubs)), h.HTTPS, g.Ask()}})
		}
		for _, h := range g.Hubs {
			var labels []string
			for _, l := range h.Labels {
				labels = append(labels, l[0]+"="+l[1])
			}
			all.Rows = append(all.Rows, render.SheetRow{Mark: hubMark(h.Tone), Cells: []string{h.Name, h.Upstream,
				h.Route, h.HTTPS, h.Result, strings.Join(labels, " ")}})
		}
	}
	s.Blocks = []render.Block{alike, all}
	return Sheet(w, s, made)
}

func hubsTitle(hubs []render.Hub) string {
	if len(hubs) == 1 {
		return "1 hub"
	}
	return number(len(hubs)) + " hubs"
}

func hubMark(t render.Tone) render.Mark {
	switch t {
	case render.Good:
		return render.MarkGood
	case render.Warn:
		return render.MarkOdd
	}
	return render.MarkBad
}
