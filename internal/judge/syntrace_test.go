package judge

import (
	"strings"
	"testing"

	"edgenet/internal/verify/testkit"
	"edgenet/report"
)

func local(tr report.Travel) report.Travel { tr.LocalDrops = true; return tr }

func TestJourney(t *testing.T) {
	t.Parallel()
	ref := testkit.Travel(443, "expired@10.0.0.1", "expired@10.0.1.1", "open", "open")
	for _, row := range []struct {
		name    string
		travels []report.Travel
		want    string
		silent  bool // it tells no more than the failure
		host    bool // this host
	}{
		{"between two hops", []report.Travel{testkit.Travel(5671, "expired@10.0.0.1", "silent", "silent", "silent"),
			ref},
			"SYNs to port 5671 get lost between 10.0.0.1 (hop 1) and 10.0.1.1 (hop 2), which answers for port 443",
			false, false},
		{"before the target", []report.Travel{testkit.Travel(5671, "expired@10.0.0.1", "expired@10.0.1.1",
			"silent", "silent"),
			ref},
			"SYNs to port 5671 get lost between 10.0.1.1 (hop 2) and hop 3 (the target), which answers for port 443, " +
				"or their answers on the way back", false, false},
		{"a silent hop stays unknown", []report.Travel{testkit.Travel(5671, "expired@10.0.0.1", "silent", "silent"),
			testkit.Travel(443, "expired@10.0.0.1", "silent", "open")},
			"SYNs to port 5671 get lost between 10.0.0.1 (hop 1) and hop 3 (the target), which answers for port 443, " +
				"or their answers on the way back", false, false},
		{"this host", []report.Travel{local(testkit.Travel(5671, "silent", "silent", "silent")), ref},
			"SYNs to port 5671 do not leave this host: its own firewall drops them", false, true},
		{"this host, or the first hop", []report.Travel{testkit.Travel(5671, "silent", "silent", "silent"), ref},
			"SYNs to port 5671 get lost between this host and 10.0.0.1 (hop 1), which answers for port 443: this " +
				"host's own firewall, or that hop", false, false},
		{"this host fails to send, and another port's SYNs are lost too",
			[]report.Travel{local(testkit.Travel(5671, "silent")),
				testkit.Travel(443, "silent")}, "no hop answers, so it is not known how far SYNs travel", true, false},
		{"nothing to compare with", []report.Travel{testkit.Travel(5671, "expired@10.0.0.1", "silent")},
			"SYNs to port 5671 get as far as 10.0.0.1 (hop 1), and nothing beyond it answers", false, false},
		{"the other port is lost there too", []report.Travel{testkit.Travel(5671, "expired@10.0.0.1", "silent"),
			testkit.Travel(443, "expired@10.0.0.1", "silent")},
			"SYNs to port 5671 get as far as 10.0.0.1 (hop 1), and nothing beyond it answers", false, false},
		{"nothing answers", []report.Travel{testkit.Travel(5671, "silent", "silent")},
			"no hop answers, so it is not known how far SYNs travel", true, false},
		{"it works after all", []report.Travel{testkit.Travel(5671, "expired@10.0.0.1", "open"), ref},
			"a SYN was answered after all", true, false},
		{"refused by a router", []report.Travel{testkit.Travel(5671, "expired@10.0.0.1", "icmp 3/13@10.0.0.1"), ref},
			"10.0.0.1 refuses port 5671 with ICMP 3/13 (administratively prohibited)", false, false},
		{"refused by this host", []report.Travel{local(testkit.Travel(5671, "icmp 3/13@10.0.0.7",
			"icmp 3/13@10.0.0.7")), ref},
			"this host itself refuses port 5671 with ICMP 3/13 (administratively prohibited): its own firewall",
			false, true},
		{"refused in a way that has no name", []report.Travel{testkit.Travel(5671, "icmp 3/99@10.0.0.1")},
			"10.0.0.1 refuses port 5671 with icmp 3/99", false, false},
		{"a reset from nearer than the target",
			[]report.Travel{testkit.Travel(5671, "expired@10.0.0.1", "reset", "reset"), ref},
			"the reset for port 5671 comes from hop 2 or nearer, and the target, which answers for port 443, is hop " +
				"3: it is not the target that resets", false, false},
		{"a reset from as far as the target",
			[]report.Travel{testkit.Travel(5671, "expired@10.0.0.1", "expired@10.0.1.1", "reset"), ref},
			"the reset for port 5671 comes from as far as the target (hop 3)", true, false},
		{"a reset, and the target's place is unknown", []report.Travel{testkit.Travel(5671, "reset")},
			"the reset for port 5671 comes from this host itself or from the first hop; how far away the target is " +
				"was not seen", true, false},
		{"the same behind a hop that answers", []report.Travel{testkit.Travel(5671, "expired@10.0.0.1", "reset")},
			"the reset for port 5671 comes from hop 2 or nearer; how far away the target is was not seen", true, false},
		{"a reset of the first hop or of this host", []report.Travel{testkit.Travel(5671, "reset", "reset", "reset"), ref},
			"the reset for port 5671 comes from this host itself or from the first hop, and the target, which answers " +
				"for port 443, is hop 3: it is not the target that resets", false, false},
		{"the other port is answered by something in front", []report.Travel{testkit.Travel(5671, "expired@10.0.0.1",
			"expired@10.0.1.1", "silent"), testkit.Travel(443, "open", "open", "open")},
			"SYNs to port 5671 get as far as 10.0.1.1 (hop 2), and nothing beyond it answers; port 443 is answered at " +
				"hop 1 already, so something in between (a transparent proxy) takes its connections", false, false},
		{"a reset from beyond what answers for the other port", []report.Travel{testkit.Travel(5671, "expired@10.0.0.1",
			"expired@10.0.1.1", "reset"), testkit.Travel(443, "open", "open", "open")},
			"the reset for port 5671 comes from hop 3 or nearer; how far away the target is was not seen; port 443 is " +
				"answered at hop 1 already, so something in between (a transparent proxy) takes its connections", true,
			false},
		{"an answer without its sender", []report.Travel{testkit.Travel(5671, "expired", "silent"),
			testkit.Travel(443, "expired", "expired", "open")},
			"SYNs to port 5671 get lost between hop 1 and hop 2, which answers for port 443", false, false},
		{"nothing is known", nil, "a SYN was answered after all", true, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			j := SYNTraceOf(row.travels)
			if got := j.String(); got != row.want {
				t.Errorf("%s\nwant %s", got, row.want)
			}
			if j.tells() == row.silent {
				t.Errorf("tells: %v", j.tells())
			}
			if j.thisHost() != row.host {
				t.Errorf("this host: %v", j.thisHost())
			}
		})
	}
}

// TestSuspects: the rule is looked for on hops that have a name.
// TestPointedByTheFirstThatTells: paths that work or that nobody traced point nowhere.
func TestPointedByTheFirstThatTells(t *testing.T) {
	t.Parallel()
	ref := testkit.Travel(443, "expired@10.0.0.1", "expired@10.0.1.1", "open")
	traced := func(status report.Status, place string) *report.Result {
		return &report.Result{Status: status, Port: 8883, Experiments: []report.Experiment{{Name: report.Where,
			Outcome: report.Answered, Travels: []report.Travel{testkit.Travel(8883, place, "silent", "silent"), ref}}}}
	}
	failed := &report.Result{Status: report.Failed}
	for name, row := range map[string]struct {
		results []*report.Result
		want    string
	}{
		"nobody traced": {[]*report.Result{failed}, "Allow it."},
		"the second": {[]*report.Result{failed, traced(report.Failed, "expired@10.0.0.1")},
			"Allow it. To find the rule: "},
		"what works": {[]*report.Result{traced(report.OK, "expired@10.0.0.1")}, "Allow it."},
	} {
		got := pointed(conclusion{results: row.results, remedy: "Allow it."}).remedy
		if row.want == "Allow it." && got != row.want || !strings.HasPrefix(got, row.want) || strings.HasSuffix(got, ": .") {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestSuspects(t *testing.T) {
	t.Parallel()
	ref := testkit.Travel(443, "expired@10.0.0.1", "expired@10.0.1.1", "open")
	for want, travels := range map[string][]report.Travel{
		"on 10.0.0.1": {testkit.Travel(5671, "expired@10.0.0.1", "icmp 3/13@10.0.0.1"), ref},
		"on 10.0.0.1 (hop 1), on 10.0.1.1 (hop 2), or on what stands between the two": {testkit.Travel(5671,
			"expired@10.0.0.1",
			"silent"), ref},
		"on this host, or on 10.0.0.1 (hop 1)": {testkit.Travel(5671, "silent", "silent"),
			ref},
		"on 10.0.0.1 (hop 1), or on what comes after it": {testkit.Travel(5671, "expired@10.0.0.1",
			"silent")},
		"on hop 2, or nearer": {testkit.Travel(5671, "expired@10.0.0.1",
			"reset"), ref},
		"on this host (nft list ruleset, iptables -S), or on the first hop": {testkit.Travel(5671, "reset"), ref},
		"on 10.0.1.1 (hop 2), on hop 3 (the target), or on what stands between the two; and on each hop one that stops " +
			"what comes from that port": {testkit.Travel(5671, "expired@10.0.0.1", "expired@10.0.1.1", "silent"), ref},
	} {
		if got := SYNTraceOf(travels).suspects(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := hopWords(report.Hit{}, 0); got != "hop 0" {
		t.Errorf("where the target is is not known: %q", got)
	}
	if by := SYNTraceOf([]report.Travel{testkit.Travel(5671, "icmp 3/13@10.0.0.1")}).RefusedBy(); by != "10.0.0.1" {
		t.Errorf("refused by %q", by)
	}
}

// TestPolicies: which ICMP messages a policy sends, and which a router that knows no way.
func TestPolicies(t *testing.T) {
	t.Parallel()
	for answer := range icmpNames {
		r := report.Result{Experiments: []report.Experiment{{Name: report.Where,
			Travels: []report.Travel{testkit.Travel(5671, answer+"@10.0.0.1")}}}}
		want := strings.Contains(icmpNames[answer], "prohibited") || strings.Contains(icmpNames[answer], "policy")
		if got := prohibited(&r); got != want {
			t.Errorf("%s (%s): %v", answer, icmpNames[answer], got)
		}
	}
}
