package outputs

import (
	"io"
	"path/filepath"
	"slices"
	"strings"

	"edgenet/internal/exit"
	"edgenet/internal/suggest"
	"edgenet/report"
	"edgenet/report/render"
	"edgenet/report/render/html"
)

// Format is one form of reports.
type Format struct {
	Name  string   // for --format; empty: files alone
	Alias string   // another name that people try
	Ends  []string // of the files that --output writes in it
	Many  bool     // several reports make one document
	// Write writes one report, or several where Many says so.
	Write func(io.Writer, ...*report.Report) error
	// Each writes one report of many, and Head what stands before the first: nil where they are
	// not written one after the other.
	Head func(io.Writer) error
	Each func(io.Writer, *report.Report) error
	// Hubs writes many hubs from their rows, which is all that need be kept of them. Where Each
	// stands too, it comes behind it. Nil in both: all reports are needed at once.
	Hubs func(io.Writer, []render.Hub, Made) error
}

// Made says what made a document of many hubs, and when.
type Made struct{ By, At string }

// Formats is the table of all of them.
func Formats(o render.TextOptions) []Format {
	one := func(write func(io.Writer, *report.Report) error) func(io.Writer, ...*report.Report) error {
		return func(w io.Writer, reports ...*report.Report) error {
			for _, r := range reports {
				if err := write(w, r); err != nil {
					return err
				}
			}
			return nil
		}
	}
	text := func(w io.Writer, reports ...*report.Report) error {
		if len(reports) > 1 {
			return render.Summary(w, reports, o)
		}
		return one(func(w io.Writer, r *report.Report) error { return render.Text(w, r, o) })(w, reports...)
	}
	hubPage := func(w io.Writer, hubs []render.Hub, m Made) error { return html.Hubs(w, hubs, m.By, m.At) }
	page := func(w io.Writer, reports ...*report.Report) error {
		if len(reports) > 1 {
			return hubPage(w, rowsOf(reports), Made{By: render.Made(reports[0])})
		}
		return one(func(w io.Writer, r *report.Report) error { return html.Write(w, r, html.Options{}) })(w, reports...)
	}
	table := func(w io.Writer, hubs []render.Hub, _ Made) error { return render.Hubs(w, hubs, o) }
	return []Format{
		{Name: "text", Ends: []string{".txt"}, Many: true, Write: text, Each: inFull(o), Hubs: table},
		{Name: "json", Ends: []string{".json"}, Write: one(render.JSON)},
		{Name: "jsonl", Ends: []string{".jsonl"}, Many: true, Write: one(render.JSONL), Each: render.JSONL},
		{Name: "markdown", Alias: "md", Ends: []string{".md"}, Many: true, Write: render.Markdown},
		{Name: "html", Ends: []string{".html"}, Many: true, Write: page, Hubs: hubPage},
		{Name: "csv", Ends: []string{".csv"}, Many: true, Write: render.CSV, Head: render.CSVHead,
			Each: render.CSVRows},
		{Name: "junit", Alias: "xml", Ends: []string{".xml"}, Many: true, Write: render.JUnit},
		{Ends: []string{".prom"}, Many: true, Write: render.Prometheus},
	}
}

// inFull is what the text says of each hub before the table: nil where that is nothing.
func inFull(o render.TextOptions) func(io.Writer, *report.Report) error {
	if !o.Verbose || o.Quiet {
		return nil
	}
	return func(w io.Writer, r *report.Report) error { return render.HubInFull(w, r, o) }
}

func rowsOf(reports []*report.Report) []render.Hub {
	out := make([]render.Hub, len(reports))
	for i, r := range reports {
		out[i] = render.HubOf(r)
	}
	return out
}

// Names are those for --format.
func Names() []string {
	var out []string
	for _, f := range Formats(render.TextOptions{}) {
		if f.Name != "" {
			out = append(out, f.Name)
		}
	}
	return out
}

// Endings are those of --output's files: of all, or of what holds several reports.
func Endings(many bool) []string {
	var out []string
	for _, f := range Formats(render.TextOptions{}) {
		if f.Many || !many {
			out = append(out, f.Ends...)
		}
	}
	return out
}

// Find finds the format of a name.
func Find(name string, o render.TextOptions) (Format, error) {
	low := strings.ToLower(strings.TrimSpace(name))
	all := Formats(o)
	if low == "" {
		return all[0], nil
	}
	i := slices.IndexFunc(all, func(f Format) bool { return f.Name == low || f.Alias == low })
	if i < 0 || all[i].Name == "" {
		return Format{}, exit.Usagef(
			"--format %q: expected %s%s",
			report.Clean(name, 40),
			suggest.Alternatives(Names()),
			suggest.DidYouMean(name, Names()),
		)
	}
	return all[i], nil
}

func fileText() render.TextOptions { return render.TextOptions{Width: 100, Unicode: true} }

// OfFile finds the format of a file's ending. Text in a file has neither colours nor a
// terminal's width.
func OfFile(path string) (Format, error) {
	all := Formats(fileText())
	end := strings.ToLower(filepath.Ext(path))
	i := slices.IndexFunc(all, func(f Format) bool { return slices.Contains(f.Ends, end) })
	switch {
	case path == "-":
		return Format{}, exit.Usagef("--output -: standard output carries the format of -f already: expected a " +
			"file's name")
	case i < 0:
		return Format{}, exit.Usagef(
			"--output %q: expected a name that ends in %s",
			report.Clean(path, 100),
			suggest.Alternatives(Endings(false)),
		)
	}
	return all[i], nil
}
