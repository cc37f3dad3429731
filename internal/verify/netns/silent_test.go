//go:build netns && linux

package netns

import (
	"fmt"
	"testing"

	"edgenet/internal/verify/blackbox"
	"edgenet/report"
)

func TestSilentGreen(t *testing.T) { runScenes(t, silentScenes()) }

// silentScenes are further members of the kind "green, and something costs time or breaks later": name
// servers, and addresses.
func silentScenes() []scene {
	twoServers := func(first, second []string, options string) func(*network) {
		return func(n *network) {
			n.dnsmasqAt(nameServer, first...)
			n.dnsmasqAt(nameServer2, second...)
			n.etc("cli", "resolv.conf", "nameserver "+nameServer+"\nnameserver "+nameServer2+"\n"+options)
		}
	}
	good := []string{"--host-record=" + hubName + "," + hubAddress, "--address=/#/"}
	edns := besides("what asks with EDNS is dropped", report.DNSSlow, "", func(n *network) {
		n.names()
		n.firewall("udp dport 53 @th,144,16 != 0 drop") // the number of additional records
	})
	edns.findings, edns.says = nil, nil // the C library asks without, and waits for nothing
	turn := besides("the second name server is silent, and they are asked in turn", report.DNSSlow, "options rotate",
		func(n *network) {
			twoServers(good, good, "options rotate\n")(n)
			n.firewall("ip daddr " + nameServer2 + " drop")
		})
	long := named("the answer needs TCP, which is dropped", report.DNSTimeout, func(n *network) {
		options := []string{"--address=/#/"}
		for i := range 100 {
			options = append(options, fmt.Sprintf("--host-record=%s,10.66.2.%d", hubName, 100+i))
		}
		n.dnsmasq(options...)
		n.firewall("tcp dport 53 drop")
	})
	for i := range long.want {
		long.want[i].Says = []string{"too long", "over TCP 53"}
	}
	one := besides("one port of one of three addresses is silent", report.AddressDead, "port 5671 of "+hubSecond,
		func(n *network) {
			n.dnsmasq("--host-record="+hubName+","+hubAddress, "--host-record="+hubName+","+hubSecond, "--address=/#/")
			n.must("ip", "-n", n.ns("hub"), "addr", "add", hubSecond+"/24", "dev", "out")
			n.relay(hubSecond, "443", "5671", "8883")
			n.firewall("ip daddr " + hubSecond + " tcp dport 5671 drop")
		})
	one.need = []string{"socat"}
	one.actors = map[report.FindingCode]report.Actor{report.AddressDead: report.ActorFirewall}
	six := besides("IPv6 says nothing above TCP", report.AddressDiffers, "tls.timeout", func(n *network) {
		n.names6()
		n.labBySix()
		n.firewall("meta nfproto ipv6 tcp dport { 443, 5671 } " + hello + "drop")
	})
	six.need, six.want = []string{"socat"}, []blackbox.Want{works(report.AMQP, "")}
	return []scene{edns, turn, long, one, six,
		besides("the first name server refuses", report.DNSResolverDisagrees, "asked first, says REFUSED",
			twoServers(nil, good, "")),
	}
}
