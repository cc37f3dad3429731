package command

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/fleet"
	"edgenet/internal/fleet/show"
	"edgenet/internal/outfile"
	"edgenet/internal/secret"
	"edgenet/internal/suggest"
	"edgenet/report/render"
	"edgenet/report/render/html"
)

// SummaryOptions say how a summary is written.
type SummaryOptions struct {
	Format  string
	Outputs []string // files, in the format of their ending
	Quiet   bool
}

// summaryFormats are the formats of a summary, by name and ending.
var summaryFormats = []struct{ name, ending string }{
	{"text", ".txt"}, {"json", ".json"}, {"csv", ".csv"}, {"markdown", ".md"}, {"html", ".html"}, {"prom", ".prom"},
}

// SummaryFormats are the names for --format of a summary.
func SummaryFormats() []string {
	var out []string
	for _, f := range summaryFormats {
		out = append(out, f.name)
	}
	return out
}

// SummaryEndings are the endings of files for a summary.
func SummaryEndings() []string {
	var out []string
	for _, f := range summaryFormats {
		out = append(out, f.ending)
	}
	return out
}

// formatOf is the format of a file; empty where its ending says none.
func formatOf(path string) string {
	ending := strings.ToLower(filepath.Ext(path))
	for _, f := range summaryFormats {
		if f.ending == ending {
			return f.name
		}
	}
	return ""
}

// check refuses formats that are none, and files that cannot be written, before anything
// is asked.
func (o SummaryOptions) check() error {
	if err := checkFormat(o.Format, SummaryFormats()); err != nil {
		return err
	}
	for i, path := range o.Outputs {
		if formatOf(path) == "" {
			return exit.Usagef("--output %q: expected a name that ends in %s", secret.Name(path, 100),
				suggest.Alternatives(SummaryEndings()))
		}
		if slices.Contains(o.Outputs[:i], path) {
			return exit.Usagef("--output %s: given twice", secret.Name(path, 100))
		}
		if err := outfile.Check(path); err != nil {
			return exit.Inputf("--output: %w", err)
		}
	}
	return nil
}

// write writes standard output, and the files beside it. What cannot be written costs
// nothing else.
func (o SummaryOptions) write(ctx context.Context, con *console.Console, s *fleet.Summary, sheet *render.Sheet) error {
	text := con.TextOptions(false, o.Quiet)
	errs := []error{exit.Result(encode(con.Stdout, o.Format, s, sheet, text))}
	text.Color, text.Width, text.Quiet = false, 100, false
	for _, path := range o.Outputs {
		err := outfile.Write(context.WithoutCancel(ctx), path, outfile.Options{}, func(w io.Writer) error {
			return encode(w, formatOf(path), s, sheet, text)
		})
		errs = append(errs, exit.Result(err))
	}
	return errors.Join(errs...)
}

func encode(w io.Writer, format string, s *fleet.Summary, sheet *render.Sheet, text render.TextOptions) error {
	switch format {
	case "json":
		return render.Value(w, s)
	case "csv":
		return show.CSV(w, s)
	case "markdown":
		return render.SheetMarkdown(w, sheet)
	case "html":
		return html.Sheet(w, sheet, "edgenet "+s.Tool.Version)
	case "prom":
		return show.Prometheus(w, s)
	}
	return render.SheetText(w, sheet, text)
}

// writeSheet writes a document, or its sheet, to standard output.
func writeSheet(con *console.Console, format string, document any, sheet *render.Sheet) error {
	switch format {
	case "json":
		return exit.Result(render.Value(con.Stdout, document))
	case "markdown":
		return exit.Result(render.SheetMarkdown(con.Stdout, sheet))
	}
	return exit.Result(render.SheetText(con.Stdout, sheet, con.TextOptions(false, false)))
}
