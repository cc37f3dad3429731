//go:build netns && linux

package netns

import (
	"fmt"
	"testing"

	"edgenet/internal/verify/blackbox"
	"edgenet/report"
)

func TestUpstream(t *testing.T) { runScenes(t, upstreamScenes()) }

// silentFor makes the name server's host drop questions for one type of address. The type
// comes 28 bytes into UDP's payload and the length of the name.
func (n *network) silentFor(qtype int, name string) {
	at := (20 + 8 + 12 + len(name) + 2) * 8 // IPv4's header, UDP's, DNS's, and the name with its end
	n.nft("site", fmt.Sprintf("table ip q {\n chain i { type filter hook input priority 0;\n  udp dport 53 "+
		"@nh,%d,16 %d drop\n }\n}", at, qtype))
}

// labBySix lets the lab's hub be reached by IPv6 as well.
func (n *network) labBySix() {
	for _, port := range []string{"443", "5671"} {
		n.listens(n.start("hub", "socat", "TCP6-LISTEN:"+port+",ipv6only=1,fork,reuseaddr", "TCP4:"+
			hubAddress+":"+port),
			"hub", "-t", "[::]:"+port)
	}
}

// besides6 is a case in which all works by IPv6 alone.
func besides6(name string, setup func(*network), args ...string) scene {
	return scene{name: "IPv6 alone: " + name, setup: func(n *network) { n.names6(); n.lab(); n.labBySix(); setup(n) },
		need: []string{"socat"}, free: true,
		args:     append([]string{"--protocol", "AMQP,HTTPS", "--timeout", "4s"}, args...),
		findings: []report.FindingCode{report.ContainerNoIPv6},
		says:     map[report.FindingCode]string{report.ContainerNoIPv6: "--from container"},
		actors:   map[report.FindingCode]report.Actor{report.ContainerNoIPv6: report.ActorHost},
		want:     []blackbox.Want{works(report.AMQP, ""), works(report.HTTPS, "")}}
}

func upstreamScenes() []scene {
	large := func(name, rule string, more ...func(*network)) scene {
		return scene{name: "upstream: " + name, setup: func(n *network) {
			n.names()
			n.lab()
			for _, f := range more {
				f(n)
			}
			n.firewall(rule)
		}, upstream: report.AMQP, args: []string{"--protocol", "AMQP,HTTPS", "--timeout", "5s"},
			findings: []report.FindingCode{report.MTUUpstream}, only: true,
			actors: map[report.FindingCode]report.Actor{report.MTUUpstream: report.ActorNetwork},
			want:   []blackbox.Want{works(report.AMQP, ""), works(report.HTTPS, "")}}
	}
	six := large("IPv6: large packets are lost", `iifname "tocli" meta nfproto ipv6 meta length gt 1300 drop`)
	six.setup = func(n *network) {
		n.names6()
		n.lab()
		n.labBySix()
		n.firewall(`iifname "tocli" meta nfproto ipv6 meta length gt 1300 drop`)
	}
	six.need = []string{"socat"}
	six.args = append(six.args, "-6")
	six.findings = append(six.findings, report.ContainerNoIPv6)
	fits := large("a narrow path that says so", "tcp dport 9 drop", func(n *network) { n.mtu(1300, false) })
	fits.findings, fits.actors = nil, nil
	behind := large("large packets are lost on the way to the proxy", `iifname "tocli" meta length gt 1300 drop`,
		func(n *network) { n.squid() })
	behind.need, behind.upstream, behind.free, behind.only = []string{"squid"}, report.AMQPWS, true, false
	behind.args = []string{"--protocol", "AMQPWS,HTTPS", "--timeout", "5s", "--proxy", proxyURL, "--route", "proxy"}
	behind.want = []blackbox.Want{works(report.AMQPWS, "proxy"), works(report.HTTPS, "proxy")}

	aged := func(name string, actor report.Actor, setup func(*network), args ...string) scene {
		s := found("lifetime: "+name, report.ProxyLifetime, actor, func(n *network) { n.names(); n.lab(); setup(n) },
			append([]string{"--hold", "16s", "--protocol", "HTTPS", "--timeout", "4s"}, args...)...)
		s.causes, s.not = []report.Cause{report.HoldReset}, []report.FindingCode{report.HoldShort}
		return s
	}
	cut := aged("a proxy that ends tunnels by their age", report.ActorProxy,
		func(n *network) {
			n.fakeProxy("socat", "TCP-LISTEN:3128,bind="+siteAddress+",fork,reuseaddr",
				"EXEC:timeout 7 socat - TCP\\:"+siteAddress+"\\:3129")
			n.squidIn("site", siteAddress+":3129", "http_port "+siteAddress+":3129")
		}, "--proxy", proxyURL, "--route", "proxy")
	cut.need = []string{"squid", "socat"}
	direct := aged("a box on the direct way that ends connections by their age", report.ActorNetwork,
		func(n *network) {
			n.fakeProxy("socat", "TCP-LISTEN:3128,bind="+siteAddress+",fork,reuseaddr",
				"EXEC:timeout 7 socat - TCP\\:"+hubAddress+"\\:443")
			n.redirect(443, proxyAddress)
		})
	direct.need = []string{"socat"}
	direct.findings, direct.not = []report.FindingCode{report.HoldShort}, []report.FindingCode{report.ProxyLifetime}
	direct.actors = map[report.FindingCode]report.Actor{report.HoldShort: report.ActorNetwork}
	direct.says = map[report.FindingCode]string{report.HoldShort: "no keep-alive helps"}
	idle := held("and its connections do not age", "drop", report.HoldDropped)
	idle.not = []report.FindingCode{report.ProxyLifetime}

	half := besides("AAAA is swallowed", report.DNSSlow, "asked for AAAA", func(n *network) {
		n.names()
		n.silentFor(28, hubName)
	})
	first := besides("AAAA is swallowed on the way to the first of two name servers", report.DNSSlow, "no-aaaa",
		func(n *network) {
			n.names()
			n.dnsmasqAt(nameServer2, "--host-record="+hubName+","+hubAddress, "--address=/#/")
			n.etc("cli", "resolv.conf", "nameserver "+nameServer+"\nnameserver "+nameServer2+"\n")
			n.silentFor(28, hubName)
		})
	four := besides6("the name has addresses of IPv6 alone", func(n *network) {}, "-6")
	nat := besides6("this host has no IPv4", func(n *network) {
		n.etc("cli", "hosts", hubAddress+" "+hubName+"\n"+hubAddress6+" "+hubName+"\n")
		n.must("ip", "-n", n.ns("cli"), "route", "del", "default")
	})
	both := besides6("both families work", func(*network) {})
	both.findings, both.not = nil, []report.FindingCode{report.ContainerNoIPv6}
	both.says, both.actors = nil, nil
	return []scene{large("large packets are lost", `iifname "tocli" meta length gt 1300 drop`), six, fits, behind,
		large("large packets are lost at the provider", `oifname "toisp" meta length gt 1200 drop`),
		cut, direct, idle, half, first, four, nat, both}
}
