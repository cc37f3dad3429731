package render

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"edgenet/report"
)

// JUnit writes reports as JUnit's XML, which CI systems read: a suite each, a test
// case for the verdict and one for every path. What fails and is not needed is
// skipped, so that a build breaks for what the exit code would break it for.
func JUnit(w io.Writer, reports ...*report.Report) error {
	var doc suites
	for _, r := range reports {
		doc.Suites = append(doc.Suites, newSuite(r))
	}
	var b strings.Builder
	b.WriteString(xml.Header)
	e := xml.NewEncoder(&b)
	e.Indent("", "  ")
	if err := e.Encode(doc); err != nil {
		return err
	}
	b.WriteByte('\n')
	_, err := io.WriteString(w, b.String())
	return err
}

// The elements and attributes are those of Jenkins' schema (junit-10.xsd) and its
// forerunners.
type suites struct {
	XMLName xml.Name `xml:"testsuites"`
	Suites  []suite
}

type suite struct {
	XMLName    xml.Name   `xml:"testsuite"`
	Name       string     `xml:"name,attr"`
	Tests      int        `xml:"tests,attr"`
	Failures   int        `xml:"failures,attr"`
	Errors     int        `xml:"errors,attr"`
	Skipped    int        `xml:"skipped,attr"`
	Time       string     `xml:"time,attr"`
	Timestamp  string     `xml:"timestamp,attr"`
	Hostname   string     `xml:"hostname,attr"`
	Properties []property `xml:"properties>property"`
	Cases      []testCase
}

type property struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type testCase struct {
	XMLName   xml.Name `xml:"testcase"`
	ClassName string   `xml:"classname,attr"`
	Name      string   `xml:"name,attr"`
	Time      string   `xml:"time,attr"`
	Failure   *outcome `xml:"failure"`
	Skipped   *string  `xml:"skipped"` // its reason as text: older schemas know no attributes of it
}

type outcome struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

func newSuite(r *report.Report) suite {
	read := Read(r)
	out := suite{Name: "edgenet " + Clean(r.Target.Hub), Time: seconds(r.DurationMs),
		Timestamp: r.StartedAt.UTC().Format("2006-01-02T15:04:05"), Hostname: Clean(r.Target.Hub)}
	for _, f := range append(RunFacts(r), Answers(r.Verdict)...) {
		out.Properties = append(out.Properties, property(f))
	}
	verdict := testCase{ClassName: "edgenet", Name: "verdict", Time: seconds(r.DurationMs)}
	if r.Verdict.ExitCode != 0 {
		verdict.Failure = &outcome{Type: fmt.Sprintf("exit code %d", r.Verdict.ExitCode),
			Message: Clean(r.Verdict.Reason), Text: todoText(read)}
	}
	out.Cases = append(out.Cases, verdict)
	for i := range read.Paths {
		out.Cases = append(out.Cases, newCase(r, read.Paths[i]))
	}
	for _, c := range out.Cases {
		out.Tests++
		if c.Failure != nil {
			out.Failures++
		}
		if c.Skipped != nil {
			out.Skipped++
		}
	}
	return out
}

// newCase is a path. A concern (a warning rests on it, and nothing needs it) fails no
// build.
func newCase(r *report.Report, p Path) testCase {
	res := p.Result
	c := testCase{ClassName: "edgenet." + Clean(res.Route), Name: fmt.Sprintf("%s %d", Clean(string(res.Protocol)),
		res.Port), Time: seconds(res.DurationMs)}
	if res.Host != r.Target.Hub {
		c.Name = Clean(res.Host) + " " + c.Name
	}
	switch {
	case p.Tone == Bad:
		c.Failure = &outcome{Type: p.Code, Message: p.Place + ": " + p.Title, Text: caseText(r, p)}
	case res.Status == report.Failed:
		c.Skipped = new(fmt.Sprintf("%s: %s (%s)", p.Word, p.Title, p.Code))
	case res.Status != report.OK:
		c.Skipped = new(p.Title)
	}
	return c
}

// caseText is what a person reads below a failed case.
func caseText(r *report.Report, p Path) string {
	lines := []string{Clean(p.Result.Summary)}
	if f := endpoints(r, p.Result); f.words() != "" {
		lines = append(lines, Clean(f.words())+" at "+rfc3339(f.at))
	}
	if p.Result.Remedy != "" {
		lines = append(lines, Sentence(ActorLabel(p.Result.Actor))+": "+Clean(p.Result.Remedy))
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

func todoText(read Reading) string {
	var lines []string
	for _, a := range read.ToDo {
		way := ""
		if h := a.Heading(); h != "" {
			way = h + ": "
		}
		lines = append(lines, way+Sentence(a.Who)+": "+a.Text)
	}
	return strings.Join(lines, "\n")
}

// seconds is what JUnit counts in.
func seconds(m report.Millis) string { return fmt.Sprintf("%.3f", float64(max(m, 0))/1000) }
