package ready

import (
	"fmt"
	"slices"

	"edgenet/internal/sorting"
	"edgenet/report"
)

// Rule is a row of the rule book.
type Rule struct {
	ID       string
	Group    Group
	Severity string // the worst that it says, in words where it depends
	Actor    report.Actor
	Looks    string // at what
	Holds    string // when it is fine
	Remedy   string
	Replaces []string // ids of iotedge check and aziotctl check
	Source   string   // what the rule rests on

	judge func(*Facts) []Row
}

// Rules lists the rule book in the order of importance: of two errors, the one that
// stands first is the one to act on first.
func Rules() []Rule {
	return slices.Concat(networkRules(), configRules(), nestedRules(), certRules(), engineRules(), storeRules(),
		hubRules(),
		releaseRules(), hostRules(), moduleRules(), moduleRights(), registryRules(), manifestRules(), deploymentRules(),
		osRules(), questions())
}

// Judge applies every rule, and gives the rows in the order of the groups.
func Judge(f *Facts) ([]Row, Verdict) {
	var ranked []Row
	for _, r := range Rules() {
		ranked = append(ranked, r.apply(f)...)
	}
	v := sum(ranked)
	rows := slices.Clone(ranked)
	sorting.By(
		rows,
		func(x, y Row) int { return slices.Index(Groups(), x.Group) - slices.Index(Groups(), y.Group) },
	)
	return rows, v
}

// apply fills in what the rule book knows. A rule that says nothing is skipped: what it
// is about is not there.
func (r Rule) apply(f *Facts) []Row {
	rows := r.judge(f)
	if len(rows) == 0 {
		rows = []Row{{Status: Skipped, Summary: "there is nothing of this kind here"}}
	}
	for i := range rows {
		x := &rows[i]
		if x.ID == "" { // a finding of lint has a name of its own
			x.ID = r.ID
		}
		x.Group, x.Replaces = r.Group, r.Replaces
		if x.Actor == "" {
			x.Actor = r.Actor
		}
		if x.Remedy == "" && x.bad() > 0 {
			x.Remedy = r.Remedy
		}
	}
	return rows
}

// one is a rule's only answer.
func one(s Status, source, format string, args ...any) []Row {
	return []Row{{Status: s, Source: source, Summary: fmt.Sprintf(format, args...)}}
}

// unseen answers for a fact that is not known: unknown where somebody looked, skipped
// where nobody did. It gives nil for what is known.
func unseen[T any](f Fact[T], what string) []Row { return unseenAt(f.Source, f.Needs, f.Left, what) }

// unseenAt is unseen once for all types of facts: the program has a copy of what is generic for each.
func unseenAt(source, needs string, left bool, what string) []Row {
	switch {
	case source != "" && needs == "":
		return nil
	case left:
		return []Row{{Status: Skipped, Source: source, Needs: needs, Summary: "left out: " + what}}
	case source != "":
		return []Row{{Status: Unknown, Source: source, Needs: needs, Summary: "could not be read: " + what}}
	}
	return []Row{{Status: Skipped, Summary: "there was nothing to look at: " + what}}
}

func yes(b *bool) bool { return b != nil && *b }
func no(b *bool) bool  { return b != nil && !*b }
