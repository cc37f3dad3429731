//go:build !device

package command

import (
	"edgenet/internal/ready"
	"edgenet/report"
)

// readyTerms are the rows of the checklist.
func readyTerms() []report.Term { return ready.Terms() }
