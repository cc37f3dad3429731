package judge

import (
	"testing"

	"edgenet/report"
)

// TestWhatThisHostLacks: an address, a route, a family of addresses, a link to the name server: nobody is asked to
// open a port for it.
func TestWhatThisHostLacks(t *testing.T) {
	t.Parallel()
	bridge := &report.Neighbour{Address: "10.0.3.53", Link: "br-4f", State: "failed", Bridge: "Docker or Moby"}
	asked := func(n ...*report.Neighbour) *report.DNSDetail {
		d := &report.DNSDetail{Name: "hub.test", Resolver: "10.0.3.53:53"}
		for _, x := range n {
			d.Resolvers = append(d.Resolvers, report.ResolverAnswer{Resolver: "10.0.3.53:53", Answer: "timeout",
				Neighbour: x})
		}
		return d
	}
	six := &report.TCPDetail{Remote: "[2001:db8::9]:443"}
	for name, row := range map[string]struct {
		cause report.Cause
		dns   *report.DNSDetail
		tcp   *report.TCPDetail
		actor report.Actor
		says  []string // in the remedy
	}{
		"a bridge covers the name server": {report.DNSTimeout, asked(bridge), nil, report.ActorHost,
			[]string{"br-4f", "default-address-pools", "!TCP 53"}},
		"its gateway is gone": {report.DNSTimeout, asked(&report.Neighbour{Address: "10.0.1.1", Gateway: true,
			Link: "eth0"}), nil, report.ActorHost, []string{"The gateway 10.0.1.1", "!TCP 53"}},
		"it is not there on the link": {report.DNSTimeout, asked(&report.Neighbour{Address: "10.0.3.53", Link: "eth0"}),
			nil, report.ActorHost, []string{"The name server 10.0.3.53", "!gateway"}},
		"another one is beyond the network": {report.DNSTimeout, asked(bridge, nil), nil, report.ActorFirewall,
			[]string{"UDP and TCP 53"}},
		"the address that it gave itself": {report.DNSUnreachable, &report.DNSDetail{Resolver: "10.0.3.53:53",
			NoRoute: true, HostAddress: "169.254.7.7"}, nil, report.ActorHost, []string{"169.254.7.7", "DHCP", "!port 53"}},
		"no address": {report.DNSUnreachable, &report.DNSDetail{Resolver: "10.0.3.53:53", NoRoute: true,
			HostAddress: "none"}, nil, report.ActorHost, []string{"ip link", "!gave itself"}},
		"no route to the name server": {report.DNSUnreachable, &report.DNSDetail{Resolver: "10.0.3.53:53",
			NoRoute: true}, nil, report.ActorHost, []string{"no route to its name server 10.0.3.53", "!DHCP"}},
		"ICMP from the name server": {report.DNSUnreachable, &report.DNSDetail{Resolver: "10.0.3.53:53"}, nil,
			report.ActorHost, []string{"port 53"}},
		"AAAA alone, and IPv4 here": {report.TCPNoRoute, &report.DNSDetail{Resolver: "10.0.3.53:53"},
			&report.TCPDetail{Remote: six.Remote, OtherFamily: "IPv4"}, report.ActorDNS,
			[]string{"A record", "!default gateway"}},
		"the hosts file has IPv6 alone": {report.TCPNoRoute, &report.DNSDetail{Resolver: fromHosts, Line: 3},
			&report.TCPDetail{Remote: six.Remote, OtherFamily: "IPv4"}, report.ActorHost,
			[]string{"in this host's hosts file"}},
		"A alone, and IPv6 here": {report.TCPNoRoute, &report.DNSDetail{Resolver: "10.0.3.53:53"},
			&report.TCPDetail{Remote: "10.0.0.9:443", OtherFamily: "IPv6"}, report.ActorNetwork, []string{"NAT64"}},
		"no route of any family": {report.TCPNoRoute, &report.DNSDetail{Resolver: "10.0.3.53:53"}, six,
			report.ActorHost, []string{"default gateway"}},
		"an address, and none here": {report.TCPNoRoute, nil, &report.TCPDetail{Remote: six.Remote,
			HostAddress: "169.254.7.7", OtherFamily: "IPv4"}, report.ActorHost, []string{"DHCP", "!A record"}},
		"the target on a bridge": {report.TCPNoNeighbour, nil, &report.TCPDetail{Neighbour: bridge}, report.ActorHost,
			[]string{"default-address-pools", "!plugged"}},
		"the target on a link": {report.TCPNoNeighbour, nil, &report.TCPDetail{Neighbour: &report.Neighbour{
			Address: "10.0.3.53", Link: "eth0"}}, report.ActorHost, []string{"plugged", "!default-address-pools"}},
	} {
		r := report.Result{Host: "hub.test", Port: 443, Cause: row.cause}
		if row.dns != nil {
			r.Steps = append(r.Steps, stepOf(report.StageDNS, row.dns))
		}
		if row.tcp != nil {
			r.Steps = append(r.Steps, stepOf(report.StageTCP, row.tcp))
		}
		if r = refined(r); r.Actor != row.actor || !holds(r.Remedy, row.says...) {
			t.Errorf("%s: %s, %s | %s", name, r.Actor, r.Summary, r.Remedy)
		}
	}
}

// TestNotValidated: DNSSEC is named where the resolver has an answer, its clock with it, and nowhere else.
func TestNotValidated(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		answer report.ResolverAnswer
		actor  report.Actor
		says   []string
	}{
		"without validation it answers": {report.ResolverAnswer{Resolver: "10.0.3.53:53", Unvalidated: true},
			report.ActorDNS, []string{"the clock of 10.0.3.53", "!forwarder"}},
		"one of this host": {report.ResolverAnswer{Resolver: "127.0.0.53:53", Unvalidated: true}, report.ActorHost,
			[]string{"this host's clock"}},
		"it never answers": {report.ResolverAnswer{Resolver: "10.0.3.53:53"}, report.ActorDNS,
			[]string{"forwarder", "!clock"}},
	} {
		row.answer.Answer, row.answer.Extended = "SERVFAIL", "EDE 22 No Reachable Authority"
		d := &report.DNSDetail{Resolver: row.answer.Resolver, Resolvers: []report.ResolverAnswer{row.answer}}
		r := refined(report.Result{Host: "hub.test", Cause: report.DNSServfail,
			Steps: []report.Step{stepOf(report.StageDNS, d)}})
		if r.Actor != row.actor || !holds(r.Remedy, row.says...) || !holds(r.Summary, "EDE 22") {
			t.Errorf("%s: %s, %s | %s", name, r.Actor, r.Summary, r.Remedy)
		}
	}
}

func hitsOf(answers ...string) []report.Hit {
	hits := make([]report.Hit, len(answers))
	for i, a := range answers {
		hits[i] = report.Hit{TTL: i + 1, Answer: a}
	}
	return hits
}

// TestReturnedByAnotherLink: what the reverse path filter drops is this host's, where the target never answered and
// enough was dropped.
func TestReturnedByAnotherLink(t *testing.T) {
	t.Parallel()
	silent, open := hitsOf("expired", "silent", "silent"), hitsOf("expired", "open", "open")
	for name, row := range map[string]struct {
		own, other report.Travel
		want       bool
	}{
		"dropped":              {report.Travel{Port: 443, Hops: silent, Filtered: 40}, report.Travel{Hops: silent}, true},
		"a few strays":         {report.Travel{Port: 443, Hops: silent, Filtered: 5}, report.Travel{Hops: silent}, false},
		"another port answers": {report.Travel{Port: 443, Hops: silent, Filtered: 40}, report.Travel{Hops: open}, false},
		"the port is open":     {report.Travel{Port: 443, Hops: open, Filtered: 40}, report.Travel{Hops: silent}, false},
		"it is refused by a TCP reset": {report.Travel{Port: 443, Hops: hitsOf("expired", "reset"), Filtered: 40},
			report.Travel{Hops: silent}, false},
		"nothing was dropped": {report.Travel{Port: 443, Hops: silent}, report.Travel{Hops: silent}, false},
	} {
		var rs []report.Result
		for _, port := range []int{443, 5671} {
			rs = append(rs, refined(report.Result{Host: "hub.test", Port: port, Cause: report.TCPTimeout,
				Steps: []report.Step{stepOf(report.StageDNS, &report.DNSDetail{}), stepOf(report.StageTCP,
					&report.TCPDetail{Remote: "10.0.0.9:443", Interface: "eth7"})},
				Experiments: []report.Experiment{{Name: report.Where, Outcome: report.Blocked,
					Travels: []report.Travel{row.own, row.other}}}}))
		}
		blocked := firewallAllBlocked(&view{results: rs})
		if (rs[0].Actor == report.ActorHost) != row.want || len(blocked) != 1 && row.want ||
			len(blocked) == 1 && (blocked[0].actor == report.ActorHost) != row.want ||
			row.want && !holds(blocked[0].remedy, "rp_filter", "eth7", "!Allow outbound") {
			t.Errorf("%s: %s | %+v", name, rs[0].Actor, blocked)
		}
	}
}

// TestAnotherAnswer: a name that has another address when it is asked for once more, and that one answers, is not
// closed; and a name that a search domain completed is not the one that was meant.
func TestAnotherAnswer(t *testing.T) {
	t.Parallel()
	again := func(stood report.Status, remote string) []report.Experiment {
		return []report.Experiment{{Name: report.Resolvers, Outcome: report.Answered, Addresses: []string{ipOf(remote)},
			Steps: []report.Step{{Hop: report.HopTarget, Stage: report.StageTCP, Status: stood,
				Detail: &report.TCPDetail{Remote: remote}}}}}
	}
	for name, row := range map[string]struct {
		asked []report.Experiment
		says  []string // of the remedy
	}{
		"it answers":        {again(report.OK, "10.0.0.8:443"), []string{"by its name", "10.0.0.9 as well as 10.0.0.8"}},
		"it does not":       {again(report.Failed, "10.0.0.8:443"), []string{"!by its name"}},
		"the same, by luck": {again(report.OK, "10.0.0.9:443"), []string{"!by its name"}},
		"nothing was asked": {nil, []string{"!by its name"}},
	} {
		var rs []report.Result
		for _, port := range []int{443, 5671} {
			rs = append(rs, refined(report.Result{Host: "hub.test", Port: port, Cause: report.TCPTimeout,
				Experiments: row.asked, Steps: []report.Step{stepOf(report.StageDNS, &report.DNSDetail{}),
					stepOf(report.StageTCP, &report.TCPDetail{Remote: "10.0.0.9:443", Tried: []report.TCPAttempt{
						{Remote: "10.0.0.9:443", Status: report.Failed, Cause: report.TCPTimeout}}})}}))
		}
		got := firewallAllBlocked(&view{results: rs})
		if len(got) != 1 || !holds(got[0].remedy, row.says...) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for name, row := range map[string]struct {
		own   []string
		ndots int
		actor report.Actor
		says  []string
	}{
		"it has one of its own": {[]string{"10.0.0.8"}, 0, report.ActorHost, []string{"search domain that makes", "!ndots"}},
		"and too few dots":      {[]string{"10.0.0.8"}, 5, report.ActorHost, []string{"Lower ndots:5"}},
		"it has none":           {nil, 0, "", []string{"spelling"}},
		"its own is the same":   {[]string{"10.0.0.9"}, 5, "", []string{"spelling", "!ndots"}},
	} {
		r := report.Result{Host: "hub.test", Port: 443, Route: report.RouteDirect, Status: report.Failed,
			Hop: report.HopTarget, Stage: report.StageTCP, Cause: report.TCPRefused,
			Steps: []report.Step{stepOf(report.StageDNS, &report.DNSDetail{Name: "hub.test", Resolver: "10.0.3.53:53",
				Answered: "hub.test.corp.test.", Ndots: row.ndots}), stepOf(report.StageTCP,
				&report.TCPDetail{Remote: "10.0.0.9:443"})},
			Experiments: []report.Experiment{{Name: report.AnyName, Addresses: []string{"10.0.0.9"}},
				{Name: report.Resolvers, Addresses: row.own}}}
		v := &view{results: []report.Result{r}}
		got := dnsHijack(v)
		if len(got) != 1 || got[0].actor != row.actor || !holds(got[0].remedy, row.says...) ||
			len(dnsSearch(v)) != 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
