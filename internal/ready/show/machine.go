package show

import (
	"encoding/csv"
	"encoding/xml"
	"io"
	"strconv"
	"strings"

	"edgenet/internal/ready"
	"edgenet/report/render"
)

// JSON writes the answer as edgenet.ready/1.
func JSON(w io.Writer, a *ready.Answer) error { return render.Value(w, a) }

// CSV writes a line a row. A cell that a spreadsheet would take for a formula gets a quote
// before it.
func CSV(w io.Writer, a *ready.Answer) error {
	out := csv.NewWriter(w)
	lines := [][]string{{"device", "id", "group", "status", "actor", "summary", "remedy", "source", "needs"}}
	for _, r := range a.Rows {
		lines = append(
			lines,
			[]string{
				a.Device.Title(),
				r.ID,
				string(r.Group),
				string(r.Status),
				string(r.Actor),
				r.Summary,
				r.Remedy,
				r.Source,
				r.Needs,
			},
		)
	}
	for _, l := range lines {
		for i, c := range l {
			if c != "" && strings.ContainsRune("=+-@\t\r", rune(c[0])) {
				l[i] = "'" + c
			}
		}
		if err := out.Write(l); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

type suites struct {
	XMLName  xml.Name `xml:"testsuites"`
	Name     string   `xml:"name,attr"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Skipped  int      `xml:"skipped,attr"`
	Suites   []suite  `xml:"testsuite"`
}

type suite struct {
	Name     string     `xml:"name,attr"`
	Tests    int        `xml:"tests,attr"`
	Failures int        `xml:"failures,attr"`
	Skipped  int        `xml:"skipped,attr"`
	Time     string     `xml:"time,attr"`
	Cases    []testCase `xml:"testcase"`
}

type testCase struct {
	Name    string   `xml:"name,attr"`
	Class   string   `xml:"classname,attr"`
	Failure *message `xml:"failure,omitempty"`
	Skipped *message `xml:"skipped,omitempty"`
	Out     string   `xml:"system-out,omitempty"`
}

type message struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// JUnit writes a test case a row: an error fails, and with strict a warning; what could not
// be seen, and questions, are skipped with the reason.
func JUnit(w io.Writer, a *ready.Answer, o Options) error {
	s := suite{Name: a.Device.Title(), Time: strconv.FormatFloat(float64(a.DurationMs)/1000, 'f', 3, 64)}
	for i, r := range a.Rows {
		c := testCase{Name: r.ID, Class: "edgenet.ready." + string(r.Group), Out: r.Summary}
		if i > 0 && a.Rows[i-1].ID == r.ID { // a name stands once for each thing
			c.Name += " (" + r.Summary + ")"
		}
		switch {
		case r.Status == ready.Error || r.Status == ready.Warning && o.Strict:
			c.Failure, c.Out = &message{r.Summary, r.Actor.Ask(r.Remedy)}, ""
			s.Failures++
		case r.Status == ready.Unknown:
			c.Skipped = &message{Message: r.Summary + ": needs " + r.Needs}
			s.Skipped++
		case r.Status == ready.Skipped || r.Status == ready.Question:
			c.Skipped = &message{Message: r.Summary}
			s.Skipped++
		}
		s.Cases = append(s.Cases, c)
	}
	s.Tests = len(s.Cases)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(suites{Name: "edgenet ready", Tests: s.Tests, Failures: s.Failures, Skipped: s.Skipped,
		Suites: []suite{s}}); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
