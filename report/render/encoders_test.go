package render

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"io"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"edgenet/internal/verify/sample"
	"edgenet/report"
)

// forMany are the encoders that take several reports at once, by their files' ending.
func forMany() map[string]func(io.Writer, ...*report.Report) error {
	return map[string]func(io.Writer, ...*report.Report) error{"md": Markdown, "csv": CSV, "xml": JUnit,
		"prom": Prometheus}
}

func encoded(t testing.TB, encode func(io.Writer, ...*report.Report) error, reports ...*report.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b, reports...); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestEncodersGolden holds every format against the same reports.
func TestEncodersGolden(t *testing.T) {
	for name, r := range sample.Reports() {
		for ext, encode := range forMany() {
			golden(t, filepath.Join("testdata", name+"."+ext), encoded(t, encode, r))
		}
		for ext, encode := range map[string]func(io.Writer, *report.Report) error{"json": JSON, "jsonl": JSONL} {
			if strings.Contains(name, "hostile") {
				continue // TestJSON has it
			}
			golden(t, filepath.Join("testdata", name+"."+ext),
				encoded(t, func(w io.Writer, all ...*report.Report) error { return encode(w, all[0]) }, r))
		}
	}
}

func TestEncodersTakeSeveralReports(t *testing.T) {
	a, b := sample.AllOK(), sample.Nothing()
	b.Target.Hub = "fabrikam.azure-devices.net"
	for i := range b.Results {
		b.Results[i].Host = b.Target.Hub
	}
	for ext, encode := range forMany() {
		got := encoded(t, encode, a, b)
		if ext != "csv" && !strings.Contains(got, a.Target.Hub) || !strings.Contains(got, b.Target.Hub) {
			t.Errorf("%s: a hub is missing", ext)
		}
		if empty := encoded(t, encode, &report.Report{}); ext != "md" && strings.Contains(empty, "0001-01-01 00:00") {
			t.Errorf("%s: an empty report has a date: %s", ext, empty)
		}
	}
	if got := encoded(t, CSV, a, b); strings.Count(got, "time_utc") != 1 {
		t.Error("the head stands more than once")
	}
	if got := encoded(t, Prometheus, a, b); strings.Count(got, "# TYPE edgenet_path_up gauge") != 1 {
		t.Error("a metric is declared more than once")
	}
}

func TestEncodersReportWriteErrors(t *testing.T) {
	for ext, encode := range forMany() {
		if encode(broken{}, sample.Nothing()) == nil {
			t.Errorf("%s: no error", ext)
		}
	}
}

func rowsOf(t testing.TB, r *report.Report) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(encoded(t, CSV, r))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestCSVHasARowForEveryAddress: a name with several addresses is several lines in a
// firewall's log, and one that failed beside another that worked is one, too.
func TestCSVHasARowForEveryAddress(t *testing.T) {
	r := sample.AllOK()
	d := r.Results[0].Steps[1].Detail.(*report.TCPDetail)
	d.Tried = []report.TCPAttempt{
		{Local: "[2001:db8::7]:50212", Remote: "[2001:db8::9]:5671", Status: report.Failed,
			Cause: report.TCPUnreachable, Errno: "EHOSTUNREACH"},
		{Local: "192.0.2.7:50212", Remote: "203.0.113.9:5671", Status: report.OK},
		{Local: "192.0.2.7:50213", Remote: "203.0.113.10:5671", Status: report.Failed, Cause: report.TCPTimeout},
	}
	rows := rowsOf(t, r)
	if len(rows) != 3 {
		t.Fatalf("%d rows, want a head and 2: %q", len(rows), rows)
	}
	first := strings.Join(rows[1][:7], " ")
	if first != "2026-01-02T03:04:05.004Z 2001:db8::7 50212 2001:db8::9 5671 contoso.azure-devices.net:5671 AMQP" {
		t.Error(first)
	}
	if rows[1][12] != "no" || rows[2][3] != "203.0.113.10" || rows[2][10] != "tcp.timeout" ||
		!strings.Contains(rows[1][11], "EHOSTUNREACH") {
		t.Errorf("%q", rows)
	}
}

func TestCSVOfDNSNamesTheResolvers(t *testing.T) {
	r := sample.AllOK()
	res := &r.Results[0]
	at := time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC)
	res.Status, res.Hop, res.Stage, res.Cause, res.Steps = report.Failed, report.HopTarget, report.StageDNS,
		report.DNSTimeout, res.Steps[:1]
	res.Steps[0].Status, res.Steps[0].Cause = report.Failed, report.DNSTimeout
	res.Steps[0].Detail = &report.DNSDetail{At: &at,
		Resolvers: []report.ResolverAnswer{{Resolver: "10.0.0.53:53", Answer: "timeout"},
			{Resolver: "10.0.0.54:53", Answer: "timeout"}}}
	rows := rowsOf(t, r)
	if len(rows) != 3 || rows[1][3] != "10.0.0.53" || rows[2][3] != "10.0.0.54" || rows[1][4] != "53" ||
		rows[1][0] != "2026-01-02T03:04:06.000Z" {
		t.Errorf("%q", rows)
	}
}

func TestCSVHasNoFormulas(t *testing.T) {
	for _, evil := range []string{`=cmd|'/c calc'!A0`, "+1", "-1", "@SUM(1)", "\t=1", "\r\n=1", `%0A=1`, `|x`, `"=1"`} {
		for _, row := range rowsOf(t, sample.HostileWith(evil)) {
			for _, cell := range row {
				if cell != "" && strings.ContainsRune("=+-@|%\t\r\n", rune(cell[0])) {
					t.Errorf("%q gives the cell %q", evil, cell)
				}
			}
		}
	}
}

// TestJUnitBreaksABuildForWhatIsNeeded: what fails and is not needed is skipped.
func TestJUnitBreaksABuildForWhatIsNeeded(t *testing.T) {
	for name, want := range map[string][2]int{"all-ok": {0, 0}, "proxy-only": {0, 7}, "nothing": {9, 2},
		"partial": {1, 5}, "mismatch": {2, 1}, "intercepted": {5, 0}} {
		var doc struct {
			Suites []struct {
				Tests    int `xml:"tests,attr"`
				Failures int `xml:"failures,attr"`
				Skipped  int `xml:"skipped,attr"`
				Cases    []struct {
					Failure, Skipped *struct{}
				} `xml:"testcase"`
			} `xml:"testsuite"`
		}
		r := sample.Reports()[name]
		if err := xml.Unmarshal([]byte(encoded(t, JUnit, r)), &doc); err != nil {
			t.Fatal(err)
		}
		s := doc.Suites[0]
		if s.Tests != len(r.Results)+1 || len(s.Cases) != s.Tests {
			t.Errorf("%s: %d tests, %d cases, want %d", name, s.Tests, len(s.Cases), len(r.Results)+1)
		}
		if got := [2]int{s.Failures, s.Skipped}; got != want {
			t.Errorf("%s: %v failed and skipped, want %v", name, got, want)
		}
		if (s.Failures > 0) != (r.Verdict.ExitCode != 0) {
			t.Errorf("%s: %d failures, and exit code %d", name, s.Failures, r.Verdict.ExitCode)
		}
	}
}

var exposed = regexp.MustCompile(`^edgenet_[a-z_]+\{([a-z][A-Za-z0-9_]*="([^"\\]|\\\\|\\"|\\n)*",?)*\} [0-9.e+-]+$`)

func TestPrometheusSamples(t *testing.T) {
	for name, r := range sample.Reports() {
		seen := map[string]bool{}
		for l := range strings.Lines(encoded(t, Prometheus, r)) {
			if l = strings.TrimSuffix(l, "\n"); strings.HasPrefix(l, "# ") {
				continue
			}
			if !exposed.MatchString(l) {
				t.Errorf("%s: %q", name, l)
			}
			series := l[:strings.LastIndex(l, " ")]
			if seen[series] {
				t.Errorf("%s: %s stands twice", name, series)
			}
			seen[series] = true
		}
	}
	got := encoded(t, Prometheus, sample.Partial())
	if n := strings.Count(got, "edgenet_path_up{"); n != 5 {
		t.Errorf("%d paths have a sample, want the 5 that ran", n)
	}
}

func TestMark(t *testing.T) {
	for in, want := range map[string]string{
		"a_b _c_ *d*": `a_b \_c\_ \*d\*`, "<b>": `\<b>`, "[x](y)": `\[x\](y)`, "a|b": `a\|b`, "http://x": `http\://x`,
		"www.x.y": `www\.x.y`,
		"- x":     `\- x`, "1. x": `1\. x`, "12) x": `12\) x`, "# x": `\# x`, "&amp; & x": `\&amp; & x`,
		"a-b 1.2.3": "a-b 1.2.3", "`x`": "\\`x\\`", "$x$": `\$x\$`, "a\nb": "a b", "": "",
	} {
		if got := mark(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := code("a`|b"); got != "`a''b`" || code("") != "" {
		t.Error(got)
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{84 * time.Second: "84 s", 2 * time.Minute: "2 min",
		125 * time.Second: "2 min 5 s", time.Hour: "1 h", 84 * time.Minute: "1 h 24 min", 26 * time.Hour: "1 d 2 h",
		400 * time.Millisecond: "0 s"} {
		if got := Span(d); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}

var border = regexp.MustCompile(`(^|[^\\])\|`)

// FuzzEncoders: whatever a stranger wrote, every format stays what it is.
func FuzzEncoders(f *testing.F) {
	f.Add(sample.Evil)
	f.Add("\"'<]]>&\\\n=1|\u2028`")
	f.Fuzz(func(t *testing.T, s string) {
		r := sample.HostileWith(s)
		if rows := rowsOf(t, r); len(rows) != 7 { // the head, the failures, and the path that has to be closed
			t.Errorf("%d rows", len(rows))
		}
		if err := xml.Unmarshal([]byte(encoded(t, JUnit, r)), new(struct{})); err != nil {
			t.Error(err)
		}
		for l := range strings.Lines(encoded(t, Prometheus, r)) {
			if !strings.HasPrefix(l, "# ") && !exposed.MatchString(strings.TrimSuffix(l, "\n")) {
				t.Errorf("%q", l)
			}
		}
		columns := 0
		for l := range strings.Lines(encoded(t, Markdown, r)) {
			n := len(border.FindAllString(l, -1))
			if columns > 0 && n != columns && n > 0 {
				t.Errorf("%d columns, want %d: %q", n, columns, l)
			}
			columns = n
		}
	})
}
