package render

import (
	"strings"
	"testing"

	"edgenet/internal/verify/sample"
	"edgenet/report"
)

// TestEqualFailuresStandTogether: hubs that fail alike are a group with one thing to do, and a
// hub that fails otherwise, or is well, is none of it.
func TestEqualFailuresStandTogether(t *testing.T) {
	t.Parallel()
	var reports []*report.Report
	for i, name := range []string{"nothing", "all-ok", "intercepted", "nothing", "all-ok", "nothing"} {
		r := *sample.Reports()[name]
		r.Target.Hub = string(rune('a'+i)) + ".azure-devices.net"
		r.Device = &report.Device{Labels: map[string]string{"site": "plant", "line": string(rune('a' + i))}}
		reports = append(reports, &r)
	}
	hubs := make([]Hub, len(reports))
	for i, r := range reports {
		hubs[i] = HubOf(r)
	}
	var got []string
	for _, g := range GroupHubs(hubs) {
		names := ""
		for _, h := range g.Hubs {
			names += h.Name[:1]
		}
		got = append(got, names)
	}
	if want := "adf b c e"; strings.Join(got, " ") != want {
		t.Errorf("groups %v, want %s", got, want)
	}
	var b strings.Builder
	if err := Hubs(&b, hubs, TextOptions{Width: 110, Unicode: true}); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	if n := strings.Count(strings.Join(strings.Fields(text), " "),
		"The same for the other 2 hubs of this group."); n != 1 {
		t.Errorf("said %d times that it is the same:\n%s", n, text)
	}
	if !strings.Contains(text, "line=a") || strings.Contains(text, "site=plant") {
		t.Errorf("labels that tell nothing, or none:\n%s", text)
	}
}
