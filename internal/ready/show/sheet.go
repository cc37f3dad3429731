package show

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"edgenet/internal/ready"
	"edgenet/internal/sorting"
	"edgenet/report"
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
	s := &render.Sheet{Title: "ready: " + a.Device.Title(), Facts: facts(a), Failed: a.Failed(o.Strict),
		Odd: a.Verdict.Warnings > 0}
	groups := ready.Groups()
	if !o.All { // what asks for something stands at the end, where a terminal stops
		sorting.By(groups, func(x, y ready.Group) int { return urgency(a, x) - urgency(a, y) })
		s.Blocks = append(s.Blocks, questions(a), unseen(a, ready.Skipped, "LEFT OUT HERE", o),
			unseen(a, ready.Unknown, "COULD NOT BE SEEN", o), theirs(a), fine(a))
	}
	for _, g := range groups {
		s.Blocks = append(s.Blocks, block(a, g, o))
	}
	if o.All {
		s.Blocks = append(s.Blocks, questions(a), theirs(a))
	}
	s.Verdict = counts(a) + first(a, false)
	return s
}

// urgency ranks a group by its worst row; the one of the row to act on first is above all.
func urgency(a *ready.Answer, g ready.Group) int {
	worst := 0
	for _, r := range a.Rows {
		if r.Group == g {
			worst = max(worst, rank(r))
		}
	}
	if r, ok := a.First(); ok && r.Group == g {
		worst++
	}
	return worst
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
	rows = slices.Clone(rows)
	sorting.By(rows, func(x, y ready.Row) int { return rank(y) - rank(x) })
	return rows
}

// rank is how bad a row is; 0 asks for nothing.
func rank(r ready.Row) int {
	return max(0, slices.Index([]ready.Status{ready.Info, ready.Warning, ready.Error}, r.Status))
}

// asks is what a row wants to be done.
func asks(r ready.Row) string {
	if r.Status == ready.Error || r.Status == ready.Warning {
		return r.Actor.Ask(r.Remedy)
	}
	return ""
}

// fine counts what is told in full only where all is.
func fine(a *ready.Answer) render.Block {
	b := render.Block{Heading: "FINE", Columns: []string{"ROWS"}}
	var names []string
	for _, r := range a.Rows {
		if r.Status == ready.OK && !slices.Contains(names, r.ID) {
			names = append(names, r.ID)
		}
	}
	if len(names) > 0 {
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

// shortSummary is how many bytes a summary may have to be said again with the verdict.
const shortSummary = 200

// Sentence is the verdict by itself, with what to do first and why.
func Sentence(a *ready.Answer) string { return counts(a) + first(a, true) }

// counts says how the device stands, and how much of it was looked at.
func counts(a *ready.Answer) string {
	v := a.Verdict
	s := "Nothing wrong was found."
	unseen, seen := 0, 0
	for _, r := range a.Rows {
		switch {
		case r.Status == ready.Unknown || r.Status == ready.Skipped && r.Needs != "":
			unseen++
		case r.Status != ready.Question && r.Status != ready.Skipped:
			seen++
		}
	}
	switch {
	case v.Errors > 0:
		s = fmt.Sprintf("Not ready for production: %s, %s.", count(v.Errors, "error"), count(v.Warnings, "warning"))
	case v.Warnings > 0:
		s = fmt.Sprintf("No error was found, and %s.", count(v.Warnings, "warning"))
	case unseen > 0:
		s = "Nothing wrong was found in what could be seen."
	}
	if unseen > 0 {
		s += fmt.Sprintf(" %d of %s could not be looked at (the list says what they need).", unseen,
			count(seen+unseen, "row"))
	}
	if v.Questions > 0 {
		s += fmt.Sprintf(" %s for you to answer.", count(v.Questions, "question"))
	}
	return s
}

// first is what to do first, by whom and for which row; why is said where the row does not
// stand right above, unless it is so long that it would hide the deed.
func first(a *ready.Answer, why bool) string {
	r, ok := a.First()
	if !ok {
		return ""
	}
	who := "First, ask " + r.Actor.Words()
	switch {
	case r.Actor == report.ActorHost:
		who = "First, you, on the device"
	case r.Actor.Yours():
		who = "First, you"
	}
	row := r.ID
	if why && len(r.Summary) <= shortSummary {
		row += ": " + r.Summary
	}
	return fmt.Sprintf(" %s (%s): %s", who, row, r.Remedy)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
