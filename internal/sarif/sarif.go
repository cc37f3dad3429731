// Package sarif writes results of rules as SARIF 2.1.0, the form in which code hosts and
// editors take the findings of analysers. It knows no rule.
//
// Begin with New.
package sarif

import (
	"io"
	"strings"

	"edgenet/internal/lazyregexp"

	"edgenet/report/render"
)

// Log is one run of one tool.
type Log struct {
	Schema  string `json:"$schema"`
	Version string `json:"version"`
	Runs    []Run  `json:"runs"`

	index map[string]int
}

// Run is what the tool knows, and what it found.
type Run struct {
	Tool struct {
		Driver Driver `json:"driver"`
	} `json:"tool"`
	Results []Result `json:"results"`
}

// Driver is the tool.
type Driver struct {
	Name    string `json:"name"`
	Version string `json:"semanticVersion,omitempty"`
	Rules   []Rule `json:"rules"`
}

// Rule is one of its rules.
type Rule struct {
	ID    string `json:"id"`
	Short Text   `json:"shortDescription"`
	Help  Text   `json:"help"`
}

// Text is a text of SARIF's.
type Text struct {
	Text string `json:"text"`
}

// Result is something that was found.
type Result struct {
	Rule      string     `json:"ruleId"`
	Index     int        `json:"ruleIndex"`
	Kind      string     `json:"kind,omitempty"` // open: it could not be decided
	Level     string     `json:"level"`
	Message   Text       `json:"message"`
	Locations []Location `json:"locations,omitempty"`
}

// Location is where.
type Location struct {
	Physical Physical `json:"physicalLocation"`
}

// Physical is a place in a file.
type Physical struct {
	Artifact Artifact `json:"artifactLocation"`
	Region   *Region  `json:"region,omitempty"`
}

// Artifact is a file.
type Artifact struct {
	URI string `json:"uri"`
}

// Region is a place in it, from 1.
type Region struct {
	Line   int `json:"startLine"`
	Column int `json:"startColumn,omitempty"`
}

var semantic = lazyregexp.New(`[0-9]+\.[0-9]+\.[0-9]+`)

// New begins a log of this version of the program.
func New(version string) *Log {
	l := &Log{
		Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0",
		Runs: []Run{{Results: []Result{}}}, index: map[string]int{},
	}
	l.Runs[0].Tool.Driver = Driver{Name: "edgenet", Version: semantic().FindString(version), Rules: []Rule{}}
	return l
}

// Rule adds a rule; each stands once.
func (l *Log) Rule(id, short, help string) {
	d := &l.Runs[0].Tool.Driver
	if _, old := l.index[id]; old {
		return
	}
	l.index[id] = len(d.Rules)
	d.Rules = append(d.Rules, Rule{id, Text{short}, Text{help}})
}

// Add adds a result; a rule that was not named becomes one.
func (l *Log) Add(r Result) {
	l.Rule(r.Rule, r.Rule, r.Rule)
	r.Index = l.index[r.Rule]
	l.Runs[0].Results = append(l.Runs[0].Results, r)
}

// At is a place in a file; line and column are left out where they are zero.
func At(file string, line, column int) []Location {
	p := Physical{Artifact: Artifact{URI: uri(file)}}
	if line > 0 {
		p.Region = &Region{Line: line, Column: column}
	}
	return []Location{{p}}
}

// uri is a file's name as a reference; what a URI cannot hold is escaped.
func uri(file string) string {
	file = strings.ReplaceAll(file, `\`, "/")
	var b strings.Builder
	for _, c := range []byte(file) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
			strings.IndexByte("/-._~!$&'()*+,;=@", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		const hex = "0123456789ABCDEF"
		b.Write([]byte{'%', hex[c>>4], hex[c&15]})
	}
	if strings.HasPrefix(file, "/") {
		return "file://" + b.String()
	}
	return b.String()
}

// Write writes the log.
func (l *Log) Write(w io.Writer) error { return render.Value(w, l) }
