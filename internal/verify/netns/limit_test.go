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
		for _, count := range []int{1, 2, 3, 5} {
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
				o := n.check(testkit.Within(t, 60*time.Second), "--hub", hubName, "--timeout", "10s")
				if how != "drop" {
					unblamed(t, o, count < 5)
					return
				}
				limited(t, o, count, report.ActorFirewall)
			})
		}
	}
}

// TestConnectionLimitOfThisHost is the same by a rule of this host's own.
func TestConnectionLimitOfThisHost(t *testing.T) {
	t.Parallel()
	for _, count := range []int{1, 2, 3} {
		t.Run(fmt.Sprint(count), func(t *testing.T) {
			t.Parallel()
			if bench.why != "" {
				blackbox.Miss(t, bench.why)
			}
			n := newNetwork(t)
			n.names()
			n.lab()
			n.delay(30*time.Millisecond, 0, 0)
			n.nft("cli", "table inet f {\n set targets { type ipv4_addr; flags dynamic; size 64; }\n}")
			n.localFirewall(fmt.Sprintf("tcp dport { 443, 5671, 8883 } ct state new add @targets { ip daddr ct count over %d } "+
				"drop", count))
			limited(t, n.check(testkit.Within(t, 60*time.Second), "--hub", hubName, "--timeout", "10s"), count,
				report.ActorHost)
		})
	}
}

// limited wants all paths to work after all, and a limit that is met in any case to be named with its number: what
// is silent while others are open, and answers alone, is no loss and no closed port. One that is as large as what
// a check opens may be met or not.
func limited(t *testing.T, o *blackbox.Outcome, count int, actor report.Actor) {
	t.Helper()
	for _, r := range o.Report.Results {
		if r.Status != report.OK {
			t.Errorf("%s | %s", blackbox.Describe(r), r.Remedy)
		}
	}
	named := 0
	for _, f := range o.Report.Findings {
		if f.Code != report.LimitConnections || f.Actor != actor ||
			!strings.Contains(f.Summary, fmt.Sprintf("with %d open", count)) {
			t.Errorf("%s by %s: %s", f.Code, f.Actor, f.Summary)
			continue
		}
		named++
	}
	if count < 4 && named != 1 || o.Exit != 0 {
		t.Errorf("exit %d, named %d times", o.Exit, named)
	}
	if t.Failed() {
		t.Log(o.All())
	}
}

// unblamed wants no port called blocked. With refused, some path has to have failed.
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
