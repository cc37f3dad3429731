package show

import (
	"bytes"
	"strings"
	"testing"

	"edgenet/internal/ready"
	"edgenet/report/render"
)

// TestWorstFirst: what is worst stands first in its group, a remedy that several rows share
// stands once, and a long summary does not hide what to do first.
func TestWorstFirst(t *testing.T) {
	t.Parallel()
	long := "no answer " + strings.Repeat("x", shortSummary)
	a := &ready.Answer{Rows: []ready.Row{
		{ID: "a.info", Group: ready.GroupNetwork, Status: ready.Info, Summary: "this too"},
		{ID: "b.warning", Group: ready.GroupNetwork, Status: ready.Warning, Actor: "host", Summary: "odd",
			Remedy: "Look."},
		{ID: "c.error", Group: ready.GroupNetwork, Status: ready.Error, Actor: "host", Summary: long,
			Remedy: "Open it."},
		{ID: "d.error", Group: ready.GroupNetwork, Status: ready.Error, Actor: "host", Summary: "and so",
			Remedy: "Open it."},
	}, Verdict: ready.Verdict{Errors: 2, Warnings: 1, First: "c.error"}}
	var text, page bytes.Buffer
	if err := Text(&text, a, Options{}, render.TextOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := HTML(&page, a, Options{}); err != nil {
		t.Fatal(err)
	}
	for form, got := range map[string]string{"text": text.String(), "page": page.String()} {
		last := -1
		for _, id := range []string{"c.error", "d.error", "b.warning", "a.info"} {
			body := got[strings.Index(got, "NETWORK"):]
			at := strings.Index(body, id)
			if at < last {
				t.Errorf("%s: %s stands before what is worse", form, id)
			}
			last = at
		}
		if n := strings.Count(got, "Open it."); n != 2 { // once at the rows, once as what to do first
			t.Errorf("%s: the remedy stands %d times", form, n)
		}
		if !strings.Contains(strings.Join(strings.Fields(got), " "), "First, you, on the device (c.error): Open it.") {
			t.Errorf("%s: what to do first is hidden", form)
		}
	}
}
