package command

import (
	"context"
	"io"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/inputs"
	"edgenet/report/diff"
	"edgenet/report/render"
)

// DiffFormats are the names for diff's --format.
func DiffFormats() []string { return []string{"text", "json", "markdown"} }

// DiffOptions say how a difference is printed.
type DiffOptions struct {
	Format string // zero means text
	Quiet  bool
}

// Diff is `edgenet diff`.
func Diff(ctx context.Context, con *console.Console, left, right string, o DiffOptions) error {
	if err := Format(o.Format, DiffFormats()...); err != nil {
		return err
	}
	if left == "-" && right == "-" {
		return exit.Usagef("both reports from standard input: give one of them as a file")
	}
	var sides [2]*inputs.Sweep
	for i, path := range []string{left, right} {
		r, err := inputs.Reports(ctx, con, path)
		if err != nil {
			return exit.Inputf("%w; make one with: edgenet check -o report.json", err)
		}
		sides[i] = r
	}
	d := compare(sides[0], sides[1])
	d.A.Name, d.B.Name = left, right
	write := func(w io.Writer, d diff.Diff) error { return render.DiffText(w, d, con.TextOptions(false, o.Quiet)) }
	switch o.Format {
	case "json":
		write = render.DiffJSON
	case "markdown":
		write = render.DiffMarkdown
	}
	code := exit.Good
	if !d.Same {
		code = exit.Bad
	}
	return exit.With(code, exit.Result(write(con.Stdout, d)))
}

// compare compares two reports, or hub by hub what two sweeps found.
func compare(a, b *inputs.Sweep) diff.Diff {
	if a.Len() == 1 && b.Len() == 1 {
		return diff.Compare(a.At(0), b.At(0))
	}
	var m diff.Many
	for i := range a.Len() {
		x := a.At(i)
		m.Add(x, b.Of(x.Target.Hub))
	}
	for i := range b.Len() {
		if y := b.At(i); a.Of(y.Target.Hub) == nil {
			m.Add(nil, y)
		}
	}
	return m.Diff()
}
