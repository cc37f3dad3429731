package report

// Term is a code that a command prints and that is neither a cause nor a finding: a lint
// rule, a check of readiness, a kind of log line. The package that prints it lists it.
type Term struct {
	Code     string
	Kind     string // what it is, for example "a lint rule"
	Severity string // in words where it depends; empty where it has none
	Rule     string // when it is said
	Means    string // what follows from it
	Actor    Actor
	Remedy   string
}
