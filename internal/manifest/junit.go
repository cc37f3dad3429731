package manifest

import (
	"encoding/xml"
	"fmt"
	"io"

	"edgenet/report"
)

// Linted is a file that was judged; one that is no manifest has no kind, and the reason as
// its one problem.
type Linted struct {
	File     string    `json:"file"`
	Kind     Kind      `json:"kind"`
	Problems []Problem `json:"problems"`
}

// Unread tells whether the file is no manifest that can be read.
func (l Linted) Unread() bool { return l.Kind == "" }

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	Failure *junitFailure `xml:"failure,omitempty"`
	Output  string        `xml:"system-out,omitempty"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

// JUnit writes a test case for every rule and manifest: errors are failures, warnings
// are output of a case that passes.
func JUnit(w io.Writer, files []Linted) error {
	out := junitSuites{Name: "edgenet manifest lint"}
	for _, f := range files {
		s := junitSuite{Name: report.Clean(f.File, 200)}
		for _, r := range Rules() {
			c := junitCase{Name: string(r), Class: s.Name}
			for _, p := range f.Problems {
				if p.Rule != r {
					continue
				}
				text := fmt.Sprintf("%s:%d:%d: %s %s\n", report.Clean(p.File, 200), p.Line, p.Column, p.Summary,
					p.Remedy)
				switch {
				case p.Severity != report.SeverityError:
					c.Output += text
				case c.Failure == nil:
					c.Failure = &junitFailure{Message: p.Summary, Type: string(r), Text: text}
					s.Failures++
				default:
					c.Failure.Text += text
				}
			}
			s.Tests++
			s.Cases = append(s.Cases, c)
		}
		out.Tests, out.Failures = out.Tests+s.Tests, out.Failures+s.Failures
		out.Suites = append(out.Suites, s)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(out); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
