//go:build netns && linux

package netns

import (
	"crypto/x509/pkix"
	"fmt"
	"testing"
	"time"

	"edgenet/internal/lab/pki"
	"edgenet/internal/verify/blackbox"
	"edgenet/report"
)

func TestAddressesDiffer(t *testing.T) { runScenes(t, differingScenes()) }

// The second addresses of the hub and of the proxy.
const (
	hubSecond  = "10.66.2.4"
	siteSecond = "10.66.3.4"
)

// both gives a name two addresses in the site's DNS, and the hub's role the second one.
func (n *network) both(first, second string) {
	n.t.Helper()
	n.dnsmasq("--host-record="+hubName+","+first, "--host-record="+hubName+","+second, "--host-record="+proxyName+","+
		siteAddress, "--host-record="+proxyName+","+siteSecond, "--address=/#/")
	n.must("ip", "-n", n.ns("hub"), "addr", "add", hubSecond+"/24", "dev", "out")
	n.must("ip", "-n", n.ns("site"), "addr", "add", siteSecond+"/24", "dev", "out")
}

// at serves the hub's three ports at its second address by nginx.
func (n *network) at(address string, block func(port string) string) {
	n.t.Helper()
	servers := ""
	for _, port := range []string{"443", "5671", "8883"} {
		servers += "server { listen " + address + ":" + port + block(port) + " }\n"
	}
	n.nginx("hub", address+":443", servers)
}

// inspector is somebody else's certificate for the hub's name.
func (n *network) inspector(address string) {
	n.t.Helper()
	box, err := pki.NewAuthority(pkix.Name{CommonName: "Example Corp TLS Inspection CA"})
	if err != nil {
		n.t.Fatal(err)
	}
	chain, key := n.pair(box, pki.Leaf{Names: []string{hubName}})
	n.at(address, func(string) string {
		return fmt.Sprintf(" ssl; ssl_certificate %s; ssl_certificate_key %s; %s", chain, key, asHub)
	})
}

// relay leads ports of an address to the lab.
func (n *network) relay(address string, ports ...string) {
	n.t.Helper()
	family := "TCP4"
	if address[0] == 'f' {
		family, address = "TCP6", "["+address+"]"
	}
	for _, port := range ports {
		n.listens(n.start("hub", "socat", family+"-LISTEN:"+port+",bind="+address+",reuseaddr,fork",
			"TCP4:"+hubAddress+":"+port), "hub", "-t", address+":"+port)
	}
}

// mute accepts connections at an address and says nothing.
func (n *network) mute(address string) {
	n.t.Helper()
	for _, port := range []string{"443", "5671", "8883"} {
		n.listens(n.start("hub", "socat", "TCP4-LISTEN:"+port+",bind="+address+",reuseaddr,fork", "SYSTEM:sleep 30"),
			"hub", "-t", address+":"+port)
	}
}

// oneBad is a case in which everything works by one of two addresses.
func oneBad(name, bad string, cause report.Cause, actor report.Actor, setup func(*network)) scene {
	return scene{name: "differs: " + name, need: []string{"nginx", "socat"}, upstream: report.AMQP,
		args:     []string{"--timeout", "3s"},
		setup:    setup,
		findings: []report.FindingCode{report.AddressDiffers}, only: true,
		says:   map[report.FindingCode]string{report.AddressDiffers: bad + " not (" + string(cause)},
		actors: map[report.FindingCode]report.Actor{report.AddressDiffers: actor},
		within: 7 * time.Second,
		want: []blackbox.Want{works(report.AMQP, ""), works(report.MQTT, ""), works(report.AMQPWS, ""),
			works(report.MQTTWS, ""), works(report.HTTPS, "")}}
}

func differingScenes() []scene {
	two := func(bad func(*network, string)) func(*network) {
		return func(n *network) { n.both(hubAddress, hubSecond); n.lab(); bad(n, hubSecond) }
	}
	dual := oneBad("IPv4 is inspected, and IPv6 is not", hubSecond, report.TLSIntercepted, report.ActorFirewall,
		func(n *network) {
			n.both(hubAddress6, hubSecond)
			n.lab()
			n.inspector(hubSecond)
			n.relay(hubAddress6, "443", "5671", "8883")
		})
	dual.findings = append(dual.findings, report.ContainerNoIPv6) // containers have the inspected address alone
	proxy := oneBad("one of a proxy's two denies", siteSecond, report.ConnectForbidden, report.ActorProxy,
		func(n *network) {
			n.both(hubAddress, hubAddress)
			n.lab()
			n.squid()
			n.squidIn("site", siteSecond+":3128", "http_port "+siteSecond+":3128", "http_access deny all")
			n.firewall(`iifname "tocli" oifname "toisp" drop`)
		})
	proxy.need = []string{"squid"}
	proxy.upstream, proxy.route = report.AMQPWS, "proxy"
	proxy.args = append(proxy.args, "--proxy", "http://"+proxyName+":3128", "--route", "proxy")
	proxy.only = false
	proxy.want = []blackbox.Want{works(report.AMQPWS, "proxy"), works(report.MQTTWS, "proxy"),
		works(report.HTTPS, "proxy")}
	worse := oneBad("both fail, one of them further on", hubSecond, report.TLSNotTLS, report.ActorNetwork,
		func(n *network) {
			n.both(hubAddress, hubSecond)
			n.lab("amqps=amqp-error", "mqtts=mqtt-connack:3", "https=status:503")
			n.at(hubSecond, func(string) string { return "; return 302 http://portal.test/;" })
		})
	worse.free, worse.only, worse.want = true, false, nil
	worse.not = []report.FindingCode{report.CaptivePortal, report.FirewallProtocol}
	blocked := scene{name: "differs: a port is dropped at both, and paths go by different ones",
		need: []string{"socat"},
		args: []string{"--protocol", "AMQP,HTTPS", "--expect", "AMQP", "--timeout", "4s"}, exit: 1,
		setup: func(n *network) {
			n.both(hubAddress, hubSecond)
			n.lab()
			n.relay(hubSecond, "443", "5671", "8883")
			n.firewall("tcp dport 5671 drop")
		},
		findings: []report.FindingCode{report.FirewallPortBlocked},
		not:      []report.FindingCode{report.AddressDead, report.AddressDiffers},
		want: []blackbox.Want{fails(report.AMQP, report.StageTCP, report.TCPTimeout, tcpFamily),
			works(report.HTTPS, "")}}
	return append(portScenes(), dual, proxy, worse, blocked,
		oneBad("the second is inspected", hubSecond, report.TLSIntercepted, report.ActorFirewall,
			two((*network).inspector)),
		oneBad("the second says nothing above TCP", hubSecond, report.TLSTimeout, report.ActorFirewall,
			two((*network).mute)),
		oneBad("the second is a portal's", hubSecond, report.TLSNotTLS, report.ActorNetwork,
			two(func(n *network, a string) {
				n.at(a, func(string) string { return "; return 302 http://portal.test/;" })
			})),
	)
}

// portScenes are names whose second address is bad on one port.
func portScenes() []scene {
	part := oneBad("one port of the second is a portal's", hubSecond, report.TLSNotTLS, report.ActorNetwork,
		func(n *network) {
			n.both(hubAddress, hubSecond)
			n.lab()
			n.nginx("hub", hubSecond+":443", "server { listen "+hubSecond+":443; return 302 http://portal.test/; }")
			n.relay(hubSecond, "5671", "8883")
		})
	one := oneBad("a port of the second that only one path goes to is a portal's", hubSecond, report.TLSNotTLS,
		report.ActorNetwork, func(n *network) {
			n.both(hubAddress, hubSecond)
			n.lab()
			n.nginx("hub", hubSecond+":5671", "server { listen "+hubSecond+":5671; return 302 http://portal.test/; }")
			n.relay(hubSecond, "443", "8883")
		})
	one.upstream = report.MQTT // which works by both
	return []scene{part, one}
}
