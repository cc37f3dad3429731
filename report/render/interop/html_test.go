//go:build interop

package interop

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"edgenet/internal/verify/blackbox"
	"edgenet/internal/verify/sample"
	"edgenet/report"
	"edgenet/report/render"
	"edgenet/report/render/html"
	"edgenet/report/watch"
)

// pages writes the page of every sample, and of one full of markup, into a folder.
func pages(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	reports := sample.Reports()
	reports["markup"] = sample.HostileWith(`"><script>alert(1)</script><img src=http://127.0.0.1:9/x onerror=alert(2)>`)
	reports["empty"] = &report.Report{}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	o := html.Options{History: []html.Transition{
		{At: at, To: "ok", Route: "direct", Protocol: "AMQP"},
		{At: at.Add(time.Hour), From: "ok", To: "down", Cause: "tcp.timeout", Route: "direct", Protocol: "AMQP",
			Duration: time.Hour},
		{At: at.Add(2 * time.Hour), From: "<b>down", To: "<script>", Route: "proxy", Protocol: "AMQPWS",
			Duration: time.Hour},
	}}
	o.Watch, o.Reload = timeline(at), time.Minute
	o.Facts = []render.Fact{{Name: "edgeHub", Value: "connected"}}
	var out []string
	for name, r := range reports {
		if o.Title = ""; name == "markup" {
			o.Title = name // the validator counts a title's entities letter by letter
		}
		var b bytes.Buffer
		if err := html.Write(&b, r, o); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name+".html")
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		out = append(out, path)
	}
	var b bytes.Buffer
	if err := html.Sheet(&b, render.Ticket(sample.Nothing(), report.ActorFirewall), "edgenet"); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "ticket.html")
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return append(out, path)
}

// timeline is a month with an outage of every kind.
func timeline(at time.Time) *watch.Timeline {
	var points []watch.Point
	for h := range 30 * 24 {
		p := watch.Point{At: watch.Moment{At: at.Add(time.Duration(h) * time.Hour)}, Status: watch.OK}
		switch {
		case h%97 == 5:
			p.Status, p.Cause = watch.Down, "tcp.timeout<b>"
		case h%50 == 7:
			p.Status = watch.Degraded
		case h > 300 && h < 340:
			continue
		}
		points = append(points, p)
	}
	return watch.Of(points)
}

// TestBrowser opens the pages in Chromium at phone and desktop widths, dark and light:
// no request to anywhere, no breach of the page's policy, no word of axe-core.
func TestBrowser(t *testing.T) {
	blackbox.Need(t, "chromium")
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal(err)
	}
	shots := os.Getenv("EDGENET_SHOTS")
	if shots == "" {
		shots = "-"
	}
	files := pages(t)
	// a page that breaks every rule shows that the checks see it
	bad := filepath.Join(t.TempDir(), "bad.html")
	if err := os.WriteFile(bad, []byte(`<!DOCTYPE html><html><head><meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src *"><title></title></head>
<body style="color:#ccc"><img src="http://127.0.0.1:9/x.png"><script>1</script><div style="width:3000px">wide</div></body></html>`), 0o644); err != nil {
		t.Fatal(err)
	}
	text, err := node(t, "browser.mjs", append([]string{chromium, shots, bad}, files...)...)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(lines) != len(files)+1 {
		t.Fatalf("%d pages were looked at, want %d", len(lines), len(files)+1)
	}
	for i, line := range lines {
		var said struct {
			File                                string
			Requests, Console, Violations, Wide []any
			Checked                             int
		}
		if err := json.Unmarshal([]byte(line), &said); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			if len(said.Requests) == 0 || len(said.Console) == 0 || len(said.Violations) == 0 {
				t.Errorf("the checks are blind: %s", line)
			}
			continue
		}
		if len(said.Requests)+len(said.Console)+len(said.Violations)+len(said.Wide) > 0 || said.Checked < 60 {
			t.Errorf("%s", line)
		}
	}
}

// TestHTMLValidator asks html-validate, with its recommended rules.
func TestHTMLValidator(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.html")
	if err := os.WriteFile(bad, []byte("<p><div></p>"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := node(t, "html-validate", bad); err == nil {
		t.Error("the validator finds nothing wrong in nonsense")
	}
	if text, err := node(t, "html-validate", pages(t)...); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
}
