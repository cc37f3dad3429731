package inputs

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"edgenet/internal/verify/sample"
	"edgenet/report/render"
	"edgenet/report/watch"
)

func TestParseLines(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := render.JSONL(&b, sample.AllOK()); err != nil {
		t.Fatal(err)
	}
	beat := `{"schema":"edgenet.beat/1","at":"2026-01-02T03:05:05Z","status":"ok","durationMs":7}` + "\n"
	text := b.String() + beat
	list, err := ParseLines([]byte(text + `{"schema":"edgenet.be`)) // the power went off
	if err != nil || len(list) != 1 || len(list[0].Points) != 2 || list[0].Beats != 1 || list[0].Last == nil {
		t.Fatalf("%+v, %v", list, err)
	}
	if p := list[0].Points[1]; p.Status != watch.OK || p.Protocol != list[0].Points[0].Protocol {
		t.Errorf("a beat is %+v", p)
	}
	for name, c := range map[string]struct{ text, want string }{
		"cut in the middle": {`{"schema":` + "\n" + text, "line 1: not JSON"},
		"another schema":    {text + `{"schema":"x/1"}` + "\n", `line 3: its schema is "x/1"`},
		"nothing":           {"\n\n", "no report in it"},
	} {
		if _, err := ParseLines([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !Lines([]byte(text)) || Lines(b.Bytes()) || Lines([]byte("{\n}\n")) {
		t.Error("what is JSON lines, and what is one report")
	}
}

// A file of very many lines of very many hubs costs no more than its length.
func TestParseLinesIsBounded(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	for n := range maxHubs {
		fmt.Fprintf(&b, `{"schema":"edgenet.report/1","target":{"hub":"h%d"}}`+"\n", n)
	}
	for range 50_000 {
		b.WriteString(`{"schema":"edgenet.beat/1","at":"2026-01-02T03:05:05Z","status":"ok"}` + "\n")
	}
	list, err := ParseLines(b.Bytes())
	if err != nil || len(list) != maxHubs || len(list[7].Points) != 1 {
		t.Fatalf("%d hubs, %v", len(list), err)
	}
	b.WriteString(`{"schema":"edgenet.report/1","target":{"hub":"another"}}`)
	if _, err := ParseLines(b.Bytes()); err == nil || !strings.Contains(err.Error(), "more than 10000 hubs") {
		t.Errorf("got %v", err)
	}
}

func FuzzParseLines(f *testing.F) {
	f.Add([]byte(`{"schema":"edgenet.beat/1","at":"2026-01-02T03:05:05Z","status":"ok"}` + "\n" +
		`{"schema":"edgenet.report/1","target":{"hub":"a"}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		list, err := ParseLines(text)
		if err != nil {
			return
		}
		for _, w := range list {
			tl := watch.Of(w.Points)
			if a, ok := tl.Share(tl.Begin(), tl.End()).Availability(); ok && (a < 0 || a > 1) {
				t.Errorf("availability %v", a)
			}
		}
	})
}
