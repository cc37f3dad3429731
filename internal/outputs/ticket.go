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

// Recipients are the names for --for.
func Recipients() []string {
	var out []string
	for _, a := range report.Actors() {
		if a != report.ActorUnknown {
			out = append(out, string(a))
		}
	}
	return out
}

// recipient reads a name of --for; the words of people do as well as the codes.
func recipient(name string) (report.Actor, error) {
	low := strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return r == ' ' || r == '-' || r == '_'
	}), "-")
	low = strings.TrimPrefix(low, "the-")
	for _, known := range Recipients() {
		if low == known || low+"-admin" == known || strings.TrimSuffix(low, "-team") == known {
			return report.Actor(known), nil
		}
	}
	return "", exit.Usagef("--for %q: expected %s%s", report.Clean(name, 40), suggest.Alternatives(Recipients()),
		suggest.DidYouMean(low, Recipients()))
}

// forPeople tells whether a format is read by people, so that it can be a ticket.
func (f Format) forPeople() bool {
	return slices.Contains([]string{"text", "markdown", "html"}, f.Name)
}

// OnStdout tells whether standard output is the ticket: where its format is asked for, or
// where no file takes it.
func (o Options) OnStdout() bool {
	f, err := Find(o.Format, render.TextOptions{})
	if o.For == "" || err != nil || !f.forPeople() {
		return false
	}
	return f.Name != "text" || !o.inFile()
}

func (o Options) inFile() bool {
	return slices.ContainsFunc(o.Files, func(path string) bool {
		f, err := OfFile(path)
		return err == nil && f.forPeople()
	})
}

// checkFor refuses a recipient that is none, and outputs that cannot hold the ticket.
func (o Options) checkFor(h Holds) error {
	if o.For == "" {
		return nil
	}
	if _, err := recipient(o.For); err != nil {
		return err
	}
	switch {
	case !o.inFile() && !o.OnStdout():
		return exit.Usagef("--for %s: the ticket needs a file such as -o ticket.md (.md, .txt or .html), or -f text, "+
			"markdown or html", report.Clean(o.For, 40))
	case h.Rounds && !o.inFile():
		return exit.Usagef("--for with --every: the ticket needs a file such as -o ticket.md")
	}
	return nil
}

// Addressed makes a format write the ticket of a recipient where one is named and the
// format is read by people.
func (o Options) Addressed(f Format, text render.TextOptions) Format {
	who, err := recipient(o.For)
	if o.For == "" || err != nil || !f.forPeople() {
		return f
	}
	one := func(w io.Writer, r *report.Report) error {
		s := render.Ticket(r, who)
		switch f.Name {
		case "markdown":
			return render.SheetMarkdown(w, s)
		case "html":
			return html.Sheet(w, s, render.Made(r))
		}
		return render.SheetText(w, s, text)
	}
	f.Write = func(w io.Writer, reports ...*report.Report) error {
		for i, r := range reports {
			if i > 0 {
				if _, err := io.WriteString(w, "\n"); err != nil {
					return err
				}
			}
			if err := one(w, r); err != nil {
				return err
			}
		}
		return nil
	}
	return f
}

// ofFile is the format of a file of these options.
func (o Options) ofFile(path string) (Format, error) {
	f, err := OfFile(filepath.Clean(path))
	if err != nil {
		return OfFile(path) // its error names what was given
	}
	return o.Addressed(f, fileText()), nil
}
