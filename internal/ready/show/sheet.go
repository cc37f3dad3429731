package show

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"edgenet/internal/ready"
	"edgenet/report/render"
)

// titles are the groups' names for people.
var titles = map[ready.Group]string{
	ready.GroupDevice: "DEVICE", ready.GroupDeployment: "DEPLOYMENT", ready.GroupHub: "EDGEHUB",
	ready.GroupRegistry: "REGISTRY",
	ready.GroupNetwork:  "NETWORK", ready.GroupLogs: "LOGS", ready.GroupManagement: "MANAGEMENT",
	ready.GroupSecurity: "SECURITY",
}

var marks = map[ready.Status]render.Mark{
	ready.OK: render.MarkGood, ready.Error: render.MarkBad, ready.Warning: render.MarkOdd, ready.Info: render.MarkIdle,
	ready.Unknown: render.MarkOpen, ready.Skipped: render.MarkIdle, ready.Question: render.MarkNone,
}

// Options say how much is told. The zero value is one screen: what is fine is counted.
type Options struct {
	All    bool // every row, fine and skipped ones too
	Strict bool // a warning fails
}

// Text writes the answer for a person.
func Text(w io.Writer, a *ready.Answer, o Options, t render.TextOptions) error {
	return render.SheetText(w, sheet(a, o), t)
}

// Markdown writes it for a ticket.
func Markdown(w io.Writer, a *ready.Answer, o Options) error {
	o.All = true
	return render.SheetMarkdown(w, sheet(a, o))
}

func sheet(a *ready.Answer, o Options) *render.Sheet {
	s := &render.Sheet{Title: "ready: " + a.Device.Title(), Facts: facts(a), Failed: a.Failed(o.Strict)}
	for _, g := range ready.Groups() {
		if b := block(a, g, o); len(b.Rows) > 0 {
			s.Blocks = append(s.Blocks, b)
		}
	}
	s.Blocks = append(
		s.Blocks,
		fine(a, o),
		unseen(a, ready.Unknown, "COULD NOT BE SEEN", o),
		unseen(a, ready.Skipped, "LEFT OUT HERE", o),
		questions(a),
		theirs(a),
	)
	s.Verdict, s.Closing = Sentence(a), closing(a)
	return s
}

// mostAsks bound what is asked for below the verdict: the last screenful has to hold it.
const mostAsks = 3

// closing is the verdict with what to do: the first thing, and what else is an error.
func closing(a *ready.Answer) *render.Closing {
	c := &render.Closing{Headline: headline(a.Verdict)}
	if n := notSeen(a); n != "" {
		c.More = append(c.More, n)
	}
	told := map[string]bool{}
	var rows []ready.Row
	if first, ok := a.First(); ok {
		rows = append(rows, first)
	}
	for _, r := range append(rows, ordered(a.Rows)...) {
		ask := asks(r)
		if ask == "" || told[ask] || len(told) > 0 && r.Status != ready.Error {
			continue
		}
		told[ask] = true
		if len(told) <= mostAsks {
			why := r.Summary
			if len(why) > shortSummary { // a long one stands above, and would hide what else is to do
				why = ""
			}
			c.Asks = append(c.Asks, render.Ask{Do: ask, Why: why, Code: r.ID})
		}
	}
	if n := len(told) - mostAsks; n > 0 {
		c.More = append(c.More, fmt.Sprintf("%s to do for errors, above.", count(n, "more thing")))
	}
	return c
}

func facts(a *ready.Answer) []string {
	var out []string
	for _, f := range []struct{ name, value string }{{"device", a.Device.ID}, {"hub", a.Device.Hub},
		{"runtime", a.Device.Runtime}, {"engine", a.Device.Engine}} {
		if f.value != "" {
			out = append(out, f.name+" "+f.value)
		}
	}
	if out == nil {
		return nil
	}
	return []string{strings.Join(out, ", ")}
}

// block is a group: what asks for something, and everything where all is told.
func block(a *ready.Answer, g ready.Group, o Options) render.Block {
	b := render.Block{Heading: titles[g], Columns: []string{"ROW", "WHAT IS"}}
	asked := ""
	for _, r := range ordered(a.Rows) {
		told := r.Status == ready.Error || r.Status == ready.Warning || r.Status == ready.Info
		if r.Group != g || r.Status == ready.Question || !told && !o.All {
			continue
		}
		x := row(r, o)
		if ask := asks(r); ask != "" && ask == asked && !o.All {
			x.Notes = nil // it stands above, once
		} else {
			asked = ask
		}
		b.Rows = append(b.Rows, x)
	}
	return b
}

// ordered has what is worst first; all else stays in the order of the rule book.
func ordered(rows []ready.Row) []ready.Row {
	rank := func(r ready.Row) int {
		return max(0, slices.Index([]ready.Status{ready.Info, ready.Warning, ready.Error}, r.Status))
	}
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(x, y ready.Row) int { return rank(y) - rank(x) })
	return rows
}

// asks is what a row wants to be done.
func asks(r ready.Row) string {
	if r.Status == ready.Error || r.Status == ready.Warning {
		return r.Actor.Ask(r.Remedy)
	}
	return ""
}

// fine counts what is told in full only where all is.
func fine(a *ready.Answer, o Options) render.Block {
	b := render.Block{Heading: "FINE", Columns: []string{"ROWS"}}
	var names []string
	for _, r := range a.Rows {
		if r.Status == ready.OK && !slices.Contains(names, r.ID) {
			names = append(names, r.ID)
		}
	}
	if len(names) > 0 && !o.All {
		b.Rows = []render.SheetRow{{Mark: render.MarkGood, Cells: []string{strings.Join(names, ", ")}}}
	}
	return b
}

func row(r ready.Row, o Options) render.SheetRow {
	x := render.SheetRow{Mark: marks[r.Status], Cells: []string{r.ID, r.Summary}}
	if r.Needs != "" {
		x.Notes = append(x.Notes, "needs "+r.Needs)
	}
	if ask := asks(r); ask != "" {
		x.Notes = append(x.Notes, ask)
	}
	if o.All && r.Source != "" && r.Needs == "" {
		x.Notes = append(x.Notes, "seen in "+r.Source)
	}
	return x
}

// few rows that were left out are listed; more are counted.
const few = 8

// unseen gathers rows that are not known by what would be needed to know them.
func unseen(a *ready.Answer, status ready.Status, heading string, o Options) render.Block {
	b := render.Block{Heading: heading, Columns: []string{"WHAT WOULD BE NEEDED, AND FOR WHICH ROWS"}}
	if o.All {
		return b // they stand in their groups
	}
	var needs []string
	rows := map[string][]string{}
	for _, r := range a.Rows {
		if r.Status != status || r.Needs == "" {
			continue
		}
		if rows[r.Needs] == nil {
			needs = append(needs, r.Needs)
		}
		if !slices.Contains(rows[r.Needs], r.ID) {
			rows[r.Needs] = append(rows[r.Needs], r.ID)
		}
	}
	for _, n := range needs {
		what := strings.Join(rows[n], ", ")
		if status == ready.Skipped && len(rows[n]) > few {
			what = fmt.Sprintf("%d rows (-v lists them)", len(rows[n]))
		}
		b.Rows = append(b.Rows, render.SheetRow{Mark: render.MarkOpen, Cells: []string{n + ": " + what}})
	}
	return b
}

func questions(a *ready.Answer) render.Block {
	b := render.Block{Heading: "QUESTIONS THAT ONLY YOU CAN ANSWER", Columns: []string{"ROW", "QUESTION"}}
	for _, r := range a.Rows {
		if r.Status == ready.Question {
			b.Rows = append(b.Rows, render.SheetRow{Cells: []string{r.ID, r.Summary}})
		}
	}
	return b
}

// theirs puts the runtime's own check beside ours.
func theirs(a *ready.Answer) render.Block {
	b := render.Block{Heading: "BESIDE THE RUNTIME'S OWN CHECK", Columns: []string{"THEIRS", "THEY SAY", "OURS"}}
	for _, t := range a.Theirs {
		x := render.SheetRow{Cells: []string{t.ID, t.Result, strings.Join(t.Ours, ", ")}}
		switch {
		case t.Agree == nil && len(t.Ours) == 0:
			x.Cells[2] = "theirs only"
		case t.Agree == nil:
			x.Cells[2] += ": not comparable here"
		case *t.Agree:
			x.Mark, x.Cells[2] = render.MarkGood, x.Cells[2]+": the same"
		default:
			x.Mark, x.Cells[2] = render.MarkOdd, x.Cells[2]+": differs"
		}
		if t.Why != "" {
			x.Notes = append(x.Notes, t.Why)
		}
		b.Rows = append(b.Rows, x)
	}
	if own := oursOnly(a); len(b.Rows) > 0 && len(own) > 0 {
		b.Rows = append(b.Rows, render.SheetRow{Mark: render.MarkIdle,
			Cells: []string{"", "", "ours only: " + strings.Join(own, ", ")}})
	}
	return b
}

// oursOnly are rows that say something and that none of theirs looks at.
func oursOnly(a *ready.Answer) []string {
	var out []string
	for _, r := range a.Rows {
		theirs := slices.ContainsFunc(a.Theirs, func(t ready.Their) bool { return slices.Contains(t.Ours, r.ID) })
		silent := r.Status == ready.Skipped || r.Status == ready.Unknown || r.Status == ready.Question
		if !theirs && !silent && !slices.Contains(out, r.ID) {
			out = append(out, r.ID)
		}
	}
	return out
}

// shortSummary is how long a summary may be to be said again with the verdict.
const shortSummary = 200

// Sentence is the verdict, with what to do first.
func Sentence(a *ready.Answer) string {
	s := headline(a.Verdict)
	if n := notSeen(a); n != "" {
		s += " " + n
	}
	if r, ok := a.First(); ok {
		s += " First: " + r.ID
		if len(r.Summary) <= shortSummary { // a long one stands above, and would hide what to do
			s += " (" + r.Summary + ")"
		}
		s += ". " + r.Actor.Ask(r.Remedy)
	}
	return s
}

func headline(v ready.Verdict) string {
	switch {
	case v.Errors > 0:
		return fmt.Sprintf("Not ready for production: %s, %s.", count(v.Errors, "error"), count(v.Warnings, "warning"))
	case v.Warnings > 0:
		return fmt.Sprintf("No error was found, and %s.", count(v.Warnings, "warning"))
	case v.Unknown > 0:
		return "Nothing wrong was found in what could be seen."
	}
	return "Nothing wrong was found."
}

// notSeen says what the verdict does not know.
func notSeen(a *ready.Answer) string {
	var out []string
	if n := a.Verdict.Unknown; n > 0 {
		out = append(out, count(n, "row")+" could not be seen.")
	}
	left := 0
	for _, r := range a.Rows {
		if r.Status == ready.Skipped && r.Needs != "" {
			left++
		}
	}
	if left > 0 {
		out = append(out, count(left, "row")+" left out: they need more than is here.")
	}
	if n := a.Verdict.Questions; n > 0 {
		out = append(out, count(n, "question")+" for you to answer.")
	}
	return strings.Join(out, " ")
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
