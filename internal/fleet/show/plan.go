package show

import (
	"cmp"
	"fmt"

	"edgenet/internal/fleet"
	"edgenet/internal/sorting"
	"edgenet/report/render"
)

// Plan is a plan for people: what moves and what that does, what is held and why, what is
// refused. file is where the plan was written; empty: nowhere.
func Plan(p *fleet.Plan, file string) *render.Sheet {
	s := &render.Sheet{Title: "fleet plan for " + p.Hub, Facts: []string{p.At.UTC().Format("2006-01-02 15:04 UTC"),
		"template " + p.Base, "nothing was written to the hub"}}
	s.Blocks = []render.Block{planClasses(p), planDeployments(p), planRestarts(p), planMoves(p), planHeld(p),
		planRefused(p)}
	s.Notes = append(s.Notes, p.Notes...)
	s.Failed = len(p.Refused) > 0
	s.Verdict = fmt.Sprintf("%s would move, %s stay, %s held", Count(len(p.Moves), "device"), Number(p.Stays),
		Number(len(p.Held)))
	if len(p.Refused) > 0 {
		s.Verdict += fmt.Sprintf("; %s refused", Number(len(p.Refused)))
	}
	s.Verdict += "."
	if file != "" && len(p.Moves) > 0 {
		s.Notes = append(s.Notes, "Next: edgenet fleet apply "+file+" --canary 5")
	}
	return s
}

func planClasses(p *fleet.Plan) render.Block {
	b := render.Block{Heading: "CLASSES", Columns: []string{"CLASS", "DEVICES", "PROTOCOL", "DEPLOYMENT"}}
	for _, c := range p.Classes {
		way := c.Protocol.RuntimeName()
		if c.Proxy != "" {
			way += " by " + c.Proxy
		}
		b.Rows = append(b.Rows, render.SheetRow{Mark: render.MarkGood, Cells: []string{c.Name, Number(c.Devices), way,
			c.Deployment}})
	}
	return b
}

func planDeployments(p *fleet.Plan) render.Block {
	b := render.Block{Heading: "DEPLOYMENTS", Columns: []string{"ID", "PRIORITY", "TARGET CONDITION"}}
	for _, d := range p.Deployments {
		r := render.SheetRow{Cells: []string{d.ID, fmt.Sprint(d.Priority), d.TargetCondition}}
		if d.Exists {
			r.Notes = append(r.Notes, "it is there already")
		}
		for _, o := range d.Overlaps {
			text := fmt.Sprintf("%s (priority %d) has %s of these too", o.ID, o.Priority, Count(o.Devices, "device"))
			switch {
			case o.Layered:
				text += "; it is layered, and goes on"
			case o.Rules > 0:
				text += fmt.Sprintf(", and rules %s of them now", Number(o.Rules))
			}
			r.Notes = append(r.Notes, text)
		}
		b.Rows = append(b.Rows, r)
	}
	return b
}

// planRestarts says what the moves do to the devices' containers.
func planRestarts(p *fleet.Plan) render.Block {
	b := render.Block{Heading: "WHAT RESTARTS", Columns: []string{"MODULE", "DEVICES", "WHAT THAT MEANS"}}
	restarts, removes := map[string]int{}, map[string]int{}
	for _, m := range p.Moves {
		for _, name := range m.Restarts {
			restarts[name]++
		}
		for _, name := range m.Removes {
			removes[name]++
		}
	}
	for _, name := range byCount(removes) {
		b.Rows = append(b.Rows, render.SheetRow{Mark: render.MarkBad, Cells: []string{name, Number(removes[name]),
			"REMOVED: the template does not hold it, and the device runs it"}})
	}
	for _, name := range byCount(restarts) {
		means := "its container is made anew"
		switch name {
		case "edgeHub":
			means = "made anew: every module and every device behind it connects again"
		case "edgeAgent":
			means = "made anew; the other containers go on"
		}
		b.Rows = append(b.Rows, render.SheetRow{Mark: render.MarkOdd,
			Cells: []string{name, Number(restarts[name]), means}})
	}
	if len(b.Rows) > 2*most {
		b.Rows = b.Rows[:2*most]
	}
	return b
}

func byCount(counts map[string]int) []string {
	var out []string
	for name := range counts {
		out = append(out, name)
	}
	sorting.By(out, func(a, b string) int { return cmp.Or(counts[b]-counts[a], cmp.Compare(a, b)) })
	return out
}

// shown is how many devices a plan shows by name; its JSON has them all.
const shown = 10

func planMoves(p *fleet.Plan) render.Block {
	b := render.Block{Heading: "MOVES", Columns: []string{"DEVICE", "FROM", "TO", "EVIDENCE"}}
	for i, m := range p.Moves {
		if i == shown {
			b.Rows = append(b.Rows, render.SheetRow{Cells: []string{"…", "", "",
				fmt.Sprintf("and %s more: -f json, or the plan's file", Number(len(p.Moves)-shown))}})
			break
		}
		b.Rows = append(b.Rows, render.SheetRow{Cells: []string{m.Device, m.From, m.To,
			fmt.Sprintf("%s ok at %s, unchanged since %s; now %s", m.Evidence.Path, m.Evidence.CheckedAt,
				m.Evidence.ChangedAt,
				m.Why)}})
	}
	return b
}

// planHeld groups the held by rule: names are in the JSON.
func planHeld(p *fleet.Plan) render.Block {
	b := render.Block{Heading: "HELD", Columns: []string{"DEVICES", "WHY", "OF ONE OF THEM"}}
	type group struct {
		n       int
		example fleet.Held
	}
	groups := map[string]*group{}
	for _, h := range p.Held {
		key := string(h.Kind)
		if groups[key] == nil {
			groups[key] = &group{example: h}
		}
		groups[key].n++
	}
	keys := map[string]int{}
	for k, g := range groups {
		keys[k] = g.n
	}
	for i, k := range byCount(keys) {
		if i == 2*shown {
			break
		}
		g := groups[k]
		b.Rows = append(b.Rows, render.SheetRow{Mark: render.MarkOpen,
			Cells: []string{Number(g.n), k, g.example.Device +
				": " + g.example.Reason}})
	}
	return b
}

func planRefused(p *fleet.Plan) render.Block {
	b := render.Block{Heading: "REFUSED", Columns: []string{"WHAT", "WHY"}}
	for _, r := range p.Refused {
		b.Rows = append(b.Rows, render.SheetRow{Mark: render.MarkBad, Cells: []string{r.What, r.Why}})
	}
	return b
}
