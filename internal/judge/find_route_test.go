package judge

import (
	"strings"
	"testing"

	"edgenet/report"
)

// tried gives failed paths the answer of the experiment from another source.
func tried(source string, o report.Outcome, protocols ...report.Protocol) func(*testing.T, []report.Result) {
	return func(t *testing.T, rs []report.Result) {
		remote("20.1.2.3")(t, rs)
		for i := range rs {
			for _, p := range protocols {
				if rs[i].Protocol == p {
					rs[i].Experiments = []report.Experiment{{Name: report.OtherRoute, Outcome: o, Source: source}}
				}
			}
		}
	}
}

func TestAnotherRouteOfThisHost(t *testing.T) {
	t.Parallel()
	all := report.Protocols()
	for _, row := range []struct {
		name    string
		rows    []string
		change  func(*testing.T, []report.Result)
		found   bool
		blocked report.FindingCode // that stays; empty: no firewall is blamed
		actor   report.Actor       // of the first advice
	}{
		{"dead here, alive there", every("direct", "tcp.timeout"), tried("wwan0", report.Answered, all...), true, "",
			report.ActorHost},
		{"refused here, alive there", every("direct", "tcp.refused"), tried("192.0.2.9", report.Answered, all...), true,
			"", report.ActorHost},
		{"dead here and there", every("direct", "tcp.timeout"), tried("", report.Blocked, all...), false,
			report.FirewallAllBlocked, report.ActorFirewall},
		{"one port is open there", with(every("direct", "ok"), "MQTT@direct tcp.timeout"),
			tried("wwan0", report.Answered, report.MQTT), true, report.FirewallPortBlocked, ""},
		{"an answer without its source", every("direct", "tcp.timeout"), tried("", report.Answered, all...), false,
			report.FirewallAllBlocked, report.ActorFirewall},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			q := asking(t, "direct")
			rs := pathLines(t, q, row.rows...)
			row.change(t, rs)
			r := &report.Report{Results: rs}
			Conclude(r, q, false)
			seen := map[report.FindingCode]report.Finding{}
			for _, f := range r.Findings {
				seen[f.Code] = f
			}
			f, found := seen[report.RouteOther]
			if found != row.found || found && (!strings.Contains(f.Remedy, "--source") ||
				!strings.Contains(f.Remedy, q.Host+" (20.1.2.3) through ")) {
				t.Errorf("route.other %v: %+v", found, r.Findings)
			}
			for _, code := range []report.FindingCode{report.FirewallAllBlocked, report.FirewallPortBlocked} {
				if _, there := seen[code]; there != (code == row.blocked) {
					t.Errorf("%s: %v", code, there)
				}
			}
			if row.actor != "" && (len(r.Advice) == 0 || r.Advice[0].Actor != row.actor) {
				t.Errorf("first advice: %+v", r.Advice)
			}
		})
	}
}

// TestTheWrongRouteForAll: the way that this host takes is wrong where nothing that was tried by it
// works, whatever there was no time for.
func TestTheWrongRouteForAll(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		rows []string
		want bool
	}{
		"all fail":                  {every("direct", "tcp.timeout"), true},
		"all that were tried fail":  {with(every("direct", "tcp.timeout"), "MQTT@direct skipped"), true},
		"one works":                 {with(every("direct", "tcp.timeout"), "MQTT@direct ok"), false},
		"one has no name to try it": {with(every("direct", "tcp.timeout"), "MQTT@direct dns.servfail"), false},
		"one fails there as well":   {with(every("direct", "tcp.timeout"), "HTTPS@direct tls.reset"), false},
	} {
		q := asking(t, "direct")
		rs := pathLines(t, q, row.rows...)
		for i := range rs {
			if rs[i].Cause == report.TCPTimeout {
				rs[i].Experiments = []report.Experiment{{Name: report.OtherRoute, Outcome: report.Answered,
					Source: "wwan0"}}
			}
		}
		v := &view{q: q, results: rs}
		if got := wrongRoute(v); (len(got) > 0) != row.want {
			t.Errorf("%s: %+v", name, got)
		}
		if got := v.misled(&rs[0]); got != row.want {
			t.Errorf("%s: misled: %v", name, got)
		}
	}
}

// TestAClosedPortIsNotAccused: what has to be closed, and is, is no firewall's fault, though
// another port of the same address answers; one that is closed beside it is told.
func TestAClosedPortIsNotAccused(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		closed []PathName
		want   bool
	}{
		{"both have to be closed", []PathName{{report.AMQP, "direct"}, {report.MQTT, "direct"}}, false},
		{"one has to be, and another is as well", []PathName{{report.AMQP, "direct"}}, true},
		{"none has to be", nil, true},
	} {
		q := asking(t, "direct")
		q.Closed = row.closed
		rs := pathLines(t, q, with(every("direct", "ok"), "AMQP@direct tcp.timeout", "MQTT@direct tcp.timeout")...)
		remote("20.1.2.3")(t, rs)
		r := &report.Report{Results: rs}
		Conclude(r, q, false)
		if got := drawn(r.Findings, report.FirewallPortBlocked); got != row.want {
			t.Errorf("%s: %v %+v", row.name, got, r.Findings)
		}
	}
}

// TestAnotherRouteToTheProxy: where it is the proxy that is not reached by the first link,
// the remedy leads the way to the proxy's address, not to the hub's.
func TestAnotherRouteToTheProxy(t *testing.T) {
	t.Parallel()
	q := asking(t, proxyURL)
	rs := pathLines(t, q, every("proxy", "proxy/tcp.timeout")...)
	for i := range rs {
		for j := range rs[i].Steps {
			if st := &rs[i].Steps[j]; st.Hop == report.HopProxy && st.Stage == report.StageTCP {
				st.Detail = &report.TCPDetail{Local: "10.9.0.2:40000", Remote: "10.9.0.7:3128", Interface: "eth1"}
			}
		}
		rs[i].Experiments = []report.Experiment{{Name: report.OtherRoute, Outcome: report.Answered, Source: "wwan0"}}
	}
	if v := (&view{q: q, results: rs}); v.misled(&rs[0]) {
		t.Error("a path by a proxy is not led to a wrong address of the target")
	}
	r := &report.Report{Results: rs}
	Conclude(r, q, false)
	for _, f := range r.Findings {
		if f.Code != report.RouteOther {
			continue
		}
		if want := "fail by the way that this host takes (eth1, from 10.9.0.2)"; !strings.Contains(f.Summary, want) {
			t.Errorf("the finding does not say %q: %s", want, f.Summary)
		}
		for _, want := range []string{"the proxy 10.9.0.7", "wwan0"} {
			if !strings.Contains(f.Remedy, want) {
				t.Errorf("the remedy does not say %q: %s", want, f.Remedy)
			}
		}
		if strings.Contains(f.Remedy, "azure-devices") {
			t.Errorf("the hub's way is asked for: %s", f.Remedy)
		}
		return
	}
	t.Fatalf("no route.other: %+v", r.Findings)
}

// TestVerdictLeadsWithWhatSeesThrough: whoever reads the verdict alone learns of the wrong
// route, not of a port that is silent by it.
func TestVerdictLeadsWithWhatSeesThrough(t *testing.T) {
	t.Parallel()
	q := asking(t, "direct")
	rs := pathLines(t, q, every("direct", "tcp.timeout")...)
	tried("wwan0", report.Answered, report.Protocols()...)(t, rs)
	r := &report.Report{Results: rs}
	Conclude(r, q, false)
	if b := r.Verdict.Because; b == nil || b.Finding != report.RouteOther ||
		!strings.Contains(r.Verdict.Reason, "the way that this host takes") {
		t.Errorf("%+v %s", b, r.Verdict.Reason)
	}
}

// TestWhatLeads: findings that see through a failure lead the verdict. A private endpoint's name
// without an address says why a name fails; what then fails on the way to an address is told by
// itself. A consequence leads nothing.
func TestWhatLeads(t *testing.T) {
	t.Parallel()
	leading := map[report.FindingCode]bool{report.CertificateImpostor: true, report.TLSInspection: true,
		report.CaptivePortal: true, report.MTUBlackhole: true, report.FirewallSNI: true, report.FirewallProtocol: true,
		report.AddressStale: true, report.DNSHijack: true, report.RouteOther: true}
	for _, r := range rows() {
		for _, stage := range []report.Stage{report.StageDNS, report.StageTCP, report.StageTLS} {
			want := leading[r.code] || r.code == report.DNSPrivateLink && stage == report.StageDNS
			if got := r.leads != nil && r.leads(&report.Result{Stage: stage}); got != want {
				t.Errorf("%s for %s: %v", r.code, stage, got)
			}
		}
	}
}
