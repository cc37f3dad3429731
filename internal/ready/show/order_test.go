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
		want := "First: c.error. Open it."
		if form == "text" {
			want = "1. Open it. c.error"
		}
		if !strings.Contains(strings.Join(strings.Fields(got), " "), want) {
			t.Errorf("%s: what to do first is hidden", form)
		}
	}
}

// Below the verdict stand the first thing to do and the other errors', each once, and how many
// more there are.
func TestClosingAsksForEveryError(t *testing.T) {
	t.Parallel()
	a := &ready.Answer{Rows: []ready.Row{
		{ID: "w.first", Status: ready.Warning, Actor: "host", Summary: "odd", Remedy: "Look."},
		{ID: "e.1", Status: ready.Error, Actor: "host", Summary: "one", Remedy: "Open it."},
		{ID: "e.2", Status: ready.Error, Actor: "host", Summary: "two", Remedy: "Open it."},
		{ID: "e.3", Status: ready.Error, Actor: "dns-admin", Summary: "three", Remedy: "Name it."},
		{ID: "e.4", Status: ready.Error, Actor: "host", Summary: "four", Remedy: "Close it."},
		{ID: "e.5", Status: ready.Error, Actor: "host", Summary: "five", Remedy: "Turn it."},
	}, Verdict: ready.Verdict{Errors: 5, Warnings: 1, First: "e.3"}}
	c := closing(a)
	var ids []string
	for _, x := range c.Asks {
		ids = append(ids, x.Code)
	}
	if got := strings.Join(ids, " "); got != "e.3 e.1 e.4" || c.Asks[0].Do != "Ask the DNS admin: Name it." {
		t.Errorf("%s: %+v", got, c.Asks)
	}
	if got := c.More[len(c.More)-1]; !strings.HasPrefix(got, "1 more thing to do") {
		t.Error(got)
	}
}
