//go:build netns && linux

package netns

import (
	"fmt"
	"os"
	"testing"

	"edgenet/internal/lab/pki"
	"edgenet/internal/verify/blackbox"
	"edgenet/report"
)

func TestInterception(t *testing.T) { runScenes(t, interceptionScenes()) }

// boxPort is where the firewall's inspection listens, which no client names.
const boxPort = "3129"

// interceptionScenes are about a box that nobody configured: the firewall itself leads
// the hub's three ports through a proxy that opens TLS.
func interceptionScenes() []scene {
	all := []report.Protocol{report.AMQP, report.MQTT, report.AMQPWS, report.MQTTWS, report.HTTPS}
	family := append([]report.Cause{report.TLSUntrusted}, tlsFamily...)
	unknown := func(name, issuer string, need []string, box func(*network)) scene {
		s := scene{name: "interception: " + name, need: append(need, "nginx", "openssl"), exit: 1,
			args: []string{"--hub", azureName, "--timeout", "10s"}, setup: func(n *network) { box(n); n.ca = "" },
			findings: []report.FindingCode{report.TLSInspection}, not: []report.FindingCode{report.CaptivePortal,
				report.TLSCAMissingInBundle, report.TLSCAMissingInOS},
			says:   map[report.FindingCode]string{report.TLSInspection: issuer},
			actors: map[report.FindingCode]report.Actor{report.TLSInspection: report.ActorFirewall}}
		for _, p := range all {
			w := fails(p, report.StageTLS, report.TLSIntercepted, family)
			w.Says = []string{issuer}
			s.want = append(s.want, w)
		}
		return s
	}
	squid := func(n *network) { n.intercept() }
	stored := scene{name: "interception: the box's CA in the host's store alone",
		need: []string{"squid", "nginx", "openssl"}, exit: 1, args: []string{"--hub", azureName, "--timeout", "10s"},
		setup: func(n *network) {
			text, err := os.ReadFile(n.intercept())
			if err != nil {
				n.t.Fatal(err)
			}
			n.etc("cli", "ssl/certs/ca-certificates.crt", string(text))
			n.ca = ""
		},
		want: []blackbox.Want{works(report.HTTPS, ""), fails(report.AMQP, report.StageTLS, report.TLSIntercepted,
			family), fails(report.MQTTWS, report.StageTLS, report.TLSIntercepted, family)},
		findings: []report.FindingCode{report.TLSCAMissingInBundle, report.TLSInspection},
		not:      []report.FindingCode{report.TLSCAMissingInOS},
		actors:   map[report.FindingCode]report.Actor{report.TLSCAMissingInBundle: report.ActorHost}}
	return []scene{
		unknown("squid with a company's CA", "Example Corp TLS Inspection CA", []string{"squid"}, squid),
		unknown("mitmproxy", "mitmproxy", []string{"mitmdump"}, (*network).interceptWithMitmproxy),
		stored,
	}
}

// intercepted is a hub behind a firewall that leads its ports to the box.
func (n *network) intercepted() {
	n.t.Helper()
	n.public()
	n.web(pki.Leaf{}, asHub)
	n.nft("fw", "add table ip t\nadd chain ip t pre { type nat hook prerouting priority -100; }\nadd rule ip t pre "+
		"iifname \"tocli\" tcp dport { 443, 5671, 8883 } redirect to :"+boxPort)
}

// intercept lets squid open what the firewall leads to it, and gives back its CA.
func (n *network) intercept() (ca string) {
	n.t.Helper()
	n.intercepted()
	ca, both := n.inspectionCA()
	address := fwAddress + ":" + boxPort
	lines := append(n.bumping(), "http_port "+fwAddress+":3128", "http_access allow all", "acl hello at_step SslBump1",
		"ssl_bump peek hello", "ssl_bump bump all")
	n.squidIn("fw", address, fmt.Sprintf("https_port %s intercept ssl-bump generate-host-certificates=on tls-cert=%s",
		address, both), lines...)
	return ca
}

// interceptWithMitmproxy does the same with mitmproxy.
func (n *network) interceptWithMitmproxy() {
	n.t.Helper()
	n.intercepted()
	p := n.start("fw", "env", "HOME="+n.dir, "mitmdump", "-q", "--mode", "transparent", "--listen-host", fwAddress,
		"-p", boxPort, "--ssl-insecure", "--set", "confdir="+n.dir+"/mitm")
	n.listens(p, "fw", "-t", fwAddress+":"+boxPort)
}
