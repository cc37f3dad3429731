package vantage

import (
	"errors"
	"fmt"
	"slices"

	"edgenet/internal/judge"
	"edgenet/probe"
	"edgenet/report"
)

// Join puts the container's report next to the host's, of the same plan: c.Report is
// concluded by the host's plan, the differences are told, and the host's verdict becomes
// that of both. Interrupted says that the user stopped the run. A report that does not
// fit, or a missing one, is an error of c, and the verdict is never good then.
func Join(host *report.Report, c *report.Container, plan probe.Plan, interrupted bool) {
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
	judge.ConcludeBoth(host, plan.Question(), interrupted, differences)
	host.Verdict.Reason = reasonOf(host, c)
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

// reasonOf says by which place the verdict is what it is, where the two do not agree.
func reasonOf(host *report.Report, c *report.Container) string {
	reason := host.Verdict.Reason
	here, there := works(host.Results), works(c.Report.Results)
	switch d := upstreamDifference(c.Differences); {
	case here && !there && d != nil:
		return "Works on the host, and not from a container on " + c.Network + ": " + d.Why + " " + d.Remedy
	case here && !there:
		return "Works on the host, and not from a container on " + c.Network + ": " + reason
	case !here && there:
		return "Works from a container on " + c.Network + ", where it counts, and not on the host: " + reason
	case d != nil:
		return "From a container on " + c.Network + ", where edgeAgent and edgeHub are: " + reason
	}
	return reason
}

// upstreamDifference is the first path but HTTPS that works in one place alone.
func upstreamDifference(all []report.Difference) *report.Difference {
	for i, d := range all {
		if d.Protocol != report.HTTPS && (d.Host == string(report.OK) || d.Container == string(report.OK)) {
			return &all[i]
		}
	}
	return nil
}

// works tells whether any path but HTTPS works that the runtime could use.
func works(results []report.Result) bool {
	return slices.ContainsFunc(results, func(r report.Result) bool {
		return r.Protocol != report.HTTPS && r.Status == report.OK && (r.RuntimeUsable == nil || *r.RuntimeUsable)
	})
}
