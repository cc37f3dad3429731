package outputs

import (
	"context"
	"errors"
	"fmt"
	"io"

	"edgenet/internal/exit"
	"edgenet/internal/outfile"
	"edgenet/internal/suggest"
	"edgenet/report"
	"edgenet/report/render"
)

// Options say where reports go. The zero value is text on standard output.
type Options struct {
	Format string   // of standard output; zero means text
	Files  []string // each in the format of its ending
	For    string   // whose ticket the formats for people hold; zero means the whole report
}

// Holds says what the outputs have to hold, so that what does not fit is refused before
// anything is probed.
type Holds struct {
	Many   bool // several reports at once
	Rounds bool // one round after the other
}

// Check refuses formats that are none, those that cannot hold what is asked for, and files
// that cannot be written.
func (o Options) Check(h Holds) error {
	f, err := Find(o.Format, render.TextOptions{})
	switch {
	case err != nil:
		return err
	case h.Many && !f.Many:
		return exit.Usagef(
			"-f %s holds one report, and --targets makes several: expected text, jsonl, markdown, html, csv or junit",
			f.Name,
		)
	case h.Rounds && f.Name != "text" && f.Name != "jsonl":
		return exit.Usagef(
			"-f %s holds one round, and --every makes many: expected text or jsonl; a file of -o may have any "+
				"format, and is written anew after each round",
			f.Name,
		)
	}
	if err := o.checkFor(h); err != nil {
		return err
	}
	for _, path := range o.Files {
		f, err := OfFile(path)
		if err != nil {
			return err
		}
		if h.Many && !f.Many {
			return exit.Usagef(
				"--output %q: %s holds one report, and --targets makes several: expected %s",
				report.Clean(path, 100),
				f.Ends[0],
				suggest.Alternatives(Endings(true)),
			)
		}
		if err := outfile.Check(path); err != nil {
			return exit.Inputf("--output: %w", err)
		}
	}
	return nil
}

// WriteFiles writes reports into the files, each whole or not at all. One that fails keeps no
// other from being written.
func (o Options) WriteFiles(ctx context.Context, reports ...*report.Report) error {
	var errs []error
	for _, path := range o.Files {
		f, err := o.ofFile(path)
		if err == nil {
			err = outfile.Write(ctx, path, outfile.Options{}, func(w io.Writer) error { return f.Write(w, reports...) })
		}
		errs = append(errs, failed(err))
	}
	return errors.Join(errs...)
}

func failed(err error) error {
	if err == nil {
		return nil
	}
	return exit.OutputError{Err: fmt.Errorf("--output: %w", err)}
}
