package judge

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"edgenet/internal/verify/testkit"
	"edgenet/report"
)

func TestNetworkFindings(t *testing.T) {
	t.Parallel()
	direct, dead := every("direct", "ok"), every("direct", "tcp.timeout")
	both := func(d, p []string) []string { return append(slices.Clone(d), p...) }
	here := remote("10.1.2.3")
	six := func(tried ...report.TCPAttempt) func(*testing.T, []report.Result) {
		return func(_ *testing.T, rs []report.Result) {
			target(&rs[0], report.StageTCP, &report.TCPDetail{Remote: "10.1.2.3:5671", Tried: tried})
		}
	}
	good4 := report.TCPAttempt{Remote: "10.1.2.3:5671", Status: report.OK}
	bad4 := report.TCPAttempt{Remote: "10.1.2.3:5671", Status: report.Failed, Cause: report.TCPTimeout}
	good6 := report.TCPAttempt{Remote: "[2001:db8::1]:5671", Status: report.OK}
	bad6 := report.TCPAttempt{Remote: "[2001:db8::1]:5671", Status: report.Failed, Cause: report.TCPTimeout}
	none6 := report.TCPAttempt{Remote: "[2001:db8::1]:5671", Status: report.Failed, Cause: report.TCPNoRoute}
	dns := func(d *report.DNSDetail) func(*testing.T, []report.Result) {
		return func(_ *testing.T, rs []report.Result) {
			d.Name = "hub.azure-devices.net"
			target(&rs[0], report.StageDNS, d)
		}
	}
	answers := func(as ...report.ResolverAnswer) func(*testing.T, []report.Result) {
		for i := range as {
			as[i].Resolver = fmt.Sprintf("192.0.2.%d:53", i+1)
		}
		return dns(&report.DNSDetail{Resolvers: as})
	}
	yes := func(a ...string) report.ResolverAnswer {
		return report.ResolverAnswer{Answer: "NOERROR", Addresses: a}
	}
	nx, silent := report.ResolverAnswer{Answer: "NXDOMAIN"}, report.ResolverAnswer{Answer: "timeout"}
	link := []string{"hub.privatelink.azure-devices.net", "x.cloudapp.net"}
	runFindings(t, []findingRow{
		{name: "nothing answers", routes: "direct", rows: dead, code: report.FirewallAllBlocked,
			want: "error firewall-admin r1,r2,r3,r4,r5: the name hub.azure-devices.net resolves, and none of its " +
				"ports answers directly (tcp.timeout) | Allow outbound TCP 443 to hub.azure-devices.net, and one of " +
				"5671 and 8883"},
		{name: "the verdict shares its remedy", routes: "direct", rows: dead, code: report.ProtocolNone,
			want: "error firewall-admin r1,r2,r3,r4: no UpstreamProtocol works; most paths end with: tcp.timeout was " +
				"seen | Allow outbound TCP 443 to hub.azure-devices.net, and one of"},
		{name: "HTTPS shares its remedy", routes: "direct", rows: dead, code: report.HTTPSRequired,
			want: "error firewall-admin r5: the IoT Edge daemon needs HTTPS 443 to the hub whatever the upstream " +
				"protocol, and it fails: tcp.timeout was seen | Allow outbound TCP 443 to hub.azure-devices.net, " +
				"and one of"},
		{name: "refused and unreachable", routes: "direct", rows: with(dead, "MQTT@direct tcp.refused",
			"AMQP@direct tcp.unreachable"), code: report.FirewallAllBlocked,
			want: "error firewall-admin r1,r2,r3,r4,r5: the name hub.azure-devices.net resolves, and none of its " +
				"ports answers directly (tcp.unreachable) | "},
		{name: "the proxy fails too", routes: "direct proxy", rows: both(dead, every("proxy", "connect.timeout")),
			code: report.FirewallAllBlocked, want: "error firewall-admin r1,r2,r3,r4,r5: "},
		{name: "SOCKS is no help", routes: "direct socks", rows: both(dead, every("proxy", "ok")),
			code: report.FirewallAllBlocked, want: "error firewall-admin r1,r2,r3,r4,r5: "},
		{name: "the proxy works", routes: "direct proxy", rows: both(dead, every("proxy", "ok")),
			code: report.FirewallAllBlocked},
		{name: "one answers", routes: "direct", rows: with(dead, "MQTT@direct tls.reset"),
			code: report.FirewallAllBlocked},
		{name: "this host itself", routes: "direct", rows: every("direct", "tcp.no-route"),
			code: report.FirewallAllBlocked},
		{name: "one path by the proxy works", routes: "direct proxy", rows: both(dead, with(every("proxy",
			"connect.timeout"), "HTTPS@proxy ok")), code: report.FirewallAllBlocked},
		{name: "one path alone", routes: "direct", rows: dead[:1], code: report.FirewallAllBlocked},
		{name: "two paths", routes: "direct", rows: dead[:2], code: report.FirewallAllBlocked,
			want: "error firewall-admin r1,r2"},
		{name: "names do not resolve", routes: "direct", rows: every("direct", "dns.nxdomain"),
			code: report.FirewallAllBlocked},

		{name: "dropped, not needed", routes: "direct", rows: with(direct, "MQTT@direct tcp.timeout"), change: here,
			code: report.FirewallPortBlocked,
			want: "info firewall-admin r2,r1: TCP 8883 to hub.azure-devices.net is silently dropped, while 5671 of " +
				"the same address answers | Nothing, as long as the protocol in use does not need it; else allow " +
				"outbound TCP 8883 to hub.azure-devices.net."},
		{name: "rejected, expected", routes: "direct", rows: with(direct, "MQTT@direct tcp.refused"),
			plan: func(p *Question) { p.Expect = report.MQTT }, change: here, code: report.FirewallPortBlocked,
			want: "error firewall-admin r2,r1: TCP 8883 to hub.azure-devices.net is rejected with a TCP reset, while " +
				"5671 of the same address answers | Allow outbound TCP 8883 to hub.azure-devices.net."},
		{name: "HTTPS needs it", routes: "direct", rows: []string{"AMQP@direct ok", "AMQPWS@direct tcp.unreachable",
			"MQTTWS@direct tcp.unreachable", "HTTPS@direct tcp.unreachable"}, change: here,
			code: report.FirewallPortBlocked,
			want: "error firewall-admin r2,r3,r4,r1: TCP 443 to hub.azure-devices.net is refused with an ICMP " +
				"message, while 5671 of the same address answers | Allow outbound TCP 443"},
		{name: "HTTPS is not needed there", routes: "direct proxy",
			rows: []string{"AMQP@direct ok", "HTTPS@direct tcp.refused", "HTTPS@proxy ok"}, change: here,
			code: report.FirewallPortBlocked, want: "info firewall-admin r2,r1: "},
		{name: "nothing else works", routes: "direct", rows: []string{"AMQP@direct tcp.timeout", "HTTPS@direct ok"},
			change: here, code: report.FirewallPortBlocked, want: "error firewall-admin r1,r2: "},
		{name: "a SYN-ACK proves nothing", routes: "direct", rows: with(every("direct", "tls.timeout"),
			"MQTT@direct tcp.timeout"), change: here, code: report.FirewallPortBlocked},
		{name: "TLS alone is enough", routes: "direct", rows: with(every("direct", "amqp.timeout"),
			"MQTT@direct tcp.timeout"), change: all(here, func(_ *testing.T, rs []report.Result) {
			rs[0].Steps = append(rs[0].Steps, report.Step{Hop: report.HopTarget, Stage: report.StageTLS,
				Status: report.OK})
		}), code: report.FirewallPortBlocked, want: "error firewall-admin r2,r1: "},
		{name: "answered once more", routes: "direct", rows: with(direct, "MQTT@direct tcp.refused"),
			change: all(here, func(_ *testing.T, rs []report.Result) {
				rs[1].Experiments = []report.Experiment{{Name: report.Where, Outcome: report.Answered}}
			}), code: report.FirewallPortBlocked},
		{name: "another path reaches the port", routes: "direct", rows: with(direct, "MQTTWS@direct tcp.refused"),
			change: here, code: report.FirewallPortBlocked},
		{name: "another address", routes: "direct", rows: with(direct, "MQTT@direct tcp.timeout"),
			change: all(here, func(_ *testing.T, rs []report.Result) {
				target(&rs[1], report.StageTCP, &report.TCPDetail{Remote: "10.9.9.9:8883"})
			}), code: report.FirewallPortBlocked},
		{name: "no address", routes: "direct", rows: with(direct, "MQTT@direct tcp.timeout"),
			change: all(here, func(_ *testing.T, rs []report.Result) {
				for i := range rs {
					target(&rs[i], report.StageTCP, &report.TCPDetail{Remote: "nowhere"})
				}
			}), code: report.FirewallPortBlocked},
		{name: "no evidence", routes: "direct", rows: with(direct, "MQTT@direct tcp.timeout"),
			code: report.FirewallPortBlocked},
		{name: "this host itself", routes: "direct", rows: with(direct, "MQTT@direct tcp.local-denied"), change: here,
			code: report.FirewallPortBlocked},
		{name: "at the proxy", routes: "direct proxy", rows: both(direct, every("proxy", "proxy/tcp.refused")),
			change: here, code: report.FirewallPortBlocked},
		{name: "a parent's head is off", routes: "direct", rows: with(direct, "MQTT@direct tcp.refused"),
			change: all(here, func(_ *testing.T, rs []report.Result) { rs[1].Endpoint = report.EndpointParent }),
			code:   report.FirewallPortBlocked,
			want: "info parent-admin r2,r1: TCP 8883 to hub.azure-devices.net is rejected with a TCP reset, while " +
				"5671 of the same address answers: at a parent gateway its protocol head is off or the port is not " +
				"published | On the parent gateway hub.azure-devices.net, publish port 8883"},
		{name: "a parent's firewall", routes: "direct", rows: with(direct, "MQTT@direct tcp.timeout"),
			change: all(here, func(_ *testing.T, rs []report.Result) { rs[1].Endpoint = report.EndpointParent }),
			code:   report.FirewallPortBlocked, want: "info firewall-admin r2,r1: "},

		{name: "a black hole", routes: "direct", rows: with(direct, "MQTT@direct tls.mtu"), code: report.MTUBlackhole,
			want: "info network r2: large packets get lost on the way: a path MTU black hole | " +
				report.TLSMTU.RemedyAt(report.HopTarget, "", 0, "")},
		{name: "a black hole on one port", routes: "direct", rows: with(direct, "MQTT@direct tls.mtu"), change: here,
			code: report.MTUBlackhole, want: "info firewall-admin r2: large packets get lost on TCP 8883 to " +
				"hub.azure-devices.net, while 5671 of the same address brings them: something treats that port otherwise | " +
				"Find what treats TCP 8883 to hub.azure-devices.net otherwise"},
		{name: "a stall", routes: "direct", rows: with(direct, "MQTT@direct tls.timeout"), code: report.MTUBlackhole},

		{name: "IPv6 does not answer", routes: "direct", rows: direct, change: six(bad6, good4),
			code: report.IPv6Broken,
			want: "warning network r1: hub.azure-devices.net has IPv6 addresses that do not answer from here, while " +
				"IPv4 works | Repair IPv6 on this network"},
		{name: "one IPv6 address answers", routes: "direct", rows: direct, change: six(bad6, good6, good4),
			code: report.IPv6Broken},
		{name: "IPv4 does not answer either", routes: "direct", rows: direct, change: six(bad6, bad4),
			code: report.IPv6Broken},
		{name: "there is no IPv6 here", routes: "direct", rows: direct, change: six(none6, good4),
			code: report.IPv6Broken},
		{name: "IPv4 alone", routes: "direct", rows: direct, change: six(good4), code: report.IPv6Broken},
		{name: "IPv4 fails once", routes: "direct", rows: direct, change: six(good4, bad4), code: report.IPv6Broken},

		{name: "other addresses", routes: "direct", rows: direct,
			change: answers(yes("1.1.1.1"), yes("2.2.2.2", "3.3.3.3")), code: report.DNSResolverDisagrees,
			want: "warning dns-admin r1: the configured resolvers disagree about hub.azure-devices.net: 192.0.2.1:53 " +
				"says 1.1.1.1, 192.0.2.2:53 says 2.2.2.2 3.3.3.3 | Configure resolvers that give the same answers"},
		{name: "one does not know it", routes: "direct", rows: direct, change: answers(yes("1.1.1.1"), yes("1.1.1.1"),
			nx), code: report.DNSResolverDisagrees, want: "warning dns-admin r1: the configured resolvers disagree " +
			"about hub.azure-devices.net: 192.0.2.1:53 says 1.1.1.1, 192.0.2.3:53 says NXDOMAIN without an address"},
		{name: "one has no address", routes: "direct", rows: direct, change: answers(yes("1.1.1.1"), yes()),
			code: report.DNSResolverDisagrees, want: "warning dns-admin r1: the configured resolvers disagree about " +
				"hub.azure-devices.net: 192.0.2.1:53 says 1.1.1.1, 192.0.2.2:53 says NOERROR without an address"},
		{name: "the first does not know it", routes: "direct", rows: direct, change: answers(nx, yes("1.1.1.1")),
			code: report.DNSResolverDisagrees, want: "warning dns-admin r1: "},
		{name: "there is none, and there is no such name", routes: "direct", rows: direct, change: answers(nx, yes()),
			code: report.DNSResolverDisagrees, want: "warning dns-admin r1: "},
		{name: "an overlap", routes: "direct", rows: direct, change: answers(yes("1.1.1.1", "2.2.2.2"),
			yes("3.3.3.3", "2.2.2.2")), code: report.DNSResolverDisagrees},
		{name: "none knows it", routes: "direct", rows: direct, change: answers(nx, nx),
			code: report.DNSResolverDisagrees},
		{name: "one is silent", routes: "direct", rows: direct, change: answers(yes("1.1.1.1"), silent),
			code: report.DNSResolverDisagrees},
		{name: "no evidence", routes: "direct", rows: direct, code: report.DNSResolverDisagrees},

		{name: "by private link", routes: "direct", rows: direct,
			change: dns(&report.DNSDetail{Addresses: []string{"10.0.0.4"}, CNAME: link}), code: report.DNSPrivateLink,
			want: "info dns-admin r1: hub.azure-devices.net is reached by private link (10.0.0.4) | Nothing: that is " +
				"how a private endpoint is meant to look."},
		{name: "half set up", routes: "direct", rows: direct,
			change: dns(&report.DNSDetail{Addresses: []string{"20.1.2.3", "20.1.2.4"},
				CNAME: []string{"HUB.PrivateLink.azure-devices.net"}}), code: report.DNSPrivateLink,
			want: "warning dns-admin r1: hub.azure-devices.net has a private endpoint, and this resolver gives its " +
				"public address (20.1.2.3 20.1.2.4) | Link the private DNS zone"},
		{name: "its address is kept back", routes: "direct proxy", rows: append(with(every("direct", "dns.no-address"),
			"HTTPS@direct dns.timeout"), "HTTPS@proxy dns.no-address"),
			change: func(_ *testing.T, rs []report.Result) {
				for i := range rs {
					target(&rs[i], report.StageDNS, &report.DNSDetail{Name: "hub.azure-devices.net", CNAME: link})
				}
			}, code: report.DNSPrivateLink,
			want: "warning dns-admin r1,r2,r3,r4: hub.azure-devices.net leads to a private endpoint's name (" + link[0] +
				"), and no address comes with it: either the resolver strips private addresses (rebind protection), or " +
				"the private zone has no record | " + rebindRemedy},
		{name: "private without the link", routes: "direct", rows: direct,
			change: dns(&report.DNSDetail{Addresses: []string{"10.0.0.4"}, CNAME: []string{"x.cloudapp.net"}}),
			code:   report.DNSPrivateLink},
		{name: "not a public name", routes: "direct", rows: direct,
			plan: func(p *Question) { p.Host = "edge.corp"; p.Public = false },
			change: func(_ *testing.T, rs []report.Result) {
				target(&rs[0], report.StageDNS, &report.DNSDetail{Name: "edge.corp", Addresses: []string{"10.0.0.4"},
					CNAME: link})
			}, code: report.DNSPrivateLink},
		{name: "no evidence", routes: "direct", rows: direct, code: report.DNSPrivateLink},

		{name: "the proxy resolves", routes: "direct proxy",
			rows: both(with(every("direct", "dns.servfail"), "AMQP@direct dns.nxdomain"), every("proxy", "ok")),
			code: report.DNSNotNeeded,
			want: "info dns-admin r1,r2,r3,r4,r5: hub.azure-devices.net does not resolve here (dns.nxdomain), and " +
				"the proxy route works all the same | Nothing for the WebSocket protocols"},
		{name: "the proxy fails too", routes: "direct proxy", rows: both(every("direct", "dns.nxdomain"),
			every("proxy", "connect.upstream-dns")), code: report.DNSNotNeeded},
		{name: "SOCKS is no help", routes: "direct socks", rows: both(every("direct", "dns.nxdomain"),
			every("proxy", "ok")), code: report.DNSNotNeeded},
		{name: "names resolve", routes: "direct proxy", rows: both(every("direct", "tcp.timeout"),
			every("proxy", "ok")), code: report.DNSNotNeeded},
	})
}

func TestFirewallFindings(t *testing.T) {
	t.Parallel()
	direct, both := every("direct", "ok"), func(d, p []string) []string { return append(slices.Clone(d), p...) }
	tried := func(path string, e ...report.Experiment) func(*testing.T, []report.Result) {
		return func(t *testing.T, rs []report.Result) {
			r := at(t, rs, path)
			r.Experiments = append(r.Experiments, e...)
		}
	}
	travel := func(trs ...report.Travel) report.Experiment {
		return report.Experiment{Name: report.Where, Outcome: report.Answered, Travels: trs}
	}
	ref := testkit.Travel(443, "expired@10.0.0.1", "expired@10.0.1.1", "open")
	between := travel(testkit.Travel(8883, "expired@10.0.0.1", "silent", "silent"), ref)
	own := travel(local(testkit.Travel(8883, "silent", "silent", "silent")), ref)
	byName := testkit.Experiments("again", "killed", "other-name", "answered", "no-name", "answered")
	whatever := testkit.Experiments("again", "killed", "other-name", "killed", "no-name", "killed")
	const sni, protocol, place, port = report.FirewallSNI, report.FirewallProtocol, report.FirewallWhere,
		report.FirewallPortBlocked
	shaken := func(_ *testing.T, rs []report.Result) {
		rs[0].Steps = append(rs[0].Steps, report.Step{Hop: report.HopTarget, Stage: report.StageTLS, Status: report.OK})
	}
	cutMostly := func(t *testing.T, rs []report.Result) {
		r := at(t, rs, "AMQP@direct")
		r.Attempts, r.Failures, r.FailureCauses = 6, 5, map[report.Cause]int{report.TLSReset: 5}
	}
	runFindings(t, []findingRow{
		{name: "reset by name", routes: "direct", rows: with(direct, "MQTT@direct tls.reset"),
			change: tried("MQTT@direct", byName...), code: sni,
			want: "info firewall-admin r2: TLS to hub.azure-devices.net is cut for its name: with another server " +
				"name, or with none, the same address answers | Find the rule that goes by server name"},
		{name: "swallowed by name", routes: "direct", rows: with(direct, "MQTT@direct tls.timeout"),
			change: tried("MQTT@direct", testkit.Experiments("again", "silent", "other-name", "answered", "no-name",
				"silent")...),
			code: sni, want: "info firewall-admin r2: TLS to hub.azure-devices.net gets no answer for its name"},
		{name: "without a name alone", routes: "direct", rows: with(direct, "MQTT@direct tls.reset"),
			change: tried("MQTT@direct", testkit.Experiments("again", "killed", "other-name", "killed", "no-name",
				"answered")...),
			code: sni, want: "info firewall-admin r2: "},
		{name: "loss is no filter", routes: "direct", rows: with(direct, "MQTT@direct tls.timeout"),
			change: tried("MQTT@direct", testkit.Experiments("again", "silent", "other-name", "answered", "no-name",
				"answered",
				"small-hello", "answered")...), code: sni},
		{name: "neither name passes", routes: "direct", rows: with(direct, "MQTT@direct tls.reset"),
			change: tried("MQTT@direct", whatever...), code: sni},
		{name: "it comes and goes", routes: "direct", rows: with(direct, "MQTT@direct tls.reset"),
			change: tried("MQTT@direct", testkit.Experiments("again", "answered", "other-name", "answered")...),
			code:   sni},
		{name: "no control", routes: "direct", rows: with(direct, "MQTT@direct tls.reset"),
			change: tried("MQTT@direct", testkit.Experiments("other-name", "answered")...), code: sni},
		{name: "a black hole", routes: "direct", rows: with(direct, "MQTT@direct tls.mtu"),
			change: tried("MQTT@direct", byName...), code: sni},
		{name: "at the proxy", routes: "direct proxy", rows: both(direct, every("proxy", "proxy/tls.reset")),
			change: tried("HTTPS@proxy", byName...), code: sni},

		{name: "whatever the name", routes: "direct", rows: with(direct, "MQTT@direct tls.reset"),
			change: all(shaken, tried("MQTT@direct", whatever...)), code: protocol,
			want: "info firewall-admin r2: TCP 8883 to hub.azure-devices.net connects, and the TLS hello is cut " +
				"whatever the server name | Find the rule (application control, protocol filter) that stops TLS on " +
				"TCP 8883 to hub.azure-devices.net, and let it pass."},
		{name: "on two ports, and nothing shows that the service lives", routes: "direct",
			rows: every("direct", "tls.timeout"), change: all(tried("MQTT@direct", whatever...),
				tried("AMQP@direct", whatever...)), code: protocol,
			want: "error firewall-admin r1,r2: TCP 5671, 8883 to hub.azure-devices.net connects, and the TLS hello " +
				"gets no answer whatever the server name; no path shows that the service itself is up, so that may " +
				"be the reason too | Find the rule (application control, protocol filter) that stops TLS on TCP " +
				"5671, 8883 to hub.azure-devices.net, and let it pass."},
		{name: "by name", routes: "direct", rows: with(direct, "MQTT@direct tls.reset"),
			change: tried("MQTT@direct", byName...), code: protocol},
		{name: "mostly", routes: "direct", rows: with(direct, "MQTT@direct tls.reset", "AMQP@direct tls.reset"),
			change: all(tried("MQTT@direct", byName...), tried("AMQP@direct", whatever...), cutMostly), code: sni},
		{name: "mostly, whatever the name", routes: "direct", rows: with(direct, "MQTT@direct tls.reset",
			"AMQP@direct tls.reset"), change: all(tried("MQTT@direct", whatever...), cutMostly), code: protocol},
		{name: "one name was not finished", routes: "direct", rows: with(direct, "MQTT@direct tls.reset"),
			change: tried("MQTT@direct", testkit.Experiments("again", "killed", "other-name", "killed", "no-name",
				"unavailable")...),
			code: protocol},
		{name: "it comes and goes", routes: "direct", rows: with(direct, "MQTT@direct tls.reset"),
			change: tried("MQTT@direct", testkit.Experiments("again", "answered", "other-name", "killed", "no-name",
				"killed")...),
			code: protocol},

		{name: "between two hops", routes: "direct", rows: with(direct, "MQTT@direct tcp.timeout"),
			change: tried("MQTT@direct", between), code: place,
			want: "info firewall-admin r2: SYNs to port 8883 get lost between 10.0.0.1 (hop 1) and 10.0.1.1 (hop 2), " +
				"which answers for port 443 | Look for the rule"},
		{name: "once for a port", routes: "direct", rows: with(direct, "AMQPWS@direct tcp.timeout",
			"HTTPS@direct tcp.timeout"), change: all(tried("AMQPWS@direct", between), tried("HTTPS@direct", between)),
			code: place, want: "info firewall-admin r3,r5: SYNs to port 8883"},
		{name: "once for ports that get lost at one place", routes: "direct",
			rows: with(direct, "AMQP@direct tcp.timeout", "MQTT@direct tcp.timeout"),
			change: all(tried("MQTT@direct", between),
				tried("AMQP@direct", travel(testkit.Travel(5671, "expired@10.0.0.1", "silent", "silent"), ref))),
			code: place,
			want: "info firewall-admin r1,r2: SYNs to port 5671, 8883 get lost between 10.0.0.1 (hop 1)"},
		{name: "another place is told by itself", routes: "direct", rows: with(direct, "AMQP@direct tcp.timeout",
			"MQTT@direct tcp.timeout"), change: all(tried("MQTT@direct", between),
			tried("AMQP@direct", travel(testkit.Travel(5671, "expired@10.0.0.1", "expired@10.0.1.1", "silent"), ref))),
			code: place,
			want: "info firewall-admin r1: SYNs to port 5671 get lost between 10.0.1.1 (hop 2)"},
		{name: "another route is told by itself", routes: "direct proxy",
			rows: both(with(direct, "MQTT@direct tcp.timeout"), every("proxy", "proxy/tcp.timeout")),
			change: all(tried("MQTT@direct", travel(testkit.Travel(8883, "expired@10.0.0.1"))),
				tried("HTTPS@proxy", travel(testkit.Travel(3128, "expired@10.0.0.1")))), code: place,
			want: "info firewall-admin r2: SYNs to port 8883 get as far as 10.0.0.1"},
		{name: "this host", routes: "direct", rows: with(direct, "MQTT@direct tcp.timeout"),
			change: tried("MQTT@direct", own), code: place, want: "info host r2: SYNs to port 8883 do not leave this " +
				"host: its own firewall drops them | This host's own firewall stops TCP 8883"},
		{name: "refused by a router", routes: "direct", rows: with(direct, "MQTT@direct tcp.unreachable"),
			change: tried("MQTT@direct", travel(testkit.Travel(8883, "icmp 3/13@10.0.0.1"))), code: place,
			want: "info network r2: 10.0.0.1 refuses port 8883"},
		{name: "the proxy's port", routes: "direct proxy", rows: both(direct, every("proxy", "proxy/tcp.timeout")),
			change: tried("HTTPS@proxy", travel(testkit.Travel(3128, "expired@10.0.0.1", "silent"))), code: place,
			want: "info firewall-admin r10: SYNs to port 3128 get as far as 10.0.0.1 (hop 1), and nothing beyond it " +
				"answers"},
		{name: "nothing is known", routes: "direct", rows: with(direct, "MQTT@direct tcp.timeout"),
			change: tried("MQTT@direct", travel(testkit.Travel(8883, "silent"))), code: place},
		{name: "it answers after all", routes: "direct", rows: with(direct, "MQTT@direct tcp.timeout"),
			change: tried("MQTT@direct", travel(testkit.Travel(8883, "open"))), code: place},
		{name: "not asked", routes: "direct", rows: with(direct, "MQTT@direct tcp.timeout"), code: place},

		{name: "the remedy names the place", routes: "direct", rows: with(direct, "MQTT@direct tcp.timeout"),
			change: all(remote("10.1.2.3"), tried("MQTT@direct", between)), code: port,
			want: "info firewall-admin r2,r1: TCP 8883 to hub.azure-devices.net is silently dropped, while 5671 of " +
				"the same address answers | Nothing, as long as the protocol in use does not need it; else allow " +
				"outbound TCP 8883 to hub.azure-devices.net. To find the rule: SYNs to port 8883 get lost between " +
				"10.0.0.1 (hop 1) and"},
		{name: "the remedy names this host", routes: "direct", rows: with(direct, "MQTT@direct tcp.timeout"),
			change: all(remote("10.1.2.3"), tried("MQTT@direct", own)), code: port,
			want: "info host r2,r1: TCP 8883 to hub.azure-devices.net is silently dropped, while 5671 of the same " +
				"address answers | This host's own firewall stops TCP 8883 to hub.azure-devices.net: allow it there"},
		{name: "one port alone, and another was asked", routes: "direct", rows: []string{"MQTT@direct tcp.timeout"},
			change: tried("MQTT@direct", report.Experiment{Name: report.OtherPort, Outcome: report.Answered,
				Summary: "port 443 answers"}), code: port,
			want: "error firewall-admin r1: TCP 8883 to hub.azure-devices.net is silently dropped, while port 443 " +
				"answers | Allow outbound TCP 8883"},
		{name: "one port alone, and another does not answer", routes: "direct",
			rows:   []string{"MQTT@direct tcp.timeout"},
			change: tried("MQTT@direct", report.Experiment{Name: report.OtherPort, Outcome: report.Blocked}),
			code:   port},
		{name: "a router does not get there", routes: "direct", rows: every("direct", "tcp.unreachable"),
			change: tried("AMQP@direct", travel(testkit.Travel(5671, "icmp 3/1@10.0.1.1"))),
			code:   report.FirewallAllBlocked,
			want:   "error network r1,r2,r3,r4,r5: "},
		{name: "a policy says so", routes: "direct", rows: every("direct", "tcp.unreachable"),
			change: tried("MQTT@direct", travel(testkit.Travel(8883, "icmp 3/13@10.0.1.1"))),
			code:   report.FirewallAllBlocked,
			want:   "error firewall-admin r1,r2,r3,r4,r5: "},
		{name: "refused all", routes: "direct", rows: every("direct", "tcp.refused"), code: report.FirewallAllBlocked,
			want: "error firewall-admin r1,r2,r3,r4,r5: the name hub.azure-devices.net resolves, and none of its " +
				"ports answers directly (tcp.refused); a firewall rejects them all, or nothing listens there | "},
		{name: "all blocked, and a proxy that is given is not asked for again", routes: "direct proxy",
			rows: append(every("direct", "tcp.timeout"), every("proxy", "proxy/tcp.refused")...),
			code: report.FirewallAllBlocked,
			want: "error firewall-admin r1,r2,r3,r4,r5: the name hub.azure-devices.net resolves, and none of its " +
				"ports answers directly (tcp.timeout) | Allow outbound TCP 443 to hub.azure-devices.net, and one of " +
				"5671 and 8883 unless WebSocket is used."},
		{name: "all blocked, and where", routes: "direct", rows: every("direct", "tcp.timeout"),
			change: tried("AMQP@direct", between), code: report.FirewallAllBlocked,
			want: "error firewall-admin r1,r2,r3,r4,r5: the name hub.azure-devices.net resolves, and none of its " +
				"ports answers directly (tcp.timeout) | Allow outbound TCP 443 to hub.azure-devices.net, and one of " +
				"5671 and 8883 unless WebSocket is used. To find the " +
				"rule: SYNs"},
	})
}

func TestStrangeRoots(t *testing.T) {
	t.Parallel()
	direct := every("direct", "ok")
	shown := func(issuer, root string, public bool) func(*testing.T, []report.Result) {
		return func(t *testing.T, rs []report.Result) {
			d := chain("CN=hub", "x")
			d.Chain[0].Issuer = issuer
			d.Trust = map[string]report.Trust{report.PoolPublic: {OK: public, Root: root}}
			target(at(t, rs, "AMQP@direct"), report.StageTLS, d)
		}
	}
	runFindings(t, []findingRow{
		{name: "a public CA that IoT Hub does not have", routes: "direct", rows: direct,
			change: shown("CN=R3,O=Let's Encrypt", "CN=ISRG Root X1,O=ISRG", true), code: report.TLSInspection,
			want: "warning unknown r1: the certificate shown for hub.azure-devices.net was issued by R3, Let's " +
				"Encrypt and ends in ISRG Root X1, which IoT Hub is not known to use: either TLS is " +
				"decrypted on the way with a public CA, or Azure has new roots"},
		{name: "IoT Hub's root", routes: "direct", rows: direct, change: shown("CN=New Issuer,O=New",
			"CN=DigiCert Global Root G2,OU=www.digicert.com", true), code: report.TLSInspection},
		{name: "Microsoft's issuer under a new root", routes: "direct", rows: direct,
			change: shown("CN=Azure,O=Microsoft Corporation", "CN=New Root", true), code: report.TLSInspection},
		{name: "DigiCert's issuer under a new root", routes: "direct", rows: direct,
			change: shown("CN=CA,O=DigiCert Inc", "CN=New Root", true), code: report.TLSInspection},
		{name: "not publicly trusted is another matter", routes: "direct", rows: direct,
			change: shown("CN=Corp", "", false), code: report.TLSInspection},
		{name: "not a public name", routes: "direct", rows: direct,
			plan: func(p *Question) { p.Host = "edge.corp"; p.Public = false }, change: shown("CN=R3,O=Let's Encrypt",
				"CN=ISRG Root X1", true), code: report.TLSInspection},
	})
}

// TestEndsByAge: an idle connection that ended at another age than the busy one, or that was only
// found to be over, does not show that the age is what ends them.
func TestEndsByAge(t *testing.T) {
	t.Parallel()
	busy := report.HoldTrial{IdleSec: 1, EndSec: 3, Outcome: report.HoldCut}
	for name, row := range map[string]struct {
		trial report.HoldTrial
		want  bool
	}{
		"at that age":                {report.HoldTrial{IdleSec: 4, EndSec: 3, Outcome: report.HoldCut}, true},
		"within what the busy waits": {report.HoldTrial{IdleSec: 8, EndSec: 5, Outcome: report.HoldCut}, true},
		"later":                      {report.HoldTrial{IdleSec: 8, EndSec: 5.5, Outcome: report.HoldCut}, false},
		"found to be over":           {report.HoldTrial{IdleSec: 3, EndSec: 3, Outcome: report.HoldLost}, false},
		"it lived":                   {report.HoldTrial{IdleSec: 3, EndSec: 3, Outcome: report.HoldAlive}, false},
	} {
		d := &report.HoldDetail{HeldSec: 2, LostSec: 4, Busy: &busy, Trials: []report.HoldTrial{row.trial}}
		if got := EndsByAge(d); got != row.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	cut := []report.HoldTrial{{IdleSec: 4, EndSec: 3, Outcome: report.HoldCut}}
	for name, row := range map[string]struct {
		held float64
		busy *report.HoldTrial
	}{
		"none was kept busy":                      {2, nil},
		"the busy one lived":                      {2, &report.HoldTrial{IdleSec: 1, EndSec: 3, Outcome: report.HoldAlive}},
		"the busy one was closed":                 {2, &report.HoldTrial{IdleSec: 1, EndSec: 3, Outcome: report.HoldServerIdle}},
		"an idle one outlived it":                 {3.5, &report.HoldTrial{IdleSec: 1, EndSec: 3, Outcome: report.HoldCut}},
		"no idle one lived as long as it waits":   {0.5, &report.HoldTrial{IdleSec: 1, EndSec: 3, Outcome: report.HoldCut}},
		"the same of one whose answers were lost": {0.5, &report.HoldTrial{IdleSec: 1, EndSec: 3, Outcome: report.HoldLost}},
	} {
		if EndsByAge(&report.HoldDetail{HeldSec: row.held, LostSec: 4, Busy: row.busy, Trials: cut}) {
			t.Errorf("%s: it is its age", name)
		}
	}
}

func TestHoldShort(t *testing.T) {
	t.Parallel()
	direct := every("direct", "ok")
	held := func(d report.HoldDetail, paths ...string) func(*testing.T, []report.Result) {
		return func(t *testing.T, rs []report.Result) {
			for _, p := range paths {
				target(at(t, rs, p), report.StageHold, &d)
			}
		}
	}
	aged := report.HoldDetail{HeldSec: 2, LostSec: 4,
		Trials: []report.HoldTrial{{IdleSec: 4, EndSec: 3, Outcome: report.HoldCut}},
		Busy:   &report.HoldTrial{IdleSec: 1, EndSec: 3, Outcome: report.HoldCut}}
	runFindings(t, []findingRow{
		{name: "HTTPS", routes: "direct", rows: direct,
			change: held(report.HoldDetail{HeldSec: 30, LostSec: 60, KeepAliveSec: 30}, "HTTPS@direct"),
			code:   report.HoldShort,
			want: "warning network r5: an idle connection is lost after 30 to 60 s by the route direct, and the " +
				"runtime is silent for up to 60 s | Raise the idle timeout of the NAT, firewall or proxy above the " +
				"runtime's heartbeat (AMQP 60 s, MQTT 75 s); until then let something be sent every 30 s: TCP " +
				"keep-alives (net.ipv4.tcp_keepalive_time=30,"},
		{name: "two paths, and the shorter is told", routes: "direct", rows: direct,
			change: all(held(report.HoldDetail{HeldSec: 30, LostSec: 60, KeepAliveSec: 30}, "MQTT@direct"),
				held(report.HoldDetail{HeldSec: 10, LostSec: 20, KeepAliveSec: 10}, "HTTPS@direct")), code: report.HoldShort,
			want: "warning network r2,r5: an idle connection is lost after 10 to 20 s by the route direct, and the " +
				"runtime is silent for up to 60 s"},
		{name: "no idle time was outlived", routes: "direct", rows: direct,
			change: held(report.HoldDetail{LostSec: 0.5, KeepAliveSec: 0.25}, "AMQP@direct"), code: report.HoldShort,
			want: "warning network r1: an idle connection is lost after 0.5 s or less by the route direct"},
		{name: "longer than the heartbeat", routes: "direct", rows: direct,
			change: held(report.HoldDetail{HeldSec: 60, LostSec: 120}, "AMQP@direct"), code: report.HoldShort},
		{name: "MQTT's is longer", routes: "direct", rows: direct,
			change: held(report.HoldDetail{HeldSec: 60, LostSec: 75}, "MQTT@direct", "AMQP@direct"),
			code:   report.HoldShort, want: "warning network r2: an idle connection is lost after 60 to 75 s by the " +
				"route direct, and the runtime is silent for up to 75 s"},
		{name: "it may be longer", routes: "direct", rows: direct,
			change: held(report.HoldDetail{HeldSec: 30, LostSec: 61}, "AMQP@direct"), code: report.HoldShort},
		{name: "by age, on the direct way", routes: "direct", rows: direct, change: held(aged, "HTTPS@direct"),
			code: report.HoldShort, want: "warning network r5: a connection by the route direct is ended 3 s after it " +
				"began, though something was sent on it every 1 s: its age is what ends it, and no keep-alive helps " +
				"| Raise or remove the limit on how long a connection to hub.azure-devices.net may last"},
		{name: "by age, on the direct way, is no proxy's", routes: "direct", rows: direct,
			change: held(aged, "HTTPS@direct"), code: report.ProxyLifetime},
		{name: "by age, by a proxy, on two paths, is said once", routes: "direct proxy", rows: every("proxy", "ok"),
			change: held(aged, "HTTPS@proxy", "AMQPWS@proxy"), code: report.ProxyLifetime,
			want: "warning proxy-admin r3: a connection by the route proxy is ended 3 s after it began"},
		{name: "by age, by a proxy", routes: "direct proxy", rows: every("proxy", "ok"),
			change: held(aged, "HTTPS@proxy"), code: report.HoldShort},
		{name: "by age, by a proxy, is the proxy's", routes: "direct proxy", rows: every("proxy", "ok"),
			change: held(aged, "HTTPS@proxy"), code: report.ProxyLifetime,
			want: "warning proxy-admin r5: a connection by the route proxy is ended 3 s after it began"},
		{name: "nothing was lost", routes: "direct", rows: direct,
			change: held(report.HoldDetail{HeldSec: 30, LimitSec: 30}, "AMQP@direct"), code: report.HoldShort},
		{name: "the server closes", routes: "direct", rows: direct,
			change: held(report.HoldDetail{HeldSec: 30, ServerIdle: true}, "AMQP@direct"), code: report.HoldShort},
		{name: "not tried", routes: "direct", rows: direct, code: report.HoldShort},
	})
}

func TestTLSFindings(t *testing.T) {
	t.Parallel()
	direct := every("direct", "ok")
	both := func(d, p []string) []string { return append(slices.Clone(d), p...) }
	trust := func(public, store, bundle bool) *report.TLSDetail {
		d := chain("hub", "Corp CA")
		d.Trust = map[string]report.Trust{report.PoolPublic: {OK: public}, report.PoolOS: {OK: store},
			report.PoolBundle: {OK: bundle}}
		for name, x := range d.Trust {
			if x.OK {
				d.Trust[name] = report.Trust{OK: true, Root: "CN=" + name}
			}
		}
		return d
	}
	shown := func(n int, d *report.TLSDetail) func(*testing.T, []report.Result) {
		return func(_ *testing.T, rs []report.Result) { target(&rs[n], report.StageTLS, d) }
	}
	vendor := chain("hub", "FortiGate CA")
	vendor.Vendor = "Fortinet"
	weak := func(w report.Weakness) *report.TLSDetail {
		d := chain("hub", "Box")
		w.What = "its key is short"
		d.Weak = &w
		return d
	}
	module := trust(true, false, false)
	delete(module.Trust, report.PoolOS)
	date := func(n int, d time.Duration) func(*testing.T, []report.Result) {
		return func(_ *testing.T, rs []report.Result) {
			target(&rs[n], report.StageHTTP, &report.HTTPDetail{SkewMs: skewOf(d)})
		}
	}
	intercepted := report.TLSIntercepted.RemedyAt(report.HopTarget, "hub.azure-devices.net", 5671, "")
	runFindings(t, []findingRow{
		{name: "everywhere", routes: "direct", rows: every("direct", "tls.intercepted"), change: shown(0, vendor),
			code: report.TLSInspection,
			want: "error firewall-admin r1,r2,r3,r4,r5: TLS to hub.azure-devices.net is decrypted on the direct way " +
				"by FortiGate CA (Fortinet); X.509 device authentication cannot work through it | " + intercepted},
		{name: "where it is not needed", routes: "direct", rows: with(direct, "MQTT@direct tls.intercepted"),
			change: shown(1, chain("hub", "Box")), code: report.TLSInspection, want: "warning firewall-admin r2: TLS " +
				"to hub.azure-devices.net is decrypted on the direct way by Box; X.509"},
		{name: "where it is expected", routes: "direct", rows: with(direct, "MQTT@direct tls.intercepted"),
			plan: func(p *Question) { p.Expect = report.MQTT }, code: report.TLSInspection,
			want: "error firewall-admin r2: TLS to hub.azure-devices.net is decrypted on the direct way by an " +
				"unknown CA; X.509"},
		{name: "a weak key that this program refuses", routes: "direct", rows: with(direct, "MQTT@direct tls.intercepted"),
			change: shown(1, weak(report.Weakness{OpenSSL: true})), code: report.TLSInspection,
			want: "warning firewall-admin r2: TLS to hub.azure-devices.net is decrypted on the direct way by Box; X.509 " +
				"device authentication cannot work through it. Paths fail for the certificate that it makes, not for a " +
				"missing CA: its key is short, and this program and newer ones refuse it, while OpenSSL, which the " +
				"daemon and the containers use, does not | Exempt hub.azure-devices.net from inspection. Else the " +
				"inspection (Box) has to make certificates"},
		{name: "a weak key that OpenSSL refuses", routes: "direct", rows: with(direct, "MQTT@direct tls.intercepted"),
			change: shown(1, weak(report.Weakness{Here: true})), code: report.TLSInspection,
			want: "warning firewall-admin r2: TLS to hub.azure-devices.net is decrypted on the direct way by Box; X.509 " +
				"device authentication cannot work through it. Paths fail for the certificate that it makes, not for a " +
				"missing CA: its key is short, and OpenSSL, which the daemon and the containers use, refuses it | Exempt"},
		{name: "a weak key that all refuse", routes: "direct", rows: with(direct, "MQTT@direct tls.intercepted"),
			change: shown(1, weak(report.Weakness{})), code: report.TLSInspection,
			want: "warning firewall-admin r2: TLS to hub.azure-devices.net is decrypted on the direct way by Box; X.509 " +
				"device authentication cannot work through it. Paths fail for the certificate that it makes, not for a " +
				"missing CA: its key is short, and no client accepts it | Exempt"},
		{name: "at the proxy", routes: "direct proxy", rows: both(direct, every("proxy", "tls.intercepted")),
			code: report.TLSInspection, want: "warning proxy-admin r6,r7,r8,r9,r10: TLS to hub.azure-devices.net is " +
				"decrypted on the way through the proxy by"},
		{name: "on both ways", routes: "direct proxy", rows: both(every("direct", "tls.intercepted"),
			every("proxy", "tls.intercepted")), code: report.TLSInspection, want: "error firewall-admin " +
			"r1,r2,r3,r4,r5,r6,r7,r8,r9,r10: TLS to hub.azure-devices.net is decrypted on both ways, directly and " +
			"through the proxy, by"},
		{name: "taught to this host", routes: "direct", rows: direct, change: shown(2, trust(false, true, true)),
			code: report.TLSInspection,
			want: "warning firewall-admin r3: TLS to hub.azure-devices.net is decrypted on the direct way by Corp " +
				"CA; X.509 device authentication cannot work through it | Exempt hub.azure-devices.net from " +
				"inspection: it works as long as"},
		{name: "taught to the containers alone", routes: "direct", rows: direct,
			change: shown(2, trust(false, false, true)), code: report.TLSInspection,
			want: "warning firewall-admin r3: "},
		{name: "taught to nobody", routes: "direct", rows: with(direct, "AMQPWS@direct tls.untrusted"),
			change: shown(2, trust(false, false, false)), code: report.TLSInspection},
		{name: "a public chain", routes: "direct", rows: direct, change: all(shown(2, trust(true, true, true)),
			func(_ *testing.T, rs []report.Result) {
				tlsDetail(&rs[2]).Trust[report.PoolPublic] = report.Trust{OK: true, Root: "CN=DigiCert Global Root G2"}
			}), code: report.TLSInspection},
		{name: "a private name", routes: "direct", rows: direct,
			plan:   func(p *Question) { p.Host = "edge.corp"; p.Public = false },
			change: shown(2, trust(false, true, true)), code: report.TLSInspection},
		{name: "the proxy's own certificate", routes: "direct proxy",
			rows: both(direct, every("proxy", "proxy/tls.intercepted")), code: report.TLSInspection},
		{name: "not finished", routes: "direct", rows: with(direct, "AMQPWS@direct skipped"),
			change: shown(2, trust(false, true, true)), code: report.TLSInspection},
		{name: "no chain", routes: "direct", rows: direct, change: func(_ *testing.T, rs []report.Result) {
			d := trust(false, true, true)
			d.Chain = nil
			target(&rs[2], report.StageTLS, d)
		}, code: report.TLSInspection},

		{name: "the host alone", routes: "direct", rows: direct, change: shown(4, trust(false, true, false)),
			code: report.TLSCAMissingInBundle,
			want: `error host r5: this host trusts the chain of hub.azure-devices.net, and the containers do not: the CA "os" is missing in the trust bundle | Add the CA to the file of trust_bundle_cert`},
		{name: "both", routes: "direct", rows: direct, change: shown(4, trust(false, true, true)),
			code: report.TLSCAMissingInBundle},
		{name: "a public one", routes: "direct", rows: direct, change: shown(4, trust(true, true, false)),
			code: report.TLSCAMissingInBundle},
		{name: "nobody", routes: "direct", rows: direct, change: shown(4, trust(false, false, false)),
			code: report.TLSCAMissingInBundle},
		{name: "no evidence", routes: "direct", rows: direct, code: report.TLSCAMissingInBundle},

		{name: "the bundle alone", routes: "direct", rows: direct, change: shown(0, trust(false, false, true)),
			code: report.TLSCAMissingInOS,
			want: `error host r1: the containers trust the chain of hub.azure-devices.net, and this host does not: the CA "bundle" is missing in its store | Install the CA in this host's store`},
		{name: "a public one that the host lacks", routes: "direct", rows: direct,
			change: shown(0, trust(true, false, false)), code: report.TLSCAMissingInOS,
			want: `error host r1: the containers trust the chain of hub.azure-devices.net, and this host does not: the CA "public" is missing`},
		{name: "in a module nobody asks the store", routes: "direct", rows: direct, change: shown(0, module),
			code: report.TLSCAMissingInOS},
		{name: "both", routes: "direct", rows: direct, change: shown(0, trust(false, true, true)),
			code: report.TLSCAMissingInOS},
		{name: "nobody", routes: "direct", rows: direct, change: shown(0, trust(false, false, false)),
			code: report.TLSCAMissingInOS},

		{name: "pages", routes: "direct", rows: with(direct, "AMQPWS@direct ws.block-page",
			"HTTPS@direct http.block-page"), code: report.CaptivePortal,
			want: "error firewall-admin r3,r5: a portal or filter answers in place of the hub: ws.block-page was " +
				"seen | Exempt this device from the portal, or allow hub.azure-devices.net in the web filter."},
		{name: "plain HTTP", routes: "direct", rows: with(direct, "AMQP@direct tls.not-tls"),
			change: shown(0, &report.TLSDetail{FirstBytes: "HTTP/1.1 302 Found"}), code: report.CaptivePortal,
			want: "info network r1: "},
		{name: "plain HTML", routes: "direct", rows: with(direct, "AMQP@direct tls.not-tls"),
			change: shown(0, &report.TLSDetail{FirstBytes: "<html>"}), code: report.CaptivePortal,
			want: "info network r1: "},
		{name: "SSH", routes: "direct", rows: with(direct, "AMQP@direct tls.not-tls"),
			change: shown(0, &report.TLSDetail{FirstBytes: "SSH-2.0"}), code: report.CaptivePortal},
		{name: "no evidence", routes: "direct", rows: with(direct, "AMQP@direct tls.not-tls"),
			code: report.CaptivePortal},
		{name: "at the proxy", routes: "proxy", rows: every("proxy", "proxy/tls.not-tls"),
			change: shown(0, &report.TLSDetail{FirstBytes: "HTTP/1.1"}), code: report.CaptivePortal},
		{name: "another refusal", routes: "direct", rows: with(direct, "AMQPWS@direct ws.status"),
			code: report.CaptivePortal},

		{name: "a minute", routes: "direct", rows: direct, change: date(4, time.Minute), code: report.ClockSkew,
			want: "warning host r5: this host's clock is 60 s behind the server's; the hub refuses tokens from 5 min " +
				"on | Set this host's clock"},
		{name: "less than a minute", routes: "direct", rows: direct, change: date(4, 59*time.Second),
			code: report.ClockSkew},
		{name: "less than five", routes: "direct", rows: direct, change: date(4, -299*time.Second),
			code: report.ClockSkew, want: "warning host r5: this host's clock is 299 s ahead of the server's"},
		{name: "five minutes", routes: "direct", rows: direct, change: date(4, -300*time.Second),
			code: report.ClockSkew, want: "error host r5: this host's clock is 300 s ahead of the server's"},
		{name: "asked on a bad chain", routes: "direct", rows: with(direct, "HTTPS@direct tls.expired",
			"AMQP@direct tls.expired"), change: shown(4, &report.TLSDetail{SkewMs: skewOf(time.Hour)}),
			code: report.ClockSkew, want: "error host r1,r5: "},
		{name: "no Date", routes: "direct", rows: direct, change: func(_ *testing.T, rs []report.Result) {
			target(&rs[4], report.StageHTTP, &report.HTTPDetail{})
			target(&rs[3], report.StageTLS, &report.TLSDetail{})
		}, code: report.ClockSkew},
	})
}

// TestFindingsOfNothing is an empty list, never none.
func TestFindingsOfNothing(t *testing.T) {
	t.Parallel()
	plan := asking(t, "direct")
	if f := Findings(nil, plan, Choose(nil, plan, false)); f == nil || len(f) != 0 {
		t.Errorf("%+v", f)
	}
}
