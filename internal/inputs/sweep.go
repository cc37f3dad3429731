package inputs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/infile"
	"edgenet/report"
)

// maxSweep bounds the reports of a file of JSON lines, in bytes.
const maxSweep = 512 << 20

// Sweep is the reports of a file: one, or of JSON lines the last of each hub. They are kept
// as text, and read one by one.
type Sweep struct {
	one   *report.Report
	lines [][]byte
	at    map[string]int // of lines, by the hub's name
}

// Len is how many there are.
func (s *Sweep) Len() int {
	if s.one != nil {
		return 1
	}
	return len(s.lines)
}

// At gives one of them.
func (s *Sweep) At(i int) *report.Report {
	if s.one != nil {
		return s.one
	}
	r, err := ParseReport(s.lines[i])
	if err != nil { // it was read once already
		return &report.Report{}
	}
	return r
}

// Of gives a hub's, nil where there is none.
func (s *Sweep) Of(hub string) *report.Report {
	if s.one != nil {
		if strings.EqualFold(s.one.Target.Hub, hub) {
			return s.one
		}
		return nil
	}
	if i, ok := s.at[strings.ToLower(hub)]; ok {
		return s.At(i)
	}
	return nil
}

// Reports reads a JSON report, or JSON lines of them. A last line that was cut off, as a
// killed run leaves it, is left out, and said.
func Reports(ctx context.Context, c *console.Console, file string) (*Sweep, error) {
	one, single := Report(ctx, c, file)
	if single == nil {
		return &Sweep{one: one}, nil
	}
	if file == "-" || errors.Is(single, exit.ErrInterrupted) {
		return nil, single
	}
	s, size, cut := &Sweep{at: map[string]int{}}, 0, 0
	err := infile.Reader{}.Lines(ctx, file, func(n int, line []byte, _ bool) error {
		if !json.Valid(line) {
			if len(s.lines) == 0 { // it is no such file
				return fmt.Errorf("line %d: not JSON", n)
			}
			cut++
			return nil
		}
		r, err := ParseReport(line)
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		if size += len(line); size > maxSweep {
			return infile.TooLargeError{Limit: maxSweep}
		}
		hub := strings.ToLower(r.Target.Hub)
		if i, ok := s.at[hub]; ok {
			s.lines[i] = bytes.Clone(line)
			return nil
		}
		s.at[hub] = len(s.lines)
		s.lines = append(s.lines, bytes.Clone(line))
		return nil
	})
	switch {
	case errors.Is(err, exit.ErrInterrupted):
		return nil, err
	case len(s.lines) == 0:
		return nil, single
	case err != nil:
		return nil, exit.Input(err)
	}
	if cut > 0 {
		c.Note("%s: what was cut off is left out (%d times)", report.Clean(file, 200), cut)
	}
	return s, nil
}
