package judge

import (
	"fmt"
	"slices"
	"strings"

	"edgenet/report"
)

// closed tells of each path that must not work what came of it: closed, open, or unknown
// where it was not finished.
func (c *chooser) closed() []report.Closed {
	var out []report.Closed
	for _, n := range c.q.Closed {
		p := report.Closed{Protocol: n.Protocol, Route: n.Route, State: report.PathUnknown}
		i := slices.IndexFunc(
			c.results,
			func(r *report.Result) bool { return r.Protocol == n.Protocol && r.Route == n.Route },
		)
		if i >= 0 {
			p.ResultID = c.results[i].ID
			switch {
			case c.results[i].Status == report.Skipped:
			case c.results[i].Reached():
				p.State = report.PathOpen
			default:
				p.State = report.PathClosed
			}
		}
		out = append(out, p)
	}
	return out
}

// closedDecides tells that the question is whether paths are closed, and nothing else: a
// protocol that has to work was not asked for.
func (c *chooser) closedDecides() bool {
	return len(c.q.Closed) > 0 && (c.q.Expect == "" || c.q.ExpectSource != "flag")
}

// closedWords counts them, and names those that are not closed.
func closedWords(paths []report.Closed) string {
	named := map[report.PathState][]string{}
	for _, p := range paths {
		named[p.State] = append(named[p.State], p.Path())
	}
	s := fmt.Sprintf("As expected, closed: %d of %d", len(named[report.PathClosed]), len(paths))
	if len(named[report.PathClosed]) < len(paths) {
		s = "Not as" + strings.TrimPrefix(s, "As")
	}
	if open := named[report.PathOpen]; len(open) > 0 {
		s += ". Expected to be closed, and open: " + strings.Join(open, ", ")
	}
	if unknown := named[report.PathUnknown]; len(unknown) > 0 {
		s += ". Expected to be closed, and not finished: " + strings.Join(unknown, ", ")
	}
	return s + "."
}

// expectedClosed tells of a path that has to be closed, and is: nobody is to open it.
func expectedClosed(v report.Verdict, id string) bool {
	return slices.ContainsFunc(
		v.Closed,
		func(p report.Closed) bool { return p.ResultID == id && p.State == report.PathClosed },
	)
}

// onlyClosed tells that paths had to be closed, are, and that this was all that was asked.
func onlyClosed(v report.Verdict) bool {
	return len(v.Closed) > 0 && v.ExitCode == 0 && v.UpstreamProtocol == nil
}

// unexpected leaves out the findings that say no more than that paths are closed which have
// to be. A path that works and bears witness to it changes nothing.
func (v *view) unexpected(found []report.Finding) []report.Finding {
	if len(v.verdict.Closed) == 0 {
		return found
	}
	return slices.DeleteFunc(found, func(f report.Finding) bool {
		if (f.Code == report.ProtocolNone || f.Code == report.HTTPSRequired) && onlyClosed(v.verdict) {
			return true
		}
		bad := v.matching(func(r *report.Result) bool { return failed(r) && slices.Contains(f.Results, r.ID) })
		return len(bad) > 0 && !slices.ContainsFunc(bad,
			func(r *report.Result) bool { return !expectedClosed(v.verdict, r.ID) })
	})
}

// toClose is what to do about the paths that have to be closed and are open.
func (a *adviser) toClose() {
	var names, results []string
	for _, p := range a.verdict.Closed {
		if p.State == report.PathOpen {
			names, results = append(names, p.Path()), append(results, p.ResultID)
		}
	}
	if len(names) == 0 {
		return
	}
	list := strings.Join(names, ", ")
	s := newStep(
		report.ActorFirewall,
		fmt.Sprintf("Close the way to %s for %s (protocol@route): it has to be closed, and is open.", a.q.Host, list),
		"expected to be closed, and open: "+list,
		report.SeverityError,
	)
	s.Results = results
	a.add(s)
}
