package pattern

import (
	"testing"

	"edgenet/report"
)

func TestSays(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"tcp.refused", "tcp.timeout", "dns.nxdomain", "tls.untrusted", "auth.unknown-device",
		"connect.forbidden", "proxy.scheme", "storage.full", "identity.duplicate"} {
		list := Says(code)
		if code == "connect.forbidden" && len(list) == 0 {
			t.Error("connect.forbidden is said by the engine")
		}
		if len(list) == 0 {
			t.Errorf("%s: nothing is said", code)
		}
		for i, s := range list {
			if s.By == "" || s.Text == "" || s.Certainty == "" || i > 0 &&
				s.Certainty.Rank() > list[i-1].Certainty.Rank() {
				t.Errorf("%s: %+v", code, s)
			}
		}
	}
	if list := Says("no.such"); list != nil {
		t.Errorf("no.such: %v", list)
	}
	shown := 0
	for _, c := range report.Causes() {
		if len(Says(string(c.Code))) > 0 {
			shown++
		}
	}
	if shown < 30 {
		t.Errorf("only %d causes show in logs", shown)
	}
}
