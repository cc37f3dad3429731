package manifest

import (
	"edgenet/internal/rule"
	"edgenet/report"
)

// Terms explains the rules that are no findings of a report.
func Terms() []report.Term { return rule.Terms(table, "a lint rule") }
