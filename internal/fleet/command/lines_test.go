package command

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/fleet"
	"edgenet/report"
)

func answer(id string) string {
	return `{"schema":"` + report.Schema + `","device":{"id":"` + id + `"}}`
}

func silence(id string) string {
	return `{"schema":"` + fleet.CheckSchema + `","device":{"id":"` + id + `"},"error":"no"}`
}

// TestLinesGoOn: what answered is not asked again, a line that a kill cut off goes, and a
// file of somebody else stays as it is.
func TestLinesGoOn(t *testing.T) {
	t.Parallel()
	two, pretty := answer("a")+"\n"+silence("b")+"\n", "{\n  \"schema\": \""+report.Schema+"\"\n}"
	long := "{" + strings.Repeat(" ", longestLine)
	for name, c := range map[string]struct {
		was, stays string
		answered   []string
		refused    bool
	}{
		"empty":            {"", "", nil, false},
		"whole":            {two, two, []string{"a"}, false},
		"cut":              {two + answer("c")[:30], two, []string{"a"}, false},
		"no end":           {two + answer("c"), two + answer("c") + "\n", []string{"a", "c"}, false},
		"notes":            {"my notes", "my notes", nil, true},
		"lines of notes":   {"my\nnotes\n", "my\nnotes\n", nil, true},
		"a pretty report":  {pretty, pretty, nil, true},
		"another JSON":     {"{\"a\":1}\n", "{\"a\":1}\n", nil, true},
		"a long line":      {long, long, nil, true},
		"JSON on one line": {`{"a":1}`, `{"a":1}`, nil, true}, "its beginning": {`{"precious":`, `{"precious":`, nil, true},
		"JSON at the end": {two + `{"a":1}`, two + `{"a":1}`, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "lines")
			if err := os.WriteFile(path, []byte(c.was), 0o600); err != nil {
				t.Fatal(err)
			}
			l, err := openLines(t.Context(), &console.Console{}, path)
			if (err != nil) != c.refused || err != nil && exit.Code(err) != exit.Usage {
				t.Fatalf("got %v", err)
			}
			more := ""
			if err == nil {
				var got []string
				for id := range l.answered {
					got = append(got, id)
				}
				if slices.Sort(got); !slices.Equal(got, c.answered) {
					t.Errorf("answered: %v, want %v", got, c.answered)
				}
				more = "{}\n"
				if _, err := l.Write([]byte(more)); err != nil || l.Close() != nil {
					t.Fatal(err)
				}
			}
			text, err := os.ReadFile(path)
			if err != nil || string(text) != c.stays+more {
				t.Errorf("%v, holds %.200q", err, text)
			}
		})
	}
}

// TestLinesElsewhere: standard output, and what cannot be written.
func TestLinesElsewhere(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	l, err := openLines(t.Context(), &console.Console{Stdout: &out}, "-")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Write([]byte("x")); err != nil || l.Close() != nil || out.String() != "x" {
		t.Errorf("%v, %q", err, out.String())
	}
	for _, path := range []string{t.TempDir(), filepath.Join(t.TempDir(), "none", "f")} {
		if _, err := openLines(t.Context(), &console.Console{}, path); exit.Code(err) != exit.Usage {
			t.Errorf("%s: %v", path, err)
		}
	}
}
