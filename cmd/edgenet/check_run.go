package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"edgenet/probe"
	"edgenet/report"
	"edgenet/report/render"
)

// waitPause is between two rounds of --wait.
const waitPause = 2 * time.Second

// runCheck runs the job once, or with --wait again until the answer is good, and
// prints.
func (a *app) runCheck(ctx context.Context, j *job, f *checkFlags) (*report.Report, error) {
	show := a.display(f)
	defer func() { _ = show.Close() }() // only the cursor is left to restore
	if f.hold > 0 && !f.quiet {
		fmt.Fprintf(a.stderr, "edgenet: what works is left idle afterwards, for up to %s\n", f.hold)
	}
	show.Start(probe.Start(j.plan, time.Now()))
	r := probe.Check(ctx, j.plan, j.env, show.Update)
	if f.wait > 0 {
		r = a.waitFor(ctx, j, f, r, show)
	}
	for _, path := range f.outputs {
		if err := writeFile(path, r); err != nil {
			return nil, runError{err}
		}
	}
	var err error
	switch f.format {
	case "json":
		err = render.JSON(a.stdout, r)
	case "jsonl":
		err = render.JSONL(a.stdout, r)
	default:
		err = show.Finish(r)
	}
	if err != nil {
		return nil, runError{fmt.Errorf("writing the result: %w", err)}
	}
	return r, nil
}

// waitFor repeats what fails until the answer is good or the time is over.
func (a *app) waitFor(ctx context.Context, j *job, f *checkFlags, r *report.Report, show display) *report.Report {
	end := time.NewTimer(f.wait)
	defer end.Stop()
	for r.Verdict.ExitCode != exitGood && ctx.Err() == nil {
		select {
		case <-ctx.Done():
			return r
		case <-end.C:
			return r
		case <-time.After(waitPause):
		}
		show.Wait(r)
		r = probe.Recheck(ctx, j.plan, j.env, r, show.Update)
	}
	return r
}

// display shows a check on its way: live rows on a terminal, nothing elsewhere.
type display interface {
	Start(*report.Report)
	Update(report.Result)
	Wait(*report.Report) // a round is over and another begins
	Finish(*report.Report) error
	Close() error
}

// display chooses by what standard output is.
func (a *app) display(f *checkFlags) display {
	o := a.textOptions(f)
	if f.format != "text" || f.quiet || a.width() == 0 || a.getenv("TERM") == "dumb" {
		return still{a.stdout, a.stderr, o}
	}
	return &live{render.NewLive(a.stdout, o)}
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

// still shows nothing until the end.
type still struct {
	out, log io.Writer
	options  render.TextOptions
}

func (still) Start(*report.Report) {}
func (still) Update(report.Result) {}
func (still) Close() error         { return nil }
func (s still) Wait(r *report.Report) {
	fmt.Fprintf(s.log, "edgenet: %s %s; trying again\n", time.Now().UTC().Format(time.TimeOnly), report.Clean(r.Verdict.Reason, 300))
}
func (s still) Finish(r *report.Report) error { return render.Text(s.out, r, s.options) }

// live shows rows that settle in place.
type live struct{ *render.Live }

// Wait sets the rows that are tried again going.
func (l *live) Wait(r *report.Report) {
	for _, res := range r.Results {
		if res.Status != report.OK {
			res.Status, res.Cause, res.Steps = "", "", nil
			l.Update(res)
		}
	}
}

// writeFile writes a report beside the standard output, whole or not at all.
func writeFile(path string, r *report.Report) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".edgenet-*")
	if err != nil {
		return fmt.Errorf("--output %s: %w", path, err)
	}
	encode := render.JSON
	if filepath.Ext(path) == ".jsonl" {
		encode = render.JSONL
	}
	err = errors.Join(encode(tmp, r), tmp.Chmod(0o644), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
		return fmt.Errorf("--output %s: %w", path, err)
	}
	return nil
}
