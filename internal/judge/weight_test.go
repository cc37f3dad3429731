package judge

import (
	"strings"
	"testing"

	"edgenet/internal/verify/testkit"
	"edgenet/report"
)

// TestTheConfiguredWayWeighsMore: what stops the way through the proxy is told before what
// the hub answered directly, as the proxy is the way that was meant.
func TestTheConfiguredWayWeighsMore(t *testing.T) {
	t.Parallel()
	q := asking(t, "direct", proxyURL)
	for _, lines := range [][]string{
		{"AMQPWS@direct amqp.error", "AMQPWS@proxy connect.forbidden"},
		{"AMQPWS@proxy connect.forbidden", "AMQPWS@direct amqp.error"},
	} {
		v := Choose(pathLines(t, q, lines...), q, false)
		if v.UpstreamProtocol != nil || !strings.Contains(v.Reason, "connect.forbidden was seen") {
			t.Errorf("%v: %s", lines, v.Reason)
		}
	}
	lines := []string{"AMQPWS@direct tcp.timeout", "MQTTWS@direct tcp.timeout", "MQTT@direct tcp.timeout",
		"AMQP@direct amqp.error"} // the hub's own answer is nearer to the truth than three silent ports
	if v := Choose(pathLines(t, q, lines...), q, false); !strings.Contains(v.Reason, "amqp.error was seen") {
		t.Errorf("%v: %s", lines, v.Reason)
	}
}

// TestWhatTheDeviceNeedsBesides: an endpoint beside the hub that does not answer makes the
// verdict bad, also where another protocol than the expected one works.
func TestWhatTheDeviceNeedsBesides(t *testing.T) {
	t.Parallel()
	q := asking(t, "direct")
	results := pathLines(t, q, every("direct", "ok")...)
	if v := Choose(results, q, false); v.ExitCode != 0 {
		t.Fatalf("without it: %+v", v)
	}
	q.Unreached = []string{"registry.test"}
	if v := Choose(results, q, false); v.ExitCode != 1 || !strings.Contains(v.Reason, "registry.test") {
		t.Errorf("exit code %d: %s", v.ExitCode, v.Reason)
	}
	q.Expect, q.ExpectSource = report.AMQP, "flag"
	others := pathLines(t, q, with(every("direct", "ok"), "AMQP@direct tcp.timeout")...)
	if v := Choose(others, q, false); v.ExitCode != 1 {
		t.Errorf("another protocol works: exit code %d", v.ExitCode)
	}
	q.Unreached = nil
	if v := Choose(others, q, false); v.ExitCode != 3 {
		t.Errorf("another protocol works, and nothing else is missing: exit code %d", v.ExitCode)
	}
}

// TestTheProvisioningServiceIsNotReached: the finding says why, and asks whoever can act.
func TestTheProvisioningServiceIsNotReached(t *testing.T) {
	t.Parallel()
	for outcome, actor := range map[string]report.Actor{"tcp.timeout": report.ActorFirewall,
		"dns.nxdomain": report.ActorDNS} {
		q := asking(t, "direct")
		q.Host, q.Role, q.Protocols = "global.azure-devices-provisioning.net", report.EndpointDPS,
			[]report.Protocol{report.HTTPS}
		r := &report.Report{Results: pathLines(t, q, "HTTPS@direct "+outcome)}
		Conclude(r, q, false)
		found := false
		for _, f := range r.Findings {
			if f.Code == report.DPSUnreachable {
				found = true
				if f.Severity != report.SeverityError || f.Actor != actor || !strings.Contains(f.Summary, outcome+" was seen") ||
					f.Remedy != r.Results[0].Remedy {
					t.Errorf("%s: %+v", outcome, f)
				}
			}
		}
		if !found {
			t.Errorf("%s: %+v", outcome, r.Findings)
		}
	}
}

// TestAProvisioningServiceNeedsOnePort: the daemon speaks HTTPS alone with it, and asks nobody to open more.
func TestAProvisioningServiceNeedsOnePort(t *testing.T) {
	t.Parallel()
	q := asking(t, "direct")
	q.Host, q.Role = "global.azure-devices-provisioning.net", report.EndpointDPS
	r := &report.Report{Results: pathLines(t, q, every("direct", "tcp.timeout")...)}
	Conclude(r, q, false)
	for _, f := range r.Findings {
		if f.Code != report.FirewallAllBlocked {
			continue
		}
		if !strings.Contains(f.Remedy, "Allow outbound TCP 443") || strings.Contains(f.Remedy, "5671") {
			t.Error(f.Remedy)
		}
		return
	}
	t.Errorf("no finding among %+v", r.Findings)
}

// TestARouterIsAskedForNoRule: where the network knows no way, a trace that shows where
// packets end is no rule of a firewall to look for.
func TestARouterIsAskedForNoRule(t *testing.T) {
	t.Parallel()
	q := asking(t, "direct")
	results := pathLines(t, q, every("direct", "tcp.unreachable")...)
	at(t, results, "MQTT@direct").Experiments = []report.Experiment{{Name: report.Where, Outcome: report.Answered,
		Travels: []report.Travel{testkit.Travel(8883, "expired@10.0.0.1", "silent", "silent"),
			testkit.Travel(443, "expired@10.0.0.1", "expired@10.0.1.1", "open")}}}
	for _, f := range Findings(results, q, Choose(results, q, false)) {
		if f.Code == report.FirewallAllBlocked && (f.Actor != report.ActorNetwork || f.Remedy != results[0].Remedy) {
			t.Errorf("%s: %s", f.Actor, f.Remedy)
		}
	}
}

// TestAParentsOwnCertificate: a parent that is started again asks for a new certificate;
// one that is not valid yet, or somebody else's, is replaced by whoever runs it.
func TestAParentsOwnCertificate(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		outcome string
		role    report.Endpoint
		says    string
	}{
		{"tls.expired", report.EndpointParent, "Restart edgeHub on the parent"},
		{"tls.not-yet-valid", report.EndpointParent, "replaced by one that is valid already"},
		{"tls.expired", report.EndpointIoTHub, "replaced by one that has not expired"},
		{"proxy/tls.expired", report.EndpointParent, "certificate of the proxy"},
	} {
		q := asking(t, "direct", httpsURL)
		route := "direct"
		if row.outcome == "proxy/tls.expired" {
			route = "proxy"
		}
		results := pathLines(t, q, "AMQPWS@"+route+" "+row.outcome)
		results[0].Endpoint = row.role
		results[0].Steps = append(results[0].Steps, report.Step{Detail: &report.HTTPDetail{SkewMs: skewOf(0)}})
		if Refine(results); !strings.Contains(results[0].Remedy, row.says) {
			t.Errorf("%s of %s: %s", row.outcome, row.role, results[0].Remedy)
		}
	}
}

// TestTheRemedyOfItsOwnPort: where two ports are blocked, HTTPS takes the remedy of 443.
func TestTheRemedyOfItsOwnPort(t *testing.T) {
	t.Parallel()
	q := asking(t, "direct")
	results := pathLines(t, q, with(every("direct", "tcp.timeout"), "MQTT@direct ok")...)
	remote("10.1.2.3")(t, results)
	found := map[report.FindingCode][]report.Finding{}
	for _, f := range Findings(results, q, Choose(results, q, false)) {
		found[f.Code] = append(found[f.Code], f)
	}
	https := found[report.HTTPSRequired]
	if len(found[report.FirewallPortBlocked]) != 2 || len(https) != 1 {
		t.Fatalf("%+v", found)
	}
	if !strings.Contains(https[0].Remedy, "TCP 443") || !strings.Contains(https[0].Summary, "443") {
		t.Errorf("%s | %s", https[0].Summary, https[0].Remedy)
	}
}

// TestTheWayThatWasMeantIsJudged: where HTTPS fails by the proxy and directly, what is told
// is the proxy's failure, in whatever order they stand; the first one's of two.
func TestTheWayThatWasMeantIsJudged(t *testing.T) {
	t.Parallel()
	q := asking(t, "direct", proxyURL, proxyURL)
	for _, lines := range [][]string{
		{"HTTPS@proxy connect.forbidden", "HTTPS@proxy2 connect.timeout", "HTTPS@direct tcp.timeout"},
		{"HTTPS@proxy connect.forbidden", "HTTPS@direct tcp.timeout", "AMQP@direct ok"},
		{"HTTPS@direct tcp.timeout", "HTTPS@proxy connect.forbidden", "AMQP@direct ok"},
	} {
		if r := newChooser(pathLines(t, q, lines...), q).judged(report.HTTPS); r.Cause != report.ConnectForbidden {
			t.Errorf("%v: %s is judged", lines, r.Cause)
		}
	}
}

// TestProvisioningInWords: reached, not reached and not known are three answers.
func TestProvisioningInWords(t *testing.T) {
	t.Parallel()
	for outcome, says := range map[string]string{"ok": "is reached directly", "skipped": "is not known",
		"tcp.timeout": "is not reached, so the device gets no hub: tcp.timeout was seen"} {
		q := asking(t, "direct")
		q.Host, q.Role, q.Protocols = "dps.test", report.EndpointDPS, []report.Protocol{report.HTTPS}
		if v := Choose(pathLines(t, q, "HTTPS@direct "+outcome), q, false); !strings.Contains(v.Reason, says) {
			t.Errorf("%s: %s", outcome, v.Reason)
		}
	}
}

// TestOneClosedPathIsAllThatWasAsked: nobody needs what has to be closed, one path as well
// as five.
func TestOneClosedPathIsAllThatWasAsked(t *testing.T) {
	t.Parallel()
	v := report.Verdict{Closed: []report.Closed{{ResultID: "r1", State: report.PathClosed}}}
	r := &report.Result{ID: "r2", Protocol: report.MQTT, Status: report.Failed}
	if got := Needed(r, v); !known(got, false) {
		t.Errorf("needed: %v", got)
	}
	if v.ExitCode = 1; !known(Needed(r, v), true) {
		t.Error("another path is open that has to be closed, and no protocol is needed")
	}
}

// TestTheProvisioningServiceNeedsHTTPS: the daemon alone talks to it, and by HTTPS.
func TestTheProvisioningServiceNeedsHTTPS(t *testing.T) {
	t.Parallel()
	v := report.Verdict{HTTPSOK: say(false)}
	for p, want := range map[report.Protocol]bool{report.HTTPS: true, report.AMQP: false, report.MQTTWS: false} {
		r := &report.Result{Endpoint: report.EndpointDPS, Protocol: p, Status: report.Failed}
		if got := Needed(r, v); !known(got, want) {
			t.Errorf("%s: needed %v, want %v", p, got, want)
		}
	}
}

// TestAnAddressWithoutAPort: a report of somebody else's may hold anything.
func TestAnAddressWithoutAPort(t *testing.T) {
	t.Parallel()
	for remote, want := range map[string]string{"": "", "nonsense": "", "10.1.2.3:443": "10.1.2.3",
		"[fd00::4]:443": "fd00::4"} {
		if got := ipOf(remote); got != want {
			t.Errorf("%q: %q", remote, got)
		}
	}
}

// TestAPrivateAddressThatIsTakenAway: a privatelink name without any address is a resolver
// that keeps private ones back; with an address of the other family it is none.
func TestAPrivateAddressThatIsTakenAway(t *testing.T) {
	t.Parallel()
	link := []string{"hub.privatelink.azure-devices.net."}
	for name, row := range map[string]struct {
		of   report.DNSDetail
		want bool
	}{
		"no address":                     {report.DNSDetail{CNAME: link}, true},
		"an address of the other family": {report.DNSDetail{CNAME: link, Addresses: []string{"fd00::4"}}, false},
		"no private endpoint":            {report.DNSDetail{}, false},
	} {
		results := pathLines(t, asking(t, "direct"), "AMQP@direct dns.no-address")
		target(&results[0], report.StageDNS, &row.of)
		if Refine(results); (results[0].Remedy == rebindRemedy) != row.want {
			t.Errorf("%s: %s", name, results[0].Remedy)
		}
	}
}

// TestWhereThePrivateWayEnds: a trace that ends on the way says where, one that ends in
// this host's own firewall says nothing of the way.
func TestWhereThePrivateWayEnds(t *testing.T) {
	t.Parallel()
	ref := testkit.Travel(443, "expired@10.0.0.1", "silent")
	for name, row := range map[string]struct {
		of   report.Travel
		want bool
	}{
		"on the way": {testkit.Travel(5671, "expired@10.0.0.1", "silent"), true},
		"here":       {local(testkit.Travel(5671, "silent", "silent")), false},
	} {
		q := asking(t, "direct")
		q.Host, q.Public = "hub.azure-devices.net", true
		results := pathLines(t, q, every("direct", "tcp.timeout")...)
		led("10.1.2.3", report.DNSDetail{CNAME: []string{"hub.privatelink.azure-devices.net."},
			Addresses: []string{"10.1.2.3"}})(t, results)
		results[0].Experiments = []report.Experiment{{Name: report.Where, Outcome: report.Answered,
			Travels: []report.Travel{row.of, ref}}}
		cs := privateUnreachable(&view{results: results, q: q})
		if len(cs) != 1 || strings.Contains(cs[0].remedy, "Where it ends") != row.want {
			t.Errorf("%s: %+v", name, cs)
		}
	}
}
