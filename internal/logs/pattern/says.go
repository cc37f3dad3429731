package pattern

import (
	"slices"

	"edgenet/internal/sorting"
	"edgenet/report"
)

// Saying is how the runtime's logs look when something happens.
type Saying struct {
	By        string // the runtime's containers, its daemons, the engine; or a component
	Text      string // what the line holds
	Certainty Certainty
	Not       string // what it does not prove
}

// Says lists how a cause or a finding looks in the runtime's own logs, the surest first;
// nil where it never shows there.
func Says(code string) (list []Saying) {
	for _, row := range Rows() {
		if f := row.Fail; f != nil && (string(f.Cause) == code || string(f.Finding) == code) {
			list = append(list, Saying{row.On.Name(), firstOf(row.Prefix, row.Has), f.Certainty, row.Not})
		}
	}
	for _, t := range [][]errorRow{deviceErrors, netErrors, socketErrors, daemonErrors, pullErrors} {
		for _, row := range t {
			f := &row.fail
			open := f.Cause == "" && slices.Contains(f.Candidates, report.Cause(code))
			if row.void || !open && string(f.Cause) != code && string(f.Finding) != code {
				continue
			}
			by := map[family]string{fromNET: "edgeAgent, edgeHub", fromRust: "the daemons", fromPull: "the engine",
				fromAny: "all"}[row.of]
			list = append(list, Saying{by, row.any[0], f.Certainty, ""})
		}
	}
	sorting.By(list, func(a, b Saying) int { return b.Certainty.Rank() - a.Certainty.Rank() })
	return list
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
