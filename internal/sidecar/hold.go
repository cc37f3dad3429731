package sidecar

import (
	"context"
	"slices"
	"time"

	"edgenet/internal/sidecar/machine"
	"edgenet/probe"
	"edgenet/report"
)

const (
	// holdAgain is for how long connections are left idle the second time: as long as the
	// runtime is silent on the protocols that HTTPS stands for, which is all that counts.
	holdAgain = time.Minute
	// holdLimit bounds both times, beside what they are idle, whatever happens in them.
	holdLimit = 2 * checkLimit
)

// hold tries how long idle connections of these paths live.
func (p *prober) hold(ctx context.Context, e machine.StartHold) machine.HoldDone {
	ctx, cancel := context.WithTimeout(ctx, e.Settings.Hold+holdAgain+holdLimit)
	defer cancel()
	return confirmed(e.Settings.Hold, func(idle time.Duration) machine.HoldDone { return p.holdOnce(ctx, e, idle) })
}

// confirmed lets a finding count where it comes twice: a loss may be a network that was
// away for a moment, and the twin keeps it for long.
func confirmed(idle time.Duration, try func(idle time.Duration) machine.HoldDone) machine.HoldDone {
	out := try(idle)
	if out.Short != nil {
		out = try(min(idle, holdAgain))
	}
	return out
}

// holdOnce is one check of the paths alone, by the routes and behind the fence of any
// other, and their connections left idle after it.
func (p *prober) holdOnce(ctx context.Context, e machine.StartHold, idle time.Duration) machine.HoldDone {
	env := p.environment(ctx)
	w := p.ways(ctx, e.Settings, env)
	env.ConnectTo = w.connect
	r := probe.Check(ctx, probe.Plan{
		Sparing: true,
		Host:    p.o.Upstream, Source: "module-env", Routes: w.routes, Protocols: []report.Protocol{report.HTTPS},
		Timeout: p.o.Timeout, Hold: idle, NoProxy: p.o.NoProxy, Version: p.o.Version,
		Skip: func(n probe.PathName) bool { return !slices.Contains(e.Paths, n) },
	}, env, nil)
	out := machine.HoldDone{Run: e.Run, Undecided: ctx.Err() != nil || !slices.ContainsFunc(r.Results, decided)}
	if i := slices.IndexFunc(r.Findings, func(f report.Finding) bool { return f.Code == report.HoldShort }); i >= 0 &&
		!out.Undecided {
		out.Short = &r.Findings[i]
	}
	return out
}

// decided tells whether a path's idle connections came to anything.
func decided(r report.Result) bool {
	s, _ := r.Step(report.HopTarget, report.StageHold)
	d, ok := s.Detail.(*report.HoldDetail)
	return ok && (d.HeldSec > 0 || d.LostSec > 0 || d.ServerIdle)
}
