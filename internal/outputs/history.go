package outputs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"edgenet/internal/outfile"
	"edgenet/report"
	"edgenet/report/render"
	"edgenet/report/watch"
)

// DefaultKeep bounds the history of a watch where nothing is said.
const DefaultKeep = 20_000_000

// History writes the rounds of a watch. A file of JSON lines holds a full report where
// something changed, and a beat where nothing did; every other file holds the last round.
// When it has half of what is to be kept, it is put aside as NAME.1.jsonl, in place of the
// one before.
type History struct {
	o    Options
	keep int64
	last map[string]string // what a file showed last, by its path
}

// History begins one. Keep of zero means DefaultKeep.
func (o Options) History(keep int64) *History {
	if keep <= 0 {
		keep = DefaultKeep
	}
	return &History{o: o, keep: keep, last: map[string]string{}}
}

// Write writes a round. One file that fails keeps no other from being written.
func (h *History) Write(ctx context.Context, reports ...*report.Report) error {
	var errs []error
	whole := h.o
	whole.Files = nil
	for _, path := range h.o.Files {
		if !isLines(path) {
			whole.Files = append(whole.Files, path)
			continue
		}
		err := h.grow(ctx, path, reports)
		if err != nil {
			delete(h.last, path) // the next round is told whole
		}
		errs = append(errs, failed(err))
	}
	return errors.Join(append(errs, whole.WriteFiles(ctx, reports...))...)
}

func isLines(path string) bool { return strings.EqualFold(filepath.Ext(path), ".jsonl") }

// grow adds a round to a file.
func (h *History) grow(ctx context.Context, path string, reports []*report.Report) error {
	state := stateOf(reports)
	before, begun := h.last[path]
	text, err := lines(reports, begun && before == state)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.Mode().IsRegular() && !begun && !continues(path):
		err = outfile.Write(ctx, path, outfile.Options{}, outfile.Text(text))
	case err == nil && info.Mode().IsRegular() && info.Size()+int64(len(text)) > h.keep/2:
		if err = outfile.PutAside(path, Previous(path)); err != nil {
			return err
		}
		if text, err = lines(reports, false); err != nil {
			return err
		}
		fallthrough
	default:
		err = outfile.Append(ctx, path, outfile.Text(text))
	}
	if err == nil {
		h.last[path] = state
	}
	return err
}

// Previous is where the older half of a history is.
func Previous(path string) string {
	ext := filepath.Ext(path)
	return strings.TrimSuffix(path, ext) + ".1" + ext
}

// continues tells whether a file is a history already, which a restart goes on with; what
// is none is replaced, as any other output is.
func continues(path string) bool {
	f, err := os.Open(path) //nolint:gosec // the user names it
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }() // it was only read
	head := make([]byte, 20)
	n, _ := io.ReadFull(f, head)
	return n == 0 || bytes.HasPrefix(head[:n], []byte(`{"schema":"edgenet.`))
}

// lines are a round: reports in full, or beats.
func lines(reports []*report.Report, beats bool) (string, error) {
	var b strings.Builder
	for _, r := range reports {
		if !beats {
			if err := render.JSONL(&b, r); err != nil {
				return "", err
			}
			continue
		}
		beat := report.Beat{Schema: report.BeatSchema, At: r.StartedAt.UTC(), Status: string(watch.StatusOf(r)),
			DurationMs: r.DurationMs}
		if len(reports) > 1 {
			beat.Hub = r.Target.Hub
		}
		text, err := json.Marshal(beat)
		if err != nil {
			return "", err
		}
		b.Write(append(text, '\n'))
	}
	return b.String(), nil
}

// stateOf is all of a round that is a change when it is another.
func stateOf(reports []*report.Report) string {
	var b strings.Builder
	for _, r := range reports {
		up := report.Protocol("")
		if r.Verdict.UpstreamProtocol != nil {
			up = *r.Verdict.UpstreamProtocol
		}
		fmt.Fprintf(&b, "%s %s %s %s %d %v\n", r.Target.Hub, watch.StatusOf(r), up, r.Verdict.Route, r.Verdict.ExitCode,
			r.Partial)
		for _, res := range r.Results {
			fmt.Fprintf(&b, "%s %s %s %s %s\n", res.ID, res.Status, res.Cause, res.Hop, res.Actor)
		}
		for _, f := range r.Findings {
			fmt.Fprintf(&b, "%s %s\n", f.Code, f.Severity)
		}
	}
	return b.String()
}
