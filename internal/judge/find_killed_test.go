package judge

import (
	"slices"
	"strings"
	"testing"

	"edgenet/internal/verify/testkit"
	"edgenet/report"
)

// TestWhatKills: what else was sent to a port says what kills its hellos, and what was not asked says nothing.
func TestWhatKills(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	dead := []string{"again", "killed", "other-name", "killed", "no-name", "killed", "large-hello", "killed"}
	mute := []string{"again", "silent", "other-name", "silent", "no-name", "silent", "large-hello", "silent"}
	with := func(base []string, more ...string) []string { return slices.Concat(base, more) }
	chain := func(e *report.Experiment) {
		e.Steps = []report.Step{{Hop: report.HopTarget, Stage: report.StageTLS,
			Detail: &report.TLSDetail{Chain: []report.Certificate{{}}}}}
	}
	for name, row := range map[string]struct {
		asked []string
		acked *bool
		chain bool // the hello of TLS 1.3 alone was answered with certificates
		want  killedBy
		says  string
	}{
		"nothing more was asked": {asked: dead, want: byTLS, says: "that stops TLS on"},
		"TLS 1.3": {asked: with(dead, "small-hello", "answered", "new-hello", "killed", "first-byte", "answered"),
			want: byNewTLS, says: "hellos with TLS 1.3 on"},
		"TLS 1.3, and a large hello passes": {asked: with([]string{"again", "killed", "other-name", "killed", "no-name",
			"killed"}, "large-hello", "answered", "small-hello", "answered", "new-hello", "killed"), want: byTLS},
		"both": {asked: with(dead, "small-hello", "answered", "new-hello", "answered"), want: byBothTLS,
			says: "TLS 1.2 and 1.3 on"},
		"TLS 1.2 on the way there": {asked: with(mute, "small-hello", "silent", "new-hello", "answered"), acked: &no,
			want: byOldTLS, says: "hellos with TLS 1.2 on"},
		"TLS 1.2, and one of 1.3 is served": {asked: with(dead, "small-hello", "killed", "new-hello", "answered"),
			chain: true, want: byOldTLS},
		"a refusal comes back": {asked: with(mute, "small-hello", "silent", "new-hello", "answered"), acked: &yes,
			want: byAnswer, says: "the answer that has the certificate: a rule"},
		"a refusal comes back after a cut": {asked: with(dead, "small-hello", "killed", "new-hello", "answered"),
			want: byAnswer, says: "hellos that offer TLS 1.2, or the answer"},
		"anything": {asked: with(mute, "small-hello", "silent", "new-hello", "silent", "first-byte", "silent"),
			acked: &no, want: byAnything, says: "loses all that follows"},
		"anything, though a hello was acknowledged": {asked: with(mute, "small-hello", "silent", "new-hello", "silent",
			"first-byte", "silent"), acked: &yes, want: byTLS},
		"anything is cut": {asked: with(dead, "small-hello", "killed", "new-hello", "killed", "first-byte", "killed"),
			want: byAnything, says: "cuts what is sent"},
		"the way back": {asked: with(mute, "small-hello", "silent", "new-hello", "silent", "first-byte", "answered"),
			acked: &yes, want: byWayBack, says: "on the way back"},
		"a byte passes, and no hello": {asked: with(mute, "small-hello", "silent", "new-hello", "silent", "first-byte",
			"answered"), acked: &no, want: byTLS, says: "that stops TLS on"},
		"it is not known what was acknowledged": {asked: with(mute, "small-hello", "silent", "new-hello", "silent",
			"first-byte", "unavailable"), want: byTLS},
	} {
		q := asking(t, "direct", proxyURL)
		cause := "tls.reset"
		if row.asked[1] == "silent" {
			cause = "tls.timeout"
		}
		rs := pathLines(t, q, "AMQP@direct "+cause)
		rs[0].Experiments = testkit.Experiments(row.asked...)
		for i := range rs[0].Experiments {
			if e := &rs[0].Experiments[i]; row.chain && e.Name == report.NewHello {
				chain(e)
			}
		}
		target(&rs[0], report.StageTLS, &report.TLSDetail{Acknowledged: row.acked})
		if got := whatKills(&rs[0]); got != row.want {
			t.Errorf("%s: %d, want %d", name, got, row.want)
		}
		got := firewallProtocol(&view{q: q, results: rs})
		if len(got) != 1 || !strings.Contains(got[0].remedy, row.says) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
