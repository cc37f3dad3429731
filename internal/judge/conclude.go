package judge

import (
	"slices"
	"strings"

	"edgenet/report"
)

// Conclude draws everything that follows from a report's results: refined causes, the
// verdict, findings, what each path matters, and advice. Interrupted says that the user
// stopped the run.
func Conclude(r *report.Report, q Question, interrupted bool) {
	for _, res := range r.Results {
		r.Partial = r.Partial || res.Status == report.Skipped
	}
	q.seeLoopback(r.Results)
	Refine(r.Results)
	fitBundle(r.Results, q.Bundle)
	blame(r.Results, q)
	r.Verdict = Choose(r.Results, q, interrupted && r.Partial)
	r.Findings = Findings(r.Results, q, r.Verdict)
	weigh(r.Results, r.Verdict, r.Findings)
	r.Advice = advise(r.Results, q, r.Verdict, r.Findings)
}

// mostRead bounds what is judged of a report that a stranger may have written: a check has
// five paths a route.
const mostRead = 2000

// Complete fills in what a report of an earlier edition lacks: what each path matters,
// what follows from what, and advice. Its verdict and its findings stay what they were. A
// report that says any of it, or that is larger than any check's, is left as it is.
func Complete(r *report.Report) {
	switch {
	case r == nil, r.Advice != nil, len(r.Results)+len(r.Findings) > mostRead:
		return
	case slices.ContainsFunc(r.Results, func(x report.Result) bool { return x.Needed != nil || x.Severity != "" }):
		return
	}
	follow(r.Findings, r.Results)
	weigh(r.Results, r.Verdict, r.Findings)
	r.Advice = advise(r.Results, Of(r), r.Verdict, r.Findings)
	if r.Container != nil {
		Complete(r.Container.Report)
	}
}

// Of is the question that a report answers, as far as the report itself tells.
func Of(r *report.Report) Question {
	q := Question{Host: r.Target.Hub, Depth: Depth(r.Verdict.Depth), Expect: r.Verdict.Expected,
		ExpectSource: r.Verdict.ExpectedSource}
	for _, route := range r.Routes {
		x := Route{ID: route.ID, URL: route.URL, Source: route.Source}
		if scheme, rest, found := strings.Cut(route.URL, "://"); found {
			x.Scheme, x.Address = scheme, rest[strings.LastIndexByte(rest, '@')+1:]
		}
		q.Routes = append(q.Routes, x)
	}
	if len(r.Results) > 0 {
		q.Role = r.Results[0].Endpoint
	}
	seen := map[report.Protocol]bool{}
	for _, res := range r.Results {
		if !seen[res.Protocol] {
			seen[res.Protocol], q.Protocols = true, append(q.Protocols, res.Protocol)
		}
	}
	return q.normal()
}
