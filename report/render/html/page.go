package html

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"edgenet/report"
	"edgenet/report/render"
	"edgenet/report/watch"
)

// page is what is shown; every text in it is cleaned.
type page struct {
	render.Reading
	Title       string
	Hub, Reason string
	Pictures    []render.WayPicture
	Timeline    *watch.Timeline
	Reload      time.Duration
	At          time.Time     // when the check ended
	Command     string        // that makes the settings, where some are to be made
	Facts       []render.Fact // about the run
	Answers     []render.Fact // about the verdict
	Partial     bool
	Routes      []string
	Rows        []row
	Ways        []way
	Inside      *render.Inside // nil without a check from a container
	Where       string         // from where the paths are, with a space before it; empty without Inside
	History     []change
	Tool        string
}

// titleBytes is what of a title browsers and search still show.
const titleBytes = 70

// row is a protocol, with the paths of each route.
type row struct {
	render.Row
	Cells [][]way
}

// way is a path with the anchor of its part of the page.
type way struct {
	render.Path
	Anchor      string
	Name        string
	Summary     string
	Remedy, Who string
	Bars        []bar
	Open        bool // shown at once: the first of those that fail alike
}

// bar is a step with its place in the waterfall, 1000 units wide.
type bar struct {
	render.StepReading
	X, Width int
}

// change is a transition in words.
type change struct{ At, Machine, From, To, By, Cause, Lasted string }

func newPage(r *report.Report, o Options) page {
	p := page{Reading: render.Read(r), Hub: render.Clean(r.Target.Hub), Reason: render.Clean(r.Verdict.Reason),
		Partial: r.Partial}
	if p.Hub == "" {
		p.Hub = "no hub"
	}
	p.Title = report.Clean(o.Title, titleBytes)
	if p.Title == "" {
		p.Title = p.Headline + ": " + p.Hub
		if device := render.DeviceWords(r.Device); device != "" {
			p.Title += ", " + device
		}
		p.Title = report.Clean(p.Title, titleBytes)
	}
	p.Facts, p.Answers = render.RunFacts(r), append(render.Answers(r.Verdict), o.Facts...)
	p.Pictures, p.Timeline, p.Reload, p.Command = render.Ways(r), o.Watch, o.Reload, render.SettingCommand(r)
	if !r.StartedAt.IsZero() {
		p.At = r.StartedAt.Add(r.DurationMs.Duration())
	}
	for i, path := range p.Paths {
		w := newWay(i, path)
		w.Open = w.Matters && !slices.ContainsFunc(p.Ways, func(o way) bool {
			return o.Open && o.Code == w.Code &&
				o.Place == w.Place
		})
		p.Ways = append(p.Ways, w)
	}
	for _, route := range r.Routes {
		p.Routes = append(p.Routes, render.Clean(route.ID))
	}
	for _, m := range render.Matrix(r, p.Reading) {
		shown := row{Row: m}
		for _, cell := range m.Cells {
			ways := []way{}
			for _, n := range cell {
				ways = append(ways, p.Ways[n])
			}
			shown.Cells = append(shown.Cells, ways)
		}
		p.Rows = append(p.Rows, shown)
	}
	p.Inside, p.Where = render.ReadInside(r), render.FromWhere(r)
	for _, t := range slices.Backward(o.History) {
		p.History = append(p.History, newChange(t))
	}
	p.Tool = render.Made(r)
	return p
}

func newWay(i int, p render.Path) way {
	res := p.Result
	w := way{Path: p, Anchor: "path-" + strconv.Itoa(i+1), Summary: render.Clean(res.Summary)}
	w.Name = fmt.Sprintf("%s %d %s", render.Clean(string(res.Protocol)), res.Port, render.Clean(res.Route))
	if res.Status == report.Failed {
		w.Remedy, w.Who = render.Clean(res.Remedy), render.ActorLabel(res.Actor)
	}
	for _, s := range p.Steps {
		x := min(int(s.From*1000), 994)
		w.Bars = append(w.Bars, bar{s, x, max(int(s.To*1000)-x, 6)})
	}
	return w
}

var linkWords = map[render.Link]string{render.Whole: "passes", render.Broken: "broken", render.Refused: "refused",
	render.Untried: "not reached", render.Unused: "passes, and the runtime cannot use it"}

func newChange(t Transition) change {
	c := change{At: t.At.UTC().Format("2006-01-02 15:04:05 UTC"), Machine: t.At.UTC().Format(time.RFC3339),
		From: render.Clean(t.From), To: render.Clean(t.To), Cause: render.Clean(t.Cause)}
	c.By = render.Clean(t.Protocol)
	if c.By != "" {
		c.By += render.By(t.Route)
	}
	if t.Duration > 0 {
		c.Lasted = render.Span(t.Duration)
	}
	return c
}
