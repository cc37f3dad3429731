package probe

import (
	"math/rand/v2"
	"testing"
	"time"

	"edgenet/report"
)

// TestLossesAreTold: a count tells what is heavy from what is not, whatever the chance, and asks little of a
// network that loses next to nothing.
func TestLossesAreTold(t *testing.T) {
	t.Parallel()
	const counts = 2000
	for _, row := range []struct {
		percent float64 // of packets, each way
		heavy   bool
		most    int // connections, on average
	}{{0, false, 30}, {2, false, 40}, {5, false, 60}, {10, false, 120}, {20, true, 120}, {30, true, 50}} {
		luck := rand.New(rand.NewPCG(1, uint64(row.percent))) //nolint:gosec // chance that repeats
		come := (1 - row.percent/100) * (1 - row.percent/100)
		wrong, tries := 0, 0
		for range counts {
			l := losses{little: lossClear}
			for !l.clear() {
				if luck.Float64() < come {
					l.good++
				} else {
					l.lost++
				}
			}
			tries += l.good + l.lost
			if (l.lead() > 0) != row.heavy {
				wrong++
			}
		}
		if wrong > counts/200 || tries > row.most*counts {
			t.Errorf("%v %%: %d of %d counts are wrong, %d connections each", row.percent, wrong, counts, tries/counts)
		}
	}
}

// TestSigns: nobody counts where nothing was lost, and a failure that proves to be the rule's is no sign.
func TestSigns(t *testing.T) {
	t.Parallel()
	path := func(change func(*report.Result)) report.Result {
		r := report.Result{Route: report.RouteDirect, Status: report.OK, Pace: &report.Pace{RoundTripMs: 10},
			Steps: []report.Step{{Stage: report.StageTCP, Status: report.OK, Detail: &report.TCPDetail{}},
				{Stage: report.StageTLS, Status: report.OK, DurationMs: 60, Detail: &report.TLSDetail{}}}}
		change(&r)
		return r
	}
	tcp := func(r *report.Result) *report.TCPDetail { return tcpOf(r.Steps) }
	where := func(o report.Outcome, travels ...report.Travel) []report.Experiment {
		return []report.Experiment{{Name: report.Where, Outcome: o, Travels: travels}}
	}
	silent := func(r *report.Result, e []report.Experiment) {
		r.Status, r.Cause, r.Pace, r.Steps, r.Experiments = report.Failed, report.TCPTimeout, nil, nil, e
	}
	for name, row := range map[string]struct {
		change func(*report.Result)
		want   int
	}{
		"nothing":              {func(*report.Result) {}, 0},
		"a SYN":                {func(r *report.Result) { tcp(r).Resent = 1 }, 1},
		"two segments":         {func(r *report.Result) { r.Pace.Resent = 2 }, 2},
		"of a path that fails": {func(r *report.Result) { r.Pace.Resent, r.Status = 9, report.Failed }, 0},
		"a silence, and the port is open": {func(r *report.Result) { silent(r, where(report.Answered)) },
			manySigns},
		"a silence, and SYNs were followed": {func(r *report.Result) {
			silent(r, where(report.Answered, report.Travel{Port: 5671}))
		}, 0},
		"a silence that went by": {func(r *report.Result) {
			r.FailureCauses = map[report.Cause]int{report.TCPTimeout: 1}
		}, manySigns},
		"a handshake that took long": {func(r *report.Result) { r.Steps[1].DurationMs = 300 }, 0},
		"one that took very long":    {func(r *report.Result) { r.Steps[1].DurationMs = 1300 }, 1},
		"a long way":                 {func(r *report.Result) { r.Steps[1].DurationMs, r.Pace.RoundTripMs = 1300, 300 }, 0},
		"a name server that was asked again": {func(r *report.Result) {
			r.Steps = append(r.Steps, report.Step{Stage: report.StageDNS, Detail: &report.DNSDetail{
				Resolvers: []report.ResolverAnswer{{WithoutEDNS: true}}}})
		}, 1},
	} {
		paths := []*Path{{Route: Route{ID: report.RouteDirect}, survey: &survey{lost: time.Hour}},
			{Route: Route{ID: report.RouteDirect}, survey: &survey{lost: time.Hour}}}
		results := []report.Result{path(row.change), path(func(r *report.Result) { r.Pace.RoundTripMs = 400 })}
		if got := signs(paths, results, report.RouteDirect); got != row.want {
			t.Errorf("%s: %d, want %d", name, got, row.want)
		}
		paths[0].survey.lost = -time.Hour // this process has hardly run: what took long is no sign
		if got := signs(paths, results, report.RouteDirect); got != row.want && name != "one that took very long" || got > row.want {
			t.Errorf("%s, on a busy host: %d", name, got)
		}
		if got := signs(paths, results, "proxy"); got != 0 {
			t.Errorf("%s, another route: %d", name, got)
		}
	}
}
