package html

import (
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"time"

	"edgenet/report"
	"edgenet/report/render"
)

// page is what the template shows; every text in it is cleaned.
type page struct {
	render.Reading
	Title, Policy string
	CSS           template.CSS // our own, never a stranger's
	Hub, Reason   string
	Facts         []fact // about the run
	Answers       []fact // about the verdict
	Partial       bool
	Routes        []string
	Rows          []row
	Ways          []way
	History       []change
	Tool          string
}

// titleBytes is what of a title browsers and search still show.
const titleBytes = 70

// fact is a label and its value.
type fact struct{ Name, Value string }

// row is a protocol, with a cell for each route.
type row struct {
	Host, Protocol string
	Port           int
	Cells          []cell
}

// cell is what came of one protocol by one route; empty where that was not tried.
type cell struct{ Paths []way }

// way is a path with the anchor of its part of the page.
type way struct {
	render.Path
	Anchor      string
	Name        string
	WayInWords  string
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
	p := page{Reading: render.Read(r), Policy: policy(), CSS: template.CSS(pageCSS), Hub: render.Clean(r.Target.Hub), Reason: render.Clean(r.Verdict.Reason), Partial: r.Partial} //nolint:gosec // embedded
	if p.Hub == "" {
		p.Hub = "no hub"
	}
	p.Title = report.Clean(o.Title, titleBytes)
	if p.Title == "" {
		p.Title = report.Clean(p.Headline+": "+p.Hub, titleBytes)
	}
	p.Facts, p.Answers = runFacts(r), answers(r.Verdict)
	for i, path := range p.Paths {
		w := newWay(i, path)
		w.Open = w.Matters && !slices.ContainsFunc(p.Ways, func(o way) bool { return o.Open && o.Code == w.Code && o.Place == w.Place })
		p.Ways = append(p.Ways, w)
	}
	for _, route := range r.Routes {
		p.Routes = append(p.Routes, render.Clean(route.ID))
	}
	p.Rows = rows(r, p.Ways)
	for _, t := range slices.Backward(o.History) {
		p.History = append(p.History, newChange(t))
	}
	p.Tool = render.Clean(fmt.Sprintf("%s %s on %s/%s", r.Tool.Name, r.Tool.Version, r.Tool.OS, r.Tool.Arch))
	return p
}

func runFacts(r *report.Report) []fact {
	out := []fact{}
	if !r.StartedAt.IsZero() {
		out = append(out, fact{"Checked", r.StartedAt.UTC().Format("2006-01-02 15:04:05 UTC")})
	}
	if r.DurationMs > 0 {
		out = append(out, fact{"Took", render.Duration(r.DurationMs)})
	}
	if r.Target.Source != "" {
		out = append(out, fact{"Hub's name from", render.SourceWords(r.Target.Source)})
	}
	for _, route := range r.Routes {
		if route.URL == "" {
			continue
		}
		value := render.Clean(route.URL)
		if route.Source != "" {
			value += ", from " + render.Clean(route.Source)
		}
		out = append(out, fact{"Route " + render.Clean(route.ID), value})
	}
	return out
}

// answers are the verdict's facts, which stand below its sentence.
func answers(v report.Verdict) []fact {
	up := fact{"UpstreamProtocol", "none works"}
	if v.UpstreamProtocol != nil {
		up.Value = render.Clean(v.UpstreamProtocol.RuntimeName()) + by(v.Route)
	}
	out := []fact{up}
	if v.Expected != "" {
		value := render.Clean(v.Expected.RuntimeName())
		if v.ExpectedSource != "" {
			value += ", from " + render.SourceWords(v.ExpectedSource)
		}
		out = append(out, fact{"Expected", value})
	}
	https := fact{"HTTPS 443", "not probed"}
	if v.HTTPSOK != nil && *v.HTTPSOK {
		https.Value = "works" + by(v.HTTPSRoute)
	} else if v.HTTPSOK != nil {
		https.Value = "does not work"
	}
	return append(out, https)
}

// by says a route in words.
func by(route string) string {
	switch route {
	case "":
		return ""
	case report.RouteDirect:
		return ", directly"
	}
	return ", by " + render.Clean(route)
}

func newWay(i int, p render.Path) way {
	res := p.Result
	w := way{Path: p, Anchor: "path-" + strconv.Itoa(i+1), Summary: render.Clean(res.Summary)}
	w.Name = fmt.Sprintf("%s %d %s", render.Clean(string(res.Protocol)), res.Port, render.Clean(res.Route))
	if res.Status == report.Failed {
		w.Remedy, w.Who = render.Clean(res.Remedy), render.ActorLabel(res.Actor)
	}
	from := "this device"
	for n, l := range p.Way {
		if n > 0 {
			w.WayInWords += "; "
		}
		w.WayInWords += fmt.Sprintf("from %s to the %s: %s", from, l.To, linkWords[l.Link])
		from = "the " + l.To
	}
	for _, s := range p.Steps {
		x := min(int(s.From*1000), 994)
		w.Bars = append(w.Bars, bar{s, x, max(int(s.To*1000)-x, 6)})
	}
	return w
}

var linkWords = map[render.Link]string{render.Whole: "passes", render.Broken: "broken", render.Refused: "refused", render.Untried: "not reached"}

// rows puts the paths into the matrix, in the order in which their protocols come.
func rows(r *report.Report, ways []way) []row {
	var out []row
	for _, w := range ways {
		host := ""
		if w.Result.Host != r.Target.Hub {
			host = render.Clean(w.Result.Host)
		}
		name := render.Clean(string(w.Result.Protocol))
		i := slices.IndexFunc(out, func(o row) bool { return o.Host == host && o.Protocol == name && o.Port == w.Result.Port })
		if i < 0 {
			i, out = len(out), append(out, row{host, name, w.Result.Port, make([]cell, len(r.Routes))})
		}
		if c := slices.IndexFunc(r.Routes, func(o report.Route) bool { return o.ID == w.Result.Route }); c >= 0 {
			out[i].Cells[c].Paths = append(out[i].Cells[c].Paths, w)
		}
	}
	return out
}

func newChange(t Transition) change {
	c := change{At: t.At.UTC().Format("2006-01-02 15:04:05 UTC"), Machine: t.At.UTC().Format(time.RFC3339),
		From: render.Clean(t.From), To: render.Clean(t.To), Cause: render.Clean(t.Cause)}
	c.By = render.Clean(t.Protocol)
	if c.By != "" {
		c.By += by(t.Route)
	}
	if t.Duration > 0 {
		c.Lasted = render.Span(t.Duration)
	}
	return c
}
