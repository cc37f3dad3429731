package logs_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"edgenet/internal/logs"
	"edgenet/internal/logs/pattern"
	"edgenet/internal/logs/source"
	"edgenet/internal/logs/story"
	"edgenet/report"
)

// read writes the files into a folder and reads it; a single file is read by itself.
func read(t testing.TB, files map[string]string, o logs.Options) (*logs.Report, error) {
	t.Helper()
	dir, err := os.MkdirTemp("", "logs")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // at once: there are thousands, and none has to reach the disk
	paths := []string{}
	nested := false
	for name, text := range files {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		nested = nested || strings.Contains(name, "/")
		paths = append(paths, p)
	}
	if slices.Sort(paths); nested {
		paths = []string{dir}
	}
	set, err := source.Open(paths, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = set.Close() }()
	return logs.Read(context.Background(), set, o)
}

// TestThreads reads what public threads showed, written anew, and compares with how each
// thread ended: the same cause, with no more certainty than its log allows.
func TestThreads(t *testing.T) {
	t.Parallel()
	each(t, "threads", 36)
}

// TestTraps reads logs that mislead whoever does not know the rule that the name says.
func TestTraps(t *testing.T) {
	t.Parallel()
	each(t, "traps", 20)
}

// TestPasted reads what people put into tickets: other languages, consoles, chats, newest first, cut. What each has to
// give was written down before it was read for the first time.
func TestPasted(t *testing.T) {
	t.Parallel()
	each(t, "pasted", 20)
}

// TestBlind reads logs that were written by somebody who had not seen this program, as support gets them, with the true
// cause of each written down first. What the first reading got right without a change is not kept here.
func TestBlind(t *testing.T) {
	t.Parallel()
	each(t, "blind", 62)
}

// TestExports reads what platforms that collect logs give out: tables and large JSONs.
func TestExports(t *testing.T) {
	t.Parallel()
	each(t, "exports", 4)
}

// TestOtherPrograms: logs of other programs alone are refused for what they are, with what to collect.
func TestOtherPrograms(t *testing.T) {
	t.Parallel()
	for text, names := range map[string]string{
		"1732711201: mosquitto version 2.0.18 starting\n2026-11-27T12:41:20Z E! [outputs.influxdb_v2] Post " +
			"\"http://influx.lan:8086/api/v2/write\": dial tcp 192.168.30.10:8086: connect: connection refused\n" +
			"2026-11-27T12:41:21Z I! Telegraf ends\n": "mosquitto, Telegraf",
		"Nov 24 10:12:44 box nginx[12]: connect() failed (111: Connection refused)\n" +
			"Nov 24 10:12:45 box cron[13]: (root) CMD\n": "nginx, cron",
	} {
		_, err := read(t, map[string]string{"a.log": text}, logs.Options{})
		if !errors.Is(err, logs.ErrNoLog) || !strings.Contains(err.Error(), "lines of "+names) ||
			!strings.Contains(err.Error(), "support-bundle") {
			t.Errorf("got %v", err)
		}
	}
}

// TestExportOfOtherColumns: a table whose column of texts is not known is refused for what it is.
func TestExportOfOtherColumns(t *testing.T) {
	t.Parallel()
	_, err := read(t, map[string]string{"t.csv": "When,Host,Pod,Payload\n2024-01-01,a,b,\"<6> 2024-10-07 18:57:39.002 " +
		"+00:00 [INF] - Edge agent attempting to connect to IoT Hub via Amqp_Tcp_Only...\"\n"}, logs.Options{})
	if err == nil || !strings.Contains(err.Error(), "cut that column out") {
		t.Errorf("got %v", err)
	}
}

// TestReal reads what aziot-identityd and aziot-edged 1.6.0 wrote in networks with these
// faults, against a lab (testdata of internal/ready has what the runtime's check said there).
// In those of lab-device the first two requests of identityd fail, which the healthy one
// outlives; those named dps- are of a device that is provisioned by DPS, by way of a proxy.
func TestReal(t *testing.T) {
	t.Parallel()
	each(t, "real", 9)
}

func each(t *testing.T, folder string, least int) {
	t.Helper()
	names, err := filepath.Glob("testdata/" + folder + "/*.txtar")
	if err != nil || len(names) < least {
		t.Fatalf("%d files, %v", len(names), err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files := map[string]string{}
			for _, f := range a.Files {
				files[f.Name] = string(f.Data)
			}
			r, err := read(t, files, logs.Options{})
			if err != nil {
				t.Fatal(err)
			}
			hold(t, r, string(a.Comment))
		})
	}
}

// hold compares a report with lines of "what: value".
func hold(t *testing.T, r *logs.Report, want string) {
	t.Helper()
	c := r.Conclusion
	cause := "-"
	if c.Cause != nil {
		cause = string(*c.Cause)
	}
	for line := range strings.Lines(want) {
		what, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		got := ""
		switch what {
		case "state":
			got = string(c.State)
		case "component":
			got = c.Component
		case "cause":
			got = cause
		case "certainty":
			got = string(c.Certainty)
		case "hop":
			got = string(c.Hop)
		case "exit":
			got = strconv.Itoa(r.ExitCode())
		case "candidates":
			for _, w := range strings.Fields(value) {
				if !slices.Contains(c.Candidates, report.Cause(w)) {
					t.Errorf("candidates %v lack %s", c.Candidates, w)
				}
			}
			continue
		case "actor":
			got = string(c.Actor)
		case "closed", "says", "unsaid", "remedy":
			words(t, r, what, value)
			continue
		case "nowhere":
			nowhere(t, r, value)
			continue
		case "notup":
			notUp(t, r, value)
			continue
		case "shown":
			got = shownBy(r)
		case "summary":
			if !strings.Contains(c.Summary, value) {
				t.Errorf("%q does not say %q", c.Summary, value)
			}
			continue
		case "confirm":
			got = c.ConfirmWith
		case "hides":
			if all, err := json.Marshal(r); err != nil || strings.Contains(string(all), value) {
				t.Errorf("%q stands in the report (%v)", value, err)
			}
			continue
		case "findings", "not", "proved":
			findings(t, r, what, value)
			continue
		case "neverproved":
			for _, e := range r.Events {
				if e.Certainty == pattern.Proves && e.Cause != nil && string(*e.Cause) == value {
					t.Errorf("%s is called proved by %s", value, e.Text)
				}
			}
			continue
		case "":
			continue
		default:
			t.Fatalf("unknown expectation %q", what)
		}
		if got != value {
			t.Errorf("%s is %q, want %q (%s; %v)", what, got, value, c.Summary, c.Findings)
		}
	}
}

// words wants the answer to leave causes no longer open, and a sentence to stand, or not to stand, in what follows.
func words(t *testing.T, r *logs.Report, what, value string) {
	t.Helper()
	if what == "closed" {
		for _, w := range strings.Fields(value) {
			if slices.Contains(r.Conclusion.Candidates, report.Cause(w)) {
				t.Errorf("the answer leaves %s open", w)
			}
		}
		return
	}
	if what == "remedy" {
		if !strings.Contains(r.Conclusion.Remedy, value) {
			t.Errorf("the remedy is %q, want %q", r.Conclusion.Remedy, value)
		}
		return
	}
	said := slices.ContainsFunc(r.Findings, func(f logs.Finding) bool { return strings.Contains(f.Summary, value) })
	if said != (what == "says") {
		t.Errorf("%s: %q: %v", what, value, r.Findings)
	}
}

// nowhere wants no line, and no conclusion, to name the causes or to leave them open.
func nowhere(t *testing.T, r *logs.Report, value string) {
	t.Helper()
	for _, w := range strings.Fields(value) {
		for _, e := range r.Events {
			if e.Cause != nil && string(*e.Cause) == w || slices.Contains(e.Candidates, report.Cause(w)) {
				t.Errorf("%s is told by %s", w, e.Text)
			}
		}
		if slices.Contains(r.Conclusion.Candidates, report.Cause(w)) {
			t.Errorf("the answer leaves %s open", w)
		}
	}
}

// notUp wants a component's way not to stand at the end, and never to have stood.
func notUp(t *testing.T, r *logs.Report, who string) {
	t.Helper()
	for _, u := range r.Upstream {
		for _, sp := range u.Spans {
			if u.Component == who && sp.State == story.Connected {
				t.Errorf("%s is called connected by line %d", who, sp.Line)
			}
		}
	}
}

// shownBy is the pattern of the line that shows the conclusion.
func shownBy(r *logs.Report) string {
	for _, e := range r.Events {
		if e.ID == r.Conclusion.Event {
			return e.Pattern
		}
	}
	return ""
}

func findings(t *testing.T, r *logs.Report, what, value string) {
	t.Helper()
	for _, w := range strings.Fields(value) {
		i := slices.IndexFunc(r.Findings, func(f logs.Finding) bool { return string(f.Code) == w })
		switch {
		case what == "not" && i >= 0:
			t.Errorf("finding %s: %s", w, r.Findings[i].Summary)
		case what != "not" && i < 0:
			t.Errorf("findings %v lack %s", r.Conclusion.Findings, w)
		case what == "proved" && r.Findings[i].Certainty != pattern.Proves:
			t.Errorf("%s is certain as %q", w, r.Findings[i].Certainty)
		}
	}
}
