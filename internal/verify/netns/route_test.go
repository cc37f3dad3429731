//go:build netns && linux

package netns

import (
	"testing"

	"edgenet/internal/verify/blackbox"
	"edgenet/report"
)

func TestRoutes(t *testing.T) { runScenes(t, routeScenes()) }

// secondLink gives the client a link that it prefers and that leads to the site alone; the
// way out has a default route of a higher metric.
func (n *network) secondLink() {
	cli, site := n.ns("cli"), n.ns("site")
	n.must("ip", "link", "add", "eth", "netns", cli, "type", "veth", "peer", "name", "tocell", "netns", site)
	n.must("ip", "-n", cli, "addr", "add", "10.77.0.2/24", "dev", "eth")
	n.must("ip", "-n", site, "addr", "add", "10.77.0.1/24", "dev", "tocell")
	n.must("ip", "-n", site, "link", "set", "tocell", "up")
	n.must("ip", "-n", cli, "link", "set", "eth", "up")
	n.must("ip", "-n", cli, "route", "del", "default")
	n.must("ip", "-n", cli, "route", "add", "default", "via", "10.77.0.1", "metric", "100")
	n.must("ip", "-n", cli, "route", "add", "default", "via", "10.66.1.1", "metric", "700")
	n.must("ip", "-n", cli, "route", "add", "10.66.3.0/24", "via", "10.66.1.1")
}

// anotherWay is a case in which another link or address of the client's works.
func anotherWay(name, source string, c report.Cause, setup func(*network)) scene {
	return scene{name: "route: " + name, exit: 1, args: []string{"--protocol", "AMQP,HTTPS", "--timeout", "4s"},
		setup: func(n *network) { n.names(); n.lab(); setup(n) },
		want: []blackbox.Want{fails(report.AMQP, report.StageTCP, c, tcpFamily),
			fails(report.HTTPS, report.StageTCP, c, tcpFamily)},
		findings: []report.FindingCode{report.RouteOther}, not: []report.FindingCode{report.FirewallAllBlocked,
			report.FirewallPortBlocked, report.PrivateEndpointUnreachable},
		says: map[report.FindingCode]string{report.RouteOther: "--source " + source},
		actors: map[report.FindingCode]report.Actor{report.RouteOther: report.ActorHost,
			report.ProtocolNone: report.ActorHost, report.HTTPSRequired: report.ActorHost}}
}

func routeScenes() []scene {
	neither := anotherWay("neither way leads there", "", report.TCPTimeout, func(n *network) {
		n.secondLink()
		n.firewall("ip daddr " + hubAddress + " drop")
	})
	neither.findings, neither.not = []report.FindingCode{report.FirewallAllBlocked},
		[]report.FindingCode{report.RouteOther}
	neither.says, neither.actors = nil, nil
	own := anotherWay("the source is given", "", report.TCPTimeout, func(n *network) { n.secondLink() })
	own.args = append(own.args, "--source", "eth", "--connect-to", hubName+":443:"+hubAddress+":443", "--connect-to",
		hubName+":5671:"+hubAddress+":5671")
	own.findings, own.not, own.says, own.actors = nil, []report.FindingCode{report.RouteOther}, nil, nil
	one := anotherWay("one port is open on the other link alone", "eth2", report.TCPTimeout, func(n *network) {
		n.must("ip", "-n", n.ns("cli"), "addr", "add", "10.66.1.3/24", "dev", "out")
		n.firewall("ip saddr 10.66.1.2 tcp dport 5671 drop")
	})
	one.exit, one.args = 0, []string{"--protocol", "AMQP,MQTT,HTTPS", "--timeout", "4s"}
	one.upstream = report.MQTT
	one.want = []blackbox.Want{fails(report.AMQP, report.StageTCP, report.TCPTimeout, tcpFamily),
		works(report.MQTT, ""), works(report.HTTPS, "")}
	one.findings = []report.FindingCode{report.RouteOther, report.FirewallPortBlocked}
	one.not, one.actors = nil, nil
	one.says = map[report.FindingCode]string{report.RouteOther: "--source 10.66.1.3"}
	proxy := anotherWay("the proxy is on the other link alone", "out", report.TCPTimeout, func(n *network) {
		n.secondLink()
		n.squid()
		n.must("ip", "-n", n.ns("cli"), "route", "add", siteAddress, "via", "10.77.0.99", "dev", "eth")
		n.must("ip", "-n", n.ns("cli"), "neigh", "add", "10.77.0.99", "lladdr", "02:00:00:00:00:99", "dev", "eth")
	})
	proxy.need, proxy.args = []string{"squid"}, []string{"--protocol", "AMQPWS,HTTPS", "--timeout", "4s",
		"--proxy", proxyURL, "--route", "proxy"}
	proxy.want = []blackbox.Want{atProxy(report.HTTPS, report.StageTCP, report.TCPTimeout, tcpFamily)}
	return []scene{
		anotherWay("the preferred link leads to a network of machines", "out", report.TCPTimeout,
			func(n *network) { n.secondLink() }),
		anotherWay("the preferred link's router knows no way", "out", report.TCPUnreachable, func(n *network) {
			n.secondLink()
			n.nft("site", "table inet r {\n chain f { type filter hook input priority 0; }\n}")
			n.in("site", "sysctl", "-qw", "net.ipv4.ip_forward=1")
			n.must("ip", "-n", n.ns("site"), "route", "add", "unreachable", hubAddress)
		}),
		anotherWay("another address of the same link", "10.66.1.3", report.TCPTimeout, func(n *network) {
			n.must("ip", "-n", n.ns("cli"), "addr", "add", "10.66.1.3/24", "dev", "out")
			n.firewall("ip saddr 10.66.1.2 ip daddr " + hubAddress + " drop")
		}),
		anotherWay("the gateway is off, and another link works", "eth", report.TCPNoNeighbour, func(n *network) {
			n.secondLink()
			n.in("site", "sysctl", "-qw", "net.ipv4.ip_forward=1")
			n.must("ip", "-n", n.ns("fw"), "route", "add", "10.77.0.0/24", "via", siteAddress)
			n.must("ip", "-n", n.ns("cli"), "route", "add", hubAddress, "via", "10.66.1.99", "metric", "5")
		}),
		neither, own, one, proxy,
	}
}
