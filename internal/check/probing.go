package check

import (
	"context"
	"time"

	"edgenet/probe"
	"edgenet/report"
)

// All calls of package probe that do something are here.

// start is the report before anything was tried.
func (j *job) start() *report.Report { return j.name(probe.Start(j.plan, time.Now())) }

// check is one round, from where the options say.
func (j *job) check(ctx context.Context, observe probe.Observer) *report.Report {
	if j.round != nil {
		return j.name(j.round(ctx, observe))
	}
	return j.name(j.fromHost(ctx, observe))
}

// fromHost is a round of this host alone.
func (j *job) fromHost(ctx context.Context, observe probe.Observer) *report.Report {
	return probe.Check(ctx, j.plan, j.env, observe)
}

// again repeats what failed in a round.
func (j *job) again(ctx context.Context, before *report.Report, observe probe.Observer) *report.Report {
	return j.name(probe.Recheck(ctx, j.plan, j.env, before, observe))
}

// of is the same check of another hub.
func (j *job) of(t target) *job {
	other := *j
	other.plan.Host = t.host
	if other.named != nil && len(t.labels) > 0 {
		named := *other.named
		named.Labels = t.labels
		other.named = &named
	} else if len(t.labels) > 0 {
		other.named = &report.Device{Labels: t.labels}
	}
	return &other
}

// name says which device the report is of.
func (j *job) name(r *report.Report) *report.Report {
	r.Device = j.named
	return r
}
