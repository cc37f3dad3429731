package check

import (
	"context"
	"errors"
	"time"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/outputs"
	"edgenet/probe"
	"edgenet/report"
	"edgenet/report/render"
)

// Run is `edgenet check`. Its error carries the exit code, and what there is to say.
func Run(ctx context.Context, con *console.Console, o Options) error {
	if o.All && o.Targets != "" {
		return exit.Usagef("--all and --targets exclude each other: look at one device at a time")
	}
	if o.DPS && o.Targets != "" {
		return exit.Usagef("--dps and --targets exclude each other: look at one service at a time")
	}
	if o.Targets != "" {
		return runTargets(ctx, con, o)
	}
	if o.Unordered || o.Parallel != 0 || o.Resume != "" {
		return exit.Usagef("--unordered, --parallel and --resume belong to --targets")
	}
	j, err := newJob(ctx, con, o)
	if err != nil {
		return err
	}
	if o.Lab {
		stop, err := j.enterLab(ctx)
		if err != nil {
			return err
		}
		defer stop()
	}
	if err := j.closed(); err != nil {
		return err
	}
	stop, err := j.enterContainer(ctx)
	if err != nil {
		return err
	}
	defer stop()
	if j.list, err = j.beyond(ctx); err != nil {
		return err
	}
	if o.Every > 0 {
		return j.every(ctx, j.oneHub)
	}
	return j.once(ctx)
}

// holds is what the outputs have to hold.
func (o Options) holds() outputs.Holds {
	return outputs.Holds{Many: o.Targets != "", Rounds: o.Every > 0}
}

// text tells that standard output carries the text.
func (j *job) text() bool { return j.format().Name == "text" && !j.o.OnStdout() }

func (j *job) format() outputs.Format {
	text := j.con.TextOptions(j.o.Verbose, j.o.Quiet)
	f, _ := outputs.Find(j.o.Format, text) // outputs has checked it
	if j.o.OnStdout() {
		return j.o.Addressed(f, text)
	}
	return f
}

// farewellWait is how long a program that has told everything stays for the answers to its
// goodbyes: where a round trip takes longer, the peer has read the goodbye before this host can
// refuse the answer.
const farewellWait = 100 * time.Millisecond

// once runs the job once, or with --wait again until the answer is good, and writes the
// result: everything that can be written is.
func (j *job) once(ctx context.Context) error {
	show := j.display()
	defer func() { _ = show.Close() }() // only the cursor is left to restore
	if j.o.Hold > 0 && !j.o.Quiet {
		j.con.Note("what works is left idle afterwards, for up to %s", j.o.Hold)
	}
	goodbyes := &probe.Farewells{}
	j.plan.Farewells = goodbyes
	defer goodbyes.Wait(farewellWait)
	show.Start(j.start())
	r := j.check(ctx, show.Update)
	w := waited{}
	if j.o.Wait > 0 {
		r, w = j.waitFor(ctx, r, show)
	}
	err := errors.Join(j.finish(show, r), j.showBeyond(r.Verdict.ExitCode), j.o.WriteFiles(ctx, r))
	j.sayWaited(w)
	code := r.Verdict.ExitCode
	if ctx.Err() != nil && j.o.Wait > 0 && code != exit.Good {
		code = exit.Worse(code, exit.Interrupted)
	}
	return exit.With(code, err)
}

// finish writes the result to standard output.
func (j *job) finish(show display, r *report.Report) error {
	if j.text() {
		return exit.Result(show.Finish(r))
	}
	return exit.Result(errors.Join(show.Close(), j.format().Write(j.con.Stdout, r)))
}

// waited is how a wait ended.
type waited struct {
	took   time.Duration
	good   bool // the answer turned good
	gaveUp bool // the time was over
}

func (j *job) sayWaited(w waited) {
	now := time.Now().UTC().Format("15:04:05 UTC")
	switch {
	case w.gaveUp:
		j.con.Note("%s given up after %s: the answer is still not good", now, render.Span(w.took))
	case w.good && !j.o.Quiet:
		j.con.Note("%s good after %s", now, render.Span(w.took))
	}
}
