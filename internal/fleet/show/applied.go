package show

import (
	"fmt"

	"edgenet/internal/fleet"
	"edgenet/internal/fleet/rollout"
	"edgenet/report/render"
)

// Applied is what became of a plan.
func Applied(p *fleet.Plan, o *rollout.Outcome, journal string) *render.Sheet {
	s := &render.Sheet{Title: "fleet apply on " + p.Hub, Facts: []string{"journal " + journal}, Failed: o.Stopped() ||
		len(o.Left) > 0}
	s.Blocks = []render.Block{
		list("DID NOT COME BACK", render.MarkBad, o.Failed),
		list("KEPT ON THEIR NEW WAY", render.MarkOdd, o.Kept),
		list("LEFT AS THEY ARE", render.MarkOdd, o.Left),
		list("NOT MOVED", render.MarkOpen, o.Skipped),
	}
	left := len(p.Moves) - len(o.Moved) - len(o.Skipped)
	switch {
	case o.Stopped():
		s.Verdict = fmt.Sprintf("Stopped: a device did not come back, and its wave was taken back (%s). %s moved "+
			"before "+
			"and stay, %s were not touched.",
			Count(len(o.TakenBack), "device"), Count(len(o.Moved), "device"),
			Number(max(left-len(o.TakenBack)-len(o.Kept),
				0)))
		s.Notes = append(s.Notes, "Find out why, and plan again. To take everything back: edgenet fleet undo "+journal)
	case left > 0:
		s.Verdict, s.Failed = fmt.Sprintf("Not through: %s of %s moved.", Number(len(o.Moved)), Count(len(p.Moves),
			"device")), true
	default:
		s.Verdict = fmt.Sprintf("%s moved and came back, %s not moved.", Count(len(o.Moved), "device"),
			Number(len(o.Skipped)))
	}
	return s
}

// TakenBack is what became of an undo.
func TakenBack(o *rollout.Outcome) *render.Sheet {
	s := &render.Sheet{Title: "fleet undo", Failed: len(o.Left) > 0, Blocks: []render.Block{list("LEFT AS THEY ARE",
		render.MarkOdd, o.Left)}}
	s.Verdict = fmt.Sprintf("%s as before, %s gone.", Count(len(o.TakenBack), "device"), Count(len(o.Deployments),
		"deployment"))
	if len(o.Left) > 0 {
		s.Verdict = fmt.Sprintf("%s as before, %s gone, %s left.", Count(len(o.TakenBack), "device"),
			Count(len(o.Deployments), "deployment"), Number(len(o.Left)))
	}
	return s
}

// list shows the first of some devices with their reasons.
func list(heading string, mark render.Mark, all []rollout.Skipped) render.Block {
	b := render.Block{Heading: heading, Columns: []string{"DEVICE", "WHY"}}
	for i, x := range all {
		if i == 2*shown {
			b.Rows = append(b.Rows, render.SheetRow{Cells: []string{"…",
				fmt.Sprintf("and %s more", Number(len(all)-i))}})
			break
		}
		b.Rows = append(b.Rows, render.SheetRow{Mark: mark, Cells: []string{x.ID, x.Why}})
	}
	return b
}
