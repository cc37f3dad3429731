//go:build netns && linux

package netns

import (
	"fmt"
	"testing"

	"edgenet/internal/verify/blackbox"
	"edgenet/report"
)

func TestExperiments(t *testing.T) { runScenes(t, experimentScenes()) }

// hello matches the first byte of a TLS handshake record.
const hello = "@ih,0,8 0x16 "

// both are AMQP and MQTT with HTTPS, of which one is broken.
var both = []string{"--protocol", "AMQP,MQTT,HTTPS"}

// killed is a case in which AMQP dies at the hello; 8883 works.
func killed(name string, c report.Cause, f report.FindingCode, setup func(*network)) scene {
	other := map[report.FindingCode]report.FindingCode{report.FirewallSNI: report.FirewallProtocol,
		report.FirewallProtocol: report.FirewallSNI}[f]
	return scene{name: name, need: []string{"iptables"}, setup: func(n *network) { n.names(); n.lab(); setup(n) },
		args: both, upstream: report.MQTT,
		want:     []blackbox.Want{fails(report.AMQP, report.StageTLS, c, tlsFamily), works(report.MQTT, "")},
		findings: []report.FindingCode{f}, not: []report.FindingCode{other, report.MTUBlackhole},
		actors: map[report.FindingCode]report.Actor{f: report.ActorFirewall}}
}

// lost is a case in which SYNs to 5671 get lost or are refused at a place that is found.
func lost(name string, c report.Cause, actor report.Actor, words string, setup func(*network)) scene {
	return scene{name: "where: " + name, setup: func(n *network) { n.names(); n.lab(); setup(n) }, args: both,
		upstream: report.MQTT,
		want:     []blackbox.Want{fails(report.AMQP, report.StageTCP, c, tcpFamily)},
		findings: []report.FindingCode{report.FirewallWhere, report.FirewallPortBlocked},
		says:     map[report.FindingCode]string{report.FirewallWhere: words},
		actors:   map[report.FindingCode]report.Actor{report.FirewallWhere: actor}}
}

// told wants the handshake's evidence to say how size was told from silence.
func told(d report.Detail) error {
	if x, ok := d.(*report.TLSDetail); !ok || x.Told == "" {
		return fmt.Errorf("nothing said in %+v", d)
	}
	return nil
}

func experimentScenes() []scene {
	hole := fails(report.HTTPS, report.StageTLS, report.TLSMTU, append(tlsFamily, report.TLSMTU))
	hole.Evidence = told
	sites := func(port string) string { return "tcp dport " + port + " " }
	return []scene{
		{name: "a path MTU black hole", exit: 1, setup: func(n *network) { n.names(); n.lab(); n.mtu(700, true) },
			want:     []blackbox.Want{hole, fails(report.AMQP, report.StageTLS, report.TLSMTU, tlsFamily)},
			findings: []report.FindingCode{report.MTUBlackhole}, not: []report.FindingCode{report.FirewallSNI,
				report.FirewallProtocol}, within: timeout * 11 / 10,
			actors: map[report.FindingCode]report.Actor{report.MTUBlackhole: report.ActorNetwork}},
		{name: "a narrow path that says so", setup: func(n *network) { n.names(); n.lab(); n.mtu(700, false) },
			upstream: report.AMQP, want: []blackbox.Want{works(report.HTTPS, "")}, only: true},
		killed("reset by name", report.TLSReset, report.FirewallSNI,
			func(n *network) { n.byName("5671", hubName, "reset") }),
		killed("swallowed by name", report.TLSTimeout, report.FirewallSNI,
			func(n *network) { n.byName("5671", hubName, "drop") }),
		killed("reset whatever the name", report.TLSReset, report.FirewallProtocol,
			func(n *network) { n.firewall(sites("5671") + hello + "reject with tcp reset") }),
		killed("swallowed whatever the name", report.TLSTimeout, report.FirewallProtocol,
			func(n *network) { n.firewall(sites("5671") + hello + "drop") }),
		lost("dropped by the firewall", report.TCPTimeout, report.ActorFirewall, "between "+fwAddress+" (hop 1) and "+
			ispAddress+" (hop 2)", func(n *network) { n.firewall(sites("5671") + "drop") }),
		lost("dropped by the provider", report.TCPTimeout, report.ActorFirewall, "between "+ispAddress+
			" (hop 2) and hop 3 (the target)", func(n *network) { n.ispFirewall(sites("5671") + "drop") }),
		lost("dropped by this host", report.TCPTimeout, report.ActorHost, "do not leave this host",
			func(n *network) { n.localFirewall(sites("5671") + "drop") }),
		lost("rejected by this host", report.TCPUnreachable, report.ActorHost, "this host itself refuses port 5671",
			func(n *network) { n.localFirewall(sites("5671") + "reject with icmpx type admin-prohibited") }),
		lost("rejected by the firewall with ICMP", report.TCPUnreachable, report.ActorNetwork, fwAddress+
			" refuses port 5671 with ICMP 3/13",
			func(n *network) { n.firewall(sites("5671") + "reject with icmp type admin-prohibited") }),
		lost("reset by the firewall", report.TCPRefused, report.ActorFirewall, "comes from hop 2 or nearer",
			func(n *network) { n.firewall(sites("5671") + "reject with tcp reset") }),
		{name: "where: a provider that is silent", setup: func(n *network) {
			n.names()
			n.lab()
			n.nft("isp", "add table inet q\nadd chain inet q output { type filter hook output priority 0; }\nadd "+
				"rule inet q output icmp type time-exceeded drop")
			n.firewall(sites("5671") + "drop")
		}, args: both, upstream: report.MQTT, findings: []report.FindingCode{report.FirewallWhere},
			says: map[report.FindingCode]string{report.FirewallWhere: "between " + fwAddress +
				" (hop 1) and hop 3 (the target)"}},
		{name: "one protocol alone, and another port is asked",
			setup: func(n *network) { n.names(); n.lab(); n.firewall(sites("5671") + "drop") },
			args:  []string{"--protocol", "AMQP"}, exit: 1,
			want:     []blackbox.Want{fails(report.AMQP, report.StageTCP, report.TCPTimeout, tcpFamily)},
			findings: []report.FindingCode{report.FirewallPortBlocked},
			says:     map[report.FindingCode]string{report.FirewallPortBlocked: "443"}},
		{name: "the proxy lives, and the network behind it does not", need: []string{"squid"}, free: true,
			args: []string{"--proxy", proxyURL, "--route", "proxy", "--protocol", "HTTPS", "--timeout", "4s"},
			setup: func(n *network) {
				n.names()
				n.lab()
				n.squid()
				n.firewall(`iifname "tosite" oifname "toisp" drop`)
			},
			want: []blackbox.Want{{Protocol: report.HTTPS, Route: "proxy", Hop: report.HopProxy,
				Stage: report.StageConnect, Cause: report.ConnectTimeout, Says: []string{"the proxy lives"}}}},
		{name: "CONNECT refused for 5671 alone", need: []string{"squid"}, free: true,
			args:  []string{"--proxy", proxyURL, "--route", "proxy", "--protocol", "AMQP"},
			setup: func(n *network) { n.names(); n.lab(); n.squid() },
			want: []blackbox.Want{{Protocol: report.AMQP, Route: "proxy", Hop: report.HopProxy,
				Stage: report.StageConnect, Cause: report.ConnectForbidden, Says: []string{"allows 443"}}}},
	}
}
