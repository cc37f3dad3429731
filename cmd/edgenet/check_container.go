package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"edgenet/internal/vantage"
	"edgenet/probe"
	"edgenet/report"
)

// checkFrom reads --from, and refuses what a container cannot do.
func (f *checkFlags) checkFrom(j *job) error {
	j.env.Trust.Module = j.env.Trust.Module || f.inside
	switch f.from {
	case "host":
		return nil
	case "container":
	default:
		return fmt.Errorf("--from %q: expected host or container", report.Clean(f.from, 40))
	}
	switch {
	case f.lab:
		return errors.New("--from container and --lab exclude each other: the lab listens on this host's loopback, which no container reaches")
	case j.plan.Depth == probe.DepthAuth:
		return errors.New("--from container and --depth auth exclude each other: host and container would log in at once, and throw each other out")
	case f.source != "":
		return errors.New("--from container and --source exclude each other: a container has none of this host's addresses")
	case f.typed.Changed("targets"):
		return errors.New("--from container and --targets exclude each other: look at one hub at a time")
	case f.wait > 0:
		return errors.New("--from container and --wait exclude each other: wait on the host, then look from the container")
	case runtime.GOOS != "linux":
		return errors.New("--from container works on Linux alone, where the runtime is")
	}
	return nil
}

// check is one round, from where the flags say.
func (j *job) check(ctx context.Context, observe probe.Observer) *report.Report {
	if j.round != nil {
		return j.round(ctx, observe)
	}
	return probe.Check(ctx, j.plan, j.env, observe)
}

// enterContainer makes the job's rounds those of host and container where --from says so,
// and of the container itself inside it.
func (a *app) enterContainer(ctx context.Context, j *job, f *checkFlags) (stop func(), err error) {
	if f.inside {
		j.round = func(ctx context.Context, observe probe.Observer) *report.Report {
			r := probe.Check(ctx, j.plan, j.env, observe)
			r.Vantage = vantage.Look(a.root)
			return r
		}
	}
	if f.from != "container" {
		return func() {}, nil
	}
	b, err := a.startBeside(ctx, j, f)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, exitError(exitInterrupted)
	case err != nil:
		return nil, usageError{fmt.Errorf("--from container: %w", err)}
	}
	j.round = func(ctx context.Context, observe probe.Observer) *report.Report {
		return a.checkBeside(ctx, j, b, observe)
	}
	return func() {
		if err := b.close(ctx); err != nil {
			fmt.Fprintf(a.stderr, "edgenet: %s\n", report.Clean(err.Error(), 500))
		}
	}, nil
}
