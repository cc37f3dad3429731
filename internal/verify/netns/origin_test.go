//go:build netns && linux

package netns

import (
	"testing"

	"edgenet/internal/lab/pki"
	"edgenet/internal/verify/blackbox"
	"edgenet/report"
)

func TestOrigins(t *testing.T) { runScenes(t, originScenes()) }

// doubted is a case in which the firewall is not the first to ask: how the address came to be the
// target's is odd.
func doubted(name string, actor report.Actor, says string, setup func(*network), args ...string) scene {
	return scene{name: "origin: " + name, exit: 1, setup: setup, args: append([]string{"--hub", azureName, "--protocol",
		"AMQP,HTTPS", "--timeout", "3s"}, args...), says: map[report.FindingCode]string{report.HTTPSRequired: says},
		actors: map[report.FindingCode]report.Actor{report.HTTPSRequired: actor, report.ProtocolNone: actor}}
}

// originScenes are wrong addresses that no certificate and no other answer gives away.
func originScenes() []scene {
	const elsewhere = "10.66.2.77"
	lost := func(options ...string) func(*network) {
		return func(n *network) { n.dnsmasq(options...); n.firewall("ip daddr " + elsewhere + " drop") }
	}
	shut := func(options ...string) func(*network) {
		return func(n *network) {
			n.dnsmasq(options...)
			n.firewall("ip daddr " + elsewhere + " tcp dport != 80 reject with tcp reset")
		}
	}
	anything := wrong("a portal on port 80 alone, for every name", report.DNSHijack, report.ActorDNS,
		"a name that cannot exist", shut("--address=/#/"+elsewhere))
	search := wrong("a wildcard of a search domain, and the name itself is not "+
		"known", report.DNSHijack, report.ActorDNS,
		azureName+".site.test.", func(n *network) {
			lost("--address=/site.test/"+elsewhere, "--address=/#/")(n)
			n.etc("cli", "resolv.conf", "search site.test\nnameserver "+nameServer+"\n")
		})
	deleted := wrong("a private endpoint that was deleted", report.PrivateEndpointUnreachable, report.ActorDNS,
		"made anew", shut("--cname="+azureName+",x.privatelink.azure-devices.net",
			"--host-record=x.privatelink.azure-devices.net,"+elsewhere, "--address=/#/"))
	other := wrong("another service's private endpoint", report.DNSHijack, report.ActorDNS,
		"Correct the record of x.privatelink.azure-devices.net", func(n *network) {
			n.dnsmasq("--cname="+azureName+",x.privatelink.azure-devices.net",
				"--host-record=x.privatelink.azure-devices.net,"+hubAddress, "--address=/#/")
			n.web(pki.Leaf{Names: []string{"*.blob.core.windows.net"}}, asHub)
		})
	other.need = []string{"nginx"}
	proxy := doubted("the hosts file has an old address of the proxy", report.ActorHost, "pins the proxy "+proxyName,
		func(n *network) {
			n.names()
			n.etc("cli", "hosts", "127.0.0.1 localhost\n10.66.3.77 "+proxyName+"\n")
			n.firewall("ip daddr 10.66.3.77 drop")
		}, "--hub", hubName, "--protocol", "AMQPWS,HTTPS", "--proxy", "http://"+proxyName+":3128", "--route", "proxy")
	proxy.findings = []report.FindingCode{report.AddressStale}
	slip := doubted("a slip in the proxy's name, and a name server that answers for anything", report.ActorDNS,
		"Check the spelling of the proxy proxxy.netns.test", func(n *network) {
			n.dnsmasq("--host-record="+proxyName+","+siteAddress, "--address=/#/10.66.3.77")
			n.firewall("ip daddr 10.66.3.77 reject with tcp reset")
		}, "--hub", hubName, "--protocol", "AMQPWS,HTTPS", "--proxy", "http://proxxy.netns.test:3128", "--route", "proxy")
	slip.findings = []report.FindingCode{report.DNSHijack}
	led := doubted("the proxy's own name server leads the hub to a portal", report.ActorProxy,
		"The proxy looks "+azureName+" up by itself", func(n *network) {
			n.public()
			n.dnsmasqAt(nameServer2, "--address=/#/"+hubAddress)
			n.web(pki.Leaf{Names: []string{"portal.example.net"}}, asHub)
			n.squid("dns_nameservers " + nameServer2)
		}, "--protocol", "AMQPWS,HTTPS", "--proxy", proxyURL, "--route", "proxy")
	led.need = []string{"squid", "nginx"}
	six := scene{name: "origin: the hosts file has an old IPv6 address beside the right one", upstream: report.AMQP,
		args: []string{"--protocol", "AMQP,HTTPS", "--timeout", "3s"}, findings: []report.FindingCode{report.IPv6Broken},
		says:   map[report.FindingCode]string{report.IPv6Broken: "in the hosts file"},
		actors: map[report.FindingCode]report.Actor{report.IPv6Broken: report.ActorHost},
		want:   []blackbox.Want{works(report.AMQP, ""), works(report.HTTPS, "")},
		setup: func(n *network) {
			n.names()
			n.lab()
			n.etc("cli", "hosts", "127.0.0.1 localhost\n"+hubAddress+" "+hubName+"\nfd66:2::77 "+hubName+"\n")
			n.firewall("ip6 daddr fd66:2::77 drop")
		}}
	return []scene{anything, search, deleted, other, proxy, slip, led, six,
		doubted("an alias that is not Azure's", report.ActorDNS, "sinkhole.filter.example", lost("--cname="+azureName+
			",sinkhole.filter.example", "--host-record=sinkhole.filter.example,"+elsewhere, "--address=/#/")),
		doubted("a private address without a private endpoint", report.ActorDNS, "it is a private one",
			shut("--host-record="+azureName+","+elsewhere, "--address=/#/")),
		doubted("the hosts file, and no name server answers", report.ActorHost, "line 2", func(n *network) {
			n.etc("cli", "hosts", "127.0.0.1 localhost\n"+elsewhere+" "+azureName+"\n")
			n.firewall("ip daddr " + elsewhere + " drop")
			n.firewall("meta l4proto { tcp, udp } th dport 53 drop")
		}),
	}
}
