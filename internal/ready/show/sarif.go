package show

import (
	"io"
	"strconv"
	"strings"

	"edgenet/internal/lazyregexp"

	"edgenet/internal/ready"
	"edgenet/internal/sarif"
)

// SARIF writes what asks for something, and what could not be seen, as SARIF 2.1.0.
func SARIF(w io.Writer, a *ready.Answer) error {
	l := sarif.New(a.Tool)
	for _, r := range ready.Rules() {
		help := r.Remedy
		if help == "" {
			help = "Fine when " + r.Holds + "."
		}
		l.Rule(r.ID, "Looks at "+r.Looks+".", help)
	}
	for _, r := range a.Rows {
		x := sarif.Result{Rule: r.ID, Message: sarif.Text{Text: r.Summary}}
		switch r.Status {
		case ready.Error:
			x.Level = "error"
		case ready.Warning:
			x.Level = "warning"
		case ready.Info:
			x.Level = "note"
		case ready.Unknown:
			x.Kind, x.Level, x.Message.Text = "open", "none", r.Summary+": needs "+r.Needs
		default:
			continue
		}
		if r.Remedy != "" {
			x.Message.Text += ". " + r.Remedy
		}
		x.Locations = location(r.Source)
		l.Add(x)
	}
	return l.Write(w)
}

var place = lazyregexp.New(`^(/[^ :]+|[^ :/]+\.json)(?::([0-9]+))?$`)

// location reads a source that is a file, with or without a line; a command or a socket is
// none.
func location(source string) []sarif.Location {
	m := place().FindStringSubmatch(source)
	if m == nil || strings.HasSuffix(m[1], ".sock") {
		return nil
	}
	line, _ := strconv.Atoi(m[2])
	return sarif.At(m[1], line, 0)
}
