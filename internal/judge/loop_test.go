package judge

import (
	"strings"
	"testing"

	"edgenet/report"
)

// hops are the answers of hop limits 1 and following: an address, - for silence, ! for the target.
func hops(answers string) []report.Hit {
	var out []report.Hit
	for i, a := range strings.Fields(answers) {
		h := report.Hit{TTL: i + 1, Answer: report.HitExpired, From: a}
		switch a {
		case "-":
			h = report.Hit{TTL: i + 1, Answer: report.HitSilent}
		case "!":
			h = report.Hit{TTL: i + 1, Answer: report.HitOpen}
		}
		out = append(out, h)
	}
	return out
}

func TestCircle(t *testing.T) {
	t.Parallel()
	for answers, want := range map[string]string{
		"a b a b a b a b": "a b",
		"x y a b c a b c": "a b c",
		"c a b c a b":     "a b c",
		"a b c d a b c d": "a b c d",
		"a b a":           "", // a way back of one hop may be two answers of one router
		"a a a a a a a a": "", // one router that answers for others behind it
		"a b c d e f g h": "",
		"a b a b -":       "", // and then nothing: it did not go on like that
		"a a b b a a b b": "",
		"a - a - a - a -": "", // who is in between is not known
		"":                "",
		"a b c !":         "",
	} {
		if got := strings.Join(circle(hops(answers)), " "); got != want {
			t.Errorf("%q: %q, want %q", answers, got, want)
		}
	}
}

// TestARoutingLoop: whoever runs the routers has to act, and nobody is asked to open a port.
func TestARoutingLoop(t *testing.T) {
	t.Parallel()
	q := asking(t, "direct")
	rs := pathLines(t, q, every("direct", "tcp.unreachable")...)
	remote("20.1.2.3")(t, rs)
	for i := range rs {
		rs[i].Experiments = []report.Experiment{{Name: report.Where, Outcome: report.Answered,
			Travels: []report.Travel{{Port: rs[i].Port, Hops: hops("10.0.0.1 10.9.9.2 10.0.0.1 10.9.9.2")}}}}
	}
	r := &report.Report{Results: rs}
	Conclude(r, q, false)
	if len(r.Advice) == 0 || r.Advice[0].Actor != report.ActorNetwork ||
		!strings.Contains(r.Advice[0].Do, "routes of 10.0.0.1 and 10.9.9.2") || !strings.Contains(r.Verdict.Reason, "loop") {
		t.Errorf("%s: %+v", r.Verdict.Reason, r.Advice)
	}
	for _, f := range r.Findings {
		if strings.Contains(f.Remedy, "llow outbound") {
			t.Errorf("%s: %s", f.Code, f.Remedy)
		}
	}
}
