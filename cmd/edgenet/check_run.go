package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"edgenet/probe"
	"edgenet/report"
	"edgenet/report/render"
)

// runCheck runs the job once, or with --wait again until the answer is good, and
// prints.
func (a *app) runCheck(ctx context.Context, j *job, f *checkFlags) (*report.Report, error) {
	show := a.display(f)
	defer func() { _ = show.Close() }() // only the cursor is left to restore
	if f.hold > 0 && !f.quiet {
		fmt.Fprintf(a.stderr, "edgenet: what works is left idle afterwards, for up to %s\n", f.hold)
	}
	show.Start(probe.Start(j.plan, time.Now()))
	r := j.check(ctx, show.Update)
	took := time.Duration(0)
	if f.wait > 0 {
		r, took = a.waitFor(ctx, j, f, r, show)
	}
	if err := f.writeFiles(r); err != nil {
		return nil, err
	}
	if err := a.finish(f, show, r); err != nil {
		return nil, runError{fmt.Errorf("writing the result: %w", err)}
	}
	if took > 0 && !f.quiet {
		fmt.Fprintf(a.stderr, "edgenet: %s good after %s\n", time.Now().UTC().Format("15:04:05 UTC"), render.Span(took))
	}
	return r, nil
}

// finish writes the result to standard output.
func (a *app) finish(f *checkFlags, show display, r *report.Report) error {
	if f.format == "text" {
		return show.Finish(r)
	}
	e, _ := format(f.format, a.textOptions(f)) // checkOutputs saw it
	return errors.Join(show.Close(), e.write(a.stdout, r))
}

// textOptions: colour and glyphs only where they work.
func (a *app) textOptions(f *checkFlags) render.TextOptions {
	width := a.width()
	tty := width > 0 && a.getenv("TERM") != "dumb"
	if width == 0 {
		width = 100
	}
	return render.TextOptions{Width: width, Color: tty && a.getenv("NO_COLOR") == "", Unicode: a.utf8(), Verbose: f.verbose, Quiet: f.quiet}
}

// utf8 goes by the locale, as other programs do (POSIX: LC_ALL, LC_CTYPE, LANG).
func (a *app) utf8() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(a.getenv(name)); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return false
}
