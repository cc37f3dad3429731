package ready

import "edgenet/report"

// Terms explains every row of the rule book.
func Terms() []report.Term {
	var out []report.Term
	for _, r := range Rules() {
		remedy, means := r.Remedy, "fine when "+r.Holds
		if remedy == "" {
			remedy = "Answer the question; nothing on the device can."
		}
		out = append(
			out,
			report.Term{
				Code:     r.ID,
				Kind:     "a row of edgenet ready",
				Severity: r.Severity,
				Rule:     "it looks at " + r.Looks,
				Means:    means,
				Actor:    r.Actor,
				Remedy:   remedy,
			},
		)
	}
	return out
}
