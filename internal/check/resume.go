package check

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"edgenet/internal/exit"
	"edgenet/internal/infile"
	"edgenet/internal/inputs"
	"edgenet/report"
)

// resume reads the file of an earlier run: hubs of the list whose report is whole are not
// probed again. Tables, pages and other files hold them all the same, standard output's JSON
// lines do not: there they stand already. A line that was cut off is no report.
func (s *sweeping) resume(ctx context.Context) error {
	at := make(map[string]int, len(s.targets))
	for i, t := range s.targets {
		at[strings.ToLower(t.host)] = i
	}
	cut, reports := 0, 0
	err := infile.Reader{}.Lines(ctx, s.o.Resume, func(n int, line []byte, whole bool) error {
		switch {
		case json.Valid(line):
		case whole && reports == 0:
			return fmt.Errorf("line %d: not JSON: expected a report a line, as -f jsonl writes them", n)
		default:
			cut++
			return nil
		}
		r, err := inputs.ParseReport(line)
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		reports++
		if i, ours := at[strings.ToLower(r.Target.Hub)]; ours && !r.Partial {
			s.known[i] = s.again(r)
		}
		return nil
	})
	if errors.Is(err, exit.ErrInterrupted) {
		return err
	}
	if err != nil {
		return exit.Inputf("--resume %w", err)
	}
	if cut > 0 {
		s.con.Note("--resume %s: a report was cut off, its hub is probed again", report.Clean(s.o.Resume, 200))
	}
	s.con.Note("%d of %d hubs stand in %s already", len(s.known), len(s.targets), report.Clean(s.o.Resume, 200))
	return s.endLine(cut > 0)
}

// adopt takes over what was found.
func (s *sweeping) adopt(ctx context.Context) {
	for i, k := range s.known {
		s.done[i] = true
		s.code = exit.Worse(s.code, k.code)
		if s.o.Unordered {
			s.write(ctx, i, k.pieces)
		}
	}
	s.progress.known(len(s.known))
	if s.o.Unordered {
		s.known = nil
	}
}

// resumed is what is kept of a report of the earlier run.
type resumed struct {
	code   int
	pieces []*piece
}

// again makes the pieces of such a report, for the outputs that do not have it.
func (s *sweeping) again(r *report.Report) resumed {
	k := resumed{code: r.Verdict.ExitCode, pieces: make([]*piece, len(s.sinks))}
	for n, out := range s.sinks {
		if !out.lines() || out.path != "" && !out.more {
			k.pieces[n] = out.take(r)
		}
	}
	return k
}

// endLine ends a line that was cut off where standard output is that very file: what comes
// must not be written onto it.
func (s *sweeping) endLine(cut bool) error {
	f, is := s.con.Stdout.(*os.File)
	if !cut || !is || !s.sinks[0].lines() {
		return nil
	}
	x, err := f.Stat()
	y, err2 := os.Stat(s.o.Resume)
	if err != nil || err2 != nil || !os.SameFile(x, y) {
		return nil
	}
	_, err = f.WriteString("\n")
	return exit.Result(err)
}
