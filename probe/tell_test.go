package probe

import (
	"strings"
	"testing"
	"time"

	"edgenet/internal/hop"
	"edgenet/internal/verify/testkit"
	"edgenet/report"
)

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
		{"small passes, the control stalls", report.TLSTimeout, testkit.Experiments("again", "silent", "small-segments",
			"answered"),
			report.TLSMTU, "segments of at most 536 bytes passes", true},
		{"small passes, and so does the control", report.TLSTimeout, testkit.Experiments("again", "answered",
			"small-segments",
			"answered"), report.TLSTimeout, "it comes and goes", false},
		{"small passes, no control", report.TLSTimeout, testkit.Experiments("again", "unavailable", "small-segments",
			"answered"),
			report.TLSTimeout, "", false},
		{"small passes, the control is cut", report.TLSTimeout, testkit.Experiments("again", "killed", "small-segments",
			"answered"),
			report.TLSTimeout, "", false},
		{"small passes, and another of full size does", report.TLSTimeout,
			append(testkit.Experiments("again", "silent", "small-segments", "answered"),
				report.Experiment{Name: report.NoName,
					Outcome: report.Answered,
					Steps: []report.Step{{Stage: report.StageTLS,
						Detail: &report.TLSDetail{Chain: []report.Certificate{{}}}}}}), report.TLSTimeout, "", false},
		{"small passes, and another is answered by an alert", report.TLSTimeout,
			append(testkit.Experiments("again", "silent"), report.Experiment{Name: report.OtherName,
				Outcome: report.Answered,
				Steps:   []report.Step{{Stage: report.StageTLS, Detail: &report.TLSDetail{}}}},
				report.Experiment{Name: report.SmallSegments, Outcome: report.Answered,
					Steps: []report.Step{{Stage: report.StageTLS,
						Detail: &report.TLSDetail{Chain: []report.Certificate{{}}}}}}), report.TLSMTU,
			"segments of at most 536", true},
		{"small stalls as well", report.TLSTimeout, testkit.Experiments("again", "silent", "small-segments", "silent"),
			report.TLSTimeout, "", true},
		{"small cannot be tried", report.TLSTimeout, testkit.Experiments("again", "silent", "small-segments",
			"unavailable"),
			report.TLSTimeout, "", false},
		{"a reset that comes and goes", report.TLSReset, testkit.Experiments("again", "answered"), report.TLSReset,
			"it comes and goes", false},
		{"a reset that stays", report.TLSReset, testkit.Experiments("again", "killed", "small-segments", "answered"),
			report.TLSReset,
			"", false},
		{"the proxy lives", report.ConnectTimeout, testkit.Experiments("proxy-alive", "answered"),
			report.ConnectTimeout,
			"it answered, so it waits for the network behind it", false},
		{"the proxy is silent", report.ConnectTimeout, testkit.Experiments("proxy-alive", "silent"),
			report.ConnectTimeout,
			"it is the proxy itself that is slow or stuck", false},
		{"the proxy was not asked", report.ConnectTimeout, nil, report.ConnectTimeout, "", false},
		{"refused by ICMP", report.TCPRefused,
			[]report.Experiment{{Name: report.Where,
				Travels: []report.Travel{testkit.Travel(5671, "icmp 3/3@10.0.0.1")}}},
			report.TCPRefused, "; 10.0.0.1 refuses port 5671 with ICMP 3/3 (port unreachable)", false},
		{"refused by a reset", report.TCPRefused,
			[]report.Experiment{{Name: report.Where, Travels: []report.Travel{testkit.Travel(5671, "reset")}}},
			report.TCPRefused,
			"", false},
		{"another cause", report.TCPTimeout, testkit.Experiments("again", "answered", "proxy-alive", "answered"),
			report.TCPTimeout,
			"", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got, how := tell(hop.Fault{Cause: row.cause, Summary: "first"}, row.asked)
			if got.Cause != row.want || (how != "") != row.how {
				t.Errorf("%s, told by %q", got.Cause, how)
			}
			if !strings.HasPrefix(got.Summary, "first") || row.says == "" && got.Summary != "first" ||
				!strings.Contains(got.Summary, row.says) {
				t.Errorf("summary %q", got.Summary)
			}
		})
	}
}

func TestSpokenTo(t *testing.T) {
	t.Parallel()
	for cause, want := range map[report.Cause]report.Outcome{
		report.TLSReset: report.Killed, report.ConnectClosed: report.Killed, report.TLSTimeout: report.Silent,
		report.ConnectTimeout: report.Silent,
		report.TCPRefused:     report.Blocked, report.DNSTimeout: report.Blocked, report.TLSUntrusted: report.Answered,
		report.TLSAlert:         report.Answered,
		report.ConnectForbidden: report.Answered, report.TLSNotTLS: report.Answered,
	} {
		if got := spokenTo(&hop.Fault{Cause: cause}); got != want {
			t.Errorf("%s: %s, want %s", cause, got, want)
		}
	}
	if spokenTo(nil) != report.Answered ||
		spokenTo(&hop.Fault{Cause: report.TLSReset, Stopped: true}) != report.Unavailable {
		t.Error("no fault is an answer, and a round that ended none")
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
		{"all alive", []report.HoldTrial{trial(8, report.HoldAlive, 8), trial(2, report.HoldAlive, 2)}, 8, 0, 0,
			false, ""},
		{"dropped", []report.HoldTrial{trial(8, report.HoldLost, 18), trial(4, report.HoldLost, 14),
			trial(2, report.HoldAlive, 2)}, 2, 4, 2, false, report.HoldDropped},
		{"cut before its time", []report.HoldTrial{trial(4, report.HoldCut, 3.1), trial(8, report.HoldCut, 3.1),
			trial(2, report.HoldAlive, 2)}, 2, 3.1, 2, false, report.HoldReset},
		{"cut when asked", []report.HoldTrial{trial(4, report.HoldCut, 4.2), trial(2, report.HoldAlive, 2)}, 2, 4, 2,
			false, report.HoldReset},
		{"none outlived", []report.HoldTrial{trial(4, report.HoldLost, 14), trial(2, report.HoldLost, 12)}, 0, 2, 1,
			false, report.HoldDropped},
		{"dropped, and a longer one by luck not", []report.HoldTrial{trial(2, report.HoldLost, 12),
			trial(4, report.HoldAlive, 4)}, 0, 2, 1, false, report.HoldDropped},
		{"the server closes", []report.HoldTrial{trial(4, report.HoldServerIdle, 3), trial(2, report.HoldAlive, 2)}, 2,
			0, 0, true, ""},
		{"none was up", []report.HoldTrial{trial(4, report.HoldFailed, 0)}, 0, 0, 0, false, ""},
		{"cut first, then dropped", []report.HoldTrial{trial(2, report.HoldCut, 1.5), trial(4, report.HoldLost, 14)}, 0,
			1.5, 0.75, false, report.HoldReset},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			d := sumUp(row.trials, 8e9)
			if d.HeldSec != row.held || d.LostSec != row.lost || d.KeepAliveSec != row.beat ||
				d.ServerIdle != row.idle || d.LimitSec != 8 {
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
