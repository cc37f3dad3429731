package judge

import (
	"strings"
	"testing"

	"edgenet/report"
)

// TestFullSizeLost: what fills a packet is lost on a path that works; a path that fails, an answer
// and what was not asked say nothing about it.
func TestFullSizeLost(t *testing.T) {
	t.Parallel()
	direct := every("direct", "ok")
	padded := func(o report.Outcome) func(*testing.T, []report.Result) {
		return func(_ *testing.T, rs []report.Result) {
			rs[4].Experiments = []report.Experiment{{Name: report.FullSize, Outcome: o, Summary: "s"}}
		}
	}
	runFindings(t, []findingRow{
		{name: "no answer", routes: "direct", rows: direct, change: padded(report.Silent), code: report.MTUUpstream,
			want: "warning network r5: small requests to hub.azure-devices.net are answered by the route direct, and " +
				"what fills a packet gets lost on the way up: so will larger messages of the runtime | Let ICMP type 3"},
		{name: "an answer", routes: "direct", rows: direct, change: padded(report.Answered), code: report.MTUUpstream},
		{name: "on a path that fails", routes: "direct", rows: with(direct, "HTTPS@direct http.timeout"),
			change: padded(report.Silent), code: report.MTUUpstream},
		{name: "not asked", routes: "direct", rows: direct, code: report.MTUUpstream},
	})
}

// TestFiltersByTheirAddresses holds each row of the table, and the addresses beside it.
func TestFiltersByTheirAddresses(t *testing.T) {
	t.Parallel()
	for ip, want := range map[string]string{
		"146.112.61.104": "Cisco Umbrella", "146.112.61.111": "Cisco Umbrella", "::ffff:146.112.61.106": "Cisco Umbrella",
		"208.91.112.55": "FortiGuard", "72.5.65.111": "Palo Alto Networks",
		"146.112.61.103": "", "146.112.61.112": "", "208.91.112.56": "", "72.5.65.110": "", "20.1.2.3": "", "": "",
	} {
		if got := filterOf(ip); got != want {
			t.Errorf("%s: %q, want %q", ip, got, want)
		}
	}
}

// TestWhoCuts: what dies in a proxy's tunnels alone is the proxy's.
func TestWhoCuts(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		routes []string
		want   report.Actor
	}{
		"directly":                {[]string{report.RouteDirect}, ""},
		"by a proxy":              {[]string{"proxy", "proxy"}, report.ActorProxy},
		"directly and by a proxy": {[]string{"proxy", report.RouteDirect}, ""},
	} {
		var bad []*report.Result
		for _, route := range row.routes {
			bad = append(bad, &report.Result{Route: route})
		}
		if got := whoCuts(bad); got != row.want {
			t.Errorf("%s: %q, want %q", name, got, row.want)
		}
	}
}

// TestAnOpenPortIsNotAccused: one that answered now and then, or at the end, or another path, is open.
func TestAnOpenPortIsNotAccused(t *testing.T) {
	t.Parallel()
	const taken = "No rule closes TCP 5671"
	for name, row := range map[string]struct {
		change func(r *report.Result)
		says   string // empty where nothing changes
	}{
		"two of three were refused": {func(r *report.Result) { r.Attempts, r.Failures = 3, 2 },
			"now and then: 2 of 3 connections were refused or cut"},
		"all were":          {func(r *report.Result) { r.Attempts, r.Failures = 3, 3 }, ""},
		"at the proxy":      {func(r *report.Result) { r.Attempts, r.Failures, r.Hop = 3, 2, report.HopProxy }, ""},
		"within its tunnel": {func(r *report.Result) { r.Attempts, r.Failures, r.Route = 3, 2, "proxy" }, ""},
		"by this host":      {func(r *report.Result) { r.Attempts, r.Failures, r.Actor = 3, 2, report.ActorHost }, ""},
	} {
		r := &report.Result{Status: report.Failed, Hop: report.HopTarget, Stage: report.StageTCP, Route: report.RouteDirect,
			Cause: report.TCPRefused, Actor: report.ActorFirewall, Host: "hub", Port: 5671, Summary: "refused", Remedy: "allow"}
		row.change(r)
		actor := r.Actor
		clearOpenPort(r, []report.Result{*r})
		changed := r.Actor == report.ActorNetwork && strings.HasPrefix(r.Remedy, taken)
		if changed != (row.says != "") || !strings.Contains(r.Summary, row.says) || !changed && r.Actor != actor {
			t.Errorf("%s: %s, %s: %s", name, r.Actor, r.Summary, r.Remedy)
		}
	}
}

// TestPreference: a setting of the device comes before what the verdict speaks of, and that before
// the rest.
func TestPreference(t *testing.T) {
	t.Parallel()
	a := &adviser{view: &view{verdict: report.Verdict{Because: &report.Because{Result: "r1"}}},
		steps: []step{{sets: report.AMQPWS}, {opens: []string{"r1"}}, {opens: []string{"r2"}}}}
	for i := range a.steps {
		if got := a.preference(i); got != i {
			t.Errorf("step %d: %d", i, got)
		}
	}
}

// TestUnsteadyAtBothEnds: a path is as unsteady by one address of the proxy and one of the target as
// by one of them.
func TestUnsteadyAtBothEnds(t *testing.T) {
	t.Parallel()
	bad := func(ip string) report.TCPAttempt {
		return report.TCPAttempt{Remote: ip, Status: report.Failed, Stage: report.StageTLS, Cause: report.TLSReset}
	}
	step := func(h report.Hop, used string, tried ...report.TCPAttempt) report.Step {
		return report.Step{Hop: h, Stage: report.StageTCP, Status: report.OK,
			Detail: &report.TCPDetail{Remote: used, Tried: tried}}
	}
	for want, r := range map[bool]report.Result{
		true: {Status: report.OK, Steps: []report.Step{
			step(report.HopProxy, "10.0.0.1:3128", bad("10.0.0.2:3128")),
			step(report.HopTarget, "20.0.0.1:443", bad("20.0.0.2:443"))}},
		false: {Status: report.OK, Steps: []report.Step{step(report.HopProxy, "10.0.0.1:3128"),
			step(report.HopTarget, "20.0.0.1:443")}},
	} {
		if got := unsteady(&r); got != want {
			t.Errorf("%v: %+v", got, r.Steps)
		}
	}
}

// TestOutcomeWithoutAStep: a verdict that no step explains is one itself, for the paths that failed.
func TestOutcomeWithoutAStep(t *testing.T) {
	t.Parallel()
	a := &adviser{view: &view{results: []report.Result{{ID: "r1", Status: report.Failed}, {ID: "r2", Status: report.OK}}},
		findings: []report.Finding{{Code: report.ProtocolNone, Remedy: "ask", Results: []string{"r1", "r2"}}}}
	a.outcomes()
	if len(a.steps) != 1 || strings.Join(a.steps[0].opens, " ") != "r1" || strings.Join(a.steps[0].Results, " ") != "r1" {
		t.Fatalf("%+v", a.steps)
	}
	told := &adviser{view: a.view, findings: a.findings, steps: []step{{opens: []string{"r1"}}}}
	told.outcomes()
	if len(told.steps) != 1 || len(told.steps[0].Findings) != 1 || told.steps[0].Findings[0] != report.ProtocolNone {
		t.Errorf("%+v", told.steps)
	}
}

// TestOnlySoManyStepsAreWeighed: the search for the smallest change is bounded.
func TestOnlySoManyStepsAreWeighed(t *testing.T) {
	t.Parallel()
	q := asking(t, "direct")
	for before, want := range map[int]int{mostWeighed - 1: 1, mostWeighed: 0} {
		rs := pathLines(t, q, every("direct", "tcp.timeout")...)
		a := &adviser{view: &view{q: q, results: rs, verdict: Choose(rs, q, false)}}
		for range before {
			a.steps = append(a.steps, step{opens: []string{"no path of these"}})
		}
		a.steps = append(a.steps, step{opens: []string{"r1", "r2", "r3", "r4", "r5"}})
		if got := a.ways(); len(got) != want {
			t.Errorf("behind %d others: %v", before, got)
		}
	}
}

// TestSameAsItsFailures: only a private endpoint's name that comes without an address on a path of
// the finding's own is asked for by both.
func TestSameAsItsFailures(t *testing.T) {
	t.Parallel()
	q := asking(t, "direct")
	rs := pathLines(t, q, "AMQP@direct dns.no-address", "MQTT@direct tcp.timeout")
	target(&rs[0], report.StageDNS, &report.DNSDetail{Name: q.Host, CNAME: []string{"hub.privatelink.azure-devices.net"}})
	a := &adviser{view: &view{q: q, results: rs}}
	for _, row := range []struct {
		code report.FindingCode
		of   string
		want bool
	}{
		{report.DNSPrivateLink, "r1", true}, {report.DNSPrivateLink, "r2", false}, {report.DNSHijack, "r1", false},
	} {
		if got := a.same(report.Finding{Code: row.code, Results: []string{row.of}}); got != row.want {
			t.Errorf("%s of %s: %v", row.code, row.of, got)
		}
	}
}

// TestBoxes: two certificates are of two boxes; a path that shows none belongs to those of its route.
func TestBoxes(t *testing.T) {
	t.Parallel()
	path := func(id, route, issuer string) *report.Result {
		r := &report.Result{ID: id, Route: route}
		if issuer != "" {
			target(r, report.StageTLS, chain("hub", issuer))
		}
		return r
	}
	var got []string
	for _, box := range boxes([]*report.Result{path("r1", "direct", "A"), path("r2", "direct", "B"), path("r3", "direct", ""),
		path("r4", "proxy", ""), path("r5", "proxy", "A"), path("r6", "proxy", "")}) {
		got = append(got, strings.Join(ids(box), "+"))
	}
	if want := "r1+r3+r5 r2 r4+r6"; strings.Join(got, " ") != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestWhyItWasSkipped: the first that says why.
func TestWhyItWasSkipped(t *testing.T) {
	t.Parallel()
	skipped := report.Result{Status: report.Skipped}
	told := skipped
	told.SkipReason = "the deadline of the round came first"
	for want, rs := range map[string][]*report.Result{
		told.SkipReason:         {{Status: report.OK}, &skipped, &told},
		"something was skipped": {{Status: report.OK, SkipReason: "not of this one"}, &skipped},
	} {
		if got := (&chooser{results: rs}).skipped(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestConcludeRefines: what is concluded goes by the refined causes.
func TestConcludeRefines(t *testing.T) {
	t.Parallel()
	q := asking(t, "direct")
	rs := pathLines(t, q, "AMQP@direct tcp.refused")
	rs[0].Attempts, rs[0].Failures = 3, 2
	r := &report.Report{Results: rs}
	Conclude(r, q, false)
	if r.Results[0].Actor != report.ActorNetwork {
		t.Errorf("an open port is blamed on %s", r.Results[0].Actor)
	}
}

// TestDNSFilterIsSaidOnce: of all paths that it leads to its block page, and not of an address that
// the command line or the hosts file gives.
func TestDNSFilterIsSaidOnce(t *testing.T) {
	t.Parallel()
	q := asking(t, "direct")
	for resolver, want := range map[string]string{"10.0.0.53:53": "r1 r2 r3 r4 r5", fromCommand: "", fromHosts: ""} {
		rs := pathLines(t, q, every("direct", "tls.untrusted")...)
		remote("146.112.61.106")(t, rs)
		for i := range rs {
			target(&rs[i], report.StageDNS, &report.DNSDetail{Name: q.Host, Resolver: resolver})
		}
		got := dnsFilter(&view{q: q, results: rs})
		var of []string
		for _, c := range got {
			of = append(of, ids(c.results)...)
		}
		if strings.Join(of, " ") != want {
			t.Errorf("%s: %+v", resolver, got)
		}
	}
	rs := pathLines(t, q, "AMQP@direct tls.untrusted")
	remote("146.112.61.106")(t, rs) // and nothing is known of its name
	if got := dnsFilter(&view{q: q, results: rs}); len(got) > 0 {
		t.Errorf("%+v", got)
	}
}

// TestTwoAnswersOfOneServer: what a server says now and then is told as that; a server that stands
// twice in the configuration, and was cut off once, has not changed its mind.
func TestTwoAnswersOfOneServer(t *testing.T) {
	t.Parallel()
	answer := func(server, word string, addresses ...string) report.ResolverAnswer {
		return report.ResolverAnswer{Resolver: server, Answer: word, Addresses: addresses}
	}
	for name, row := range map[string]struct {
		answers []report.ResolverAnswer
		want    string
	}{
		"denied, then given": {[]report.ResolverAnswer{answer("a", "NXDOMAIN"), answer("a", "NOERROR", "20.1.2.3")}, "two answers"},
		"failed, then given": {[]report.ResolverAnswer{answer("a", "SERVFAIL"), answer("a", "NOERROR", "20.1.2.3")}, "two answers"},
		"empty, then given":  {[]report.ResolverAnswer{answer("a", "NOERROR"), answer("a", "NOERROR", "20.1.2.3")}, "two answers"},
		"of several addresses": {[]report.ResolverAnswer{answer("a", "NOERROR", "20.1.2.3"),
			answer("a", "NOERROR", "20.1.2.3", "20.1.2.4")}, ""},
		"cut off once": {[]report.ResolverAnswer{answer("a", "timeout"), answer("a", "NOERROR", "20.1.2.3")}, ""},
		"two servers":  {[]report.ResolverAnswer{answer("a", "NXDOMAIN"), answer("b", "NOERROR", "20.1.2.3")}, "disagree"},
	} {
		rs := []report.Result{{ID: "r1", Route: report.RouteDirect}}
		target(&rs[0], report.StageDNS, &report.DNSDetail{Name: "hub", Resolver: "a", Resolvers: row.answers})
		got := resolverDisagrees(&view{results: rs})
		if (len(got) == 0) != (row.want == "") || len(got) > 0 && !strings.Contains(got[0].summary, row.want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestADoubtedAddressThatIsDropped: the ports that the device needs are asked for behind the question,
// and of a provisioning service 443 alone.
func TestADoubtedAddressThatIsDropped(t *testing.T) {
	t.Parallel()
	for role, want := range map[report.Endpoint]string{
		report.EndpointIoTHub: "If so: Allow outbound TCP 443 to hub.azure-devices.net, and one of 5671 and 8883",
		report.EndpointDPS:    "If so: Allow outbound TCP 443 to hub.azure-devices.net.",
	} {
		q := asking(t, "direct")
		q.Role = role
		rs := pathLines(t, q, every("direct", "tcp.timeout")...)
		remote("10.1.2.3")(t, rs)
		for i := range rs {
			target(&rs[i], report.StageDNS, &report.DNSDetail{Name: q.Host, Resolver: "10.0.0.53:53"})
		}
		r := &report.Report{Results: rs}
		Conclude(r, q, false)
		if len(r.Advice) == 0 || r.Advice[0].Actor != report.ActorDNS || !strings.Contains(r.Advice[0].Do, want) {
			t.Errorf("%s: %+v", role, r.Advice)
		}
	}
}

// TestALeafForARoot: what was installed in place of the root is not asked for in another store as well.
func TestALeafForARoot(t *testing.T) {
	t.Parallel()
	for halfway, want := range map[bool]int{true: 0, false: 1} {
		rs := []report.Result{{ID: "r1", Status: report.Failed, Hop: report.HopTarget}, {ID: "r2", Status: report.Failed,
			Hop: report.HopTarget}}
		d := chain("gw", "Root")
		d.Weak = &report.Weakness{Halfway: halfway}
		target(&rs[0], report.StageTLS, d)
		other := chain("gw", "Root")
		other.Trust = map[string]report.Trust{report.PoolOS: {}, report.PoolBundle: {OK: true, Root: "CN=gw"}}
		target(&rs[1], report.StageTLS, other)
		if got := caMissingInOS(&view{results: rs}); len(got) != want {
			t.Errorf("halfway %v: %+v", halfway, got)
		}
	}
}

// TestAParentByItsShortName: where a search domain made the name that the certificate is for, this
// device is set to it.
func TestAParentByItsShortName(t *testing.T) {
	t.Parallel()
	for answered, want := range map[string]report.Actor{"gw.factory.lab.": report.ActorHost, "gw.other.lab.": report.ActorParent,
		"": report.ActorParent} {
		r := &report.Result{Host: "gw", Endpoint: report.EndpointParent, Hop: report.HopTarget, Cause: report.TLSNameMismatch}
		target(r, report.StageDNS, &report.DNSDetail{Name: "gw", Answered: answered})
		target(r, report.StageTLS, &report.TLSDetail{Names: []string{"gw.factory.lab"}})
		fit(r)
		if r.Actor != want || strings.HasPrefix(r.Remedy, "Set parent_hostname on this device to gw.factory.lab") !=
			(want == report.ActorHost) {
			t.Errorf("%q: %s: %s", answered, r.Actor, r.Remedy)
		}
	}
}

// TestOnePortByIPv6: where the addresses of IPv6 answer on other ports, it is the ports that are asked
// for, each once; where one answers on none, it is IPv6.
func TestOnePortByIPv6(t *testing.T) {
	t.Parallel()
	tried := func(remote string, cause report.Cause) report.TCPAttempt {
		a := report.TCPAttempt{Remote: remote, Status: report.OK}
		if cause != "" {
			a.Status, a.Cause = report.Failed, cause
		}
		return a
	}
	path := func(id string, port int, attempts ...report.TCPAttempt) report.Result {
		r := report.Result{ID: id, Host: "hub", Port: port, Route: report.RouteDirect, Status: report.OK}
		target(&r, report.StageTCP, &report.TCPDetail{Tried: attempts})
		return r
	}
	closed := func(id string) report.Result {
		return path(id, 5671, tried("[fd00::1]:5671", report.TCPRefused), tried("[fd00::2]:5671", report.TCPRefused),
			tried("10.0.0.1:5671", ""))
	}
	open := path("r3", 443, tried("[fd00::1]:443", ""), tried("[fd00::2]:443", ""), tried("10.0.0.1:443", ""))
	half := path("r3", 443, tried("[fd00::1]:443", ""), tried("10.0.0.1:443", ""))
	for name, row := range map[string]struct {
		results []report.Result
		says    string
		actor   report.Actor
	}{
		"one port of both":        {[]report.Result{closed("r1"), closed("r2"), open}, "TCP 5671 to hub does not", report.ActorFirewall},
		"asked later":             {[]report.Result{open, closed("r1")}, "TCP 5671 to hub does not", report.ActorFirewall},
		"one answers on no port":  {[]report.Result{closed("r1"), half}, "has IPv6 addresses that do not answer", ""},
		"none answers on another": {[]report.Result{closed("r1")}, "has IPv6 addresses that do not answer", ""},
	} {
		got := ipv6Broken(&view{results: row.results})
		if len(got) != 1 || !strings.Contains(got[0].summary, row.says) || got[0].actor != row.actor ||
			row.actor != "" && !strings.HasPrefix(got[0].remedy, "Allow outbound TCP 5671 by IPv6") {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestHopWords: a hop is the target where the target's hop limit is known and is its own.
func TestHopWords(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		hit    report.Hit
		target int
		want   string
	}{
		{report.Hit{TTL: 2, From: "10.0.0.1"}, 0, "10.0.0.1 (hop 2)"},
		{report.Hit{TTL: 1, From: "10.0.0.1"}, 1, "hop 1 (the target)"},
		{report.Hit{TTL: 2, From: "10.0.0.1"}, 1, "10.0.0.1 (hop 2)"},
		{report.Hit{TTL: 2}, 3, "hop 2"},
		{report.Hit{TTL: 2, Answer: report.HitOpen}, 0, "hop 2 (the target)"},
	} {
		if got := hopWords(row.hit, row.target); got != row.want {
			t.Errorf("%+v: %q, want %q", row, got, row.want)
		}
	}
}

// TestIPv6OfTheHostsFile: an address of IPv6 that a line of the hosts file gives is that line's.
func TestIPv6OfTheHostsFile(t *testing.T) {
	t.Parallel()
	for resolver, want := range map[string]report.Actor{fromHosts: report.ActorHost, "10.0.0.53:53": ""} {
		r := report.Result{ID: "r1", Host: "hub", Port: 443, Route: report.RouteDirect, Status: report.OK}
		target(&r, report.StageDNS, &report.DNSDetail{Name: "hub", Resolver: resolver})
		target(&r, report.StageTCP, &report.TCPDetail{Tried: []report.TCPAttempt{{Remote: "[fd00::1]:443",
			Status: report.Failed, Cause: report.TCPTimeout}, {Remote: "10.0.0.1:443", Status: report.OK}}})
		got := ipv6Broken(&view{results: []report.Result{r}})
		if len(got) != 1 || got[0].actor != want || strings.Contains(got[0].remedy, "hosts file") != (want != "") {
			t.Errorf("%s: %+v", resolver, got)
		}
	}
}

// TestDeadForWhat: silence, a refusal and nobody on the link make an address dead; what this host cannot
// do does not.
func TestDeadForWhat(t *testing.T) {
	t.Parallel()
	for cause, want := range map[report.Cause]int{report.TCPTimeout: 1, report.TCPUnreachable: 1, report.TCPRefused: 1,
		report.TCPNoNeighbour: 1, report.HostLimit: 0, report.TCPNoRoute: 0} {
		r := report.Result{ID: "r1", Host: "hub", Port: 443, Route: report.RouteDirect, Status: report.OK}
		target(&r, report.StageTCP, &report.TCPDetail{Tried: []report.TCPAttempt{{Remote: "10.0.0.2:443",
			Status: report.Failed, Cause: cause}, {Remote: "10.0.0.1:443", Status: report.OK}}})
		if got := addressDead(&view{results: []report.Result{r}}); len(got) != want {
			t.Errorf("%s: %+v", cause, got)
		}
	}
}

// TestAliases: Azure's own domains raise no doubt, and others do.
func TestAliases(t *testing.T) {
	t.Parallel()
	known := strings.Fields("azure-devices.net azure-devices.us azure-devices.cn azure-devices-provisioning.net " +
		"azure-devices-provisioning.us azure-devices-provisioning.cn cloudapp.net azure.com azure.net azure.us azure.cn " +
		"azurefd.net azureedge.net trafficmanager.net trafficmanager.cn usgovtrafficmanager.net usgovcloudapp.net " +
		"chinacloudapp.cn windows.net microsoft.com msedge.net")
	for _, name := range known {
		if got := strayAlias(&report.DNSDetail{CNAME: []string{"a.b." + name + "."}}); got != "" {
			t.Errorf("%s is taken for a stray one", got)
		}
	}
	for _, name := range []string{"blocked.filter.example", "notazure.com.example", "xazure-devices.net"} {
		if got := strayAlias(&report.DNSDetail{CNAME: []string{"ok.azure.com.", name + "."}}); got != name {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestSaidOnce: a proxy that ends connections by their age is one finding, whatever paths show it; SYNs
// that were sent again on fewer than most paths are none.
func TestSaidOnce(t *testing.T) {
	t.Parallel()
	q := asking(t, "direct", proxyURL)
	rs := pathLines(t, q, every("proxy", "ok")...)
	for i := range rs {
		target(&rs[i], report.StageHold, &report.HoldDetail{HeldSec: 2, LostSec: 4,
			Trials: []report.HoldTrial{{IdleSec: 4, EndSec: 3, Outcome: report.HoldCut}},
			Busy:   &report.HoldTrial{IdleSec: 1, EndSec: 3, Outcome: report.HoldCut}})
	}
	if got := proxyLifetime(&view{q: q, results: rs}); len(got) != 1 {
		t.Errorf("%+v", got)
	}
	path := func(again int) report.Result {
		return report.Result{Status: report.OK, Attempts: 1, Steps: []report.Step{{Hop: report.HopTarget,
			Stage: report.StageTCP, Status: report.OK, Detail: &report.TCPDetail{Resent: again}}}}
	}
	half := view{results: []report.Result{path(1), path(1), path(0), path(0)}}
	most := view{results: []report.Result{path(1), path(1), path(0)}}
	if len(half.resent()) != 0 || len(most.resent()) != 2 {
		t.Errorf("half %d, most %d", len(half.resent()), len(most.resent()))
	}
}

// TestMaker: who makes the certificates of a parent, a service of the site's and a public name.
func TestMaker(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		r    report.Result
		want report.Actor
	}{
		{report.Result{Host: "gw", Endpoint: report.EndpointParent, Route: report.RouteDirect}, report.ActorParent},
		{report.Result{Host: "hub.azure-devices.net", Route: report.RouteDirect}, report.ActorFirewall},
		{report.Result{Host: "hub.azure-devices.net", Route: "proxy"}, report.ActorProxy},
		{report.Result{Host: "registry.corp", Route: report.RouteDirect}, report.ActorService},
		{report.Result{Host: "registry.corp", Route: "proxy"}, report.ActorService},
	} {
		if got, _ := maker(&row.r); got != row.want {
			t.Errorf("%s by %s: %s, want %s", row.r.Host, row.r.Route, got, row.want)
		}
	}
}

// TestThisHostsOwn: only a message with an address, or an unanswered first hop limit, is this host's doing.
func TestThisHostsOwn(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		j    SYNTrace
		want bool
	}{
		"a message of its own":      {SYNTrace{local: true, refusal: report.Hit{TTL: 1, From: "10.0.0.2"}}, true},
		"a reset near by":           {SYNTrace{local: true, refusal: report.Hit{TTL: 1}}, false},
		"a message from further on": {SYNTrace{local: true, refusal: report.Hit{TTL: 2, From: "10.0.0.2"}}, false},
		"silence before the first":  {SYNTrace{local: true, next: report.Hit{TTL: 1}}, true},
		"silence, and it was sent":  {SYNTrace{next: report.Hit{TTL: 1}}, false},
	} {
		if got := row.j.thisHost(); got != row.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestALineThatDNSConfirms: a private address that the hosts file gives, and DNS as well, is not odd.
func TestALineThatDNSConfirms(t *testing.T) {
	t.Parallel()
	r := report.Result{Host: "hub.azure-devices.net", Port: 443, Route: report.RouteDirect, Status: report.Failed,
		Hop: report.HopTarget, Stage: report.StageTCP, Cause: report.TCPTimeout, Experiments: []report.Experiment{{
			Name: report.Resolvers, Outcome: report.Answered, Addresses: []string{"10.0.0.4"}}}}
	target(&r, report.StageDNS, &report.DNSDetail{Resolver: fromHosts, Line: 3})
	target(&r, report.StageTCP, &report.TCPDetail{Remote: "10.0.0.4:443"})
	if first, _ := oddOrigin(&r); first != "" {
		t.Error(first)
	}
	r.Experiments = nil
	if first, actor := oddOrigin(&r); !strings.Contains(first, "line 3") || actor != report.ActorHost {
		t.Errorf("nobody could be asked: %s, %q", actor, first)
	}
}
