package html

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"edgenet/internal/verify/sample"
	"edgenet/report"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func write(t testing.TB, r *report.Report, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func history() []Transition {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return []Transition{
		{At: at, To: "ok", Route: "direct", Protocol: "AMQP"},
		{At: at.Add(time.Hour), From: "ok", To: "down", Cause: "tcp.timeout", Route: "direct", Protocol: "AMQP",
			Duration: time.Hour},
		{At: at.Add(time.Hour + 84*time.Second), From: "down", To: "ok", Route: "proxy", Protocol: "AMQPWS",
			Duration: 84 * time.Second},
	}
}

// TestGolden holds the page of every sample against its file.
func TestGolden(t *testing.T) {
	for name, r := range sample.Reports() {
		o := Options{}
		if name == "mismatch" {
			o = Options{History: history(), Title: "the north plant"}
		}
		got, path := withoutStyle(write(t, r, o)), filepath.Join("testdata", name+".golden.html")
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s is not current (go test ./report/render/html -update rewrites it)", path)
		}
	}
}

// withoutStyle leaves out of a page what every page has alike.
func withoutStyle(s string) string {
	return sums.ReplaceAllString(style.ReplaceAllString(s, "<style>…</style>"), "sha256-…")
}

var sums = regexp.MustCompile(`sha256-[^ "]*?=`)

var style = regexp.MustCompile(`(?s)<style>(.*?)</style>`)

var script = regexp.MustCompile(`(?s)<script>(.*?)</script>`)

// TestPolicyAllowsTheStyleAndNothingElse computes what a browser would.
func TestPolicyAllowsTheStyleAndNothingElse(t *testing.T) {
	got := write(t, sample.Mismatch(), Options{History: history()})
	found := style.FindAllStringSubmatch(got, -1)
	if len(found) != 1 {
		t.Fatalf("%d style elements, want 1", len(found))
	}
	sum := sha256.Sum256([]byte(found[0][1]))
	hash := "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	scripts := script.FindAllStringSubmatch(got, -1)
	if len(scripts) != 1 {
		t.Fatalf("%d scripts, want 1", len(scripts))
	}
	sum = sha256.Sum256([]byte(scripts[0][1]))
	own := "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	for name, policy := range map[string]string{"header": ContentSecurityPolicy(), "element": policy()} {
		if !strings.Contains(policy, "default-src 'none'; style-src "+hash+"; script-src "+own+";") ||
			strings.Contains(policy, "unsafe") {
			t.Errorf("%s: %s", name, policy)
		}
	}
	if !strings.Contains(got, strings.ReplaceAll(hash, "'", "&#39;")) {
		t.Error("the page does not carry the policy")
	}
	for _, bad := range []string{" style=", " onclick=", "javascript:", "src=", "@import", "url(",
		"http-equiv=\"refresh\""} {
		if strings.Contains(got, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	if n := strings.Count(strings.ReplaceAll(got, "xmlns", ""),
		"://"); n != strings.Count(strings.Join(sampleURLs(sample.Mismatch()), ""), "://") {
		t.Errorf("%d addresses in the page, more than the report has", n)
	}
}

// sampleURLs are the addresses that the report itself shows.
func sampleURLs(r *report.Report) []string {
	var out []string
	for _, route := range r.Routes {
		out = append(out, route.URL)
	}
	return out
}

// TestMarkupStaysText puts markup wherever a stranger can write.
func TestMarkupStaysText(t *testing.T) {
	clean := strings.Count(write(t, sample.HostileWith("x"), Options{}), "<")
	for _, evil := range []string{"<b>x", "\"><b onload=1>", "'><script>alert(1)</script>", "</style><script>",
		"</title><script>", "{{.}}<!--", "]]><svg onload=1>", "javascript:alert(1)", "\u202e<i>", "%", "%%<b>%s",
		"<\x00script>"} {
		h := []Transition{{From: evil, To: evil, Cause: evil, Route: evil, Protocol: evil}}
		base := strings.Count(write(t, sample.HostileWith("x"),
			Options{Title: "x", History: []Transition{{From: "x", To: "x", Cause: "x", Route: "x", Protocol: "x"}}}),
			"<")
		got := write(t, sample.HostileWith(evil), Options{Title: evil, History: h})
		if n := strings.Count(got, "<"); n != base || base <= clean {
			t.Errorf("%q: %d tags, want %d", evil, n, base)
		}
		if strings.ContainsAny(got, "\u202e\x00") {
			t.Errorf("%q left its mark", evil)
		}
	}
}

func TestNoSecretAndNoHistoryByDefault(t *testing.T) {
	got := write(t, sample.AllOK(), Options{})
	if strings.Contains(got, "History") || !strings.Contains(got, "<title>Works: contoso.azure-devices.net</title>") {
		t.Error("zero options")
	}
}

func TestVerdictComesFirst(t *testing.T) {
	for name, r := range sample.Reports() {
		got := write(t, r, Options{})
		verdict, matrix, steps := strings.Index(got, `id="verdict"`), strings.Index(got, `id="paths"`),
			strings.Index(got, `id="steps"`)
		if verdict < 0 || verdict > matrix || matrix > steps {
			t.Errorf("%s: verdict at %d, matrix at %d, steps at %d", name, verdict, matrix, steps)
		}
	}
}

// TestContainerHasItsSection: after the host's paths, and only where there was one.
func TestContainerHasItsSection(t *testing.T) {
	const head = `<h2 id="container">From a container on `
	if strings.Contains(write(t, sample.AllOK(), Options{}), head) {
		t.Error("a container without one")
	}
	got := write(t, sample.InContainer(), Options{})
	if paths, at, steps := strings.Index(got, `id="paths"`), strings.Index(got, head+"azure-iot-edge<"),
		strings.Index(got, `id="steps"`); at < paths || at > steps {
		t.Errorf("paths at %d, container at %d, steps at %d", paths, at, steps)
	}
	same := sample.InContainer()
	same.Container.Differences, same.Vantage = nil, nil
	if got := write(t, same, Options{}); !strings.Contains(got, "No path goes otherwise") ||
		strings.Contains(got, "Table of host") {
		t.Error("nothing differs")
	}
	if got := write(t, sample.NoContainer(), Options{}); !strings.Contains(got,
		"Nothing came from the container:</b> the container did not end") {
		t.Error("no word of why nothing came")
	}
}

func TestEmptyReportIsAPage(t *testing.T) {
	if got := write(t, &report.Report{}, Options{}); !strings.Contains(got, "</html>") {
		t.Error(got)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestWriteError(t *testing.T) {
	if err := Write(broken{}, sample.AllOK(), Options{}); err == nil {
		t.Error("no error")
	}
}

func FuzzWrite(f *testing.F) {
	f.Add("<script>alert(1)</script>")
	f.Add("\"'`<!--\u2028\xff")
	want := strings.Count(write(f, sample.HostileWith("x"), Options{}), "<")
	f.Fuzz(func(t *testing.T, s string) {
		if report.Clean(s, 0) == "" {
			return
		}
		got := write(t, sample.HostileWith(s), Options{})
		if n := strings.Count(got, "<"); n != want {
			t.Errorf("%d tags, want %d", n, want)
		}
	})
}
