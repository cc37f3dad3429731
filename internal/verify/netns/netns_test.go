//go:build netns && linux

package netns

import (
	"crypto/x509/pkix"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"edgenet/internal/lab/pki"
	"edgenet/internal/verify/blackbox"
	"edgenet/report"
)

// bench is what all cases share.
var bench struct {
	dir     string
	edgenet blackbox.Edgenet
	// authority signs for foreign servers.
	authority *pki.Authority
	why       string // why nothing can run
}

func TestMain(m *testing.M) {
	asDelayLine()
	flag.Parse()
	_ = flag.Set("test.parallel", "6") // the cases wait most of the time
	os.Exit(runAll(m))
}

func runAll(m *testing.M) int {
	dir, err := os.MkdirTemp("", "edgenet-netns-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // squid drops root
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	bench.dir = dir
	if bench.why = missing(); bench.why == "" {
		sweep()
		if bench.edgenet, err = blackbox.Build(dir); err == nil {
			err = outside()
		}
		if err == nil {
			bench.authority, err = pki.NewAuthority(pkix.Name{CommonName: "edgenet netns root"})
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return m.Run()
}

// missing says why no namespace can be made here.
func missing() string {
	if os.Geteuid() != 0 {
		return "network namespaces need root"
	}
	for _, c := range []string{"ip", "nft", "ss", "sysctl", "dnsmasq"} {
		if _, err := exec.LookPath(c); err != nil {
			return c + " is not installed (.ci/run installs it)"
		}
	}
	return ""
}

// timeout is that of every check, where a case does not say otherwise.
const timeout = 3 * time.Second

// works wants a row that is ok.
func works(p report.Protocol, route string) blackbox.Want {
	return blackbox.Want{Protocol: p, Route: route}
}

// fails wants a direct row that fails at the target with none of the family's other
// causes.
func fails(p report.Protocol, stage report.Stage, c report.Cause, family []report.Cause) blackbox.Want {
	return blackbox.Want{Protocol: p, Stage: stage, Cause: c, Not: slices.DeleteFunc(slices.Clone(family),
		func(x report.Cause) bool { return x == c })}
}

func atProxy(p report.Protocol, stage report.Stage, c report.Cause, family []report.Cause) blackbox.Want {
	w := fails(p, stage, c, family)
	w.Hop, w.Route = report.HopProxy, "proxy"
	return w
}

var (
	dnsFamily = []report.Cause{report.DNSNXDomain, report.DNSNoAddress, report.DNSServfail, report.DNSRefused,
		report.DNSTimeout, report.DNSUnreachable, report.DNSSinkhole, report.DNSMalformed}
	tcpFamily = []report.Cause{report.TCPTimeout, report.TCPRefused, report.TCPUnreachable, report.TCPNoRoute,
		report.TCPLocalDenied, report.Unknown}
	tlsFamily = []report.Cause{report.TLSReset, report.TLSTimeout, report.TLSAlert, report.TLSNotTLS, report.TCPTimeout,
		report.TCPRefused}
	conFamily = []report.Cause{report.ConnectTimeout, report.ConnectClosed, report.ConnectForbidden,
		report.ConnectStatus, report.ConnectUpstream, report.ConnectUpstreamDNS,
		report.ConnectUpstreamRefused, report.ConnectUpstreamTimeout}
)

// ---- the decision

func TestVerdict(t *testing.T) { runScenes(t, verdictScenes()) }

func verdictScenes() []scene {
	return []scene{
		{name: "everything works", setup: func(n *network) { n.names(); n.lab() }, upstream: report.AMQP,
			route: report.RouteDirect,
			want: []blackbox.Want{works(report.AMQP, ""), works(report.MQTT, ""), works(report.AMQPWS, ""),
				works(report.MQTTWS, ""), works(report.HTTPS, "")}},
		{name: "direct blocked and the proxy open", need: []string{"squid"}, args: []string{"--proxy", proxyURL},
			setup: func(n *network) {
				n.names()
				n.lab()
				n.squid()
				n.firewall(`iifname "tocli" oifname "toisp" drop`)
			},
			upstream: report.AMQPWS, route: "proxy", findings: []report.FindingCode{"proxy.required"},
			within: timeout * 11 / 10,
			want: []blackbox.Want{
				fails(report.AMQP, report.StageTCP, report.TCPTimeout, tcpFamily), fails(report.HTTPS, report.StageTCP,
					report.TCPTimeout, tcpFamily),
				works(report.AMQPWS, "proxy"), works(report.MQTTWS, "proxy"), works(report.HTTPS, "proxy"),
				atProxy(report.AMQP, report.StageConnect, report.ConnectForbidden, conFamily),
				atProxy(report.MQTT, report.StageConnect, report.ConnectForbidden, conFamily),
			}},
		{name: "nothing works", exit: 1, setup: func(n *network) {
			n.names()
			n.lab()
			n.firewall(
				"meta l4proto tcp drop")
		},
			findings: []report.FindingCode{"protocol.none", "https.required", "firewall.all-blocked"},
			within:   timeout * 11 / 10,
			want: []blackbox.Want{fails(report.AMQP, report.StageTCP, report.TCPTimeout, tcpFamily),
				fails(report.MQTTWS, report.StageTCP, report.TCPTimeout, tcpFamily)}},
		{name: "AMQP expected where only WebSocket works", exit: 3, args: []string{"--expect", "AMQP"},
			setup:    func(n *network) { n.names(); n.lab(); n.firewall("tcp dport { 5671, 8883 } drop") },
			upstream: report.AMQPWS, route: report.RouteDirect, findings: []report.FindingCode{"protocol.mismatch",
				"firewall.port-blocked"}, within: timeout * 11 / 10,
			want: []blackbox.Want{fails(report.AMQP, report.StageTCP, report.TCPTimeout, tcpFamily),
				works(report.AMQPWS, ""), works(report.HTTPS, "")}},
		{name: "IPv6 broken, IPv4 works", setup: func(n *network) {
			n.names6()
			n.lab()
			n.firewall(
				"meta nfproto ipv6 drop")
		},
			upstream: report.AMQP, findings: []report.FindingCode{"ipv6.broken"},
			want: []blackbox.Want{works(report.AMQP, ""), works(report.HTTPS, "")}},
	}
}

// ---- tcp

// filtered is a case with a firewall rule on 5671; 8883 works.
func filtered(name, rule string, c report.Cause) scene {
	return scene{name: name, setup: func(n *network) { n.names(); n.lab(); n.firewall("tcp dport 5671 " + rule) },
		args:     []string{"--protocol", "AMQP,MQTT,HTTPS"},
		upstream: report.MQTT, want: []blackbox.Want{fails(report.AMQP, report.StageTCP, c, tcpFamily),
			works(report.MQTT, ""), works(report.HTTPS, "")}}
}

// filtered6 is the same by IPv6 alone, where the hub need not even run.
func filtered6(reject string) scene {
	return scene{name: "icmpv6 " + reject,
		setup: func(n *network) { n.names6(); n.firewall("tcp dport 5671 reject with icmpv6 type " + reject) },
		args:  []string{"--protocol", "AMQP", "-6", "--timeout", "4s"},
		exit:  1, want: []blackbox.Want{fails(report.AMQP, report.StageTCP, report.TCPUnreachable, tcpFamily)}}
}

func TestTCP(t *testing.T) { runScenes(t, tcpScenes()) }

func tcpScenes() []scene {
	return []scene{
		filtered("drop", "drop", report.TCPTimeout),
		filtered("tcp reset", "reject with tcp reset", report.TCPRefused),
		filtered("icmp port-unreachable", "reject with icmp type port-unreachable", report.TCPRefused),
		filtered("icmp admin-prohibited", "reject with icmp type admin-prohibited", report.TCPUnreachable),
		filtered("icmp host-unreachable", "reject with icmp type host-unreachable", report.TCPUnreachable),
		filtered("icmp host-prohibited", "reject with icmp type host-prohibited", report.TCPUnreachable),
		filtered("icmp net-unreachable", "reject with icmp type net-unreachable", report.TCPUnreachable),
		filtered("icmp net-prohibited", "reject with icmp type net-prohibited", report.TCPUnreachable),
		filtered("icmp prot-unreachable", "reject with icmp type prot-unreachable", report.TCPUnreachable),
		filtered6("admin-prohibited"), filtered6("no-route"), filtered6("addr-unreachable"), filtered6("policy-fail"),
		filtered6("reject-route"),
		{name: "nothing listens", exit: 1, setup: func(n *network) { n.names() },
			want: []blackbox.Want{fails(report.AMQP, report.StageTCP, report.TCPRefused, tcpFamily)}},
		{name: "no ARP answer at the last hop", exit: 1, args: []string{"--protocol", "AMQP", "--timeout", "6s"},
			setup: func(n *network) { n.dnsmasq("--host-record=" + hubName + ",10.66.2.99") },
			want:  []blackbox.Want{fails(report.AMQP, report.StageTCP, report.TCPUnreachable, tcpFamily)}},
		routed("no default route", report.TCPNoRoute, "route", "del", "default"),
		routed("an unreachable route", report.TCPNoRoute, "route", "add", "unreachable", hubAddress),
		routed("a prohibit route", report.TCPLocalDenied, "route", "add", "prohibit", hubAddress),
		routed("a blackhole route", report.TCPLocalDenied, "route", "add", "blackhole", hubAddress),
		{name: "the link is down", exit: 1, want: []blackbox.Want{fails(report.AMQP, report.StageTCP, report.TCPNoRoute,
			tcpFamily)},
			setup: func(n *network) {
				n.etc("cli", "hosts", hubAddress+" "+hubName+"\n")
				n.must("ip", "-n", n.ns("cli"), "link", "set", "out", "down")
			}},
		{name: "dead ports cost one timeout in total", exit: 1, within: timeout * 11 / 10,
			args:  []string{"--proxy", proxyURL, "--proxy", "http://" + siteAddress + ":3129"},
			setup: func(n *network) { n.names6(); n.lab(); n.firewall("meta l4proto tcp drop") },
			want: []blackbox.Want{fails(report.AMQP, report.StageTCP, report.TCPTimeout, tcpFamily),
				fails(report.HTTPS, report.StageTCP, report.TCPTimeout, tcpFamily),
				atProxy(report.AMQPWS, report.StageTCP, report.TCPTimeout, tcpFamily)}},
	}
}

// routed changes the client's own routes; the name server stays reachable.
func routed(name string, c report.Cause, change ...string) scene {
	return scene{name: name, exit: 1, want: []blackbox.Want{fails(report.AMQP, report.StageTCP, c, tcpFamily),
		fails(report.HTTPS, report.StageTCP, c, tcpFamily)},
		setup: func(n *network) {
			n.names()
			n.lab()
			n.must("ip", "-n", n.ns("cli"), "route", "add", "10.66.3.0/24", "via", "10.66.1.1")
			n.must(append([]string{"ip", "-n", n.ns("cli")}, change...)...)
		}}
}

// ---- dns

func named(name string, c report.Cause, setup func(*network), args ...string) scene {
	return scene{name: name, exit: 1, setup: setup, args: args, within: timeout * 11 / 10,
		want: []blackbox.Want{fails(report.AMQP, report.StageDNS, c, dnsFamily), fails(report.HTTPS, report.StageDNS, c,
			dnsFamily)}}
}

func TestDNS(t *testing.T) { runScenes(t, dnsScenes()) }

func dnsScenes() []scene {
	servfail := named("servfail", report.DNSServfail, func(n *network) { n.unbound() }, "--hub", azureName)
	servfail.need = []string{"unbound"}
	return []scene{
		named("53 dropped", report.DNSTimeout,
			func(n *network) { n.names(); n.firewall("meta l4proto { tcp, udp } th dport 53 drop") }),
		func() scene {
			s := named("UDP 53 dropped alone", report.DNSTimeout,
				func(n *network) { n.names(); n.firewall("udp dport 53 drop") })
			s.want[0].Says = []string{"over TCP " + nameServer + ":53 answers"}
			return s
		}(),
		named("nothing listens on 53", report.DNSUnreachable, func(*network) {}),
		named("53 rejected", report.DNSUnreachable, func(n *network) {
			n.names()
			n.firewall("meta l4proto { tcp, udp } th dport 53 reject with icmp type admin-prohibited")
		}),
		named("no route to the resolver", report.DNSUnreachable,
			func(n *network) { n.names(); n.must("ip", "-n", n.ns("cli"), "route", "del", "default") }),
		named("none configured", report.DNSUnreachable,
			func(n *network) { n.etc("cli", "resolv.conf", "# nothing\n") }),
		named("refused", report.DNSRefused, func(n *network) { n.dnsmasq() }),
		named("nxdomain", report.DNSNXDomain, func(n *network) { n.dnsmasq("--address=/#/") }),
		named("no address", report.DNSNoAddress, func(n *network) { n.names() }, "-6"),
		named("sinkhole", report.DNSSinkhole, func(n *network) { n.dnsmasq("--address=/" + azureName + "/0.0.0.0") },
			"--hub", azureName),
		named("sinkhole by loopback", report.DNSSinkhole,
			func(n *network) { n.dnsmasq("--address=/" + azureName + "/127.0.0.1") }, "--hub", azureName),
		servfail,
	}
}

// ---- tls and the proxy, as far as the network makes the difference

func TestInspection(t *testing.T) { runScenes(t, inspectionScenes()) }

func inspectionScenes() []scene {
	inspected := func(name, rule string, c report.Cause) scene {
		return scene{name: name, setup: func(n *network) {
			n.names()
			n.lab()
			n.firewall("tcp dport 5671 " + hello +
				rule)
		}, args: []string{"--protocol", "AMQP,MQTT,HTTPS"},
			upstream: report.MQTT, want: []blackbox.Want{fails(report.AMQP, report.StageTLS, c, tlsFamily),
				works(report.MQTT, "")}}
	}
	return []scene{
		inspected("the hello is reset", "reject with tcp reset", report.TLSReset),
		inspected("the hello is swallowed", "drop", report.TLSTimeout),
	}
}

// behind puts a rule between the proxy and the hub; direct is closed.
func behind(name, rule string, c report.Cause, lines ...string) scene {
	return scene{name: name, need: []string{"squid"}, exit: 1, args: []string{"--proxy", proxyURL, "--route", "proxy",
		"--timeout", "4s"},
		setup: func(n *network) {
			n.names()
			n.lab()
			n.squid(lines...)
			n.firewall(`iifname "tosite" oifname "toisp" ` + rule)
		},
		want: []blackbox.Want{atProxy(report.AMQPWS, report.StageConnect, c, conFamily),
			atProxy(report.HTTPS, report.StageConnect, c, conFamily),
			atProxy(report.AMQP, report.StageConnect, report.ConnectForbidden, conFamily)}}
}

// toProxy breaks the way to the proxy.
func toProxy(name string, stage report.Stage, c report.Cause, url string, setup func(*network)) scene {
	family := tcpFamily
	if stage == report.StageDNS {
		family = dnsFamily
	}
	return scene{name: name, exit: 1, args: []string{"--proxy", url, "--route", "proxy"}, setup: setup,
		within: timeout * 11 / 10,
		want:   []blackbox.Want{atProxy(report.AMQPWS, stage, c, family), atProxy(report.HTTPS, stage, c, family)}}
}

func TestProxy(t *testing.T) { runScenes(t, wayToProxyScenes()) }

func wayToProxyScenes() []scene {
	return []scene{
		behind("dropped behind the proxy, which gives up", "drop", report.ConnectUpstreamTimeout,
			"connect_timeout 1 second", "connect_retries 0", "forward_timeout 2 seconds"),
		behind("dropped behind the proxy, which waits", "drop", report.ConnectTimeout),
		behind("reset behind the proxy", "reject with tcp reset", report.ConnectUpstreamRefused),
		behind("unreachable behind the proxy", "reject with icmp type host-unreachable", report.ConnectUpstreamRefused),
		toProxy("nothing listens at the proxy", report.StageTCP, report.TCPRefused, proxyURL,
			func(n *network) { n.names() }),
		toProxy("the proxy's port is dropped", report.StageTCP, report.TCPTimeout, proxyURL,
			func(n *network) { n.names(); n.firewall("tcp dport 3128 drop") }),
		toProxy("the proxy's network is unreachable", report.StageTCP, report.TCPUnreachable, proxyURL,
			func(n *network) {
				n.names()
				n.firewall("tcp dport 3128 reject with icmp type admin-prohibited")
			}),
		toProxy("the proxy's name does not exist", report.StageDNS, report.DNSNXDomain,
			"http://nowhere.netns.test:3128", func(n *network) { n.names() }),
		toProxy("the proxy's name, and no name server", report.StageDNS, report.DNSTimeout, "http://"+proxyName+":3128",
			func(n *network) { n.names(); n.firewall("udp dport 53 drop"); n.firewall("tcp dport 53 drop") }),
	}
}
