package html

import (
	_ "embed"
	"io"
	"time"

	"edgenet/internal/markup"
	"edgenet/report"
	"edgenet/report/render"
	"edgenet/report/watch"
)

//go:embed page.css
var pageCSS string

//go:embed page.js
var pageJS string

// Options say what else stands on the page.
type Options struct {
	Title   string          // zero means the verdict and the hub's name
	Watch   *watch.Timeline // zero means no timeline
	Facts   []render.Fact   // about who serves the page, beside the verdict
	Reload  time.Duration   // how often the page is loaded again, if its reader lets it; zero means never
	History []Transition    // in the order of time, shown latest first; zero means no such section
}

// Transition is one change of the state of the upstream.
type Transition struct {
	At       time.Time
	From, To string // states, such as ok, degraded, down
	Cause    string // why, where it got worse; may be empty
	Route    string
	Protocol string
	Duration time.Duration // in the state From; zero means unknown
}

// policy is what the page may do: show itself, and run the one script that stands in it.
func policy() string { return markup.Policy(pageCSS, pageJS) }

// ContentSecurityPolicy is the value of the header of that name for who serves the
// page; it adds what a page cannot say of itself: no other page may frame it.
func ContentSecurityPolicy() string { return policy() + "; frame-ancestors 'none'" }

// Write writes the page. What a stranger wrote stays text. The page is made whole
// before the first byte goes out.
func Write(w io.Writer, r *report.Report, o Options) error {
	var m writer
	m.whole(newPage(r, o))
	return m.Send(w)
}
