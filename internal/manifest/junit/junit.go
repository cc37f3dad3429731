// Package junit writes what lint found as JUnit's XML, which pipelines read.
package junit

import (
	"encoding/xml"
	"fmt"
	"io"

	"edgenet/internal/manifest"
	"edgenet/internal/secret"
	"edgenet/report"
)

type suites struct {
	XMLName  xml.Name `xml:"testsuites"`
	Name     string   `xml:"name,attr"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Suites   []suite  `xml:"testsuite"`
}

type suite struct {
	Name     string     `xml:"name,attr"`
	Tests    int        `xml:"tests,attr"`
	Failures int        `xml:"failures,attr"`
	Cases    []testCase `xml:"testcase"`
}

type testCase struct {
	Name    string   `xml:"name,attr"`
	Class   string   `xml:"classname,attr"`
	Failure *failure `xml:"failure,omitempty"`
	Output  string   `xml:"system-out,omitempty"`
}

type failure struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

// Write gives a test case for every rule and manifest: errors are failures, warnings
// are output of a case that passes.
func Write(w io.Writer, files []manifest.Linted) error {
	out := suites{Name: "edgenet manifest lint"}
	for _, f := range files {
		s := suite{Name: secret.Path(report.Clean(f.File, 200))}
		for _, r := range manifest.Rules() {
			c := testCase{Name: string(r), Class: s.Name}
			for _, p := range f.Problems {
				if p.Rule != r {
					continue
				}
				text := fmt.Sprintf("%s:%d:%d: %s %s\n", secret.Path(report.Clean(p.File, 200)), p.Line,
					p.Column, p.Summary,
					p.Remedy)
				switch {
				case p.Severity != report.SeverityError:
					c.Output += text
				case c.Failure == nil:
					c.Failure = &failure{Message: p.Summary, Type: string(r), Text: text}
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
