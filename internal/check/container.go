package check

import (
	"context"

	"edgenet/internal/exit"
	"edgenet/internal/vantage"
	"edgenet/probe"
	"edgenet/report"
)

// enterContainer makes the job's rounds those of host and container where --from says so,
// and of the container itself inside it.
func (j *job) enterContainer(ctx context.Context) (stop func(), err error) {
	if j.o.Inside {
		j.round = func(ctx context.Context, observe probe.Observer) *report.Report {
			r := j.fromHost(ctx, observe)
			r.Vantage = vantage.Look(j.con.Root)
			return r
		}
	}
	if j.o.From != "container" {
		return func() {}, nil
	}
	b, err := j.startContainer(ctx)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, exit.CodeError(exit.Interrupted)
	case err != nil:
		return nil, exit.Inputf("--from container: %w", err)
	}
	j.round = func(ctx context.Context, observe probe.Observer) *report.Report {
		return j.checkBoth(ctx, b, observe)
	}
	return func() {
		if err := b.close(ctx); err != nil {
			j.con.Note("%s", err)
		}
	}, nil
}
