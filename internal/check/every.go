package check

import (
	"context"
	"errors"
	"fmt"
	"time"

	"edgenet/internal/exit"
	"edgenet/internal/outputs"
	"edgenet/report"
	"edgenet/report/render"
)

// round probes everything once. The first one shows itself in text.
type round func(ctx context.Context, first bool) ([]*report.Report, error)

// every repeats rounds until it is interrupted, each begun the interval after the one
// before began, and prints what changed. A round that the interrupt met does not count,
// unless it is the first. An output that fails is said, and tried again with the next
// round: a disk that is full today is not tomorrow.
func (j *job) every(ctx context.Context, run round) error {
	var last []*report.Report
	out := &rounds{job: j, history: j.o.History(j.keep), seen: newSeen(j.o.Every)}
	for next := time.Now(); ; {
		next = next.Add(j.o.Every)
		reports, err := run(ctx, last == nil)
		j.status("")
		if last != nil && ctx.Err() != nil {
			return out.end(last)
		}
		out.written(errors.Join(err, out.write(ctx, last, reports)))
		last = reports
		out.seen.add(reports)
		if ctx.Err() != nil {
			return out.end(last)
		}
		out.alive()
		next = later(next, time.Now()) // a round that took longer is followed at once
		j.status(fmt.Sprintf("%s, next at %s", roundWords(last), next.UTC().Format("15:04:05 UTC")))
		select {
		case <-ctx.Done():
			j.status("")
			return out.end(last)
		case <-time.After(time.Until(next)):
			j.status(roundWords(last) + ", checking again")
		}
	}
}

// rounds writes one round after the other.
type rounds struct {
	*job
	history *outputs.History
	seen    *seen
	failing error // of the last round
}

// written says when outputs begin to fail, and when they work again, once each.
func (o *rounds) written(err error) {
	switch {
	case err != nil && o.failing == nil:
		for _, m := range exit.Messages(err) {
			o.con.Note("%s; it goes on, and tries again after each round", m)
		}
	case err == nil && o.failing != nil:
		o.con.Note("%s all outputs are written again", time.Now().UTC().Format("15:04:05 UTC"))
	}
	o.failing = err
}

// end is the exit code of rounds that somebody ended. A failure was said already.
func (o *rounds) end(last []*report.Report) error {
	if len(last) > 0 && !o.o.Quiet {
		o.sumUp()
	}
	code := exit.Worse(worst(last), exit.Interrupted)
	return exit.CodeError(code)
}

// write writes a round: to the files, and to standard output a line each or what changed.
func (o *rounds) write(ctx context.Context, before, after []*report.Report) error {
	return errors.Join(o.print(before, after), o.history.Write(ctx, after...))
}

func (o *rounds) print(before, after []*report.Report) error {
	if !o.text() {
		return exit.Result(o.format().Write(o.con.Stdout, after...))
	}
	if before == nil {
		return nil // the round has shown itself
	}
	for i, r := range after {
		host := ""
		if len(after) > 1 {
			host = r.Target.Hub
		}
		if err := render.Changes(o.con.Stdout, before[i], r, host,
			o.con.TextOptions(o.o.Verbose, o.o.Quiet)); err != nil {
			return exit.Result(err)
		}
	}
	return nil
}

// oneHub is a round of a single hub: the first with rows on the way, as a check alone.
func (j *job) oneHub(ctx context.Context, first bool) ([]*report.Report, error) {
	if !first {
		return []*report.Report{j.check(ctx, nil)}, nil
	}
	show := j.display()
	defer func() { _ = show.Close() }() // only the cursor is left to restore
	show.Start(j.start())
	r := j.check(ctx, show.Update)
	if !j.text() {
		return []*report.Report{r}, nil
	}
	return []*report.Report{r}, exit.Result(show.Finish(r))
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

func roundWords(reports []*report.Report) string {
	r := reports[len(reports)-1]
	return "checked at " + r.StartedAt.Add(r.DurationMs.Duration()).UTC().Format("15:04:05 UTC")
}

// status is a line on a terminal that the next output replaces.
func (j *job) status(text string) {
	if !j.o.Quiet {
		j.con.Status(text)
	}
}

// worst is the worst of the reports' exit codes.
func worst(reports []*report.Report) int {
	code := exit.Good
	for _, r := range reports {
		code = exit.Worse(code, r.Verdict.ExitCode)
	}
	return code
}
