//go:build netns && linux

package netns

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"edgenet/internal/lab/pki"
	"edgenet/internal/verify/blackbox"
	"edgenet/report"
)

func TestAdvice(t *testing.T) { runScenes(t, adviceScenes()) }

// adviceScenes are networks that are told right only with the first step: the smallest change that makes
// the verdict good, each step for one person.
func adviceScenes() []scene {
	const year = 365 * 24 * time.Hour
	inspected := func(name string, from, to time.Duration, steps ...string) scene {
		return scene{name: "advice: " + name, need: []string{"nginx"}, exit: 1,
			args: []string{"--hub", azureName, "--protocol", "HTTPS,AMQPWS", "--timeout", "10s"},
			setup: func(n *network) {
				n.public()
				n.webOf(n.anotherRoot("Contoso Ltd", "Contoso TLS Inspection"), pki.Leaf{Names: []string{azureName},
					NotBefore: time.Now().Add(from), NotAfter: time.Now().Add(to)}, asHub)
				n.ca = ""
			},
			want:     []blackbox.Want{fails(report.HTTPS, report.StageTLS, report.TLSIntercepted, tlsFamily)},
			findings: []report.FindingCode{report.TLSInspection}, steps: steps}
	}
	behind := inspected("an inspection, and a clock that is years behind", 2*year, 3*year, "host: Compare this host's clock",
		"firewall-admin: Exempt "+azureName, "host: Install the inspection's root CA (Contoso TLS Inspection, Contoso Ltd)")
	behind.findings = append(behind.findings, report.ClockSkew)
	behind.reason = "Besides, this host's clock says"
	ahead := inspected("an inspection, and a clock that is years ahead", -3*year, -2*year, "host: Compare this host's clock",
		"firewall-admin: Exempt "+azureName)
	ahead.findings = append(ahead.findings, report.ClockSkew)
	right := inspected("an inspection alone", -year, year, "firewall-admin: Exempt "+azureName, "host: Install")
	right.not = []report.FindingCode{report.ClockSkew}
	socks := scene{name: "advice: SOCKS alone gets out", need: []string{"danted"}, exit: 1,
		args: []string{"--proxy", "socks5://" + proxyAddress, "--timeout", "3s"},
		setup: func(n *network) {
			n.names()
			n.lab()
			n.dante()
			n.firewall(`iifname "tocli" oifname "toisp" drop`)
		},
		want:     []blackbox.Want{works(report.HTTPS, "proxy"), works(report.AMQPWS, "proxy")},
		findings: []report.FindingCode{report.ProxyRuntimeLimits, report.FirewallAllBlocked},
		reason:   "IoT Edge does not know SOCKS",
		steps: []string{"proxy-admin: Give this device an HTTP proxy beside the SOCKS one", "firewall-admin: Allow outbound " +
			"TCP 443"}}
	forbids := scene{name: "advice: DPS by a proxy that forbids it", need: []string{"squid"}, free: true,
		args: []string{"--dps", "--proxy", proxyURL, "--timeout", "4s"},
		setup: func(n *network) {
			n.names()
			n.lab()
			n.squid("dns_nameservers "+nameServer, "http_access deny all")
			n.firewall(`iifname "tocli" oifname "toisp" drop`)
		},
		want:     []blackbox.Want{atProxy(report.HTTPS, report.StageConnect, report.ConnectForbidden, conFamily)},
		findings: []report.FindingCode{report.DPSUnreachable},
		reason:   "forbids CONNECT", steps: []string{"proxy-admin: Allow CONNECT to ", "firewall-admin: Allow outbound TCP 443"}}
	return []scene{behind, ahead, right, socks, forbids,
		bundled("that is not there", "", "which does not exist"),
		bundled("of another CA", "another", "which holds Another CA, Contoso Ltd and not this CA"),
		bundled("without a certificate", "empty", "which holds no certificate that can be read"),
	}
}

// bundled is a device below a parent gateway whose trust bundle is set and of no use.
func bundled(name, holds, says string) scene {
	return scene{name: "advice: a trust bundle " + name, need: []string{"nginx"}, exit: 1,
		args: []string{"--hub", parentName, "--root", "ROOT", "--protocol", "HTTPS,AMQP", "--timeout", "5s"},
		setup: func(n *network) {
			n.public()
			n.webOf(n.anotherRoot("Contoso Ltd", "Gateway Root"), pki.Leaf{Names: []string{parentName}}, asHub)
			n.ca = ""
			for _, dir := range []string{"root/etc/aziot", "root/etc/certs"} {
				if err := os.MkdirAll(filepath.Join(n.dir, dir), 0o755); err != nil { //nolint:gosec // a device's files
					n.t.Fatal(err)
				}
			}
			n.write("root/etc/aziot/config.toml", "parent_hostname = \""+parentName+"\"\nhostname = \"leaf\"\n"+
				"trust_bundle_cert = \"file:///etc/certs/trust.pem\"\n[provisioning]\nsource = \"manual\"\n")
			text := map[string]string{"empty": "no certificate\n"}[holds]
			if holds == "another" {
				text = string(n.anotherRoot("Contoso Ltd", "Another CA").PEM())
			}
			if text != "" {
				n.write("root/etc/certs/trust.pem", text)
			}
		},
		want:   []blackbox.Want{fails(report.AMQP, report.StageTLS, report.TLSUntrusted, tlsFamily)},
		steps:  []string{"host: Get the root CA of the gateway " + parentName + " from whoever runs it; add it to /etc/certs/trust.pem, which /etc/aziot/config.toml:3 trust_bundle_cert names already and " + says},
		reason: "is not trusted"}
}
