//go:build device

package command

import (
	"edgenet/internal/console"
	"edgenet/report"
)

// readyTerms are none: the checklist is not in the module's image.
func readyTerms() []report.Term { return nil }

// sayLogs says nothing: reading logs is not in the module's image.
func sayLogs(*console.Console, string) error { return nil }
