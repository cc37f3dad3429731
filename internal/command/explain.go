package command

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"edgenet/internal/bundle"
	"edgenet/internal/consistency"
	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/inputs"
	"edgenet/internal/manifest"
	"edgenet/internal/outputs"
	"edgenet/internal/suggest"
	"edgenet/report"
	"edgenet/report/render"
)

// ExplainOptions say how a report is told again.
type ExplainOptions struct {
	Format         string // zero means text
	For            string // whose ticket; zero means the whole report
	Verbose, Quiet bool
}

// Explain is `edgenet explain`: it takes its argument for a code first, and then for a
// file. Without one it lists all codes.
func Explain(ctx context.Context, con *console.Console, what string, o ExplainOptions) error {
	if what == "" {
		return exit.Result(render.Codes(con.Stdout, Terms()))
	}
	options := con.TextOptions(o.Verbose, o.Quiet)
	format, err := outputs.Find(o.Format, options)
	if err != nil {
		return err
	}
	to := outputs.Options{Format: o.Format, For: o.For}
	if err := to.Check(outputs.Holds{}); err != nil {
		return err
	}
	if found, err := render.Explain(con.Stdout, what, Terms(), options); found || err != nil {
		return exit.Result(errors.Join(err, sayLogs(con, what)))
	}
	text, err := inputs.ReadReports(ctx, con, what)
	if errors.Is(err, fs.ErrNotExist) {
		return exit.Usagef("%q is no cause, no finding and no file%s", report.Clean(what, 80), nearCode(what))
	}
	if err != nil {
		return exit.Input(err)
	}
	if bundle.Is(text) {
		return explainBundle(con, what, text, o, format, to)
	}
	if inputs.Lines(text) {
		return explainLines(ctx, con, what, text, o, format, to)
	}
	r, err := parseReport(what, text)
	if err != nil {
		return err
	}
	return exit.Result(to.Addressed(format, options).Write(con.Stdout, r))
}

func parseReport(what string, text []byte) (*report.Report, error) {
	r, err := inputs.ParseReport(text)
	if err != nil {
		return nil, exit.Inputf("%s: %w", report.Clean(what, 200), err)
	}
	return r, nil
}

// Terms are the codes of commands that are neither causes nor findings: a line for each
// package that prints such.
func Terms() []report.Term {
	files := slices.Concat(
		manifest.Terms(),
		consistency.Terms(),
	)
	rows := slices.DeleteFunc(readyTerms(), func(t report.Term) bool { // what has its own line already
		_, finding := report.FindingCode(t.Code).Info()
		return finding || slices.ContainsFunc(files, func(x report.Term) bool { return x.Code == t.Code })
	})
	return slices.Concat(files, rows)
}

// Codes are those that Explain knows.
func Codes() []string {
	var out []string
	for _, c := range report.Causes() {
		out = append(out, string(c.Code))
	}
	for _, f := range report.FindingTable() {
		out = append(out, string(f.Code))
	}
	for _, t := range Terms() {
		out = append(out, t.Code)
	}
	return out
}

// nearCode names the codes that were probably meant: few letters differ, or what comes
// before the dot alone.
func nearCode(what string) string {
	what = strings.ToLower(strings.TrimSpace(what))
	if _, code, ok := strings.Cut(what, "/"); ok {
		what = code
	}
	if near := suggest.DidYouMean(what, Codes()); near != "" {
		return near
	}
	_, tail, _ := strings.Cut(what, ".")
	near := slices.DeleteFunc(Codes(), func(c string) bool {
		return (tail == "" || !strings.HasSuffix(c, "."+tail)) && !strings.HasSuffix(c, "."+what) &&
			!strings.HasPrefix(c, what)
	})
	if len(near) == 0 || len(near) > 12 {
		return "; edgenet explain lists all codes"
	}
	return "; did you mean " + suggest.Alternatives(near) + "?"
}
