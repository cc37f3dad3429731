package render

import (
	"strings"
	"testing"

	"edgenet/report"
)

func TestExplainKnowsEveryCode(t *testing.T) {
	var all strings.Builder
	if err := Codes(&all, nil); err != nil {
		t.Fatal(err)
	}
	check := func(code string, want ...string) {
		t.Helper()
		var b strings.Builder
		found, err := Explain(&b, code, nil, TextOptions{Width: 90})
		if !found || err != nil {
			t.Fatalf("%s: %v %v", code, found, err)
		}
		if !strings.Contains(all.String(), strings.TrimPrefix(code, "proxy/")+" ") {
			t.Errorf("%s is not listed", code)
		}
		if strings.ContainsAny(b.String(), "{}") || strings.Contains(b.String(), ":0") {
			t.Errorf("%s: a place was not filled:\n%s", code, b.String())
		}
		for _, w := range append(want, strings.Fields(code)...) {
			if !strings.Contains(strings.Join(strings.Fields(b.String()), " "), w) {
				t.Errorf("%s: %q is missing in\n%s", code, w, b.String())
			}
		}
	}
	for _, c := range report.Causes() {
		check(string(c.Code), "seen", "means")
	}
	for _, f := range report.FindingTable() {
		check(string(f.Code), "when", "to do")
	}
	check("proxy/tcp.refused", "The proxy admin")
	check("tcp.refused", "The firewall admin")
	if found, _ := Explain(&all, "tcp.nothing", nil, TextOptions{}); found {
		t.Error("a code that does not exist was explained")
	}
}
