//go:build netns && linux

package netns

import (
	"testing"

	"edgenet/internal/verify/blackbox"
	"edgenet/report"
)

func TestPartedScenes(t *testing.T) { runScenes(t, partedScenes()) }

// partedScenes have two who stop something, and one whose act suffices.
func partedScenes() []scene {
	parted := func(name, rule string, cause report.Cause) scene {
		return scene{name: "443 stopped here and the others by the network: " + name, exit: 1,
			args: []string{"--timeout", "3s"},
			setup: func(n *network) {
				n.names()
				n.lab()
				n.localFirewall("tcp dport 443 " + rule)
				n.ispFirewall("tcp dport { 5671, 8883 } drop")
			},
			want: []blackbox.Want{
				fails(report.AMQP, report.StageTCP, report.TCPTimeout, tcpFamily),
				fails(report.HTTPS, report.StageTCP, cause, tcpFamily)},
			not:  []report.FindingCode{report.FirewallAllBlocked},
			says: map[report.FindingCode]string{report.ProtocolNone: "This host's own firewall stops TCP 443"},
			actors: map[report.FindingCode]report.Actor{report.ProtocolNone: report.ActorHost,
				report.HTTPSRequired: report.ActorHost}}
	}
	loop := scene{name: "two routers hand the hub's packets to each other", exit: 1, args: []string{"--timeout", "3s"},
		setup: func(n *network) {
			n.names()
			n.lab()
			n.must("ip", "-n", n.ns("isp"), "route", "add", hubAddress+"/32", "via", "10.66.9.1")
		},
		says:   map[report.FindingCode]string{report.ProtocolNone: "Mend the routes of " + fwAddress + " and " + ispAddress},
		actors: map[report.FindingCode]report.Actor{report.ProtocolNone: report.ActorNetwork}}
	return []scene{loop,
		parted("silently", "drop", report.TCPTimeout),
		parted("with a message", "reject with icmpx type admin-prohibited", report.TCPUnreachable),
	}
}
