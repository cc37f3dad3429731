package check

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"edgenet/internal/exit"
	"edgenet/internal/outfile"
	"edgenet/internal/outputs"
	"edgenet/internal/sorting"
	"edgenet/report"
	"edgenet/report/render"
)

// sink is one output of a list: standard output, or a file. What it keeps of a report is
// as little as its format can do with.
type sink struct {
	format outputs.Format
	out    io.Writer // standard output; nil for a file
	path   string    // of the file
	grows  bool      // the file is written line by line, so that a killed run leaves them
	more   bool      // it holds the lines of the run that is resumed
	made   outputs.Made

	failed bool // once is enough
	text   bytes.Buffer
	hubs   []numbered[render.Hub]
	whole  []numbered[*report.Report]
}

type numbered[T any] struct {
	at int
	of T
}

// piece is what an output keeps of one report.
type piece struct {
	text  []byte
	hub   *render.Hub
	whole *report.Report
	err   error
}

func size(pieces []*piece) int {
	n := 0
	for _, p := range pieces {
		if p != nil {
			n += len(p.text)
		}
	}
	return n
}

// sinks are those of the options.
func (j *job) sinks() ([]*sink, error) {
	start := j.start()
	made := outputs.Made{By: render.Made(start), At: time.Now().UTC().Format("2006-01-02 15:04:05 UTC")}
	out := []*sink{{format: j.format(), out: j.con.Stdout, made: made}}
	for _, path := range j.o.Files {
		f, err := outputs.OfFile(path)
		if err != nil {
			return nil, err
		}
		info, err := os.Stat(path)
		k := &sink{format: f, path: path, made: made}
		k.grows = f.Name == "jsonl" && (err != nil || info.Mode().IsRegular())
		k.more = k.grows && sameFile(path, j.o.Resume)
		out = append(out, k)
	}
	return out, nil
}

func sameFile(a, b string) bool {
	if b == "" {
		return false
	}
	x, err := os.Stat(a)
	y, err2 := os.Stat(b)
	return err == nil && err2 == nil && os.SameFile(x, y)
}

// lines tells that the output is JSON lines, to which a resumed run adds.
func (k *sink) lines() bool { return k.format.Name == "jsonl" }

// drafts are used again: what a report becomes is written there first.
var drafts = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// take makes a piece of a report, beside all others.
func (k *sink) take(r *report.Report) *piece {
	p := &piece{}
	if k.format.Each != nil {
		b := drafts.Get().(*bytes.Buffer)
		b.Reset()
		p.err = k.format.Each(b, r)
		p.text = bytes.Clone(b.Bytes()) // as large as it is: it may have to wait for the hub before it
		drafts.Put(b)
	}
	switch {
	case k.format.Hubs != nil:
		hub := render.HubOf(r)
		p.hub = &hub
	case k.format.Each == nil:
		p.whole = r
	}
	return p
}

// begin writes what stands before the first report.
func (k *sink) begin(ctx context.Context) error {
	switch {
	case k.grows && !k.more:
		return k.fail(k.output(outfile.Write(ctx, k.path, outfile.Options{}, outfile.Text(""))))
	case k.format.Head == nil:
		return nil
	case k.out != nil:
		return k.fail(exit.Result(k.format.Head(k.out)))
	}
	return k.format.Head(&k.text)
}

// write takes the next piece.
func (k *sink) write(ctx context.Context, at int, p *piece) error {
	if k.failed {
		return nil
	}
	if p.hub != nil {
		k.hubs = append(k.hubs, numbered[render.Hub]{at, *p.hub})
	}
	if p.whole != nil {
		k.whole = append(k.whole, numbered[*report.Report]{at, p.whole})
	}
	switch {
	case p.err != nil:
		return k.fail(exit.Result(p.err))
	case len(p.text) == 0:
		return nil
	case k.out != nil:
		_, err := k.out.Write(p.text)
		return k.fail(exit.Result(err))
	case k.grows:
		return k.fail(k.output(outfile.Append(ctx, k.path, outfile.Text(string(p.text)))))
	}
	k.text.Write(p.text)
	return nil
}

// end writes what needs all reports, in the list's order.
func (k *sink) end(ctx context.Context) error {
	switch {
	case k.failed || k.grows:
		return nil
	case k.out != nil:
		return k.fail(exit.Result(k.rest(k.out)))
	}
	return k.output(outfile.Write(ctx, k.path, outfile.Options{}, func(w io.Writer) error {
		if _, err := w.Write(k.text.Bytes()); err != nil {
			return err
		}
		return k.rest(w)
	}))
}

func (k *sink) rest(w io.Writer) error {
	switch {
	case k.format.Hubs != nil:
		return k.format.Hubs(w, inOrder(k.hubs), k.made)
	case k.format.Each == nil:
		return k.format.Write(w, inOrder(k.whole)...)
	}
	return nil
}

func inOrder[T any](list []numbered[T]) []T {
	sorting.By(list, func(a, b numbered[T]) int { return cmp.Compare(a.at, b.at) })
	out := make([]T, len(list))
	for i, n := range list {
		out[i] = n.of
	}
	return out
}

func (k *sink) fail(err error) error {
	k.failed = k.failed || err != nil
	return err
}

// output says which flag's file it is.
func (k *sink) output(err error) error {
	if err == nil {
		return nil
	}
	return exit.OutputError{Err: fmt.Errorf("--output: %w", err)}
}
