package logs_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"html"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/rogpeppe/go-internal/txtar"

	"edgenet/internal/logs"
	"edgenet/internal/logs/pattern"
)

// lines applies f to every line.
func lines(f func(i int, line string) string) func(string) string {
	return func(text string) string {
		var b strings.Builder
		for i, l := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
			b.WriteString(f(i, l))
			b.WriteByte('\n')
		}
		return b.String()
	}
}

// tac turns the lines round, as journalctl -r and people do.
func tac(text string) string {
	l := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	slices.Reverse(l)
	return strings.Join(l, "\n") + "\n"
}

var headRE = regexp.MustCompile(`^(?:<\d>)? ?\d{4}-\d\d-\d\d[T ]|^[A-Z][a-z]{2} \d\d \d\d:`)

// newestFirst turns records round, and leaves the lines of each in place.
func newestFirst(text string) string {
	var records []string
	for _, l := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if headRE.MatchString(l) || len(records) == 0 {
			records = append(records, l)
		} else {
			records[len(records)-1] += "\n" + l
		}
	}
	slices.Reverse(records)
	return strings.Join(records, "\n") + "\n"
}

func asUTF16(text string) string {
	var b bytes.Buffer
	b.WriteString("\xff\xfe")
	for _, u := range utf16.Encode([]rune(text)) {
		_ = binary.Write(&b, binary.LittleEndian, u)
	}
	return b.String()
}

func gzipped(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(text))
	_ = z.Close()
	return b.String()
}

func jsonFile(_ int, l string) string {
	p, _ := json.Marshal(map[string]string{"log": l + "\n", "stream": "stdout"})
	return strings.Replace(string(p), `{"log"`, `{"log"`, 1)
}

var stampRE = regexp.MustCompile(`(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?) ?([+-]\d\d:\d\d|Z)`)

// stamped puts the moment of each line before it, as engines do.
func stamped(after string) func(string) string {
	return func(text string) string {
		at := "2018-01-01T00:00:00Z"
		return lines(func(_ int, l string) string {
			if g := stampRE.FindStringSubmatch(l); g != nil {
				if m, err := time.Parse(time.RFC3339Nano, g[1]+"T"+g[2]+g[3]); err == nil {
					at = m.UTC().Format("2006-01-02T15:04:05.000000000Z")
				}
			}
			return at + " " + after + l
		})(text)
	}
}

// frames wraps lines as an engine's API sends them.
func frames(text string) string {
	var b strings.Builder
	for l := range strings.Lines(text) {
		b.WriteString("\x01\x00\x00\x00")
		_ = binary.Write(&b, binary.BigEndian, uint32(len(l)))
		b.WriteString(l)
	}
	return b.String()
}

// transforms are what happens to logs on their way to who reads them. Whole says that no
// line is lost.
var transforms = []struct {
	name  string
	do    func(string) string
	plain bool // only of what is not wrapped yet
}{
	{"quoted", lines(func(_ int, l string) string { return "> " + l }), false},
	{"indented", lines(func(_ int, l string) string { return "    " + l }), false},
	{"crlf", lines(func(_ int, l string) string { return l + "\r" }), false},
	{"utf-16", asUTF16, false},
	{"gz", gzipped, false},
	{"entities", lines(func(_ int, l string) string { return html.EscapeString(l) }), false},
	{"colours", lines(func(_ int, l string) string { return "\x1b[37m" + l + "\x1b[0m" }), false},
	{"fenced", func(s string) string {
		return "Hello, my device is offline, please help.\n\n```\n" + s + "```\n\nThanks!\n"
	}, false},
	{"each line twice", lines(func(_ int, l string) string { return l + "\n" + l }), false},
	{"the file twice", func(s string) string { return s + s }, false},
	{"line by line the other way round", tac, false},
	{"newest first", newestFirst, false},
	{"json-file", lines(jsonFile), true},
	{"docker logs -t", stamped(""), true},
	{"cri", stamped("stdout F "), true},
	{"frames", frames, true},
	{"compose", lines(func(_ int, l string) string { return "box-1  | " + l }), true},
	{"bad bytes", lines(func(_ int, l string) string { return l + "\xff\xfe" }), false},
	{"begins in the middle", func(s string) string { return "   at Some.Frame(String s)\n   at Other.Frame()\n" + s },
		false},
	{"last line cut", func(s string) string { return strings.TrimSuffix(s, "\n") + "\n<6> 2026-01-0" }, false},
}

// TestTransforms reads each thread in every form in which it may come, and wants the same
// answer as of the plain one.
func TestTransforms(t *testing.T) {
	t.Parallel()
	names, _ := filepath.Glob("testdata/*/*.txtar")
	for _, name := range names {
		a, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		plain := map[string]string{}
		for _, f := range a.Files {
			plain[f.Name] = string(f.Data)
		}
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			want, err := read(t, plain, logs.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, tr := range transforms {
				if strings.Contains(name, "/exports/") && !slices.Contains([]string{"crlf", "utf-16", "gz"}, tr.name) {
					continue // a table whose lines are turned round or quoted is no table
				}
				files := map[string]string{}
				for n, text := range plain {
					if tr.plain && (strings.Contains(name, "/pasted/") || strings.Contains(name, "/blind/") || strings.Contains(n, "journal") || strings.Contains(n, "aziot") ||
						strings.Contains(text, " box1 ")) {
						files = nil
						break
					}
					files[n] = tr.do(text)
				}
				if files == nil {
					continue
				}
				got, err := read(t, files, logs.Options{})
				if err != nil {
					t.Errorf("%s: %v", tr.name, err)
					continue
				}
				same(t, tr.name, got, want)
			}
		})
	}
}

// same compares answers: state, cause and certainty, and that nothing became more certain.
func same(t *testing.T, name string, got, want *logs.Report) {
	t.Helper()
	g, w := &got.Conclusion, &want.Conclusion
	if g.State != w.State || g.Component != w.Component || text(g) != text(w) || g.Certainty != w.Certainty {
		t.Errorf("%s: %s %s %s %s, want %s %s %s %s (%s %s)", name, g.State, g.Component, text(g), g.Certainty, w.State,
			w.Component, text(w), w.Certainty, got.Inputs[0].Order, got.Inputs[0].Format)
	}
	for _, f := range got.Findings {
		i := slices.IndexFunc(want.Findings, func(o logs.Finding) bool { return o.Code == f.Code })
		if i < 0 && f.Certainty == pattern.Proves {
			t.Errorf("%s: %s is new, and called proved: %s", name, f.Code, f.Summary)
		}
	}
}

func text(c *logs.Conclusion) string {
	if c.Cause == nil {
		return fmt.Sprint("one of ", len(c.Candidates))
	}
	return string(*c.Cause)
}
