package check

import (
	"errors"
	"fmt"
	"io"
	"time"

	"edgenet/report"
	"edgenet/report/render"
)

// display shows a check on its way: live rows on a terminal, nothing elsewhere.
type display interface {
	Start(*report.Report)
	Update(report.Result)
	Wait(r *report.Report, left time.Duration) // a round is over, and more are to come
	Changed(before, after *report.Report)      // by one of those rounds
	Finish(*report.Report) error
	Close() error
}

// display chooses by what the outputs are: live rows stand where a person looks, on
// standard output, else on standard error.
func (j *job) display() display {
	c := j.con
	o := c.TextOptions(j.o.Verbose, j.o.Quiet)
	o.HubOnly = !j.o.All && !j.o.Lab
	end := still{c.Stdout, c.Stderr, o, new(false)}
	if j.o.Quiet || c.Plain() {
		return end
	}
	if j.text() && c.OutWidth() > 0 {
		return &live{Live: render.NewLive(c.Stdout, o)}
	}
	if w := c.ErrorWidth(); w > 0 {
		o.Width, o.Height, o.Color = w, c.Rows(), c.Getenv("NO_COLOR") == ""
		return &aside{live{Live: render.NewLive(c.Stderr, o)}, end}
	}
	return end
}

// still shows nothing until the end, and of a long wait what changes.
type still struct {
	out, log io.Writer
	options  render.TextOptions
	waiting  *bool // said already
}

func (still) Start(*report.Report) {}
func (still) Update(report.Result) {}
func (still) Close() error         { return nil }

func (s still) Wait(r *report.Report, left time.Duration) {
	if !*s.waiting {
		*s.waiting = true
		fmt.Fprintf(
			s.log,
			"edgenet: %s trying again for %s: %s\n",
			time.Now().UTC().Format("15:04:05 UTC"),
			render.Span(left),
			report.Clean(r.Verdict.Reason, 300),
		)
	}
}

func (s still) Changed(before, after *report.Report) {
	_ = render.Changes(s.log, before, after, "", s.options) // a log that is full stops no probe
}

func (s still) Finish(r *report.Report) error { return render.Text(s.out, r, s.options) }

// live shows rows that settle in place.
type live struct{ *render.Live }

// Wait sets the rows that are tried again going; what they met last stays beside them.
func (l *live) Wait(r *report.Report, left time.Duration) {
	l.Note("trying again what fails, " + render.Span(left) + " left")
	for _, res := range r.Results {
		if res.Status != report.OK {
			res.Status = ""
			l.Update(res)
		}
	}
}

func (*live) Changed(_, _ *report.Report) {} // its row shows it

// aside has the rows on standard error, while the result goes elsewhere.
type aside struct {
	live
	end still
}

func (a *aside) Finish(r *report.Report) error {
	return errors.Join(a.Close(), a.end.Finish(r))
}
