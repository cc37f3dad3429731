package command

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

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/fleet"
	"edgenet/internal/fleet/show"
	"edgenet/internal/iothub/service"
	"edgenet/internal/secret"
	"edgenet/report"
)

// SumOptions are those of `edgenet fleet sum`.
type SumOptions struct{ SummaryOptions }

// Sum is `edgenet fleet sum`. A file of the command line that cannot be read costs the
// exit code, and the others are added up all the same.
func Sum(ctx context.Context, con *console.Console, paths []string, o SumOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	if len(paths) == 0 {
		return exit.Usagef("edgenet fleet sum: which reports? Files, folders, or - for standard input")
	}
	s := &summing{sum: fleet.NewSum(time.Now()), con: con, p: newProgress(con, o.Quiet)}
	for _, path := range paths {
		if err := s.path(ctx, path); err != nil {
			s.p.clear()
			return err
		}
	}
	s.p.clear()
	if s.unread > s.said {
		con.Note("%d more files could not be read", s.unread-s.said)
	}
	if s.sum.Reports() == 0 {
		return exit.Inputf("no report was found in %s: make some with edgenet check -o report.json",
			secret.Name(strings.Join(paths, " "), 200))
	}
	summary := s.sum.Summary()
	summary.Tool = tool(con)
	code := exit.Good
	switch {
	case s.named:
		code = exit.Usage
	case summary.By.Status["down"] > 0:
		code = exit.Bad
	}
	return exit.With(code, o.write(ctx, con, summary, show.Sum(summary)))
}

// summing is a sum on its way.
type summing struct {
	sum    *fleet.Sum
	con    *console.Console
	p      *progress
	unread int
	named  bool // one of them stands on the command line
	said   int
}

// mostComplaints is how many files are complained about one by one.
const mostComplaints = 5

// path adds a file, or the reports in a folder.
func (s *summing) path(ctx context.Context, path string) error {
	info, err := os.Stat(path)
	if path == "-" || err == nil && !info.IsDir() {
		before := s.unread
		err := s.file(ctx, path)
		s.named = s.named || s.unread > before
		return err
	}
	if err != nil {
		return exit.Input(err)
	}
	return filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		switch ext := strings.ToLower(filepath.Ext(name)); {
		case ctx.Err() != nil:
			return exit.CodeError(exit.Interrupted)
		case err != nil:
			return exit.Input(err)
		case d.IsDir() || !d.Type().IsRegular() || ext != ".json" && ext != ".jsonl":
			return nil
		}
		return s.file(ctx, name)
	})
}

// file adds the documents of a file. One that cannot be read is said, and the others are
// added up all the same.
func (s *summing) file(ctx context.Context, path string) error {
	f, err := open(ctx, s.con, path)
	if err == nil {
		err = s.documents(path, f)
		_ = f.Close()
	}
	if err == nil {
		s.p.at("reading reports", s.sum.Reports(), 0)
		return nil
	}
	if errors.Is(err, exit.ErrInterrupted) {
		return err
	}
	if s.unread++; s.said < mostComplaints {
		s.said++
		s.p.clear()
		s.con.Note("%s: %s", secret.Name(path, 200), report.Clean(secret.Within(err.Error()), 200))
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
