//go:build netns && linux

package netns

import (
	"testing"

	"edgenet/internal/verify/blackbox"
	"edgenet/report"
)

func TestNeighbours(t *testing.T) { runScenes(t, neighbourScenes()) }

// nobody is a case in which nobody answers for an address on a link of the client's.
func nobody(name string, says []string, setup func(*network), args ...string) scene {
	want := fails(report.HTTPS, report.StageTCP, report.TCPNoNeighbour, tcpFamily)
	want.Says = says
	return scene{name: name, exit: 1, args: append([]string{"--protocol", "AMQP,HTTPS", "--timeout", "4s"}, args...),
		setup: setup,
		want:  []blackbox.Want{fails(report.AMQP, report.StageTCP, report.TCPNoNeighbour, tcpFamily), want},
		not:   []report.FindingCode{report.FirewallAllBlocked, report.FirewallPortBlocked, report.FirewallWhere}}
}

func neighbourScenes() []scene {
	hosts := func(address string) func(*network) {
		return func(n *network) { n.etc("cli", "hosts", address+" "+hubName+"\n") }
	}
	proxy := toProxy("the proxy on the client's own link is off", report.StageTCP, report.TCPNoNeighbour,
		"http://10.66.1.88:3128", func(n *network) { n.names() })
	proxy.within = 0
	proxy.args = append(proxy.args, "--timeout", "4s")
	return []scene{
		nobody("the target on the client's own link is off", []string{"10.66.1.77", "ARP on out"}, hosts("10.66.1.77")),
		nobody("the same, and less time than ARP takes", []string{"ARP on out"}, hosts("10.66.1.77"),
			"--timeout", "2s"),
		nobody("the gateway is off", []string{"the gateway 10.66.1.99", "ARP on out"}, func(n *network) {
			hosts(hubAddress)(n)
			n.must("ip", "-n", n.ns("cli"), "route", "replace", "default", "via", "10.66.1.99")
		}),
		nobody("IPv6: the target is off", []string{"neighbour discovery on out"}, hosts("fd66:1::77"), "-6"),
		nobody("a container engine's bridge covers the target's network",
			[]string{"br-0123456789ab is a bridge that Docker or Moby made"}, func(n *network) {
				hosts("172.18.5.5")(n)
				n.must("ip", "-n", n.ns("cli"), "link", "add", "br-0123456789ab", "type", "bridge")
				n.must("ip", "-n", n.ns("cli"), "addr", "add", "172.18.0.1/16", "dev", "br-0123456789ab")
				n.must("ip", "-n", n.ns("cli"), "link", "set", "br-0123456789ab", "up")
				n.must("ip", "-n", n.ns("cli"), "link", "add", "v0", "type", "veth", "peer", "name", "v1")
				for _, l := range []string{"v0", "v1"} {
					n.must("ip", "-n", n.ns("cli"), "link", "set", l, "up")
				}
				n.must("ip", "-n", n.ns("cli"), "link", "set", "v0", "master", "br-0123456789ab")
			}),
		proxy,
	}
}
