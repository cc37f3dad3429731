package render

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"edgenet/report/diff"
)

// DiffText writes what differs for a person, what changed first, the answer last.
func DiffText(w io.Writer, d diff.Diff, o TextOptions) error {
	p := newPen(o)
	if o.Quiet {
		_, err := io.WriteString(w, DiffSentence(d)+"\n")
		return err
	}
	blocks := [][]line{p.sides(d)}
	if d.Hubs != nil {
		blocks = append(blocks, p.hubChanges(d.Changes)...)
		d.Changes = nil
	}
	for _, k := range []struct{ kind, title string }{{diff.KindTarget, "TARGET"}, {diff.KindRoute, "ROUTES"},
		{diff.KindPath, "PATHS"}, {diff.KindVerdict, "VERDICT"}, {diff.KindFinding, "FINDINGS"}} {
		blocks = append(blocks, p.changes(k.title, k.kind, d.Changes))
	}
	blocks = append(blocks, p.changes("NO DIFFERENCE, AND GOOD TO KNOW", "", d.Notes))
	glyph, look := p.of("✓ ", "= "), style("1;32")
	if !d.Same {
		glyph, look = p.of("≠ ", "! "), "1;33"
	}
	last := p.wrapped(glyph+DiffSentence(d), 0, bold)
	last[0] = line{{glyph, look}, {strings.TrimPrefix(last[0].text(), glyph), bold}}
	blocks = append(blocks, last)
	_, err := io.WriteString(w, p.join(blocks))
	return err
}

func (p pen) sides(d diff.Diff) []line {
	var out []line
	for i, s := range []diff.Side{d.A, d.B} {
		facts := []string{p.clean(s.Hub)}
		if d.Hubs != nil {
			facts = []string{count([]int{d.Hubs.A, d.Hubs.B}[i], "hub")}
		}
		if s.Name != "" {
			facts = append([]string{p.clean(s.Name)}, facts...)
		}
		if s.StartedAt != "" {
			facts = append(facts, p.clean(strings.NewReplacer("T", " ", "Z", " UTC").Replace(s.StartedAt)))
		}
		facts = append(facts, fmt.Sprintf("%d paths", s.Paths))
		out = append(out, p.wrapped("AB"[i:i+1]+"  "+strings.Join(facts, p.dot()), 0, dim)...)
	}
	return out
}

// hubChanges are those of two sweeps, a block for each hub.
func (p pen) hubChanges(all []diff.Change) [][]line {
	var out [][]line
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].Hub == all[0].Hub {
			n++
		}
		out, all = append(out, p.changes(p.clean(all[0].Hub), "", all[:n])), all[n:]
	}
	return out
}

// changes are those of one kind (all where it is empty), under the path they are of.
func (p pen) changes(title, kind string, all []diff.Change) []line {
	var out []line
	path := ""
	for _, c := range all {
		if kind != "" && c.Kind != kind {
			continue
		}
		if out == nil {
			out = append(out, line{{title, dim}})
		}
		label := c.Path
		if c.Hub != "" && label == "" {
			label = c.Kind
		}
		if label != path {
			path = label
			out = append(out, p.wrapped(p.clean(label), 0, bold)...)
		}
		mark := span{p.of("·", "-"), dim}
		switch {
		case c.Worse:
			mark = span{p.of("✗", "!"), red}
		case c.Better:
			mark = span{p.of("✓", "+"), green}
		}
		const indent = 4
		for i, l := range wrap(p.fromTo(c), p.o.Width-indent) {
			if i == 0 {
				out = append(out, line{{"  ", plain}, mark, {" " + l, plain}})
				continue
			}
			out = append(out, line{{strings.Repeat(" ", indent) + l, plain}})
		}
	}
	return out
}

// fromTo says a change in words.
func (p pen) fromTo(c diff.Change) string {
	switch {
	case c.Kind == diff.KindFinding && c.From == "":
		return "new: " + p.clean(c.To)
	case c.Kind == diff.KindFinding && c.To == "":
		return "gone"
	}
	side := func(s string) string {
		if s == "" {
			return "nothing"
		}
		return p.clean(s)
	}
	return p.clean(c.Field) + ": " + side(c.From) + p.arrow() + side(c.To)
}

// hubsSentence is the answer for two sweeps.
func hubsSentence(h diff.Hubs) string {
	both := count(h.A-h.OnlyA, "hub")
	if h.Different+h.OnlyA+h.OnlyB == 0 {
		return "The same: " + both + "."
	}
	out := []string{fmt.Sprintf("%d of %s differ", h.Different, both)}
	if h.OnlyA > 0 {
		out = append(out, fmt.Sprintf("%d only in A", h.OnlyA))
	}
	if h.OnlyB > 0 {
		out = append(out, fmt.Sprintf("%d only in B", h.OnlyB))
	}
	return strings.Join(out, ", ") + "."
}

// DiffSentence is the answer in one sentence.
func DiffSentence(d diff.Diff) string {
	if d.Hubs != nil {
		return hubsSentence(*d.Hubs)
	}
	if d.Same {
		return fmt.Sprintf("The same: %s, verdict and findings.", count(d.B.Paths, "path"))
	}
	paths, kinds := map[string]bool{}, map[string]int{}
	for _, c := range d.Changes {
		kinds[c.Kind]++
		if c.Kind == diff.KindPath {
			paths[c.Path] = true
		}
	}
	var out []string
	if kinds[diff.KindTarget] > 0 {
		out = append(out, "the hub")
	}
	if n := kinds[diff.KindRoute]; n > 0 {
		out = append(out, count(n, "route"))
	}
	if n := len(paths); n > 0 {
		out = append(out, count(n, "path"))
	}
	if kinds[diff.KindVerdict] > 0 {
		out = append(out, "the verdict")
	}
	if n := kinds[diff.KindFinding]; n > 0 {
		out = append(out, count(n, "finding"))
	}
	return "Different: " + list(out) + "."
}

// count says how many of what.
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// DiffMarkdown writes what differs as a table for a ticket.
func DiffMarkdown(w io.Writer, d diff.Diff) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## edgenet diff: %s\n\n", mark(DiffSentence(d)))
	for i, s := range []diff.Side{d.A, d.B} {
		if d.Hubs != nil {
			s.Hub = count([]int{d.Hubs.A, d.Hubs.B}[i], "hub")
		}
		fmt.Fprintf(&b, "- %s: %s, %s, %s\n", "AB"[i:i+1], mark(s.Name), mark(s.Hub), mark(s.StartedAt))
	}
	for _, t := range []struct {
		title string
		list  []diff.Change
	}{{"Changes", d.Changes}, {"No difference, and good to know", d.Notes}} {
		if len(t.list) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n### %s\n\n| What | Field | A | B |\n|---|---|---|---|\n", t.title)
		for _, c := range t.list {
			what := c.Kind
			if c.Path != "" {
				what = c.Path
			}
			what = strings.TrimSpace(c.Hub + " " + what)
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", mark(what), mark(c.Field), mark(c.From), mark(c.To))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// DiffJSON writes what differs as JSON, indented.
func DiffJSON(w io.Writer, d diff.Diff) error {
	p, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(escapeUnprintable(p), '\n'))
	return err
}
