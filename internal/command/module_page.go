package command

import (
	"io"
	"time"

	"edgenet/internal/sidecar/machine"
	"edgenet/report"
	"edgenet/report/render"
	"edgenet/report/render/html"
	"edgenet/report/watch"
)

// pageReload is how often the module's page asks for a newer one.
const pageReload = time.Minute

// modulePage is the HTML report, with how the module stands and what it went through.
func modulePage(w io.Writer, r *report.Report, s *machine.State) error {
	o := html.Options{Watch: moduleTimeline(s), Facts: moduleFacts(s), Reload: pageReload}
	for _, t := range s.Log {
		o.History = append(o.History,
			html.Transition{At: t.At, From: string(t.From), To: string(t.To), Cause: t.Cause, Route: t.Route,
				Protocol: string(t.Protocol), Duration: time.Duration(t.DurationSec) * time.Second})
	}
	return html.Write(w, r, o)
}

// moduleFacts say what of the device's own runtime the module sees.
func moduleFacts(s *machine.State) []render.Fact {
	linked := "not connected to this module"
	if s.Linked {
		linked = "connected to this module"
	}
	switch s.EdgeHub {
	case machine.EdgeHubOnline:
		linked += "; online at the hub"
	case machine.EdgeHubOffline:
		linked += "; offline, by its own metrics"
	}
	return []render.Fact{{Name: "edgeHub", Value: linked}}
}

// moduleTimeline is made of the transitions: each says how it was before, and for how long.
func moduleTimeline(s *machine.State) *watch.Timeline {
	t := &watch.Timeline{}
	for i, x := range s.Log {
		if i == 0 && x.DurationSec > 0 && x.From != "" {
			before := x.At.Add(-time.Duration(x.DurationSec) * time.Second)
			t.Add(watch.Point{At: watch.Moment{At: before}, Status: watch.ReadStatus(string(x.From))})
		}
		t.Add(watch.Point{At: watch.Moment{At: x.At}, Status: watch.ReadStatus(string(x.To)), Protocol: x.Protocol,
			Route: x.Route, Cause: x.Cause})
	}
	if len(s.Log) == 0 && !s.ChangedAt.IsZero() {
		t.Add(watch.Point{At: watch.Moment{At: s.ChangedAt}, Status: watch.ReadStatus(string(s.Status)),
			Protocol: s.Recommended, Route: s.Route})
	}
	t.Hold(s.CheckedAt)
	return t
}
