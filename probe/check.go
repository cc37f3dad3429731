package probe

import (
	"context"
	"runtime"
	"sync"
	"time"

	"edgenet/internal/hop"
	"edgenet/report"
)

// Observer sees results as they settle, from many goroutines. A nil Observer is fine.
type Observer func(report.Result)

// Start gives the report of a plan before anything was tried: every row, no status.
func Start(plan Plan, now time.Time) *report.Report {
	plan = plan.withDefaults()
	r := &report.Report{
		Schema:    report.Schema,
		Tool:      report.Tool{Name: "edgenet", Version: plan.Version, OS: runtime.GOOS, Arch: runtime.GOARCH},
		StartedAt: now.UTC(),
		Target:    report.Target{Hub: plan.Host, Source: plan.Source},
		Routes:    []report.Route{},
		Results:   []report.Result{},
		Findings:  []report.Finding{},
	}
	for _, route := range plan.Routes {
		pub := report.Route{ID: route.ID}
		if route.Proxy != nil {
			pub.URL, pub.Source = route.Proxy.String(), route.Proxy.Source
		}
		r.Routes = append(r.Routes, pub)
	}
	for _, p := range plan.paths() {
		r.Results = append(r.Results, p.result())
	}
	return r
}

// Check walks every path of the plan at once and decides. It ends when all paths have,
// at the plan's deadline, or when ctx does; what is not finished then is skipped.
func Check(ctx context.Context, plan Plan, env *hop.Env, observe Observer) *report.Report {
	plan = plan.withDefaults()
	r := Start(plan, env.Clock())
	base := time.Now()
	round, cancel := context.WithTimeoutCause(ctx, plan.Deadline, ErrDeadline)
	defer cancel()
	if env.Trust == nil {
		env.Trust = &hop.Trust{}
	}
	r.Results = walkAll(round, plan.paths(), env, base, observe)
	Conclude(r, plan, ctx.Err() != nil)
	r.DurationMs = report.MillisOf(time.Since(base))
	return r
}

// walkAll runs the paths side by side, bounded, and gives the results in plan order.
func walkAll(round context.Context, paths []*Path, env *hop.Env, base time.Time, observe Observer) []report.Result {
	results := make([]report.Result, len(paths))
	slots := make(chan struct{}, parallel)
	var wg sync.WaitGroup
	wg.Go(env.Trust.Prepare) // beside the first packets
	for i, p := range paths {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			results[i] = p.Run(round, env, base)
			if observe != nil {
				observe(results[i])
			}
		})
	}
	wg.Wait()
	return results
}

// Conclude draws what follows from a report's results: refined causes, findings and
// verdict. Interrupted says that the user stopped the run.
func Conclude(r *report.Report, plan Plan, interrupted bool) {
	plan = plan.withDefaults()
	for _, res := range r.Results {
		r.Partial = r.Partial || res.Status == report.Skipped
	}
	Refine(r.Results)
	r.Verdict = Choose(r.Results, plan, interrupted && r.Partial)
	r.Findings = Findings(r.Results, plan, r.Verdict)
}

// Recheck repeats what does not work in an earlier report of the same plan, and draws
// the conclusions anew. What worked is taken over as it was.
func Recheck(ctx context.Context, plan Plan, env *hop.Env, before *report.Report, observe Observer) *report.Report {
	plan = plan.withDefaults()
	r := Start(plan, env.Clock())
	base := time.Now()
	round, cancel := context.WithTimeoutCause(ctx, plan.Deadline, ErrDeadline)
	defer cancel()
	var again []*Path
	var at []int
	for i, p := range plan.paths() {
		if before.Results[i].Status != report.OK {
			again, at = append(again, p), append(at, i)
		}
	}
	r.Results = append([]report.Result(nil), before.Results...)
	for i, res := range walkAll(round, again, env, base, observe) {
		r.Results[at[i]] = res
	}
	Conclude(r, plan, ctx.Err() != nil)
	r.DurationMs = report.MillisOf(time.Since(base))
	return r
}
