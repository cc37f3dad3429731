//go:build netns && linux

package netns

import (
	"slices"
	"testing"

	"edgenet/internal/lab/pki"
	"edgenet/internal/verify/blackbox"
	"edgenet/report"
)

func TestAddresses(t *testing.T) { runScenes(t, slices.Concat(addressScenes(), workingScenes())) }

// wrong is a case in which the address is at fault, and no firewall.
func wrong(name string, code report.FindingCode, actor report.Actor, says string, setup func(*network),
	args ...string) scene {
	return scene{name: "address: " + name, exit: 1, args: append([]string{"--hub", azureName, "--protocol",
		"AMQP,HTTPS", "--timeout", "3s"}, args...), setup: setup, findings: []report.FindingCode{code},
		says: map[report.FindingCode]string{code: says}, actors: map[report.FindingCode]report.Actor{code: actor,
			report.ProtocolNone: actor},
		not: []report.FindingCode{report.FirewallAllBlocked, report.FirewallPortBlocked, report.FirewallWhere,
			report.DNSPrivateLink}}
}

// besides is a case of names that works all the same.
func besides(name string, code report.FindingCode, says string, setup func(*network)) scene {
	return scene{name: "address: " + name, args: []string{"--protocol", "AMQP,HTTPS", "--timeout", "3s"},
		setup: func(n *network) { n.lab(); setup(n) }, upstream: report.AMQP, findings: []report.FindingCode{code},
		only: true, says: map[report.FindingCode]string{code: says},
		want: []blackbox.Want{works(report.AMQP, report.RouteDirect), works(report.HTTPS, report.RouteDirect)}}
}

func addressScenes() []scene {
	stale := func(rule string) func(*network) {
		return func(n *network) {
			n.public()
			n.etc("cli", "hosts", "127.0.0.1 localhost\n10.66.2.77 "+azureName+"\n")
			n.firewall("ip daddr 10.66.2.77 " + rule)
		}
	}
	link := func(address string) func(*network) {
		return func(n *network) {
			n.dnsmasq("--cname="+azureName+",x.privatelink.azure-devices.net",
				"--host-record=x.privatelink.azure-devices.net,"+address, "--address=/#/")
		}
	}
	private := report.PrivateEndpointUnreachable
	portal := wrong("a portal for every name", report.DNSHijack, report.ActorDNS, "portal.example.net",
		func(n *network) {
			n.dnsmasq("--address=/#/" + hubAddress)
			n.web(pki.Leaf{Names: []string{"portal.example.net"}}, asHub)
		})
	portal.need = []string{"nginx"}
	return []scene{
		wrong("a stale line, dropped", report.AddressStale, report.ActorHost, "line 2", stale("drop")),
		wrong("a stale line, rejected", report.AddressStale, report.ActorHost, hubAddress,
			stale("reject with tcp reset")),
		wrong("a filter's block page", report.DNSFilter, report.ActorDNS, "Cisco Umbrella", func(n *network) {
			n.dnsmasq("--host-record="+azureName+",146.112.61.106", "--address=/#/")
			n.firewall("ip daddr 146.112.61.106 drop")
		}),
		wrong("another filter's, refused", report.DNSFilter, report.ActorDNS, "FortiGuard", func(n *network) {
			n.dnsmasq("--host-record="+azureName+",208.91.112.55", "--address=/#/")
			n.firewall("ip daddr 208.91.112.55 reject with tcp reset")
		}),
		wrong("a private endpoint, dropped", private, report.ActorNetwork, "10.66.2.99", func(n *network) {
			link("10.66.2.99")(n)
			n.firewall("ip daddr 10.66.2.99 drop")
		}),
		wrong("a private endpoint, no route", private, report.ActorNetwork, "10.77.0.4", func(n *network) {
			link("10.77.0.4")(n)
			n.firewall("ip daddr 10.77.0.4 reject with icmp net-unreachable")
		}),
		portal,
	}
}

// workingScenes are those in which something of the address is amiss and all works.
func workingScenes() []scene {
	return []scene{
		besides("one of two is dropped", report.AddressDead, "10.66.2.3", func(n *network) {
			n.dnsmasq("--host-record="+hubName+","+hubAddress, "--host-record="+hubName+",10.66.2.3", "--address=/#/")
			n.firewall("ip daddr 10.66.2.3 drop")
		}),
		besides("one of two is rejected", report.AddressDead, "10.66.2.3", func(n *network) {
			n.dnsmasq("--host-record="+hubName+","+hubAddress, "--host-record="+hubName+",10.66.2.3", "--address=/#/")
			n.firewall("ip daddr 10.66.2.3 reject with tcp reset")
		}),
		besides("the first name server is silent", report.DNSSlow, "10.66.3.99", func(n *network) {
			n.names()
			n.etc("cli", "resolv.conf", "nameserver 10.66.3.99\nnameserver "+nameServer+"\n")
			n.firewall("ip daddr 10.66.3.99 drop")
		}),
		besides("answered by a search domain", report.DNSSearch, hubName+".site.test.", func(n *network) {
			n.dnsmasq("--host-record="+hubName+".site.test,"+hubAddress, "--address=/#/")
			n.etc("cli", "resolv.conf", "search site.test\nnameserver "+nameServer+"\n")
		}),
	}
}
