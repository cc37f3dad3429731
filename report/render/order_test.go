package render

import (
	"strings"
	"testing"

	"edgenet/internal/verify/sample"
	"edgenet/report"
)

func TestWhatComesFirstAndWhatWouldDoInstead(t *testing.T) {
	step := func(who report.Actor, way string) report.Advice {
		a := report.Advice{Actor: who, Do: "Do " + string(who) + ".", ForThem: "F.", Why: "w",
			Severity: report.SeverityError, Results: []string{"r1"}, Way: way}
		if way != "" {
			a.OrInstead = "k"
		}
		return a
	}
	later := step(report.ActorDNS, "")
	later.Severity = report.SeverityWarning
	alone := step(report.ActorHost, "A")
	alone.OrInstead = ""
	for name, c := range map[string]struct {
		advice []report.Advice
		want   []string // in this order, from the verdict on
		not    string
	}{
		"alternatives": {[]report.Advice{step(report.ActorHost, "A"), step(report.ActorProxy, "B"),
			step(report.ActorNetwork, "C")}, []string{"1. Do host.", "OR INSTEAD, way B, which does as well",
			"2. Do proxy-admin.", "OR INSTEAD, way C", "3. Do network."}, "AND ALSO"},
		"two of one way": {[]report.Advice{step(report.ActorHost, "A"), step(report.ActorDNS, "A"),
			step(report.ActorProxy, "B"), step(report.ActorNetwork, "B")}, []string{"1. Do host.", "AND ALSO",
			"2. Do dns-admin.", "OR INSTEAD, way B", "3. Do proxy-admin.", "4. Do network."}, "LESS"},
		"nothing is enough": {[]report.Advice{step(report.ActorHost, ""), step(report.ActorProxy, "")},
			[]string{"1. Do host.", "AND ALSO", "2. Do proxy-admin."}, "OR INSTEAD"},
		"enough, and a fault": {[]report.Advice{alone, step(report.ActorProxy, "")}, []string{"1. Do host."},
			"Do proxy-admin."},
		"enough, and a worry": {[]report.Advice{alone, later}, []string{"1. Do host."}, "Do dns-admin."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := sample.Nothing()
			r.Advice = c.advice
			var b strings.Builder
			if err := Text(&b, r, TextOptions{Width: 200}); err != nil {
				t.Fatal(err)
			}
			_, below, ok := strings.Cut(b.String(), r.Verdict.Reason)
			if !ok {
				t.Fatal(b.String())
			}
			rest := below
			for _, w := range c.want {
				if _, rest, ok = strings.Cut(rest, w); !ok {
					t.Errorf("%q is not there or not in its place:\n%s", w, b.String())
				}
			}
			if strings.Contains(below, c.not) {
				t.Errorf("%q below the verdict:\n%s", c.not, b.String())
			}
		})
	}
}

// Who is told to set another protocol may as well have the way for the old one opened.
func TestToKeepWhatIsExpected(t *testing.T) {
	r := sample.Mismatch()
	_, below, _ := strings.Cut(text(t, r, TextOptions{Width: 200}), r.Verdict.Reason)
	if !strings.Contains(below, "OR INSTEAD, way B, to keep Amqp (one of the ways is enough)\n2. Ask the firewall "+
		"admin: Allow outbound TCP 5671") || strings.Contains(below, "AND ALSO") {
		t.Error(below)
	}
}
