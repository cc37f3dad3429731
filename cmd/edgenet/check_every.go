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

// shortestEvery keeps a typing error from becoming a load: a hub counts every
// connection of a fleet.
const shortestEvery = 100 * time.Millisecond

// round probes everything once. The first one shows itself in text.
type round func(ctx context.Context, first bool) ([]*report.Report, error)

// every repeats rounds until it is interrupted, each begun the interval after the
// one before began, and prints what changed. The exit code is the last whole round's:
// an interrupt is how this ends, and where it meets a round that one does not count,
// unless it is the first.
func (a *app) every(ctx context.Context, f *checkFlags, run round) error {
	var last []*report.Report
	for next := time.Now(); ; {
		next = next.Add(f.every)
		reports, err := run(ctx, last == nil)
		a.status(f, "")
		if err != nil {
			return err
		}
		if last != nil && ctx.Err() != nil {
			return codeError(last)
		}
		if err := a.afterRound(f, last, reports); err != nil {
			return runError{fmt.Errorf("writing the result: %w", err)}
		}
		last = reports
		next = later(next, time.Now()) // a round that took longer is followed at once
		a.status(f, fmt.Sprintf("%s, next at %s", roundWords(last), next.UTC().Format("15:04:05 UTC")))
		select {
		case <-ctx.Done():
			a.status(f, "")
			return codeError(last)
		case <-time.After(time.Until(next)):
			a.status(f, roundWords(last)+", checking again")
		}
	}
}

// oneHub is a round of a single hub: the first with rows on the way, as a check alone.
func (a *app) oneHub(j *job, f *checkFlags) round {
	return func(ctx context.Context, first bool) ([]*report.Report, error) {
		if !first {
			return []*report.Report{j.check(ctx, nil)}, nil
		}
		show := a.display(f)
		defer func() { _ = show.Close() }() // only the cursor is left to restore
		show.Start(probe.Start(j.plan, time.Now()))
		r := j.check(ctx, show.Update)
		if f.format != "text" {
			return []*report.Report{r}, nil
		}
		if err := show.Finish(r); err != nil {
			return nil, runError{fmt.Errorf("writing the result: %w", err)}
		}
		return []*report.Report{r}, nil
	}
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// afterRound writes a round: to the files, and to standard output a line each or what
// changed.
func (a *app) afterRound(f *checkFlags, before, after []*report.Report) error {
	if err := f.keep(before == nil, after); err != nil {
		return err
	}
	if f.format == "jsonl" {
		for _, r := range after {
			if err := render.JSONL(a.stdout, r); err != nil {
				return err
			}
		}
		return nil
	}
	if before == nil {
		return nil // the round has shown itself
	}
	for i, r := range after {
		host := ""
		if len(after) > 1 {
			host = r.Target.Hub
		}
		if err := render.Changes(a.stdout, before[i], r, host, a.textOptions(f)); err != nil {
			return err
		}
	}
	return nil
}

// keep writes the files of --output: JSON lines grow by the round, all others hold the
// last one.
func (f *checkFlags) keep(first bool, reports []*report.Report) error {
	if first {
		return f.writeFiles(reports...)
	}
	whole := *f
	whole.outputs = nil
	for _, path := range f.outputs {
		if strings.ToLower(filepath.Ext(path)) != ".jsonl" {
			whole.outputs = append(whole.outputs, path)
			continue
		}
		if err := appendTo(path, func(w io.Writer) error {
			for _, r := range reports {
				if err := render.JSONL(w, r); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return fmt.Errorf("--output %s: %w", path, err)
		}
	}
	return whole.writeFiles(reports...)
}

// appendTo adds to a file in one write, so that a reader sees whole lines.
func appendTo(path string, write func(io.Writer) error) error {
	var b strings.Builder
	if err := write(&b); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644) //nolint:gosec // a report holds no secrets
	if err != nil {
		return err
	}
	_, err = io.WriteString(file, b.String())
	return errors.Join(err, file.Close())
}

func roundWords(reports []*report.Report) string {
	r := reports[len(reports)-1]
	return "checked at " + r.StartedAt.Add(r.DurationMs.Duration()).UTC().Format("15:04:05 UTC")
}

// status is a line on a terminal that the next output replaces; nothing elsewhere.
func (a *app) status(f *checkFlags, text string) {
	if a.errorWidth() == 0 || a.getenv("TERM") == "dumb" || f.quiet {
		return
	}
	if len(text) >= a.errorWidth() {
		text = ""
	}
	fmt.Fprintf(a.stderr, "\r\x1b[K%s", text)
}

// codeError is the worst of the reports' exit codes, nil where all is good.
func codeError(reports []*report.Report) error {
	worst := exitGood
	for _, r := range reports {
		worst = worse(worst, r.Verdict.ExitCode)
	}
	if worst != exitGood {
		return exitError(worst)
	}
	return nil
}

// worse is the code that wins where several apply: 2 over 130 over 1 over 3 over 0.
func worse(a, b int) int {
	for _, code := range []int{exitUsage, exitInterrupted, exitBad, exitOther} {
		if a == code || b == code {
			return code
		}
	}
	return max(a, b)
}
