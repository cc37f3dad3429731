//go:build netns && linux

package netns

import (
	"testing"
	"time"

	"edgenet/internal/lab/pki"
	"edgenet/internal/verify/blackbox"
	"edgenet/report"
)

func TestThirdMembers(t *testing.T) { runScenes(t, memberScenes()) }

// parent is a case of a parent gateway at the hub's address whose certificate is amiss.
func parent(name, host string, c report.Cause, says string, leaf pki.Leaf) scene {
	return scene{name: "parent: " + name, need: []string{"nginx"}, exit: 1,
		args:  []string{"--hub", host, "--protocol", "HTTPS,AMQPWS", "--timeout", "6s"},
		setup: func(n *network) { n.public(); n.web(leaf, asHub) },
		want: []blackbox.Want{{Protocol: report.HTTPS, Stage: report.StageTLS, Cause: c, Says: []string{says},
			Not: tlsFamily}},
		actors: map[report.FindingCode]report.Actor{report.ProtocolNone: report.ActorParent},
		not:    []report.FindingCode{report.DNSHijack, report.TLSInspection, report.CertificateImpostor}}
}

// memberScenes are further members of kinds of misleading answers: slow links, parents, proxies that
// say why in their own words.
func memberScenes() []scene {
	up := scene{name: "a link of 32 kbit/s on the way up " +
		"alone", args: []string{"--timeout", "10s"}, upstream: report.AMQP,
		setup: func(n *network) {
			n.names()
			n.lab()
			n.in("fw", "tc", "qdisc", "replace", "dev", "toisp", "root", "tbf", "rate", "32kbit", "burst", "1600", "limit",
				"400000")
		},
		findings: []report.FindingCode{report.NetworkSlow}, only: true}
	both := scene{name: "a link of 32 kbit/s, and 5671 is dropped", args: []string{"--timeout", "10s", "--protocol",
		"AMQP,AMQPWS,HTTPS"}, upstream: report.AMQPWS,
		setup:    func(n *network) { n.names(); n.lab(); n.rate("32kbit"); n.firewall("tcp dport 5671 drop") },
		findings: []report.FindingCode{report.FirewallPortBlocked},
		not:      []report.FindingCode{report.MTUBlackhole, report.FirewallProtocol, report.FirewallAllBlocked},
		want: []blackbox.Want{fails(report.AMQP, report.StageTCP, report.TCPTimeout, tcpFamily),
			works(report.AMQPWS, "")}}
	said := func(name, answer string, c report.Cause, says string) scene {
		s := proxied(name, c, "socat", func(n *network) {
			page := n.write("answer", answer)
			n.fakeProxy("socat", "TCP-LISTEN:3128,bind="+siteAddress+",reuseaddr,fork", "SYSTEM:read x; cat "+page)
		})
		s.want[0].Says = []string{says}
		return s
	}
	address := parent("its certificate is for a name, and it was asked by its address", hubAddress,
		report.TLSNameMismatch, parentName, pki.Leaf{Names: []string{parentName}})
	address.actors = map[report.FindingCode]report.Actor{report.ProtocolNone: report.ActorHost}
	past := time.Now().Add(-time.Hour)
	locked := said("an account that is locked", "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: "+
		"Basic "+
		"realm=\"x\"\r\nConnection: close\r\nContent-Length: 37\r\n\r\n<title>The account is locked</title>\r\n",
		report.ConnectAuthRejected, "The account is locked")
	locked.args = []string{"--proxy", "http://edge:x@" + proxyAddress, "--route", "proxy", "--protocol", "HTTPS"}
	locked.want = locked.want[:1]
	return []scene{up, both, locked,
		parent("its certificate has expired", parentName, report.TLSExpired, "past its time",
			pki.Leaf{Names: []string{parentName}, NotBefore: past.Add(-24 * time.Hour), NotAfter: past}),
		address,
		said("a policy's name in the status line", "HTTP/1.1 403 Blocked by policy IoT-17\r\nContent-Length: 0\r\n\r\n",
			report.ConnectForbidden, "IoT-17"),
		said("a vendor's header", "HTTP/1.1 403 Forbidden\r\nServer: Zscaler/6.2\r\nContent-Length: 0\r\n\r\n",
			report.ConnectForbidden, "Zscaler"),
	}
}
