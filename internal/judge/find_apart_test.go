package judge

import (
	"strings"
	"testing"

	"edgenet/report"
)

// TestTwoWhoStopPaths: where this host stops one port and the network another, no finding asks one of
// them for all; where one of them stops all, it does.
func TestTwoWhoStopPaths(t *testing.T) {
	t.Parallel()
	q := asking(t, "direct")
	here := report.Experiment{Name: report.Where, Outcome: report.Answered, Travels: []report.Travel{
		{Port: 443, LocalDrops: true, Hops: []report.Hit{{TTL: 1, Answer: report.HitSilent}}},
		{Port: 5671, Hops: hops("10.0.0.1 10.9.9.2")}}}
	for stopped, row := range map[string]struct {
		found bool
		actor report.Actor
	}{"": {true, report.ActorFirewall}, "443": {false, report.ActorHost}, "443 5671 8883": {true, report.ActorHost}} {
		rs := pathLines(t, q, every("direct", "tcp.timeout")...)
		remote("20.1.2.3")(t, rs)
		for i := range rs {
			port := map[int]string{443: "443", 5671: "5671", 8883: "8883"}[rs[i].Port]
			if strings.Contains(stopped, port) {
				rs[i].Experiments = []report.Experiment{here}
			}
		}
		r := &report.Report{Results: rs}
		Conclude(r, q, false)
		if drawn(r.Findings, report.FirewallAllBlocked) != row.found || len(r.Advice) == 0 || r.Advice[0].Actor != row.actor {
			t.Errorf("%q stopped here: %+v", stopped, r.Advice)
		}
	}
}

// TestWhatAProxySaysOfItsTunnels is told as its word; what this host connected to itself is not.
func TestWhatAProxySaysOfItsTunnels(t *testing.T) {
	t.Parallel()
	for route, want := range map[string]string{"proxy": "the proxy says that its tunnels to TCP 443 of",
		report.RouteDirect: "TCP 443 to hub.azure-devices.net connects"} {
		q := asking(t, "direct", proxyURL)
		rs := pathLines(t, q, "HTTPS@"+route+" tls.timeout")
		rs[0].Experiments = []report.Experiment{{Name: report.Again, Outcome: report.Silent},
			{Name: report.OtherName, Outcome: report.Silent},
			{Name: report.NoName, Outcome: report.Silent}}
		got := firewallProtocol(&view{q: q, results: rs})
		if len(got) != 1 || !strings.HasPrefix(got[0].summary, want) ||
			strings.HasPrefix(got[0].remedy, "See on the proxy") != (route == "proxy") {
			t.Errorf("%s: %+v", route, got)
		}
	}
}

// TestFullSizeByAddress: a request that is cut is another matter than one that is lost, and where a name
// has several addresses the one is named.
func TestFullSizeByAddress(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		experiment report.Experiment
		tried      int
		says       string
		actor      report.Actor
	}{
		"cut":                     {report.Experiment{Outcome: report.Killed}, 1, "is cut, twice", report.ActorFirewall},
		"lost, one address":       {report.Experiment{Outcome: report.Silent}, 1, "by the route direct, and what", ""},
		"lost, by the path's own": {report.Experiment{Outcome: report.Silent}, 2, "at its address 20.0.0.1, and what", ""},
		"lost, by another": {report.Experiment{Outcome: report.Silent, Addresses: []string{"20.0.0.2"}}, 2,
			"at its address 20.0.0.2, and what", ""},
	} {
		r := report.Result{ID: "r1", Host: "hub", Port: 443, Route: report.RouteDirect, Status: report.OK}
		tried := []report.TCPAttempt{{Remote: "20.0.0.1:443", Status: report.OK}, {Remote: "20.0.0.2:443", Status: report.OK}}
		target(&r, report.StageTCP, &report.TCPDetail{Remote: "20.0.0.1:443", Tried: tried[:row.tried]})
		row.experiment.Name = report.FullSize
		r.Experiments = []report.Experiment{row.experiment}
		got := mtuUpstream(&view{results: []report.Result{r}})
		if len(got) != 1 || !strings.Contains(got[0].summary, row.says) || got[0].actor != row.actor {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestNotHalfway: a certificate that is weak in another way keeps its remedy.
func TestNotHalfway(t *testing.T) {
	t.Parallel()
	for halfway, want := range map[bool]string{true: "Install the root that stands above CN=CA", false: "as it was"} {
		r := &report.Result{Host: "gw", Endpoint: report.EndpointParent, Hop: report.HopTarget, Cause: report.TLSWeak,
			Remedy: "as it was"}
		target(r, report.StageTLS, &report.TLSDetail{Weak: &report.Weakness{Certificate: "CN=CA", Halfway: halfway}})
		if fit(r); !strings.HasPrefix(r.Remedy, want) {
			t.Errorf("halfway %v: %s", halfway, r.Remedy)
		}
	}
}

// TestPortOf: an attempt without a port has none.
func TestPortOf(t *testing.T) {
	t.Parallel()
	for remote, want := range map[string]int{"10.0.0.1:443": 443, "[fd00::1]:8883": 8883, "": 0, "10.0.0.1": 0} {
		if got := portOf(remote); got != want {
			t.Errorf("%q: %d", remote, got)
		}
	}
}
