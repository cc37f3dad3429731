//go:build netns && linux

package netns

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"edgenet/internal/verify/blackbox"
	"edgenet/internal/verify/testkit"
	"edgenet/report"
)

// TestConnectionLimit lets the paths of one check compete for few connections. Which of
// them get through is chance; that no port is blamed, since each works alone, is not.
func TestConnectionLimit(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"reject with tcp reset", "drop"} {
		for _, count := range []int{1, 2, 4} {
			t.Run(fmt.Sprintf("%d, else %s", count, how), func(t *testing.T) {
				t.Parallel()
				if bench.why != "" {
					blackbox.Miss(t, bench.why)
				}
				n := newNetwork(t)
				n.names()
				n.lab()
				n.delay(30*time.Millisecond, 0, 0) // so that all are under way at once
				n.limit(count, how)
				unblamed(t, n.check(testkit.Within(t, 60*time.Second), "--hub", hubName, "--timeout", "10s"),
					how != "drop")
			})
		}
	}
}

// unblamed wants no port called blocked. With refused, some path has to have failed: a
// dropped SYN's second copy may come when the others are done.
func unblamed(t *testing.T, o *blackbox.Outcome, refused bool) {
	t.Helper()
	for _, f := range o.Report.Findings {
		switch f.Code {
		case report.Loss, report.ProtocolNone, report.HTTPSRequired: // said of this check, and the remedy is the path's
		default:
			t.Errorf("a finding too much: %s: %s", f.Code, f.Summary)
		}
		if f.Actor == report.ActorFirewall || strings.Contains(f.Remedy, "Allow ") {
			t.Errorf("%s blames a rule: %s | %s", f.Code, f.Actor, f.Remedy)
		}
	}
	works, fails, again := 0, 0, 0
	for _, r := range o.Report.Results {
		if r.Status == report.OK {
			works, again = works+1, again+r.Failures
			continue
		}
		fails++
		if r.Stage != report.StageTCP || r.Actor != report.ActorNetwork ||
			!strings.Contains(r.Summary, "the port is open") ||
			!strings.Contains(r.Remedy, "limit on how many connections") {
			t.Errorf("%s | %s", blackbox.Describe(r), r.Remedy)
		}
	}
	if works == 0 || refused && fails+again == 0 {
		t.Errorf("%d paths work, %d fail", works, fails)
	}
	if t.Failed() {
		t.Log(o.All())
	}
}

// limit lets one source have so many connections to the hub's ports through the firewall;
// what is over that is done with as how says.
func (n *network) limit(count int, how string) {
	n.t.Helper()
	n.nft("fw", "add set inet f sources { type ipv4_addr; flags dynamic; size 64; }")
	n.firewall(fmt.Sprintf(`iifname "tocli" tcp dport { 443, 5671, 8883 } ct state new add @sources { ip saddr ct count over %d } %s`, count, how))
}
