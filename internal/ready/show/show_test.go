package show

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"flag"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"edgenet/internal/ready"
	"edgenet/internal/sarif"
	"edgenet/report/render"
)

// answer is one of a device with one error, one warning, one unknown and one question, in
// texts that try to be markup, formulas and terminal codes.
func answer() *ready.Answer {
	rows := []ready.Row{
		{
			ID:      "cert.edge-ca",
			Group:   ready.GroupDevice,
			Status:  ready.Error,
			Actor:   "host",
			Summary: "<script>=1 expired",
			Remedy:  "Renew it.",
			Source:  "/etc/aziot/config.toml:7",
		},
		{
			ID:      "clock",
			Group:   ready.GroupDevice,
			Status:  ready.Warning,
			Actor:   "host",
			Summary: "=HYPERLINK(1)",
			Remedy:  "Set it.",
		},
		{
			ID:      "engine.api",
			Group:   ready.GroupDevice,
			Status:  ready.Unknown,
			Summary: "could not be read",
			Needs:   "root",
		},
		{ID: "hub.ttl", Group: ready.GroupHub, Status: ready.OK, Summary: "fine"},
		{ID: "management.plan", Group: ready.GroupManagement, Status: ready.Question, Summary: "Is there a plan?"},
	}
	agree := false
	return &ready.Answer{
		Schema:     ready.Schema,
		Tool:       "edgenet 1.2.3",
		StartedAt:  time.Unix(1, 0).UTC(),
		DurationMs: 12,
		Device:     ready.Device{Host: "gw"},
		Rows:       rows,
		Theirs: []ready.Their{
			{ID: "hostname", Result: "error", Ours: []string{"host.name"}, Agree: &agree, Why: "it compares"},
		},
		Verdict: ready.Verdict{Errors: 1, Warnings: 1, Unknown: 1, Questions: 1, First: "cert.edge-ca"},
	}
}

func write(t *testing.T, f func(io.Writer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := f(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestTextEndsWithWhatToDoFirst: whoever reads the end of the screen knows what to do.
func TestTextEndsWithWhatToDoFirst(t *testing.T) {
	t.Parallel()
	out := write(t, func(w io.Writer) error {
		return Text(w, answer(), Options{}, render.TextOptions{Width: 100, Unicode: true})
	})
	last := out[strings.LastIndex(strings.TrimSpace(out), "\n\n"):]
	if !strings.Contains(last, "Not ready") || !strings.Contains(last, "First, you, on the device (cert.edge-ca)") ||
		!strings.Contains(last, "Renew it.") {
		t.Errorf("the end is %q", last)
	}
	if strings.Index(out, "DEVICE") < strings.Index(out, "QUESTIONS") {
		t.Error("what asks for something is not at the end, where a terminal stops")
	}
	for _, want := range []string{"Is there a plan?", "root: engine.api", "hub.ttl", "it compares", "differs"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
	odd := answer()
	odd.Rows, odd.Verdict = odd.Rows[1:], ready.Verdict{Ready: true, Warnings: 1, First: "clock"}
	out = write(t, func(w io.Writer) error { return Text(w, odd, Options{}, render.TextOptions{Unicode: true}) })
	if !strings.Contains(out, "\n! No error was found, and 1 warning.") {
		t.Errorf("a warning is told as if all were well:\n%s", out)
	}
	good := answer()
	good.Rows, good.Verdict = good.Rows[3:], ready.Verdict{Ready: true, Questions: 1}
	if s := Sentence(good); !strings.HasPrefix(s, "Nothing wrong") {
		t.Error(s)
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	var a map[string]any
	if err := json.Unmarshal([]byte(write(t, func(w io.Writer) error { return JSON(w, answer()) })), &a); err != nil {
		t.Fatal(err)
	}
	for _, k := range []string{"schema", "tool", "startedAt", "durationMs", "device", "rows", "theirs", "verdict"} {
		if a[k] == nil {
			t.Errorf("no %s", k)
		}
	}
}

func TestCSV(t *testing.T) {
	t.Parallel()
	lines, err := csv.NewReader(strings.NewReader(write(t, func(w io.Writer) error { return CSV(w, answer()) }))).
		ReadAll()
	if err != nil || len(lines) != 6 || lines[2][5] != "'=HYPERLINK(1)" {
		t.Errorf("%v, %v", lines, err)
	}
}

func TestJUnit(t *testing.T) {
	t.Parallel()
	for strict, failures := range map[bool]int{false: 1, true: 2} {
		var s suites
		if err := xml.Unmarshal([]byte(write(t,
			func(w io.Writer) error { return JUnit(w, answer(), Options{Strict: strict}) })), &s); err != nil {
			t.Fatal(err)
		}
		if s.Tests != 5 || s.Failures != failures || s.Skipped != 2 {
			t.Errorf("%+v", s)
		}
	}
}

func TestSARIF(t *testing.T) {
	t.Parallel()
	var l sarif.Log
	if err := json.Unmarshal([]byte(write(t, func(w io.Writer) error { return SARIF(w, answer()) })), &l); err != nil {
		t.Fatal(err)
	}
	r := l.Runs[0].Results
	if len(r) != 3 || r[0].Level != "error" || r[2].Kind != "open" || r[0].Locations[0].Physical.Region.Line != 7 ||
		l.Runs[0].Tool.Driver.Rules[r[0].Index].ID != r[0].Rule {
		t.Errorf("%+v", r)
	}
	for source, is := range map[string]bool{"/etc/aziot/config.toml": true, "d.json:3": true,
		"aziot-edged --version": false, "/var/run/docker.sock GET /info": false, "/run/docker.sock": false} {
		if ok := location(source) != nil; ok != is {
			t.Errorf("%s: %v", source, ok)
		}
	}
}

func TestPageShowsTextsAsTexts(t *testing.T) {
	t.Parallel()
	out := write(t, func(w io.Writer) error { return HTML(w, answer(), Options{}) })
	if strings.Contains(out, "<script>") || !strings.Contains(out, "&lt;script&gt;=1 expired") {
		t.Error("markup of others is markup")
	}
	if !strings.Contains(out, "Content-Security-Policy") ||
		strings.Contains(out, "%") && strings.Contains(out, "<td class=\"%\"") {
		t.Error("the page is not whole")
	}
	if md := write(t, func(w io.Writer) error { return Markdown(w, answer(), Options{}) }); !strings.Contains(
		md,
		"cert.edge-ca",
	) {
		t.Error(md)
	}
}

var update = flag.Bool("update", false, "write docs/ready.md anew")

// TestPageOfRules: docs/ready.md says what the table says.
func TestPageOfRules(t *testing.T) {
	t.Parallel()
	const file = "../../../docs/ready.md"
	want := RulesMarkdown()
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil { //nolint:gosec // a page for everybody
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil || string(got) != want {
		t.Errorf("docs/ready.md is not what the table says: go test ./internal/ready/show -update (%v)", err)
	}
	for _, r := range ready.Rules() {
		if strings.Count(want, "### `"+r.ID+"`\n") != 1 {
			t.Errorf("%s is not there once", r.ID)
		}
	}
}
