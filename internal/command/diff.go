package command

import (
	"context"
	"io"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/inputs"
	"edgenet/report"
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
	var sides [2]*report.Report
	for i, path := range []string{left, right} {
		r, err := inputs.Report(ctx, con, path)
		if err != nil {
			return exit.Inputf("%w; make one with: edgenet check -o report.json", err)
		}
		sides[i] = r
	}
	d := diff.Compare(sides[0], sides[1])
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
