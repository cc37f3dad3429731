package render

import (
	"fmt"

	"edgenet/internal/logs"
	"edgenet/report"
)

// beside puts what the log suggested and what a probe found afterwards side by side.
func beside(r *logs.Report) (rows [][2]string) {
	if r.Check == nil {
		return nil
	}
	for i := range r.Upstream {
		u := &r.Upstream[i]
		last := u.Spans[len(u.Spans)-1]
		log := fmt.Sprintf("%s: %s", u.Component, last.State)
		if last.Protocol != "" {
			log += " by " + string(last.Protocol)
		}
		if last.Cause != nil {
			log += ", " + last.Cause.Label(last.Hop) + " (" + certaintyWords[last.Certainty] + ")"
		}
		rows = append(rows, [2]string{log, probed(r.Check, last.Protocol)})
	}
	if len(rows) == 0 {
		rows = append(rows, [2]string{r.Conclusion.Summary, ""})
	}
	return append(rows, [2]string{"all", r.Check.Verdict.Reason})
}

// probed says what came of a protocol.
func probed(c *report.Report, p report.Protocol) string {
	out := ""
	for _, res := range c.Results {
		if res.Protocol != p {
			continue
		}
		word := string(res.Status)
		if res.Status == report.Failed {
			word = res.Cause.Label(res.Hop)
		}
		if out != "" {
			out += "; "
		}
		out += fmt.Sprintf("%s by %s: %s", p, res.Route, word)
	}
	return firstOf(out, "not probed")
}
