package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"edgenet/internal/exit"
	"edgenet/internal/fleet"
	"edgenet/internal/fleet/show"
	"edgenet/internal/iothub/service"
	"edgenet/report"
)

func (a *app) fleetSumCommand() *cobra.Command {
	o := &summaryOut{}
	cmd := &cobra.Command{Use: "sum REPORT…", Short: "Add up report files: how many devices work by what, and what " +
		"stops the others",
		Long: `Sum adds up reports of edgenet check and edgenet fleet check: JSON files, JSON lines, and
folders with them (- is standard input). A device counts once, by its latest report; reports
that name no device count one by one. What in a folder is no report is said and left out.

Exit codes: 0 added up; 1 some devices have no way out; 2 nothing could be read, or a file
of the command line could not. It contacts nothing.`,
		Example: `  edgenet fleet sum reports/
  edgenet fleet sum report.json -f json`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return a.fleetSum(cmd.Context(), args, o) }}
	o.add(cmd)
	return cmd
}

// summing is a sum on its way.
type summing struct {
	sum    *fleet.Sum
	app    *app
	p      *fleetProgress
	unread int
	named  bool // one of them stands on the command line
	said   int
}

// mostComplaints is how many files are complained about one by one.
const mostComplaints = 5

func (a *app) fleetSum(ctx context.Context, paths []string, o *summaryOut) error {
	if err := o.check(); err != nil {
		return err
	}
	if len(paths) == 0 {
		return exit.Usagef("edgenet fleet sum: which reports? Files, folders, or - for standard input")
	}
	s := &summing{sum: fleet.NewSum(time.Now()), app: a, p: a.fleetProgress(o.quiet)}
	for _, path := range paths {
		if err := s.path(ctx, path); err != nil {
			s.p.clear()
			return err
		}
	}
	s.p.clear()
	if s.unread > s.said {
		fmt.Fprintf(a.Stderr, "edgenet: %d more files could not be read\n", s.unread-s.said)
	}
	if s.sum.Reports() == 0 {
		return exit.Usagef("no report was found in %s: make some with edgenet check -o report.json",
			report.Clean(strings.Join(paths, " "), 200))
	}
	summary := s.sum.Summary()
	summary.Tool = fleetTool()
	if err := a.writeSummary(ctx, summary, show.Sum(summary), o); err != nil {
		return err
	}
	switch {
	case s.named:
		return exit.CodeError(exit.Usage)
	case summary.By.Status["down"] > 0:
		return exit.CodeError(exit.Bad)
	}
	return nil
}

// path adds a file, or the reports in a folder.
func (s *summing) path(ctx context.Context, path string) error {
	info, err := os.Stat(path)
	if path == "-" || err == nil && !info.IsDir() {
		before := s.unread
		err := s.file(path)
		s.named = s.named || s.unread > before
		return err
	}
	if err != nil {
		return exit.UsageError{Err: err}
	}
	return filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		switch ext := strings.ToLower(filepath.Ext(name)); {
		case ctx.Err() != nil:
			return exit.CodeError(exit.Interrupted)
		case err != nil:
			return exit.UsageError{Err: err}
		case d.IsDir() || !d.Type().IsRegular() || ext != ".json" && ext != ".jsonl":
			return nil
		}
		return s.file(name)
	})
}

// file adds the documents of a file. One that cannot be read is said, and the others are
// added up all the same.
func (s *summing) file(path string) error {
	f, err := s.app.open(path)
	if err == nil {
		err = s.documents(path, f)
		_ = f.Close()
	}
	if err == nil {
		s.p.at("reading reports", s.sum.Reports(), 0)
		return nil
	}
	if s.unread++; s.said < mostComplaints {
		s.said++
		s.p.clear()
		fmt.Fprintf(s.app.Stderr, "edgenet: %s: %s\n", report.Clean(path, 200), report.Clean(err.Error(), 200))
	}
	return nil
}

func (s *summing) documents(path string, in io.Reader) error {
	n := 0
	err := service.Rows(in, func(text []byte) error {
		n++
		err := s.sum.Add(path, text)
		if err != nil && n > 1 {
			return fmt.Errorf("document %d: %w", n, err)
		}
		return err
	})
	if err == nil && n == 0 {
		return errors.New("it is empty")
	}
	return err
}
