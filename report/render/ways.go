package render

import "edgenet/report"

// WayPicture is a way that several paths share, as the picture of the ways shows it.
type WayPicture struct {
	Legs  []Leg
	Names []string // of the protocols
	Words string   // what came of it; empty where it works
	Title string   // of the cause, in plain words
	Tone  Tone
}

// Ways draw each way once.
func Ways(r *report.Report) []WayPicture {
	p := newPen(TextOptions{Width: 1 << 20, Unicode: true})
	st := standings(r)
	var out []WayPicture
	for _, t := range p.traces(r, st) {
		w := WayPicture{Legs: t.legs, Names: t.names, Words: t.words, Tone: Good}
		if len(t.names) > 2 && len(t.names) == p.protocols(r) {
			w.Names = []string{"everything"}
		}
		switch {
		case t.tone == bold:
			w.Tone = Bad
		case t.words != "":
			w.Tone = Neutral
		}
		for _, res := range r.Results {
			if res.Status == report.Failed && p.clean(res.Cause.Label(res.Hop)) == t.words {
				w.Title = p.clean(res.Cause.Info().Title)
			}
		}
		out = append(out, w)
	}
	return out
}
