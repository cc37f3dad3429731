package render

import (
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"edgenet/report"
)

// csvHead names the columns of CSV.
var csvHead = []string{"time_utc", "source", "source_port", "destination", "destination_port", "host", "protocol",
	"route", "hop", "stage", "cause", "seen", "needed", "who_acts", "device", "labels", "way"}

// CSV writes a row for every attempt that failed, an address each, for whoever looks it
// up in the log of a firewall or proxy: RFC 4180, with a head. Source and destination
// are those of the packets: behind a proxy the destination is the proxy, and host the
// name that was asked for. Cells that a spreadsheet would take for a formula are
// quoted with an apostrophe.
func CSV(w io.Writer, reports ...*report.Report) error {
	var b strings.Builder
	if err := CSVHead(&b); err != nil {
		return err
	}
	for _, r := range reports {
		if err := CSVRows(&b, r); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// CSVHead writes the names of the columns.
func CSVHead(w io.Writer) error { return csvLines(w, [][]string{csvHead}) }

// CSVRows writes the rows of one report, without the head.
func CSVRows(w io.Writer, r *report.Report) error {
	rows := csvRows(r)
	for _, row := range rows {
		for i := range row {
			row[i] = harmless(row[i])
		}
	}
	return csvLines(w, rows)
}

func csvLines(w io.Writer, rows [][]string) error {
	c := csv.NewWriter(w)
	c.UseCRLF = true
	if err := c.WriteAll(rows); err != nil {
		return err
	}
	return c.Error()
}

func csvRows(r *report.Report) [][]string {
	var out [][]string
	read, device := Read(r), deviceCells(r.Device)
	for i, res := range r.Results {
		expected, asked := expectedClosed(r.Verdict, res)
		for _, s := range res.Steps {
			for _, a := range failedAttempts(r, res, s) {
				needed := "no"
				if read.Paths[i].Matters && !asked {
					needed = "yes"
				}
				from, fromPort := split(a.local)
				to, toPort := split(a.remote)
				who := a.cause.ActorAt(s.Hop)
				if s.Stage == res.Stage && s.Hop == res.Hop && res.Actor != "" {
					who = res.Actor
				}
				if asked { // nobody is to open it
					a.seen, who = "closed as expected: "+a.seen, ""
				}
				out = append(out, []string{rfc3339(a.at), from, fromPort, to, toPort, res.Host + ":" +
					strconv.Itoa(res.Port), string(res.Protocol), res.Route,
					string(s.Hop), string(s.Stage), string(a.cause), a.seen, needed, string(who), device[0], device[1],
					wayOfResult(r, res.ID)})
			}
		}
		if asked && expected.State != report.PathClosed {
			out = append(out, append(append(openRow(r, res, expected.State), device...), ""))
		}
	}
	return out
}

// wayOfResult is the letter of the way that a failure belongs to, where one of several is
// enough.
func wayOfResult(r *report.Report, id string) string {
	var out []string
	for _, a := range r.Advice {
		if a.OrInstead != "" && slices.Contains(a.Results, id) && !slices.Contains(out, a.Way) {
			out = append(out, a.Way)
		}
	}
	return strings.Join(out, " ")
}

// expectedClosed finds what came of a path that has to be closed; false for every other.
func expectedClosed(v report.Verdict, res report.Result) (report.Closed, bool) {
	i := slices.IndexFunc(v.Closed, func(c report.Closed) bool { return c.ResultID == res.ID })
	if i < 0 {
		return report.Closed{}, false
	}
	return v.Closed[i], true
}

// openRow is the row of a path that has to be closed and is not, which has no failure.
func openRow(r *report.Report, res report.Result, state report.PathState) []string {
	f := endpoints(r, res)
	from, fromPort := split(f.local)
	to, toPort := split(f.remote)
	return []string{rfc3339(orTime(f.at, r.StartedAt)), from, fromPort, to, toPort, res.Host + ":" +
		strconv.Itoa(res.Port), string(res.Protocol), res.Route,
		"", "", "", "expected to be closed, and " + string(state), "no", string(report.ActorFirewall)}
}

// rfc3339 keeps milliseconds, which logs have too.
func rfc3339(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

// attempt is one thing that was tried and failed.
type attempt struct {
	flow
	cause report.Cause
	seen  string
}

// failedAttempts takes a step apart: every address of a connect, every resolver.
func failedAttempts(r *report.Report, res report.Result, s report.Step) []attempt {
	at := time.Time{}
	if !r.StartedAt.IsZero() {
		at = r.StartedAt.Add(s.StartMs.Duration())
	}
	var out []attempt
	switch d := s.Detail.(type) {
	case *report.TCPDetail:
		for _, a := range d.Tried {
			if a.Status == report.Failed {
				out = append(out, attempt{flow{a.Local, a.Remote, orTime(d.At, at)}, a.Cause, seenAs(a.Cause, a.Errno)})
			}
		}
	case *report.DNSDetail:
		for _, a := range d.Resolvers {
			if s.Status == report.Failed && (a.Answer != "NOERROR" || len(a.Addresses) == 0) {
				out = append(out, attempt{flow{"", a.Resolver, orTime(when(d.At), at)}, s.Cause,
					strings.TrimSpace(a.Answer + " " + a.Error)})
			}
		}
	}
	if len(out) > 0 || s.Status != report.Failed {
		return out
	}
	f := flowOf(s.Detail)
	if s.Hop == res.Hop && s.Stage == res.Stage {
		f = endpoints(r, res)
	}
	f.at = orTime(f.at, at)
	return []attempt{{f, s.Cause, failedAs(res, s)}}
}

// failedAs is what was seen at a step, in words.
func failedAs(res report.Result, s report.Step) string {
	switch {
	case s.Summary != "":
		return s.Summary
	case res.Cause == s.Cause && res.Hop == s.Hop && res.Summary != "":
		return res.Summary
	}
	return s.Cause.Info().Title
}

func seenAs(c report.Cause, errno string) string {
	if errno == "" {
		return c.Info().Title
	}
	return c.Info().Title + " (" + errno + ")"
}

func orTime(t, other time.Time) time.Time {
	if t.IsZero() {
		return other
	}
	return t
}

// harmless keeps a spreadsheet from reading a cell as a formula (OWASP, "CSV
// injection"): the apostrophe makes it text.
func harmless(s string) string {
	s = Clean(s)
	if s != "" && strings.ContainsRune("=+-@|%", rune(s[0])) {
		return "'" + s
	}
	return s
}
