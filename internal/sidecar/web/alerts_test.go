package web

import (
	"regexp"
	"slices"
	"testing"

	"edgenet/deploy/module"
)

// TestAlertsKnowTheirMetrics: a rule over a metric that the module does not have would never
// fire, and nobody would notice.
func TestAlertsKnowTheirMetrics(t *testing.T) {
	t.Parallel()
	used := regexp.MustCompile(`\bedgenet_[a-z_]+`).FindAllString(string(module.Alerts()), -1)
	if len(used) == 0 {
		t.Fatal("the rules use no metric")
	}
	for _, name := range used {
		if !slices.ContainsFunc(table, func(s series) bool { return s.name == name }) {
			t.Errorf("%s is in a rule, and not in the table", name)
		}
	}
}
