package vantage

import (
	"errors"
	"fmt"
	"slices"

	"edgenet/probe"
	"edgenet/report"
)

// Beside puts the container's report next to the host's, of the same plan: c.Report is
// concluded by the host's plan, the differences are told, and the host's verdict becomes
// that of both. Interrupted says that the user stopped the run. A report that does not
// fit, or a missing one, is an error of c, and the verdict is never good then.
func Beside(host *report.Report, c *report.Container, plan probe.Plan, interrupted bool) {
	host.Container = c
	c.Differences = []report.Difference{}
	if c.Report != nil {
		if err := fits(host, c.Report); err != nil {
			c.Report, c.Error = nil, err.Error()
		}
	}
	if c.Report == nil {
		if host.Verdict.ExitCode == 0 || host.Verdict.ExitCode == 3 {
			host.Verdict.ExitCode = 1
		}
		host.Verdict.Reason = "From a container nothing is known: " + c.Error + ". On the host: " + host.Verdict.Reason
		return
	}
	c.Report.Target.Source = host.Target.Source
	c.Report.Routes = slices.Clone(host.Routes)
	probe.Conclude(c.Report, plan, interrupted)
	c.Differences = differences(host, c)
	host.Partial = host.Partial || c.Report.Partial
	host.Verdict = probe.Choose(stands(host.Results, c.Report.Results), plan, interrupted && host.Partial)
	if where := decidedBy(host, c); where != "" {
		host.Verdict.Reason = where + ": " + host.Verdict.Reason
	}
}

// fits tells whether both reports walked the same paths.
func fits(host, inside *report.Report) error {
	if inside.Schema != report.Schema || len(inside.Results) != len(host.Results) {
		return errors.New("the report from the container is not of this check")
	}
	for i, h := range host.Results {
		if c := inside.Results[i]; c.ID != h.ID || c.Protocol != h.Protocol || c.Route != h.Route || c.Host != h.Host {
			return fmt.Errorf("the report from the container has another path in place of %s", h.ID)
		}
	}
	return nil
}

// stands takes each path from where the component that uses it stands: HTTPS is the
// daemon's, on the host; the rest is edgeAgent's and edgeHub's, in containers.
func stands(host, inside []report.Result) []report.Result {
	out := slices.Clone(host)
	for i := range out {
		if out[i].Protocol != report.HTTPS {
			out[i] = inside[i]
		}
	}
	return out
}

// decidedBy names the place where the two do not agree on how things are.
func decidedBy(host *report.Report, c *report.Container) string {
	h, in := works(host.Results), works(c.Report.Results)
	switch {
	case h && !in:
		return "Works on the host, and not from a container on " + c.Network
	case !h && in:
		return "Works from a container on " + c.Network + ", where it counts, and not on the host"
	}
	return ""
}

// works tells whether any path but HTTPS works that the runtime could use.
func works(results []report.Result) bool {
	return slices.ContainsFunc(results, func(r report.Result) bool {
		return r.Protocol != report.HTTPS && r.Status == report.OK && (r.RuntimeUsable == nil || *r.RuntimeUsable)
	})
}
