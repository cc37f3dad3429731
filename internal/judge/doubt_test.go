package judge

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"edgenet/report"
)

// led gives all paths the same evidence of how the name became an address.
func led(ip string, d report.DNSDetail, names ...string) func(*testing.T, []report.Result) {
	return func(t *testing.T, rs []report.Result) {
		remote(ip)(t, rs)
		for i := range rs {
			own := d
			own.Name = "hub.azure-devices.net"
			target(&rs[i], report.StageDNS, &own)
			if rs[i].Stage == report.StageTLS {
				target(&rs[i], report.StageTLS, &report.TLSDetail{Names: names})
			}
		}
	}
}

func TestTheAddressIsDoubted(t *testing.T) {
	t.Parallel()
	dead, other := every("direct", "tcp.timeout"), every("direct", "tls.name-mismatch")
	link := []string{"hub.privatelink.azure-devices.net."}
	byDNS := report.DNSDetail{Resolver: "192.0.2.53:53"}
	hosts := report.DNSDetail{Resolver: "hosts file", Line: 7}
	said := func(addresses ...string) func(*testing.T, []report.Result) {
		return func(t *testing.T, rs []report.Result) {
			led("10.1.2.3", hosts)(t, rs)
			for i := range rs {
				rs[i].Experiments = []report.Experiment{{Name: report.Resolvers, Outcome: report.Answered,
					Addresses: addresses}}
			}
		}
	}
	anyName := func(d report.DNSDetail, addresses ...string) func(*testing.T, []report.Result) {
		return func(t *testing.T, rs []report.Result) {
			led("5.6.7.8", d)(t, rs)
			for i := range rs {
				rs[i].Experiments = []report.Experiment{{Name: report.AnyName, Outcome: report.Answered,
					Addresses: addresses}}
			}
		}
	}
	searched := byDNS
	searched.Answered = "hub.azure-devices.net.site.test."
	for _, row := range []struct {
		name   string
		rows   []string
		change func(*testing.T, []report.Result)
		want   report.FindingCode // empty: none of them
		actor  report.Actor
		says   string
	}{
		{"the hosts file has an old address", dead, said("20.1.2.3"), report.AddressStale, report.ActorHost, "line 7"},
		{"it is refused there", every("direct", "tcp.refused"), said("20.1.2.3"), report.AddressStale,
			report.ActorHost, "20.1.2.3"},
		{"somebody else stands there", other, said("20.1.2.3"), report.AddressStale, report.ActorHost, "hosts file"},
		{"DNS gives it as well", dead, said("20.1.2.3", "10.1.2.3"), "", "", ""},
		{"DNS gives none", dead, said(), "", "", ""},
		{"another port of it shows the right certificate", with(every("direct", "ok"), "MQTT@direct tcp.timeout"),
			said("20.1.2.3"), "", "", ""},

		{"a filter's block page", with(other, "AMQP@direct tcp.timeout"), led("146.112.61.106", byDNS, "block.test"),
			report.DNSFilter, report.ActorDNS, "Cisco Umbrella"},
		{"a filter that drops", dead, led("208.91.112.55", byDNS), report.DNSFilter, report.ActorDNS, "FortiGuard"},
		{"the one path there is", dead[:1], led("208.91.112.55", byDNS), report.DNSFilter, report.ActorDNS,
			"FortiGuard"},
		{"an address beside a filter's", dead, led("146.112.61.112", byDNS), "", "", ""},

		{"a private endpoint without a way", dead, led("10.1.2.3", report.DNSDetail{Resolver: "192.0.2.53:53",
			CNAME: link, Addresses: []string{"10.1.2.3"}}), report.PrivateEndpointUnreachable, report.ActorNetwork,
			"10.1.2.3"},
		{"a router that knows no way", every("direct", "tcp.unreachable"), led("172.20.0.4", report.DNSDetail{
			CNAME: link, Addresses: []string{"172.20.0.4"}}), report.PrivateEndpointUnreachable, report.ActorNetwork,
			"ExpressRoute"},
		{"a private address alone is no private endpoint", dead, led("10.1.2.3", byDNS), "", "", ""},
		{"one port of a private endpoint", with(every("direct", "ok"), "MQTT@direct tcp.timeout"), led("10.1.2.3",
			report.DNSDetail{CNAME: link, Addresses: []string{"10.1.2.3"}}), "", "", ""},

		{"a portal for every name", with(other, "AMQP@direct tcp.refused", "MQTT@direct tcp.timeout"),
			led("10.9.9.9", byDNS, "portal.test"), report.DNSHijack, report.ActorDNS, "portal.test"},
		{"an address for any name", dead, anyName(byDNS, "5.6.7.8"), report.DNSHijack, report.ActorDNS, "NXDOMAIN"},
		{"any name has it by a search domain", every("direct", "tcp.refused"), anyName(searched, "5.6.7.8"),
			report.DNSHijack, report.ActorDNS, "hub.azure-devices.net.site.test."},
		{"any name has another address", dead, anyName(byDNS, "5.6.7.9"), "", "", ""},
		{"any name has it, and another port shows the right certificate", with(every("direct", "ok"),
			"MQTT@direct tcp.timeout"), anyName(byDNS, "5.6.7.8"), "", "", ""},
		{"a private endpoint that refuses", every("direct", "tcp.refused"), led("10.1.2.3", report.DNSDetail{
			Resolver: "192.0.2.53:53", CNAME: link, Addresses: []string{"10.1.2.3"}}),
			report.PrivateEndpointUnreachable, report.ActorDNS, "made anew"},
		{"another service at a private endpoint", other, led("10.1.2.3", report.DNSDetail{Resolver: "192.0.2.53:53",
			CNAME: link, Addresses: []string{"10.1.2.3"}}, "*.blob.core.windows.net"), report.DNSHijack, report.ActorDNS,
			"Correct the record of hub.privatelink.azure-devices.net"},
		{"a portal with a certificate that nobody trusts", every("direct", "tls.untrusted"),
			led("5.6.7.8", byDNS, "portal.test"), report.DNSHijack, report.ActorDNS, "portal.test"},
		{"another hub of the service", other, led("5.6.7.8", byDNS, "*.azure-devices.net"), "", "", ""},
		{"an inspection made out for the name", every("direct", "tls.intercepted"),
			led("5.6.7.8", byDNS, "hub.azure-devices.net"), "", "", ""},
		{"one port with a certificate that nobody trusts", with(every("direct", "ok"), "MQTT@direct tls.untrusted"),
			led("5.6.7.8", byDNS, "portal.test"), "", "", ""},
		{"a certificate without any name", other, led("5.6.7.8", byDNS), "", "", ""},
		{"an inspection under another name", every("direct", "tls.intercepted"), func(t *testing.T,
			rs []report.Result) {
			led("5.6.7.8", byDNS, "firewall.site")(t, rs)
			for i := range rs {
				rs[i].Actor = report.ActorFirewall
			}
		}, "", "", ""},
		{"one port led elsewhere", with(every("direct", "ok"), "MQTT@direct tls.name-mismatch"),
			led("5.6.7.8", byDNS, "portal.test"), "", "", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			q := asking(t, "direct")
			q.Host, q.Public = "hub.azure-devices.net", true
			rs := pathLines(t, q, row.rows...)
			row.change(t, rs)
			r := &report.Report{Results: rs}
			Conclude(r, q, false)
			of := func(code report.FindingCode) int {
				return slices.IndexFunc(r.Findings, func(f report.Finding) bool { return f.Code == code })
			}
			for _, d := range doubts() {
				if i := of(d.code); (i >= 0) != (d.code == row.want) {
					t.Fatalf("%s among %+v", d.code, r.Findings)
				}
			}
			if row.want == "" {
				return
			}
			f := r.Findings[of(row.want)]
			if f.Actor != row.actor || !strings.Contains(f.Summary+f.Remedy, row.says) {
				t.Errorf("%+v", f)
			}
			if of(report.FirewallAllBlocked) >= 0 {
				t.Errorf("a firewall is blamed as well: %+v", r.Findings)
			}
			if of(report.DNSPrivateLink) >= 0 {
				t.Errorf("the name is told as well as the way to its address: %+v", r.Findings)
			}
			if r.Results[0].Actor != row.actor || r.Results[0].Remedy != f.Remedy {
				t.Errorf("the path asks %s: %s", r.Results[0].Actor, r.Results[0].Remedy)
			}
			if len(r.Advice) == 0 || r.Advice[0].Actor != row.actor {
				t.Errorf("first advice: %+v", r.Advice)
			}
		})
	}
}

// TestAtAnAddress: what failed before there was an address, at another one or by another way says
// nothing of it.
func TestAtAnAddress(t *testing.T) {
	t.Parallel()
	q := asking(t, "direct", proxyURL)
	rs := pathLines(t, q, "AMQP@direct tcp.timeout", "MQTT@direct tcp.timeout", "AMQPWS@direct dns.timeout",
		"MQTTWS@direct ok", "HTTPS@proxy tls.reset", "HTTPS@direct tcp.refused")
	for i, remote := range []string{"10.1.2.3:5671", "10.9.9.9:8883", "10.1.2.3:443", "10.1.2.3:443", "10.1.2.3:443",
		"10.1.2.3:443"} {
		target(&rs[i], report.StageTCP, &report.TCPDetail{Remote: remote})
	}
	if got := ids((&view{q: q, results: rs}).atAddress("10.1.2.3")); !slices.Equal(got, []string{"r1", "r6"}) {
		t.Errorf("%v", got)
	}
}

// TestSomebodyElse: which failures, with which certificates, tell that somebody else answered.
func TestSomebodyElse(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		cause  report.Cause
		vendor string
		want   bool
	}{
		{report.TLSNameMismatch, "", true}, {report.TLSNameMismatch, "Fortinet", true}, {report.TLSUntrusted, "", true},
		{report.TLSIntercepted, "", true}, {report.TLSIntercepted, "Fortinet", false},
		{report.TLSUntrusted, "Fortinet", false}, {report.TLSExpired, "", false}, {report.TLSWeak, "", false},
	} {
		r := &report.Result{Host: "hub.azure-devices.net", Status: report.Failed, Stage: report.StageTLS,
			Cause: row.cause}
		target(r, report.StageTLS, &report.TLSDetail{Names: []string{"portal.test"}, Vendor: row.vendor})
		if got := elses(r); got != row.want {
			t.Errorf("%s %s: %v", row.cause, row.vendor, got)
		}
	}
}

func TestAddressDead(t *testing.T) {
	t.Parallel()
	ok := report.TCPAttempt{Remote: "10.1.2.3:5671", Status: report.OK}
	bad := func(remote string, c report.Cause) report.TCPAttempt {
		return report.TCPAttempt{Remote: remote, Status: report.Failed, Cause: c}
	}
	for name, row := range map[string]struct {
		hop   report.Hop
		tried [][]report.TCPAttempt
		want  string
		actor report.Actor
		paths int
	}{
		"silent": {report.HopTarget, [][]report.TCPAttempt{{ok, bad("10.1.2.4:5671", report.TCPTimeout)}},
			"10.1.2.4, one of", report.ActorNetwork, 1},
		"silent for two paths": {report.HopTarget, [][]report.TCPAttempt{
			{ok, bad("10.1.2.4:5671", report.TCPTimeout)}, {ok, bad("10.1.2.4:8883", report.TCPTimeout)}},
			"10.1.2.4, one of", report.ActorNetwork, 2},
		"refused": {report.HopTarget, [][]report.TCPAttempt{{ok, bad("10.1.2.4:5671", report.TCPRefused)}}, "may fail",
			report.ActorNetwork, 1},
		"the proxy's": {report.HopProxy, [][]report.TCPAttempt{{ok, bad("10.1.2.4:5671", report.TCPTimeout)}},
			"addresses of the proxy", report.ActorProxy, 1},
		"another port of it answers": {report.HopTarget, [][]report.TCPAttempt{
			{ok, bad("10.1.2.4:5671", report.TCPTimeout)},
			{{Remote: "10.1.2.4:8883", Status: report.OK}, {Remote: "10.1.2.3:8883", Status: report.OK}}},
			"port 5671 of 10.1.2.4", report.ActorFirewall, 1},
		"a reset, and another port of it answers": {report.HopTarget, [][]report.TCPAttempt{
			{ok, bad("10.1.2.4:5671", report.TCPRefused)},
			{{Remote: "10.1.2.4:8883", Status: report.OK}, {Remote: "10.1.2.3:8883", Status: report.OK}}}, "", "", 0},
		"the port of it answered another path": {report.HopTarget, [][]report.TCPAttempt{
			{ok, bad("10.1.2.4:5671", report.TCPTimeout)},
			{{Remote: "10.1.2.4:5671", Status: report.OK}, {Remote: "10.1.2.3:5671", Status: report.OK}}}, "", "", 0},
		"IPv6 beside IPv4": {report.HopTarget, [][]report.TCPAttempt{{ok, bad("[2001:db8::1]:5671",
			report.TCPTimeout)}}, "", "", 0},
		"all are dead": {report.HopTarget, [][]report.TCPAttempt{{bad("10.1.2.3:5671", report.TCPTimeout),
			bad("10.1.2.4:5671", report.TCPTimeout)}}, "", "", 0},
	} {
		rs := make([]report.Result, len(row.tried))
		for i, tried := range row.tried {
			rs[i] = report.Result{ID: fmt.Sprintf("r%d", i), Host: "hub.test", Steps: []report.Step{{Hop: row.hop,
				Stage: report.StageTCP, Status: report.OK, Detail: &report.TCPDetail{Tried: tried}}}}
		}
		got := addressDead(&view{results: rs})
		if (len(got) > 0) != (row.want != "") {
			t.Errorf("%s: %+v", name, got)
			continue
		}
		if len(got) > 0 {
			f := got[0].finding(report.AddressDead)
			if len(got) != 1 || !strings.Contains(f.Summary, row.want) || f.Actor != row.actor ||
				len(f.Results) != row.paths {
				t.Errorf("%s: %+v", name, got)
			}
		}
	}
}

// TestHalfSilent: programs can be kept from asking for IPv6's addresses, and from nothing else.
func TestHalfSilent(t *testing.T) {
	t.Parallel()
	for silent, want := range map[string]bool{"AAAA": true, "A": false} {
		a := report.ResolverAnswer{Resolver: "192.0.2.53:53", Silent: silent}
		c := halfSilent(a, &report.Result{})
		if strings.Contains(c.remedy, "no-aaaa") != want || !strings.Contains(c.summary, "asked for "+silent+":") {
			t.Errorf("%s: %s %s", silent, c.summary, c.remedy)
		}
	}
}

func TestSlowAndSearchedNames(t *testing.T) {
	t.Parallel()
	silent, gone := report.ResolverAnswer{Resolver: "a:53", Answer: "timeout"},
		report.ResolverAnswer{Resolver: "a:53", Answer: "unreachable"}
	b, c := report.ResolverAnswer{Resolver: "b:53", Answer: "NOERROR"}, report.ResolverAnswer{Resolver: "c:53",
		Answer: "NOERROR"}
	for name, row := range map[string]struct {
		d    report.DNSDetail
		want string
	}{
		"the first is silent": {report.DNSDetail{Resolver: "b:53",
			Resolvers: []report.ResolverAnswer{silent, b}}, "warning dns.slow"},
		"it keeps questions for one type to itself": {report.DNSDetail{Resolver: "b:53",
			Resolvers: []report.ResolverAnswer{{Resolver: "b:53", Answer: "NOERROR", Silent: "AAAA"}}},
			"warning dns.slow"},
		"a later one is": {report.DNSDetail{Resolver: "b:53",
			Resolvers: []report.ResolverAnswer{b, silent}}, ""},
		"a later one is, and they are asked in turn": {report.DNSDetail{Resolver: "b:53", Rotate: true,
			Resolvers: []report.ResolverAnswer{b, silent}}, "warning dns.slow"},
		"it takes three seconds": {report.DNSDetail{Resolver: "b:53", Resolvers: []report.ResolverAnswer{
			{Resolver: "b:53", Answer: "NOERROR", DurationMs: 3000}}}, "warning dns.slow"},
		"it takes as long only with EDNS": {report.DNSDetail{Resolver: "b:53", Resolvers: []report.ResolverAnswer{
			{Resolver: "b:53", Answer: "NOERROR", DurationMs: 3000, WithoutEDNS: true}}}, ""},
		"it gives no answer in three seconds": {report.DNSDetail{Resolver: "b:53", Resolvers: []report.ResolverAnswer{
			{Resolver: "b:53", Answer: "timeout", DurationMs: 3000}}}, ""},
		"a later one takes three seconds": {report.DNSDetail{Resolver: "b:53", Resolvers: []report.ResolverAnswer{b,
			{Resolver: "c:53", Answer: "NOERROR", DurationMs: 3000}}}, ""},
		"the first says that it is not there": {report.DNSDetail{Resolver: "b:53",
			Resolvers: []report.ResolverAnswer{gone, b}}, ""},
		"two are": {report.DNSDetail{Resolver: "c:53", Resolvers: []report.ResolverAnswer{silent,
			{Resolver: "b:53", Answer: "timeout"}, c}}, "warning dns.slow"},
		"all are":         {report.DNSDetail{Resolver: "any", Resolvers: []report.ResolverAnswer{silent, silent}}, ""},
		"a search domain": {report.DNSDetail{Answered: "hub.test.site.test."}, "warning dns.search"},
		"none":            {report.DNSDetail{Resolver: "b:53", Resolvers: []report.ResolverAnswer{b}}, ""},
	} {
		d := row.d
		d.Name = "hub.test"
		v := &view{results: []report.Result{{ID: "r", Route: report.RouteDirect, Steps: []report.Step{
			{Hop: report.HopTarget, Stage: report.StageDNS, Status: report.OK, Detail: &d}}}}}
		var got []string
		for _, x := range dnsSlow(v) {
			got = append(got, "warning "+string(x.finding(report.DNSSlow).Code))
		}
		for _, x := range dnsSearch(v) {
			f := x.finding(report.DNSSearch)
			got = append(got, string(f.Severity)+" "+string(f.Code))
		}
		if strings.Join(got, " ") != row.want {
			t.Errorf("%s: %v, want %s", name, got, row.want)
		}
	}
}

// TestTheFirstNameServerRefuses: who is asked first and says no is told, beside one that answers; one that
// is asked later harms nobody.
func TestTheFirstNameServerRefuses(t *testing.T) {
	t.Parallel()
	said := func(who, word string) report.ResolverAnswer {
		return report.ResolverAnswer{Resolver: who, Answer: word}
	}
	b := report.ResolverAnswer{Resolver: "b:53", Answer: "NOERROR", Addresses: []string{"192.0.2.1"}}
	for name, row := range map[string]struct {
		all  []report.ResolverAnswer
		want string
	}{
		"refuses":         {[]report.ResolverAnswer{said("a:53", "REFUSED"), b}, "a:53, asked first, says REFUSED"},
		"fails":           {[]report.ResolverAnswer{said("a:53", "SERVFAIL"), b}, "a:53, asked first, says SERVFAIL"},
		"a later refuses": {[]report.ResolverAnswer{b, said("a:53", "REFUSED")}, ""},
		"is gone":         {[]report.ResolverAnswer{said("a:53", "unreachable"), b}, ""},
	} {
		v := &view{results: []report.Result{{ID: "r", Route: report.RouteDirect, Steps: []report.Step{{Hop: report.HopTarget,
			Stage: report.StageDNS, Status: report.OK, Detail: &report.DNSDetail{Name: "hub.test", Resolver: "b:53",
				Resolvers: row.all}}}}}}
		got := ""
		for _, c := range resolverDisagrees(v) {
			got += c.summary
		}
		if (row.want == "") != (got == "") || !strings.Contains(got, row.want) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestTCPAfterATruncatedAnswer: what has to be opened is TCP 53, and the list of name servers is right.
func TestTCPAfterATruncatedAnswer(t *testing.T) {
	t.Parallel()
	for cause, actor := range map[report.Cause]report.Actor{report.DNSTimeout: report.ActorFirewall,
		report.DNSUnreachable: report.ActorDNS} {
		for transport, want := range map[string]bool{"tcp": true, "udp": false} {
			r := report.Result{Hop: report.HopTarget, Cause: cause, Steps: []report.Step{{Hop: report.HopTarget,
				Stage: report.StageDNS, Detail: &report.DNSDetail{Resolver: "a:53",
					Resolvers: []report.ResolverAnswer{{Resolver: "a:53", Transport: transport}}}}}}
			overTCP(&r)
			if strings.Contains(r.Remedy, "TCP 53") != want || (r.Actor == actor) != want {
				t.Errorf("%s by %s: %s %s", cause, transport, r.Actor, r.Remedy)
			}
		}
	}
}

// TestTheProxysAddressIsDoubted: the proxy's name goes by the same hosts file and name servers.
func TestTheProxysAddressIsDoubted(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		d    report.DNSDetail
		e    report.Experiment
		rows []string
		want report.FindingCode
		says string
	}{
		"the hosts file has an old address": {report.DNSDetail{Resolver: "hosts file", Line: 4},
			report.Experiment{Name: report.Resolvers, Outcome: report.Answered, Addresses: []string{"10.9.9.9"}},
			[]string{"AMQPWS@proxy proxy/tcp.timeout", "HTTPS@proxy proxy/tcp.timeout"}, report.AddressStale, "line 4"},
		"DNS says the same": {report.DNSDetail{Resolver: "hosts file", Line: 4},
			report.Experiment{Name: report.Resolvers, Outcome: report.Answered, Addresses: []string{"10.1.2.3"}},
			[]string{"AMQPWS@proxy proxy/tcp.timeout", "HTTPS@proxy proxy/tcp.timeout"}, "", ""},
		"any name has it": {report.DNSDetail{Resolver: "192.0.2.53:53"},
			report.Experiment{Name: report.AnyName, Outcome: report.Answered, Addresses: []string{"10.1.2.3"}},
			[]string{"AMQPWS@proxy proxy/tcp.refused", "HTTPS@proxy proxy/tcp.refused"}, report.DNSHijack, "spelling"},
		"any name has it, and it is a proxy": {report.DNSDetail{Resolver: "192.0.2.53:53"},
			report.Experiment{Name: report.AnyName, Outcome: report.Answered, Addresses: []string{"10.1.2.3"}},
			[]string{"AMQPWS@proxy proxy/tcp.refused", "HTTPS@proxy ok"}, "", ""},
	} {
		q := asking(t, "http://proxy.test:3128")
		rs := pathLines(t, q, row.rows...)
		for i := range rs {
			d := row.d
			d.Name = "proxy.test"
			evidence(&rs[i], report.HopProxy, report.StageDNS, &d)
			evidence(&rs[i], report.HopProxy, report.StageTCP, &report.TCPDetail{Remote: "10.1.2.3:3128"})
			rs[i].Experiments = []report.Experiment{row.e}
		}
		r := &report.Report{Results: rs}
		Conclude(r, q, false)
		for _, code := range []report.FindingCode{report.AddressStale, report.DNSHijack} {
			i := slices.IndexFunc(r.Findings, func(f report.Finding) bool { return f.Code == code })
			if (i >= 0) != (code == row.want) || i >= 0 && !strings.Contains(r.Findings[i].Summary+r.Findings[i].Remedy,
				row.says) {
				t.Errorf("%s: %s among %+v", name, code, r.Findings)
			}
		}
		if row.want != "" && (rs[0].Actor == report.ActorFirewall || rs[0].Actor == report.ActorProxy) {
			t.Errorf("%s: %s has to act", name, rs[0].Actor)
		}
	}
}
