package probe

import (
	"strings"
	"testing"
	"time"

	"edgenet/internal/hop"
	"edgenet/report"
)

// asked makes experiments from pairs of a name and an outcome.
func asked(pairs ...string) []report.Experiment {
	var out []report.Experiment
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, report.Experiment{Name: report.ExperimentName(pairs[i]), Outcome: report.Outcome(pairs[i+1]), Summary: "it " + pairs[i+1]})
	}
	return out
}

func TestTell(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name  string
		cause report.Cause
		asked []report.Experiment
		want  report.Cause
		says  string // what the summary gains; "" means that it stays
		how   bool
	}{
		{"small passes, the control stalls", report.TLSTimeout, asked("again", "silent", "small-segments", "answered"), report.TLSMTU, "segments of at most 536 bytes passes", true},
		{"small passes, and so does the control", report.TLSTimeout, asked("again", "answered", "small-segments", "answered"), report.TLSTimeout, "it comes and goes", false},
		{"small passes, no control", report.TLSTimeout, asked("again", "unavailable", "small-segments", "answered"), report.TLSTimeout, "", false},
		{"small passes, the control is cut", report.TLSTimeout, asked("again", "killed", "small-segments", "answered"), report.TLSTimeout, "", false},
		{"small passes, and another of full size does", report.TLSTimeout, append(asked("again", "silent", "small-segments", "answered"), report.Experiment{Name: report.NoName, Outcome: report.Answered,
			Steps: []report.Step{{Stage: report.StageTLS, Detail: &report.TLSDetail{Chain: []report.Certificate{{}}}}}}), report.TLSTimeout, "", false},
		{"small passes, and another is answered by an alert", report.TLSTimeout, append(asked("again", "silent"), report.Experiment{Name: report.OtherName, Outcome: report.Answered,
			Steps: []report.Step{{Stage: report.StageTLS, Detail: &report.TLSDetail{}}}}, report.Experiment{Name: report.SmallSegments, Outcome: report.Answered,
			Steps: []report.Step{{Stage: report.StageTLS, Detail: &report.TLSDetail{Chain: []report.Certificate{{}}}}}}), report.TLSMTU, "segments of at most 536", true},
		{"small stalls as well", report.TLSTimeout, asked("again", "silent", "small-segments", "silent"), report.TLSTimeout, "", true},
		{"small cannot be tried", report.TLSTimeout, asked("again", "silent", "small-segments", "unavailable"), report.TLSTimeout, "", false},
		{"a reset that comes and goes", report.TLSReset, asked("again", "answered"), report.TLSReset, "it comes and goes", false},
		{"a reset that stays", report.TLSReset, asked("again", "killed", "small-segments", "answered"), report.TLSReset, "", false},
		{"the proxy lives", report.ConnectTimeout, asked("proxy-alive", "answered"), report.ConnectTimeout, "it answered, so it waits for the network behind it", false},
		{"the proxy is silent", report.ConnectTimeout, asked("proxy-alive", "silent"), report.ConnectTimeout, "it may be the proxy itself", false},
		{"the proxy was not asked", report.ConnectTimeout, nil, report.ConnectTimeout, "", false},
		{"refused by ICMP", report.TCPRefused, []report.Experiment{{Name: report.Where, Travels: []report.Travel{hits(5671, "icmp 3/3@10.0.0.1")}}}, report.TCPRefused, "; 10.0.0.1 refuses port 5671 with ICMP 3/3 (port unreachable)", false},
		{"refused by a reset", report.TCPRefused, []report.Experiment{{Name: report.Where, Travels: []report.Travel{hits(5671, "reset")}}}, report.TCPRefused, "", false},
		{"another cause", report.TCPTimeout, asked("again", "answered", "proxy-alive", "answered"), report.TCPTimeout, "", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got, how := tell(hop.Fault{Cause: row.cause, Summary: "first"}, row.asked)
			if got.Cause != row.want || (how != "") != row.how {
				t.Errorf("%s, told by %q", got.Cause, how)
			}
			if !strings.HasPrefix(got.Summary, "first") || row.says == "" && got.Summary != "first" || !strings.Contains(got.Summary, row.says) {
				t.Errorf("summary %q", got.Summary)
			}
		})
	}
}

func TestSpokenTo(t *testing.T) {
	t.Parallel()
	for cause, want := range map[report.Cause]report.Outcome{
		report.TLSReset: report.Killed, report.ConnectClosed: report.Killed, report.TLSTimeout: report.Silent, report.ConnectTimeout: report.Silent,
		report.TCPRefused: report.Blocked, report.DNSTimeout: report.Blocked, report.TLSUntrusted: report.Answered, report.TLSAlert: report.Answered,
		report.ConnectForbidden: report.Answered, report.TLSNotTLS: report.Answered,
	} {
		if got := spokenTo(&hop.Fault{Cause: cause}); got != want {
			t.Errorf("%s: %s, want %s", cause, got, want)
		}
	}
	if spokenTo(nil) != report.Answered || spokenTo(&hop.Fault{Cause: report.TLSReset, Stopped: true}) != report.Unavailable {
		t.Error("no fault is an answer, and a round that ended none")
	}
}

// hits makes a travel: by hop limit an answer, and its sender after an @.
func hits(port int, answers ...string) report.Travel {
	tr := report.Travel{Address: "192.0.2.9", Port: port}
	for i, a := range answers {
		answer, from, _ := strings.Cut(a, "@")
		tr.Hops = append(tr.Hops, report.Hit{TTL: i + 1, Answer: answer, From: from})
	}
	return tr
}

func local(tr report.Travel) report.Travel { tr.LocalDrops = true; return tr }

func TestJourney(t *testing.T) {
	t.Parallel()
	ref := hits(443, "expired@10.0.0.1", "expired@10.0.1.1", "open", "open")
	for _, row := range []struct {
		name    string
		travels []report.Travel
		want    string
		silent  bool // it tells no more than the failure
		host    bool // this host
	}{
		{"between two hops", []report.Travel{hits(5671, "expired@10.0.0.1", "silent", "silent", "silent"), ref},
			"SYNs to port 5671 get lost between 10.0.0.1 (hop 1) and 10.0.1.1 (hop 2), which answers for port 443", false, false},
		{"before the target", []report.Travel{hits(5671, "expired@10.0.0.1", "expired@10.0.1.1", "silent", "silent"), ref},
			"SYNs to port 5671 get lost between 10.0.1.1 (hop 2) and hop 3 (the target), which answers for port 443", false, false},
		{"a silent hop stays unknown", []report.Travel{hits(5671, "expired@10.0.0.1", "silent", "silent"), hits(443, "expired@10.0.0.1", "silent", "open")},
			"SYNs to port 5671 get lost between 10.0.0.1 (hop 1) and hop 3 (the target), which answers for port 443", false, false},
		{"this host", []report.Travel{local(hits(5671, "silent", "silent", "silent")), ref}, "SYNs to port 5671 do not leave this host: its own firewall drops them", false, true},
		{"this host, or the first hop", []report.Travel{hits(5671, "silent", "silent", "silent"), ref},
			"SYNs to port 5671 get lost between this host and 10.0.0.1 (hop 1), which answers for port 443: this host's own firewall, or that hop", false, false},
		{"this host fails to send, and another port's SYNs are lost too", []report.Travel{local(hits(5671, "silent")), hits(443, "silent")}, "no hop answers, so it is not known how far SYNs travel", true, false},
		{"nothing to compare with", []report.Travel{hits(5671, "expired@10.0.0.1", "silent")}, "SYNs to port 5671 get as far as 10.0.0.1 (hop 1), and nothing beyond it answers", false, false},
		{"the other port is lost there too", []report.Travel{hits(5671, "expired@10.0.0.1", "silent"), hits(443, "expired@10.0.0.1", "silent")},
			"SYNs to port 5671 get as far as 10.0.0.1 (hop 1), and nothing beyond it answers", false, false},
		{"nothing answers", []report.Travel{hits(5671, "silent", "silent")}, "no hop answers, so it is not known how far SYNs travel", true, false},
		{"it works after all", []report.Travel{hits(5671, "expired@10.0.0.1", "open"), ref}, "a SYN was answered after all", true, false},
		{"refused by a router", []report.Travel{hits(5671, "expired@10.0.0.1", "icmp 3/13@10.0.0.1"), ref}, "10.0.0.1 refuses port 5671 with ICMP 3/13 (administratively prohibited)", false, false},
		{"refused by this host", []report.Travel{local(hits(5671, "icmp 3/13@10.0.0.7", "icmp 3/13@10.0.0.7")), ref}, "this host itself refuses port 5671 with ICMP 3/13 (administratively prohibited): its own firewall", false, true},
		{"refused in a way that has no name", []report.Travel{hits(5671, "icmp 3/99@10.0.0.1")}, "10.0.0.1 refuses port 5671 with icmp 3/99", false, false},
		{"a reset from nearer than the target", []report.Travel{hits(5671, "expired@10.0.0.1", "reset", "reset"), ref},
			"the reset for port 5671 comes from hop 2 or nearer, and the target, which answers for port 443, is hop 3: it is not the target that resets", false, false},
		{"a reset from as far as the target", []report.Travel{hits(5671, "expired@10.0.0.1", "expired@10.0.1.1", "reset"), ref}, "the reset for port 5671 comes from as far as the target", true, false},
		{"a reset, and the target's place is unknown", []report.Travel{hits(5671, "reset")}, "the reset for port 5671 comes from as far as the target", true, false},
		{"an answer without its sender", []report.Travel{hits(5671, "expired", "silent"), hits(443, "expired", "expired", "open")}, "SYNs to port 5671 get lost between hop 1 and hop 2, which answers for port 443", false, false},
		{"nothing is known", nil, "a SYN was answered after all", true, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			j := journeyOf(row.travels)
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

func TestTimesOfHold(t *testing.T) {
	t.Parallel()
	trial := func(idle float64, outcome string, end float64) report.HoldTrial {
		return report.HoldTrial{IdleSec: idle, Outcome: outcome, EndSec: end}
	}
	for _, row := range []struct {
		name             string
		trials           []report.HoldTrial
		held, lost, beat float64
		idle             bool
		cause            report.Cause
	}{
		{"all alive", []report.HoldTrial{trial(8, report.HoldAlive, 8), trial(2, report.HoldAlive, 2)}, 8, 0, 0, false, ""},
		{"dropped", []report.HoldTrial{trial(8, report.HoldLost, 18), trial(4, report.HoldLost, 14), trial(2, report.HoldAlive, 2)}, 2, 4, 2, false, report.HoldDropped},
		{"cut before its time", []report.HoldTrial{trial(4, report.HoldCut, 3.1), trial(8, report.HoldCut, 3.1), trial(2, report.HoldAlive, 2)}, 2, 3.1, 2, false, report.HoldReset},
		{"cut when asked", []report.HoldTrial{trial(4, report.HoldCut, 4.2), trial(2, report.HoldAlive, 2)}, 2, 4, 2, false, report.HoldReset},
		{"none outlived", []report.HoldTrial{trial(4, report.HoldLost, 14), trial(2, report.HoldLost, 12)}, 0, 2, 1, false, report.HoldDropped},
		{"dropped, and a longer one by luck not", []report.HoldTrial{trial(2, report.HoldLost, 12), trial(4, report.HoldAlive, 4)}, 0, 2, 1, false, report.HoldDropped},
		{"the server closes", []report.HoldTrial{trial(4, report.HoldServerIdle, 3), trial(2, report.HoldAlive, 2)}, 2, 0, 0, true, ""},
		{"none was up", []report.HoldTrial{trial(4, report.HoldFailed, 0)}, 0, 0, 0, false, ""},
		{"cut first, then dropped", []report.HoldTrial{trial(2, report.HoldCut, 1.5), trial(4, report.HoldLost, 14)}, 0, 1.5, 0.75, false, report.HoldReset},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			d := sumUp(row.trials, 8e9)
			if d.HeldSec != row.held || d.LostSec != row.lost || d.KeepAliveSec != row.beat || d.ServerIdle != row.idle || d.LimitSec != 8 {
				t.Errorf("%+v", *d)
			}
			f := judgeHold(d, "hub.test")
			if (f == nil) != (row.cause == "") || f != nil && f.Cause != row.cause {
				t.Errorf("judged %+v, want %q", f, row.cause)
			}
			if f != nil && !strings.Contains(f.Summary, "keeps it alive") {
				t.Errorf("no remedy in %q", f.Summary)
			}
		})
	}
}

// TestComparable: a port that answers is compared with first, then one of the plan, then
// one that IoT Hub has; never the port itself.
func TestComparable(t *testing.T) {
	t.Parallel()
	s := newSurvey(t.Context(), time.Now())
	defer s.close()
	if got := s.comparable(nil, 443); got != 5671 {
		t.Errorf("nothing known: %d", got)
	}
	if got := s.comparable([]int{5671, 8883}, 5671); got != 8883 {
		t.Errorf("planned: %d", got)
	}
	for range 2 {
		s.connected(443)
	}
	s.connected(5671)
	if got := s.comparable([]int{5671, 8883}, 8883); got != 443 || len(s.up) != 2 {
		t.Errorf("answering: %d of %v", got, s.up)
	}
	if got := s.comparable([]int{443}, 443); got != 5671 {
		t.Errorf("not itself: %d", got)
	}
}
