package render_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"edgenet/internal/logs"
	logsrender "edgenet/internal/logs/render"
	"edgenet/internal/logs/source"
	"edgenet/report"
	"edgenet/report/render"
)

// hostile is a log whose writer means ill, and knows secrets.
const hostile = "<6> 2024-11-05 10:30:40.000 +00:00 [INF] - Edge Hub Main()\n" +
	"<6> 2024-11-05 10:30:40.000 +00:00 [INF] - Initializing Edge Hub\n" +
	"<6> 2024-11-05 10:30:40.000 +00:00 [INF] - Version - 1.4<script>alert(1)</script>\n" +
	"<6> 2024-11-05 10:30:40.000 +00:00 [INF] - Detected proxy http://edge:hunter2:more@proxy.corp:3128/\n" +
	"<6> 2024-11-05 10:30:42.000 +00:00 [INF] - Attempting to connect to IoT Hub for client dev1/$edgeHub via AMQP " +
	"over WebSockets...\n" +
	"<4> 2024-11-05 10:30:43.000 +00:00 [WRN] - Error creating cloud connection for client dev1/$edgeHub\n" +
	"System.Net.Http.HttpRequestException: <b>\u202e</b> SharedAccessKey=hunter2secret=; \x07 | *x* `y` " +
	"(proxy.corp:3128)\n" +
	" ---> System.Net.Sockets.SocketException (111): Connection refused <img src=x> sig=hunter2\n" +
	"<6> 2024-11-05 12:30:42.000 +00:00 [INF] - Attempting to connect to IoT Hub for client dev1/$edgeHub via AMQP " +
	"over WebSockets...\n"

func read(t *testing.T, text string) *logs.Report {
	t.Helper()
	set, err := source.Open([]string{"-"}, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	r, err := logs.Read(context.Background(), set, logs.Options{Tool: report.Tool{Name: "edgenet", Version: "1"}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// everyForm draws a report in all ways.
func everyForm(t *testing.T, r *logs.Report) map[string]string {
	t.Helper()
	text := func(o render.TextOptions) func(io.Writer, *logs.Report) error {
		return func(w io.Writer, r *logs.Report) error { return logsrender.Text(w, r, o) }
	}
	out := map[string]string{}
	for name, write := range map[string]func(io.Writer, *logs.Report) error{"json": logsrender.JSON,
		"jsonl": logsrender.JSONL, "markdown": logsrender.Markdown, "html": logsrender.HTML,
		"text": text(render.TextOptions{}), "text -v": text(render.TextOptions{Verbose: true, Unicode: true,
			Width: 100}), "text -q": text(render.TextOptions{Quiet: true}),
		"narrow": text(render.TextOptions{Width: 40})} {
		var b bytes.Buffer
		if err := write(&b, r); err != nil {
			t.Fatal(err)
		}
		out[name] = b.String()
	}
	return out
}

func TestHostileTextStaysText(t *testing.T) {
	t.Parallel()
	r := read(t, hostile)
	if c := r.Conclusion; c.Cause == nil || *c.Cause != report.TCPRefused || c.Hop != report.HopProxy {
		t.Fatalf("%+v", c)
	}
	for name, out := range everyForm(t, r) {
		if strings.Contains(out, "hunter2") {
			t.Errorf("%s shows a secret", name)
		}
		for _, bad := range []string{"\x1b", "\x07", "\u202e"} {
			if strings.Contains(out, bad) {
				t.Errorf("%s holds %q", name, bad)
			}
		}
		if (name == "html" || name == "markdown") &&
			(strings.Contains(out, "<img") || strings.Contains(out, "<script")) {
			t.Errorf("%s holds a stranger's markup", name)
		}
		if name == "text" || name == "narrow" {
			for _, c := range out {
				if c > 0x7e {
					t.Errorf("%s is no ASCII: %q", name, c)
					break
				}
			}
		}
		if name == "narrow" {
			for l := range strings.Lines(out) {
				if len(strings.TrimSuffix(l, "\n")) > 60 &&
					!strings.Contains(l, "edgenet check") { // which is one to copy
					t.Errorf("a line of %d columns: %q", len(l), l)
				}
			}
		}
	}
}

func TestEveryFormTellsTheAnswer(t *testing.T) {
	t.Parallel()
	r := read(t, hostile)
	for name, out := range everyForm(t, r) {
		for _, want := range []string{"never reached", "tcp.refused", "edgenet check"} {
			if name == "text -q" && want != "never reached" || name == "jsonl" && want != "tcp.refused" ||
				name == "narrow" {
				continue
			}
			if !strings.Contains(out, want) {
				t.Errorf("%s lacks %q:\n%s", name, want, out)
			}
		}
	}
	var again logs.Report
	if err := json.Unmarshal([]byte(everyForm(t, r)["json"]), &again); err != nil || again.Schema != logs.Schema ||
		len(again.Events) != len(r.Events) {
		t.Errorf("JSON reads as %+v, %v", again, err)
	}
	page := everyForm(t, r)["html"]
	if _, err := html.Parse(strings.NewReader(page)); err != nil || strings.Count(page, "<svg") != 1 ||
		!strings.Contains(page, `class="trying"`) || strings.Contains(page, "<script") {
		t.Errorf("the page: %v", err)
	}
}

// TestBesideACheck puts what a probe found beside the log.
func TestBesideACheck(t *testing.T) {
	t.Parallel()
	r := read(t, hostile)
	r.Check = &report.Report{Schema: report.Schema,
		Results: []report.Result{{Protocol: report.AMQPWS, Route: "proxy", Status: report.Failed, Hop: report.HopProxy,
			Cause: report.TCPRefused}}, Verdict: report.Verdict{Reason: "nothing works"}}
	for name, out := range everyForm(t, r) {
		if name != "jsonl" && name != "text -q" && name != "narrow" && (!strings.Contains(out, "proxy/tcp.refused") &&
			name != "json" || !strings.Contains(out, "nothing works")) {
			t.Errorf("%s does not show the check:\n%s", name, out)
		}
	}
}
