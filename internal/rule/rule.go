package rule

import "edgenet/report"

// Row is what the project knows of a rule, whatever file breaks it.
type Row struct {
	Code string
	// Severity is the gravest that the rule gives; SeverityNote says when it is less.
	Severity     report.Severity
	SeverityNote string
	Actor        report.Actor
	Meaning      string // what is wrong, and what follows from it
	Remedy       string
	Source       string // where it is known from: the runtime's own file, documentation
}
