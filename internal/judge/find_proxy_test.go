package judge

import (
	"strings"
	"testing"

	"edgenet/report"
)

// TestNodesDiffer: refusals beside which the same was let in are the proxy's, and nobody is told to look for
// loss; what only other tunnels caused, and silence, are something else.
func TestNodesDiffer(t *testing.T) {
	t.Parallel()
	flaky := func(attempts, failures int, c report.Cause) func(*testing.T, []report.Result) {
		return func(_ *testing.T, rs []report.Result) {
			for i := range rs[:2] {
				rs[i].Attempts, rs[i].Failures, rs[i].FailureCauses = attempts, failures, map[report.Cause]int{c: failures}
				evidence(&rs[i], report.HopProxy, report.StageConnect, &report.ConnectDetail{Status: 200,
					Otherwise: &report.ConnectFirst{StatusLine: "HTTP/1.1 403 No", Headers: []string{"X-Cache: n2"}}})
			}
		}
	}
	lines := []string{"AMQPWS@proxy ok", "MQTTWS@proxy ok", "HTTPS@proxy ok"}
	runFindings(t, []findingRow{
		{name: "half of them", routes: "proxy", rows: lines, change: flaky(18, 9, report.ConnectForbidden), code: report.Loss,
			want: "warning proxy-admin r1,r2: the proxy proxy.test:3128 lets the same CONNECT in and refuses it: 9 of 18 " +
				"were refused (HTTP/1.1 403 No; X-Cache: n2) | Have each CONNECT to hub.azure-devices.net:443"},
		{name: "one of them", routes: "proxy", rows: lines, change: flaky(18, 1, report.ConnectUpstreamDNS),
			code: report.Loss, want: "warning proxy-admin r1,r2: "},
		{name: "all", routes: "proxy", rows: lines, change: flaky(6, 6, report.ConnectForbidden), code: report.Loss},
		{name: "beside others alone", routes: "proxy", rows: lines, change: flaky(18, 1, report.ConnectLimit),
			code: report.Loss},
		{name: "silence", routes: "proxy", rows: lines, change: flaky(18, 9, report.ConnectTimeout), code: report.Loss,
			want: "warning network r1,r2: 18 of 36 attempts"},
	})
	q := asking(t, proxyURL)
	rs := pathLines(t, q, lines...)
	flaky(18, 9, report.ConnectForbidden)(t, rs)
	if v := Choose(rs, q, false); v.ExitCode != 0 || !strings.Contains(v.Reason, "refused 9 of 18 of the same CONNECT") {
		t.Errorf("%d %s", v.ExitCode, v.Reason)
	}
	bad := pathLines(t, q, "AMQPWS@proxy connect.forbidden", "MQTTWS@proxy connect.forbidden", "HTTPS@proxy ok")
	flaky(18, 16, report.ConnectForbidden)(t, bad)
	if Refine(bad); bad[0].Actor != report.ActorProxy || !strings.Contains(bad[0].Summary, "let 2 of 18") ||
		strings.HasPrefix(bad[0].Remedy, "Allow") {
		t.Errorf("%s %s | %s", bad[0].Actor, bad[0].Summary, bad[0].Remedy)
	}
}
