package judge

import (
	"strings"
	"testing"

	"edgenet/report"
)

// TestFront: who answers every port, or at the gateway of a target beyond it, is not the target; and what answers as
// far away as the target is may be it.
func TestFront(t *testing.T) {
	t.Parallel()
	silent, near, far := hitsOf("silent", "silent", "silent"), hitsOf("open", "open", "open"),
		hitsOf("expired", "silent", "open")
	for name, row := range map[string]struct {
		own, other []report.Hit
		gateway    string
		says       string // empty where nobody is in front
	}{
		"the gateway answers for all":      {near, near, "10.0.1.1", "the first hop (10.0.1.1) answers"},
		"the gateway takes this port":      {near, silent, "10.0.1.1", "(10.0.1.1) answers in the target's place"},
		"a hop beyond answers for all":     {far, far, "10.0.1.1", "at hop 3, or nearer, answers in the target's place, on port 4"},
		"the target answers":               {far, silent, "10.0.1.1", ""},
		"a target on this host's own link": {near, silent, "", ""},
		"nothing answers":                  {silent, silent, "10.0.1.1", ""},
	} {
		r := refined(report.Result{Host: "hub.test", Port: 443, Cause: report.TLSTimeout,
			Steps: []report.Step{stepOf(report.StageTLS, &report.TLSDetail{})},
			Experiments: []report.Experiment{{Name: report.Again, Outcome: report.Silent},
				{Name: report.OtherName, Outcome: report.Silent}, {Name: report.NoName, Outcome: report.Silent},
				{Name: report.Where, Outcome: report.Answered, Travels: []report.Travel{
					{Port: 443, Hops: row.own, Gateway: row.gateway}, {Port: 4, Hops: row.other, Gateway: row.gateway}}}}})
		want := report.ActorNetwork
		if row.says == "" {
			want = report.TLSTimeout.ActorAt(report.HopTarget)
		}
		rule := firewallProtocol(&view{results: []report.Result{r}})
		if r.Actor != want || !strings.Contains(r.Summary, row.says) || (len(rule) > 0) != (row.says == "") {
			t.Errorf("%s: %s, %s | %s, %+v", name, r.Actor, r.Summary, r.Remedy, rule)
		}
	}
}
