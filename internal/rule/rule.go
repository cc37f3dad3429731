package rule

import "edgenet/report"

// Row is what the project knows of a rule, whatever file breaks it.
type Row struct {
	Code string
	// Severity is the gravest that the rule gives; SeverityNote says when it is less.
	Severity     report.Severity
	SeverityNote string
	Actor        report.Actor
	Meaning      string // what is wrong
	Follows      string // what follows from it
	Remedy       string
	Source       string // where it is known from: the runtime's own file, documentation
}

// Terms are the rows as explain tells them, but for those that are findings of a report
// and stand in its table.
func Terms(rows []Row, kind string) []report.Term {
	var out []report.Term
	for _, r := range rows {
		if _, is := report.FindingCode(r.Code).Info(); is {
			continue
		}
		severity := string(r.Severity)
		if r.SeverityNote != "" {
			severity += "; " + r.SeverityNote
		}
		out = append(out, report.Term{Code: r.Code, Kind: kind, Severity: severity, Rule: r.Meaning, Means: r.Follows,
			Actor: r.Actor, Remedy: r.Remedy})
	}
	return out
}
