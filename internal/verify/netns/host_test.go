//go:build netns && linux

package netns

import (
	"crypto/x509/pkix"
	"testing"
	"time"

	"edgenet/internal/lab/pki"
	"edgenet/internal/verify/blackbox"
	"edgenet/report"
)

func TestHostAndWhoAnswers(t *testing.T) { runScenes(t, hostScenes()) }

// ownFault is a case that has nothing to do with a firewall: https.required names who acts, and says what.
func ownFault(name string, stage report.Stage, c report.Cause, actor report.Actor, says string,
	setup func(*network)) scene {
	return scene{name: "host: " + name, exit: 1, setup: setup,
		args: []string{"--protocol", "AMQP,HTTPS", "--timeout", "5s"},
		want: []blackbox.Want{fails(report.HTTPS, stage, c, []report.Cause{report.DNSNXDomain, report.TCPTimeout,
			report.TCPUnreachable, report.TLSReset})},
		says:   map[report.FindingCode]string{report.HTTPSRequired: says},
		actors: map[report.FindingCode]report.Actor{report.HTTPSRequired: actor, report.ProtocolNone: actor}}
}

// rotating gives a name one of two addresses by turns.
func (n *network) rotating(first, second string) {
	n.t.Helper()
	script := n.write("rotate.py", `import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("`+nameServer+`", 53)); n = 0
while True:
    d, a = s.recvfrom(4096); e = 12 + d[12:].index(0) + 5; q = d[12:e]
    if q[-4:-2] == b"\0\1" and b"devices" in q:
        ip = ("`+first+`", "`+second+`")[n % 2]; n += 1
        s.sendto(d[:2] + b"\x81\x80\0\1\0\1\0\0\0\0" + q + b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4" + socket.inet_aton(ip), a)
    else:
        s.sendto(d[:2] + b"\x81\x80\0\1\0\0\0\0\0\0" + q, a)
`)
	n.listens(n.start("site", "python3", script), "site", "-u", nameServer+":53")
}

// returning has the hub's answers come back by another link than the one by which the client sends.
func (n *network) returning() {
	n.t.Helper()
	n.names()
	n.lab()
	n.must("ip", "link", "add", "back", "netns", n.ns("cli"), "type", "veth", "peer", "name", "toback", "netns", n.ns("fw"))
	n.must("ip", "-n", n.ns("cli"), "addr", "add", "10.66.4.2/24", "dev", "back")
	n.must("ip", "-n", n.ns("fw"), "addr", "add", "10.66.4.1/24", "dev", "toback")
	n.must("ip", "-n", n.ns("cli"), "link", "set", "back", "up")
	n.must("ip", "-n", n.ns("fw"), "link", "set", "toback", "up")
	n.must("ip", "-n", n.ns("cli"), "route", "add", "10.66.3.0/24", "via", "10.66.4.1")
	n.must("ip", "-n", n.ns("fw"), "route", "add", "10.66.1.2/32", "via", "10.66.4.2")
	n.in("cli", "sysctl", "-qw", "net.ipv4.conf.all.rp_filter=1", "net.ipv4.conf.back.rp_filter=1",
		"net.ipv4.conf.out.rp_filter=1")
	n.awaitLinks()
}

func hostScenes() []scene {
	bridge := ownFault("a container's bridge over the name server", report.StageDNS, report.DNSTimeout, report.ActorHost,
		"default-address-pools", func(n *network) {
			n.names()
			n.must("ip", "-n", n.ns("cli"), "link", "add", "br-4f2c9a1d3b7e", "type", "bridge")
			n.must("ip", "-n", n.ns("cli"), "addr", "add", "10.66.3.1/24", "dev", "br-4f2c9a1d3b7e")
			n.must("ip", "-n", n.ns("cli"), "link", "set", "br-4f2c9a1d3b7e", "up")
		})
	back := ownFault("answers return by another link", report.StageTCP, report.TCPTimeout, report.ActorHost, "rp_filter",
		(*network).returning)
	back.want[0] = fails(report.HTTPS, report.StageTCP, report.TCPTimeout, []report.Cause{report.TCPUnreachable})
	accelerator := ownFault("an accelerator before a dead link", report.StageTLS, report.TLSTimeout, report.ActorNetwork,
		"link behind the gateway "+fwAddress, func(n *network) {
			n.names()
			n.listens(n.start("fw", "socat", "TCP4-LISTEN:7000,reuseaddr,fork", "SYSTEM:sleep 30"), "fw", "-t",
				"0.0.0.0:7000")
			n.nft("fw", "table ip pep {\n chain pre { type nat hook prerouting priority -100; ip daddr 10.66.2.0/24 "+
				"meta l4proto tcp dnat to "+fwAddress+":7000\n }\n}")
		})
	accelerator.need = []string{"socat"}
	accelerator.not = []report.FindingCode{report.FirewallProtocol}
	turns := ownFault("a rule that knows one of two addresses", report.StageTCP, report.TCPTimeout, report.ActorFirewall,
		"by its name", func(n *network) {
			n.lab()
			n.rotating(hubSecond, hubAddress)
			n.firewall("ip daddr " + hubSecond + " drop")
		})
	turns.need = []string{"python3"}
	turns.want[0] = fails(report.HTTPS, report.StageTCP, report.TCPTimeout, []report.Cause{report.TCPUnreachable})
	turns.says = map[report.FindingCode]string{report.FirewallAllBlocked: hubSecond + " as well as " + hubAddress}
	dots := scene{name: "host: ndots and a wildcard", exit: 1, args: []string{"--protocol", "AMQP,HTTPS", "--timeout", "3s"},
		setup: func(n *network) {
			n.lab()
			n.dnsmasq("--host-record="+hubName+","+hubAddress, "--address=/corp.test/"+siteAddress, "--address=/#/")
			n.etc("cli", "resolv.conf", "nameserver "+nameServer+"\nsearch corp.test\noptions ndots:5\n")
		},
		findings: []report.FindingCode{report.DNSHijack}, not: []report.FindingCode{report.DNSSearch},
		says:   map[report.FindingCode]string{report.DNSHijack: "Lower ndots:5"},
		actors: map[report.FindingCode]report.Actor{report.DNSHijack: report.ActorHost, report.ProtocolNone: report.ActorHost}}
	waking := scene{name: "host: a link that wakes up", upstream: report.AMQP, args: []string{"--timeout", "10s"},
		setup: func(n *network) {
			n.names()
			n.lab()
			n.firewall("ip daddr 10.66.2.0/24 drop")
			time.AfterFunc(2500*time.Millisecond, func() { n.in("fw", "nft", "flush", "chain", "inet", "f", "forward") })
		},
		findings: []report.FindingCode{report.Loss}, not: []report.FindingCode{report.NetworkSlow, report.LatencyHigh},
		says:   map[report.FindingCode]string{report.Loss: "nothing got through for"},
		actors: map[report.FindingCode]report.Actor{report.Loss: report.ActorNetwork}}
	return []scene{bridge, back, accelerator, turns, dots, waking, inspectorScene("its certificate is past its time",
		report.TLSExpired, "have the inspection renew", func(n *network) {
			box, err := pki.NewAuthority(pkix.Name{CommonName: "Example Corp Proxy CA"})
			if err != nil {
				n.t.Fatal(err)
			}
			n.webOf(box, pki.Leaf{Names: []string{azureName}, NotBefore: time.Now().AddDate(0, -2, 0),
				NotAfter: time.Now().AddDate(0, -1, 0)}, asHub)
			n.ca = n.write("box.pem", string(box.PEM()))
		}), inspectorScene("it leaves out its intermediate", report.TLSIntercepted, "send the certificate of Example Inter",
		func(n *network) {
			n.ca = n.issue("root", "/O=Example/CN=Example Root CA", "", caExtensions...)
			n.issue("inter", "/O=Example/CN=Example Inter CA", "root", caExtensions...)
			n.fronted(n.issue("leaf", "/CN=leaf", "inter", "subjectAltName=DNS:"+azureName), "")
		}),
		ownFault("no address but its own", report.StageDNS, report.DNSUnreachable, report.ActorHost, "DHCP",
			func(n *network) {
				n.must("ip", "-n", n.ns("cli"), "addr", "flush", "dev", "out")
				n.must("ip", "-n", n.ns("cli"), "addr", "add", "169.254.77.3/16", "dev", "out")
			}),
		ownFault("addresses of IPv6 alone, and IPv4 here", report.StageTCP, report.TCPNoRoute, report.ActorDNS, "A record",
			func(n *network) {
				n.dnsmasq("--host-record="+hubName+","+hubAddress6, "--address=/#/")
				n.in("cli", "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.out.disable_ipv6=1")
			}),
	}
}

// inspectorScene is a fault of a box that inspects, whose CA is installed.
func inspectorScene(name string, c report.Cause, says string, made func(*network)) scene {
	return scene{name: "inspection: " + name, need: []string{"nginx", "openssl"}, exit: 1,
		args:     []string{"--hub", azureName, "--protocol", "HTTPS,AMQPWS", "--timeout", "10s"},
		setup:    func(n *network) { n.public(); made(n) },
		want:     []blackbox.Want{fails(report.HTTPS, report.StageTLS, c, []report.Cause{report.TLSUntrusted})},
		findings: []report.FindingCode{report.TLSInspection},
		says:     map[report.FindingCode]string{report.TLSInspection: says},
		actors: map[report.FindingCode]report.Actor{report.TLSInspection: report.ActorFirewall,
			report.ProtocolNone: report.ActorFirewall, report.HTTPSRequired: report.ActorFirewall}}
}
