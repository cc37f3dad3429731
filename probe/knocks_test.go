package probe_test

import (
	"net/http"
	"strings"
	"testing"

	"edgenet/report"
)

// TestProxiesThatDiffer: one address before several proxies, of which some refuse. No other reason is given
// for what the same CONNECT gets, and each path fares as the others do.
func TestProxiesThatDiffer(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		nodes  []string // what each says in its turn
		works  bool
		causes []report.Cause
	}{
		"one of two": {[]string{"200 OK", "403 Forbidden"}, true, []report.Cause{report.ConnectForbidden}},
		"one of three, which has no way out": {[]string{"200 OK", "502 Bad Gateway", "200 OK"}, true,
			[]report.Cause{report.ConnectUpstream}},
		"two of three, each for another reason": {[]string{"503 Service Unavailable", "403 Forbidden", "200 OK"}, true,
			[]report.Cause{report.ConnectForbidden, report.ConnectUpstream}},
		"nine of ten": {[]string{"403 A", "403 B", "403 C", "200 OK", "403 D", "403 E", "403 F", "403 G", "403 H",
			"403 I"}, false, []report.Cause{report.ConnectForbidden}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, nil)
			n := 0
			_, at := gated(t, s, false, func(*http.Request, int) (string, string) {
				n++
				status := row.nodes[n%len(row.nodes)]
				if strings.HasPrefix(status, "200") {
					return status, ""
				}
				return status, "X-Cache: MISS from n2\r\n" + goes
			})
			s.proxied(t, "http://"+at)
			s.only(report.AMQPWS, report.MQTTWS, report.HTTPS)
			r := s.check(t)
			for _, x := range r.Results {
				if got := x.Status == report.OK; got != row.works || x.Attempts < 5 || x.Failures < 3 {
					t.Errorf("%s: %s, %d of %d failed", x.Protocol, words(&x), x.Failures, x.Attempts)
				}
				for _, c := range row.causes {
					if x.FailureCauses[c] == 0 {
						t.Errorf("%s: %v, want %s", x.Protocol, x.FailureCauses, c)
					}
				}
				if _, asked := x.Experiment(report.WithUserAgent); asked || x.FailureCauses[report.ConnectLimit] > 0 {
					t.Errorf("%s: %s, %v", x.Protocol, outcomes(&x), x.FailureCauses)
				}
			}
			found := 0
			for _, f := range r.Findings {
				switch f.Code {
				case report.LimitConnections, report.ProxyNotAsRuntime:
					t.Errorf("%s: %s", f.Code, f.Summary)
				case report.Loss:
					found++
					if f.Actor != report.ActorProxy || !strings.Contains(f.Summary, "X-Cache: MISS from n2") {
						t.Errorf("%s: %s", f.Actor, f.Summary)
					}
				}
			}
			if found != 1 {
				t.Errorf("%+v", r.Findings)
			}
			if says := strings.Contains(r.Verdict.Reason, "of the same CONNECT"); !says {
				t.Errorf("%s", r.Verdict.Reason)
			}
		})
	}
}

// TestLuckyTunnels: all paths that matter get through, and one of two other ports does not: the port that
// matters is counted, and what got through by luck does not stand as if nothing were.
func TestLuckyTunnels(t *testing.T) {
	t.Parallel()
	for name, odd := range map[string]bool{"one of two other ports": true, "both": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, nil)
			n := 0
			_, at := gated(t, s, false, func(r *http.Request, _ int) (string, string) {
				switch {
				case strings.HasSuffix(r.Host, ":8883") && odd:
					return "200 OK", ""
				case !strings.HasSuffix(r.Host, ":443"):
					return "403 Forbidden", goes
				}
				if n++; n > 3 && n%2 == 0 {
					return "403 Forbidden", goes
				}
				return "200 OK", ""
			})
			s.proxied(t, "http://"+at)
			for _, x := range s.check(t).Results {
				if x.Protocol.Proxied() && (x.Status != report.OK || (x.FailureCauses[report.ConnectForbidden] > 0) != odd) {
					t.Errorf("%s: %s, %v", x.Protocol, words(&x), x.FailureCauses)
				}
			}
		})
	}
}
