package probe

import (
	"context"
	"runtime"
	"sync"
	"time"

	"edgenet/internal/hop"
	"edgenet/internal/judge"
	"edgenet/internal/secret"
	"edgenet/report"
)

// Observer sees results as they settle, from many goroutines. A nil Observer is fine.
type Observer func(report.Result)

func (o Observer) see(r *report.Result) {
	if o != nil {
		o(*r)
	}
}

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
	return run(ctx, plan, env, nil, observe)
}

// Recheck repeats what does not work in an earlier report of the same plan, and draws
// the conclusions anew. What worked is taken over as it was, and so is the earlier
// answer of a path that this round could not finish.
func Recheck(ctx context.Context, plan Plan, env *hop.Env, before *report.Report, observe Observer) *report.Report {
	return run(ctx, plan, env, before.Results, observe)
}

// run is one round; before are the results of an earlier one, nil where there is none.
func run(ctx context.Context, plan Plan, env *hop.Env, before []report.Result, observe Observer) *report.Report {
	plan = plan.withDefaults()
	env = shared(env)
	r := Start(plan, env.Clock())
	base := time.Now()
	secrets := plan.secrets(ctx)
	round, cancel := context.WithTimeoutCause(secret.With(ctx, secrets), plan.Deadline, ErrDeadline)
	goodbyes := &Farewells{}
	defer goodbyes.handOver(plan.Farewells, cancel)
	var paths []*Path
	var at []int
	for i, p := range plan.paths() {
		if before != nil && before[i].Status == report.OK {
			r.Results[i] = before[i]
			continue
		}
		paths, at = append(paths, p), append(at, i)
	}
	beside := askHosted(round, plan, env, paths)
	for i, res := range walkAll(round, paths, plan.Parallel, env, base, goodbyes, observe) {
		if before != nil && res.Status == report.Skipped {
			r.Partial, res = true, before[at[i]]
		}
		r.Results[at[i]] = res
	}
	beside.note(r.Results)
	Conclude(r, plan, ctx.Err() != nil)
	r.DurationMs = report.MillisOf(time.Since(base))
	secrets.Walk(&r.Results)
	secrets.Walk(&r.Findings)
	return r
}

// shared gives the paths of a run what is read once for all: parsing the pools takes
// milliseconds, and so does a host's table of interfaces where there are a hundred.
func shared(env *hop.Env) *hop.Env {
	own := *env
	if own.Trust == nil {
		own.Trust = &hop.Trust{}
	}
	if own.Interfaces == nil {
		own.Interfaces = &hop.Interfaces{}
	}
	return &own
}

// walkAll runs the paths side by side, bounded, and gives the results in plan order.
func walkAll(round context.Context, paths []*Path, atOnce int, env *hop.Env, base time.Time, goodbyes *Farewells,
	observe Observer) []report.Result {
	results := make([]report.Result, len(paths))
	slots := make(chan struct{}, atOnce)
	shared := newSurvey(round, base)
	shared.farewells = goodbyes
	defer shared.close()
	var wg sync.WaitGroup
	wg.Go(env.Trust.Prepare) // beside the first packets
	for _, p := range paths {
		p.survey, p.proven = shared, shared.expect()
	}
	for i, p := range paths {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			growStack()
			p.run(round, env, base, &results[i])
			observe.see(&results[i])
		})
	}
	wg.Wait()
	lookLate(paths, results, env)
	shared.lookedEnough()
	confirmKnocks(round, paths, results, env, base)
	confirmLuck(round, paths, results, env, base)
	confirmHellos(round, paths, results, env, base)
	walkSilent(round, paths, results, env, base)
	countLosses(round, paths, results, env, base)
	lookAgain(round, paths, results, env, base)
	padElsewhere(round, paths, results, env, base)
	holdAll(round, paths, results, env, base, observe)
	return results
}

// walkStack is what a walk through a handshake takes of its goroutine's stack, in bytes, measured by when
// more room saves no more.
const walkStack = 12 << 10

// growStack makes room while there is next to nothing on the stack. It is doubled where it does not
// suffice, and each time every frame is copied: deep in a handshake that was 4 % of a sweep's
// processor time.
//
//go:noinline
func growStack() {
	var room [walkStack]byte
	touch(&room)
}

//go:noinline
func touch(room *[walkStack]byte) { room[0] = 1 }

// Conclude draws what follows from a report's results by the plan's question. Interrupted
// says that the user stopped the run.
func Conclude(r *report.Report, plan Plan, interrupted bool) {
	nameVendors(r.Results)
	judge.Conclude(r, plan.Question(), interrupted)
}
