package render

import (
	"io"
	"strings"

	"edgenet/report"
	"edgenet/report/diff"
)

// Changes are the lines for a round of many that differs from the one before, each
// with the round's time; nothing where nothing changed. Host goes before them where
// several hubs are watched.
func Changes(w io.Writer, before, after *report.Report, host string, o TextOptions) error {
	p := newPen(o)
	var out []line
	at := line{{after.StartedAt.UTC().Format("15:04:05 UTC") + "  ", plain}}
	if host != "" {
		at = append(at, span{p.clean(host) + "  ", bold})
	}
	t := table{pen: p, target: after.Target.Hub}
	st := standings(after)
	for _, c := range diff.Compare(before, after).Changes {
		switch {
		case c.Kind == diff.KindPath && c.Field == "status" && c.To != string(report.Skipped) &&
			c.From != string(report.Skipped):
			out = append(out, p.changed(at, t, after, st, c)...)
		case c.Kind == diff.KindVerdict && c.Field == "upstreamProtocol" && !after.Partial:
			out = append(out, p.hanging(at, span{p.of("→ ", "-> "), cyan}, p.clean(after.Verdict.Reason))...)
		}
	}
	if len(out) == 0 {
		return nil
	}
	_, err := io.WriteString(w, p.join([][]line{out}))
	return err
}

// changed is the line of one path whose outcome changed.
func (p pen) changed(at line, t table, r *report.Report, st []standing, c diff.Change) []line {
	for i, res := range r.Results {
		if diff.Name(r, res) != c.Path {
			continue
		}
		words := "works"
		if res.Status == report.Failed {
			words = t.place(res.Endpoint, res.Hop, res.Stage) + ": " + t.title(res) + p.dot() +
				t.clean(res.Cause.Label(res.Hop))
		}
		m := p.mark(st[i])
		return p.hanging(at, span{m.text + " ", m.style}, p.clean(c.Path)+": "+words)
	}
	return nil
}

// hanging is a text behind a head, its further lines below where it begins; all of it
// below where the head leaves too little room.
func (p pen) hanging(head line, mark span, text string) []line {
	first := append(append(line(nil), head...), mark)
	indent := first.width()
	var out []line
	if p.o.Width-indent < wordsAtLeast/2 {
		out, indent = append(out, first), 4
	}
	for _, l := range wrap(text, p.o.Width-indent) {
		if out == nil {
			out = append(out, append(first, span{l, plain}))
			continue
		}
		out = append(out, line{{strings.Repeat(" ", indent) + l, plain}})
	}
	return out
}
