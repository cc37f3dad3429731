package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"edgenet/report"
	"edgenet/report/diff"
	"edgenet/report/render"
)

// diffFlags are the flags of `edgenet diff` as they were typed.
type diffFlags struct {
	checkFlags
}

// diffFormats are the names for diff's --format.
var diffFormats = []string{"json", "markdown", "text"}

func (a *app) diffCommand() *cobra.Command {
	f := &diffFlags{}
	cmd := &cobra.Command{
		Use:   "diff A.json B.json",
		Short: "Compare two reports: yesterday and today, host and container",
		Long: `Diff compares two JSON reports (- is standard input): what changed, path by path (outcome,
address, certificate and who trusts it, time), and in verdict and findings. What differs
between any two runs is left out: ports, and times below three times and half a second.

Exit codes: 0 the same; 1 different; 2 a report that cannot be read. It contacts nothing.`,
		Example: `  edgenet check --hub contoso.azure-devices.net -o today.json
  edgenet diff yesterday.json today.json
  edgenet diff yesterday.json today.json -f markdown
  edgenet check --lab -f json | edgenet diff yesterday.json -`,
		Args: arguments(2, 2, "two reports, such as edgenet diff yesterday.json today.json"),
		RunE: func(_ *cobra.Command, args []string) error { return a.diff(args[0], args[1], f) },
	}
	fl := cmd.Flags()
	fl.StringVarP(&f.format, "format", "f", "text", "`FORMAT`: "+alternatives(diffFormats))
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "one sentence alone")
	oneOf(cmd, "format", diffFormats...)
	return cmd
}

func (a *app) diff(left, right string, f *diffFlags) error {
	if !slices.Contains(diffFormats, f.format) {
		return usagef("--format %q: expected %s%s", report.Clean(f.format, 40), alternatives(diffFormats), didYouMean(f.format, diffFormats))
	}
	if left == "-" && right == "-" {
		return usagef("both reports from standard input: give one of them as a file")
	}
	var sides [2]*report.Report
	for i, path := range []string{left, right} {
		text, err := a.read(path)
		if err != nil {
			return usageError{err}
		}
		if sides[i], err = readReport([]byte(text)); err != nil {
			return usagef("%s: %w; make one with: edgenet check -o report.json", report.Clean(path, 200), err)
		}
	}
	d := diff.Compare(sides[0], sides[1])
	d.A.Name, d.B.Name = left, right
	write := map[string]func(io.Writer, diff.Diff) error{
		"text":     func(w io.Writer, d diff.Diff) error { return render.DiffText(w, d, a.textOptions(&f.checkFlags)) },
		"json":     render.DiffJSON,
		"markdown": render.DiffMarkdown,
	}[f.format]
	if err := write(a.stdout, d); err != nil {
		return runError{fmt.Errorf("writing the result: %w", err)}
	}
	if !d.Same {
		return exitError(exitBad)
	}
	return nil
}
