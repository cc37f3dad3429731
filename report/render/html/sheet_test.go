package html

import (
	"strings"
	"testing"

	"edgenet/report/render"
)

// TestSheet: what a stranger wrote stays text, every row is there, and the policy is the
// report's.
func TestSheet(t *testing.T) {
	t.Parallel()
	s := &render.Sheet{Title: "fleet <b>", Facts: []string{"a", "b & c"}, Verdict: "3 < 4", Failed: true,
		Notes: []string{"<i>note"},
		Blocks: []render.Block{{Heading: "SITES", Columns: []string{"A", "B"}, Rows: []render.SheetRow{
			{Mark: render.MarkBad, Cells: []string{"<script>alert(1)</script>", "\x1b[31mred"},
				Notes: []string{"said \"so\""}},
			{Cells: []string{"plain", "2"}}}}, {Heading: "EMPTY", Columns: []string{"X"}}}}
	var b strings.Builder
	if err := Sheet(&b, s, "edgenet 1"); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, bad := range []string{"<script>", "<b>", "<i>note", "\x1b", "EMPTY"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	for _, good := range []string{`class="verdict bad"`, "3 &lt; 4", "&lt;script&gt;", `<span class="cell bad">`,
		"b &amp; c", `colspan="1"`, "style-src &#39;sha256-", "<th scope=\"row\">plain</th><td>2</td>"} {
		if !strings.Contains(page, good) {
			t.Errorf("the page lacks %q", good)
		}
	}
	if strings.Count(page, "<tr>") != 4 || strings.Count(page, "<section") != strings.Count(page, "</section>") {
		t.Errorf("%d rows", strings.Count(page, "<tr>"))
	}
}
