package show

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"edgenet/internal/fleet"
	"edgenet/internal/sorting"
	"edgenet/report/render"
)

// Status is a fleet's numbers on one screen: who is silent first.
func Status(s *fleet.Summary) *render.Sheet {
	sheet := &render.Sheet{Title: "fleet status", Facts: facts(s), Notes: slices.Clone(s.Notes)}
	if s.Hub != "" {
		sheet.Title += " of " + s.Hub
	}
	sheet.Blocks = []render.Block{devices(s), ways(s), trouble(s), worst(s)}
	sheet.Verdict, sheet.Failed = verdict(s)
	if s.Partial {
		sheet.Notes = append(sheet.Notes, "Stopped before all devices were read: these numbers are of those that were.")
	}
	return sheet
}

var countedWords = map[string]string{
	fleet.CountedGroupBy: "counted by the hub (GROUP BY)", fleet.CountedSweep: "counted by reading every device's twin",
	fleet.CountedFile: "counted from what was given",
}

func facts(s *fleet.Summary) []string {
	out := []string{s.At.UTC().Format("2006-01-02 15:04 UTC"), countedWords[s.Counted]}
	if s.StaleAfterSec > 0 {
		out = append(out, "a device is silent after "+span(s.StaleAfterSec))
	}
	return out
}

func span(seconds int64) string {
	d := time.Duration(seconds) * time.Second
	if d%time.Hour == 0 {
		return fmt.Sprintf("%d hours", int(d.Hours()))
	}
	return d.String()
}

// devices: the silent, and what the others say.
func devices(s *fleet.Summary) render.Block {
	b := render.Block{Heading: "DEVICES", Columns: []string{"", "DEVICES", "SHARE", ""}}
	row := func(mark render.Mark, name string, n int, text string) {
		b.Rows = append(b.Rows, render.SheetRow{Mark: mark,
			Cells: []string{name, Number(n), share(n, s.Devices), text}})
	}
	mark := render.MarkGood
	if s.Mute() > 0 {
		mark = render.MarkBad
	}
	if s.StaleAfterSec > 0 {
		row(mark, "silent", s.Mute(), since(s))
	}
	for _, status := range []struct {
		name, says string
		mark       render.Mark
	}{
		{"down", "no protocol works", render.MarkBad}, {"degraded", "works, and something needs attention",
			render.MarkOdd},
		{"ok", "a protocol works", render.MarkGood},
	} {
		m := status.mark
		n := s.Fresh(status.name)
		if n == 0 {
			m = render.MarkNone
		}
		row(m, status.name, n, status.says)
	}
	for _, name := range sorted(s.By.Status) {
		if name != "ok" && name != "degraded" && name != "down" {
			row(render.MarkOdd, name, s.Fresh(name), "a status that edgenet does not give")
		}
	}
	if n := s.By.Consistent["false"]; n > 0 {
		row(render.MarkOdd, "inconsistent", n, "work by another protocol than the one configured")
	}
	if s.Unproven > 0 {
		row(render.MarkOdd, "doubtful", s.Unproven, "a suspect clock, or a report that cannot be read in full")
	}
	return b
}

func since(s *fleet.Summary) string {
	if s.Mute() == 0 {
		return "everybody reports"
	}
	var out []string
	for _, w := range []struct{ key, words string }{
		{"day", "since less than a day"}, {"week", "for days"}, {"month", "for weeks"},
		{"longer", "for a month and more"},
		{"never", "never reported"},
	} {
		if n := s.SilentSince[w.key]; n > 0 {
			out = append(out, Number(n)+" "+w.words)
		}
	}
	return strings.Join(out, ", ") + ": edgenet fleet devices --silent"
}

// ways: which protocol works and is configured, by which route, in which class.
func ways(s *fleet.Summary) render.Block {
	b := render.Block{
		Heading: "WHAT WORKS, AND WHAT IS SET (as last reported)",
		Columns: []string{"PROTOCOL", "WORKS", "CONFIGURED", ""},
	}
	if s.StaleAfterSec > 0 {
		b.Heading = "WHAT WORKS, AND WHAT IS SET (as last reported, by the silent too)"
	}
	names := map[string]bool{}
	for _, c := range []fleet.Counts{s.By.Recommended, s.By.Configured} {
		for name := range c {
			names[name] = true
		}
	}
	list := make([]string, 0, len(names))
	for name := range names {
		list = append(list, name)
	}
	sorting.By(list, func(a, b string) int {
		return cmp.Or(s.By.Recommended[b]-s.By.Recommended[a], s.By.Configured[b]-s.By.Configured[a], cmp.Compare(a, b))
	})
	works, set := 0, 0
	for _, name := range list {
		n, m := s.By.Recommended[name], s.By.Configured[name]
		label := Protocol(name)
		if name == fleet.None {
			label = "none or unknown"
		} else {
			works, set = works+n, set+m
		}
		b.Rows = append(b.Rows, render.SheetRow{Cells: []string{label, Number(n), Number(m), ""}})
	}
	// Of all protocols together: on a protocol's own row it would read as that one's.
	if route := together("by ", s.By.Route); route != "" {
		b.Rows = append(b.Rows, render.SheetRow{Cells: []string{"all together", Number(works), Number(set), route}})
	}
	if class := together("", s.By.Class); class != "" {
		b.Rows = append(b.Rows, render.SheetRow{Cells: []string{"classes", "", "", class}})
	}
	return b
}

// most is how many rows a block has at most, so that all stays on one screen.
const most = 8

func together(head string, c fleet.Counts) string {
	var out []string
	for _, name := range sorted(c) {
		if name != fleet.None {
			out = append(out, name+" "+Number(c[name]))
		}
	}
	if len(out) == 0 {
		return ""
	}
	if len(out) > most {
		out = append(out[:most], "…")
	}
	return head + strings.Join(out, ", ")
}

// trouble: what stops those that report, and who acts.
func trouble(s *fleet.Summary) render.Block {
	b := render.Block{
		Heading: "WHAT IS IN THE WAY, AND WHO ACTS",
		Columns: []string{"CAUSE", "STATUS", "DEVICES", "WHO ACTS"},
	}
	rest := 0
	for i, c := range s.Trouble {
		if i >= most {
			rest += c.Devices
			continue
		}
		mark := render.MarkOdd
		if c.Status == "down" {
			mark = render.MarkBad
		}
		cause, actor := c.Cause, who(c.Actor)
		if cause == fleet.None {
			cause, actor = "none reported", "edgenet fleet devices shows which"
		}
		b.Rows = append(b.Rows, render.SheetRow{Mark: mark, Cells: []string{cause, c.Status, Number(c.Devices), actor}})
	}
	if rest > 0 {
		b.Rows = append(b.Rows, render.SheetRow{Cells: []string{"others", "", Number(rest), "-f json has them all"}})
	}
	return b
}

func worst(s *fleet.Summary) render.Block {
	b := render.Block{Columns: []string{"", "DEVICES", "DOWN OR SILENT", "MOST OF THEM"}}
	for i, w := range s.Worst {
		if i >= most {
			break
		}
		b.Heading = "WORST BY " + strings.ToUpper(w.Tag)
		text := "silent: power, the whole site, or the module itself"
		if w.Cause != fleet.None {
			text = w.Cause + ": " + who(w.Actor)
		}
		b.Rows = append(b.Rows, render.SheetRow{
			Mark: render.MarkBad, Cells: []string{w.Value, Number(w.Devices), Number(w.Bad), text},
		})
	}
	return b
}

func verdict(s *fleet.Summary) (string, bool) {
	if s.Devices == 0 {
		return "No device was found.", true
	}
	down, mute := s.Fresh("down"), s.Mute()
	text := fmt.Sprintf("%s of %s are ok", Number(s.Fresh("ok")), Count(s.Devices, "device"))
	if mute > 0 {
		text += fmt.Sprintf("; %s %s silent", Number(mute), verb(mute))
	}
	if down > 0 {
		text += fmt.Sprintf("; %s %s down", Number(down), verb(down))
		if c, ok := worstCause(s); ok {
			text += fmt.Sprintf(", most by %s (%s)", c.Cause, short(c.Actor))
		}
	}
	return text + ".", down+mute > 0
}

// worstCause is what stops most of those that are down.
func worstCause(s *fleet.Summary) (fleet.Cause, bool) {
	for _, c := range s.Trouble { // the most frequent first
		if c.Status == "down" && c.Cause != fleet.None {
			return c, true
		}
	}
	return fleet.Cause{}, false
}

func share(n, of int) string {
	switch {
	case of == 0:
		return ""
	case n > 0 && n*1000 < of:
		return "<0.1 %"
	}
	return fmt.Sprintf("%.1f %%", float64(n)*100/float64(of))
}

// sorted are a count's values, the most frequent first.
func sorted(c fleet.Counts) []string {
	out := make([]string, 0, len(c))
	for name := range c {
		out = append(out, name)
	}
	sorting.By(out, func(a, b string) int { return cmp.Or(c[b]-c[a], cmp.Compare(a, b)) })
	return out
}
