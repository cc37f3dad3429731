package testkit

import (
	"strings"
	"testing"
	"unicode"

	"edgenet/report"
)

// Travel is how far SYNs to a port came: by hop limit an answer, and its sender after an @.
func Travel(port int, answers ...string) report.Travel {
	tr := report.Travel{Address: "192.0.2.9", Port: port}
	for i, a := range answers {
		answer, from, _ := strings.Cut(a, "@")
		tr.Hops = append(tr.Hops, report.Hit{TTL: i + 1, Answer: answer, From: from})
	}
	return tr
}

// Experiments are those of names and outcomes, in pairs.
func Experiments(pairs ...string) []report.Experiment {
	var out []report.Experiment
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, report.Experiment{Name: report.ExperimentName(pairs[i]),
			Outcome: report.Outcome(pairs[i+1]), Summary: "it " + pairs[i+1]})
	}
	return out
}

// Printable fails where a stranger's text would reach a terminal with a control character,
// or longer than anybody reads.
func Printable(t testing.TB, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if strings.ContainsFunc(s, unicode.IsControl) {
			t.Errorf("a control character in %q", s)
		}
		if len(s) > 400 {
			t.Errorf("%d bytes of text", len(s))
		}
	}
}
