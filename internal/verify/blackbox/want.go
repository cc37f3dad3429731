package blackbox

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"edgenet/report"
)

// Want is what a case expects of one row of a report.
type Want struct {
	Protocol report.Protocol
	Route    string         // zero means direct
	Hop      report.Hop     // zero means target; of a failed row
	Stage    report.Stage   // where it failed; zero means that the row is ok
	Cause    report.Cause   // zero means that the row is ok
	Not      []report.Cause // neighbours that must not appear anywhere in the row
	// Says are words that must stand in the summary. Zero means none.
	Says []string
	// Within bounds the row's duration. Zero means no bound.
	Within time.Duration
	// Evidence checks the step in question: the failed one, or that of the stage
	// named by Proof on a row that is ok. Zero means none.
	Evidence func(report.Detail) error
	Proof    report.Stage
}

// Verify holds a report against the wants and gives all that is wrong.
func (o *Outcome) Verify(wants ...Want) []error {
	var wrong []error
	for _, w := range wants {
		if w.Route == "" {
			w.Route = report.RouteDirect
		}
		if w.Hop == "" {
			w.Hop = report.HopTarget
		}
		r, ok := o.row(w.Protocol, w.Route)
		if !ok {
			wrong = append(wrong, fmt.Errorf("%s %s: no such row in the report", w.Protocol, w.Route))
			continue
		}
		for _, err := range w.check(r) {
			wrong = append(wrong, fmt.Errorf("%s %s: %w\n  got %s", w.Protocol, w.Route, err, Describe(r)))
		}
	}
	return wrong
}

func (o *Outcome) row(p report.Protocol, route string) (report.Result, bool) {
	for _, r := range o.Report.Results {
		if r.Protocol == p && r.Route == route {
			return r, true
		}
	}
	return report.Result{}, false
}

func (w Want) check(r report.Result) []error {
	var wrong []error
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	proof, where := w.Proof, report.HopTarget
	if w.Cause == "" {
		if r.Status != report.OK {
			bad("want ok")
		}
	} else {
		proof, where = w.Stage, w.Hop
		if r.Status != report.Failed || r.Cause != w.Cause || r.Hop != w.Hop || r.Stage != w.Stage {
			bad("want failed at hop %s, stage %s, cause %s", w.Hop, w.Stage, w.Cause)
		}
		if r.Remedy == "" || r.Actor == "" || r.Summary == "" {
			bad("want summary, remedy and actor, got %q, %q, %q", r.Summary, r.Remedy, r.Actor)
		}
	}
	for _, c := range w.Not {
		if slices.Contains(causes(r), c) {
			bad("the neighbour %s must not appear", c)
		}
	}
	for _, s := range w.Says {
		if !strings.Contains(r.Summary, s) {
			bad("want %q in the summary", s)
		}
	}
	if w.Within > 0 && r.DurationMs.Duration() > w.Within {
		bad("took %s, want at most %s", r.DurationMs.Duration(), w.Within)
	}
	if w.Evidence != nil {
		if st, ok := r.Step(where, proof); !ok {
			bad("no step %s at %s", proof, where)
		} else if err := w.Evidence(st.Detail); err != nil {
			bad("evidence of %s: %w", proof, err)
		}
	}
	return wrong
}

// causes are all that a row names: its own, its attempts', its steps' and its
// addresses'. A first reading that another path's evidence refined is no cause.
func causes(r report.Result) []report.Cause {
	out := []report.Cause{r.Cause}
	for c := range r.FailureCauses {
		if c == r.Cause || !refined(r) {
			out = append(out, c)
		}
	}
	for _, s := range r.Steps {
		if s.Cause != "" && !refined(r) {
			out = append(out, s.Cause)
		}
		if d, ok := s.Detail.(*report.TCPDetail); ok && s.Status == report.Failed {
			for _, t := range d.Tried {
				out = append(out, t.Cause)
			}
		}
	}
	return out
}

func refined(r report.Result) bool {
	st, ok := r.Step(r.Hop, r.Stage)
	return ok && st.Cause != r.Cause
}

// Describe writes a row as one line.
func Describe(r report.Result) string {
	if r.Status == report.OK {
		return fmt.Sprintf("%s %s ok", r.Protocol, r.Route)
	}
	return fmt.Sprintf("%s %s %s hop=%s stage=%s cause=%s: %s%s (%s)", r.Protocol, r.Route, r.Status, r.Hop, r.Stage,
		r.Cause, r.Summary, r.SkipReason, r.DurationMs.Duration())
}

// All describes every row, for the log of a case that failed.
func (o *Outcome) All() string {
	var b strings.Builder
	fmt.Fprintf(&b, "edgenet %s\nexit %d after %s\n", strings.Join(o.Args, " "), o.Exit, o.Took.Round(time.Millisecond))
	for _, r := range o.Report.Results {
		fmt.Fprintf(&b, "  %s\n", Describe(r))
	}
	fmt.Fprintf(&b, "  verdict: %s\n%s", o.Report.Verdict.Reason, o.Stderr)
	return b.String()
}
