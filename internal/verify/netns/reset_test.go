//go:build netns && linux

package netns

import (
	"testing"

	"edgenet/internal/verify/blackbox"
	"edgenet/report"
)

func TestResets(t *testing.T) { runScenes(t, resetScenes()) }

// transparent redirects what the client sends to 443 into the first hop, which passes it on to the hub, as a
// transparent proxy does.
func (n *network) transparent() {
	n.t.Helper()
	n.nft("fw", "add table ip t\nadd chain ip t pre { type nat hook prerouting priority -100; }\nadd rule ip t pre "+
		"iifname \"tocli\" tcp dport 443 redirect to :8443")
	n.listens(n.start("fw", "socat", "TCP-LISTEN:8443,bind="+fwAddress+",fork,reuseaddr", "TCP:"+hubAddress+":443"), "fw",
		"-t", fwAddress+":8443")
}

// resetScenes are further members of the kind "where does it end": what cannot be told from here is not
// told, and both explanations are named.
func resetScenes() []scene {
	const p5671 = "tcp dport 5671 "
	answers := lost("the answers are lost at the first hop", report.TCPTimeout, report.ActorFirewall,
		"or their answers on the way back", func(n *network) { n.firewall("tcp sport 5671 drop") })
	front := lost("another port is answered by something in front", report.TCPTimeout, report.ActorFirewall,
		"port 443 is answered at hop 1 already", func(n *network) {
			n.transparent()
			n.ispFirewall(p5671 + "drop")
		})
	front.need = []string{"socat"}
	beyond := scene{name: "where: a reset from beyond what answers for another port", need: []string{"socat"}, args: both,
		upstream: report.MQTT, want: []blackbox.Want{fails(report.AMQP, report.StageTCP, report.TCPRefused, tcpFamily)},
		setup: func(n *network) {
			n.names()
			n.lab()
			n.transparent()
			n.ispFirewall(p5671 + "reject with tcp reset")
		},
		findings: []report.FindingCode{report.FirewallPortBlocked}, not: []report.FindingCode{report.FirewallWhere}}
	six := lost("by IPv6, reset by the firewall", report.TCPRefused, report.ActorFirewall, "hop 2 or nearer",
		func(n *network) {
			n.labBySix()
			n.firewall("meta nfproto ipv6 " + p5671 + "reject with tcp reset")
		})
	six.setup = func(n *network) {
		n.names6()
		n.lab()
		n.labBySix()
		n.firewall("meta nfproto ipv6 " + p5671 + "reject with tcp reset")
	}
	six.need, six.free = []string{"socat"}, true
	six.args = []string{"--protocol", "AMQP,HTTPS", "-6"}
	one := scene{name: "where: by IPv6 alone, one port", need: []string{"socat"}, upstream: report.AMQP,
		args: []string{"--protocol", "AMQP,HTTPS"}, setup: func(n *network) {
			n.names6()
			n.lab()
			n.labBySix()
			n.ispFirewall("meta nfproto ipv6 " + p5671 + "reject with icmpv6 type admin-prohibited")
		},
		findings: []report.FindingCode{report.IPv6Broken}, only: true,
		says:   map[report.FindingCode]string{report.IPv6Broken: "Allow outbound TCP 5671 by IPv6"},
		actors: map[report.FindingCode]report.Actor{report.IPv6Broken: report.ActorFirewall},
		want:   []blackbox.Want{works(report.AMQP, ""), works(report.HTTPS, "")}}
	return []scene{answers, front, beyond, six, one,
		lost("reset by this host or the first hop", report.TCPRefused, report.ActorFirewall, "on this host",
			func(n *network) { n.localFirewall(p5671 + "reject with tcp reset") }),
		lost("rejected by the provider with ICMP", report.TCPUnreachable, report.ActorNetwork, ispAddress+
			" refuses port 5671 with ICMP 3/13",
			func(n *network) { n.ispFirewall(p5671 + "reject with icmp type admin-prohibited") }),
	}
}
