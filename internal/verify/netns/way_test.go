//go:build netns && linux

package netns

import (
	"crypto/x509/pkix"
	"testing"

	"edgenet/internal/lab/pki"
	"edgenet/internal/verify/blackbox"
	"edgenet/report"
)

func TestWays(t *testing.T) { runScenes(t, wayScenes()) }

// wayScenes are about what a device needs beside its hub.
func wayScenes() []scene {
	drop := func(rule string) func(*network) {
		return func(n *network) { n.names(); n.lab(); n.firewall(rule) }
	}
	dps := func(name, rule string, exit int, args ...string) scene {
		return scene{name: "dps: " + name, setup: drop(rule), exit: exit,
			args: append([]string{"--dps", "--timeout", "4s"}, args...),
			not: []report.FindingCode{report.ProtocolNone, report.HTTPSRequired, report.ProtocolMismatch,
				report.RegistryUnreachable}}
	}
	closed := dps("443 is dropped and 5671 open", "tcp dport 443 drop", 1)
	closed.findings = []report.FindingCode{report.DPSUnreachable}
	closed.want = []blackbox.Want{works(report.AMQP, ""), fails(report.HTTPS, report.StageTCP, report.TCPTimeout,
		tcpFamily)}
	closed.actors = map[report.FindingCode]report.Actor{report.DPSUnreachable: report.ActorFirewall}
	open := dps("443 is enough", "tcp dport { 5671, 8883 } drop", 0)
	open.not = append(open.not, report.DPSUnreachable)
	open.want = []blackbox.Want{works(report.HTTPS, "")}
	rejected := dps("443 is rejected", "tcp dport 443 reject with tcp reset", 1)
	rejected.findings = []report.FindingCode{report.DPSUnreachable}
	registry := scene{name: "all: the hub answers, and no registry's name resolves", setup: drop("tcp dport 9 drop"),
		exit: 1, upstream: report.AMQP, args: []string{"--all", "--timeout", "4s"},
		findings: []report.FindingCode{report.RegistryUnreachable},
		not:      []report.FindingCode{report.DPSUnreachable, report.ProtocolNone, report.HTTPSRequired},
		says:     map[report.FindingCode]string{report.RegistryUnreachable: "mcr.microsoft.com:443"},
		reason:   "Not tested: *.data.mcr.microsoft.com (container engine: layers of mcr.microsoft.com), a provisioning",
		want:     []blackbox.Want{works(report.AMQP, ""), works(report.HTTPS, "")}}
	impostor := scene{name: "impostor: a chain of a root that is called as a public one", need: []string{"nginx"},
		exit: 1, args: []string{"--hub", azureName, "--protocol", "HTTPS,AMQPWS", "--timeout", "10s"},
		setup: func(n *network) {
			n.public()
			a, err := pki.NewAuthority(pkix.Name{Country: []string{"US"}, Organization: []string{"DigiCert Inc"},
				OrganizationalUnit: []string{"www.digicert.com"}, CommonName: "DigiCert Global Root G2"})
			if err != nil {
				n.t.Fatal(err)
			}
			n.webOf(a, pki.Leaf{Names: []string{azureName}}, asHub)
			n.ca = ""
		},
		findings: []report.FindingCode{report.CertificateImpostor},
		not: []report.FindingCode{report.TLSInspection, report.TLSCAMissingInBundle, report.TLSCAMissingInOS,
			report.CaptivePortal},
		says:   map[report.FindingCode]string{report.CertificateImpostor: "Do not install"},
		actors: map[report.FindingCode]report.Actor{report.CertificateImpostor: report.ActorFirewall},
		want:   []blackbox.Want{fails(report.HTTPS, report.StageTLS, report.TLSUntrusted, tlsFamily)}}
	return append(registryScenes(), closed, open, rejected, registry, impostor, proxiedDPS())
}

// proxiedDPS is a site whose only way to the provisioning service is its proxy.
func proxiedDPS() scene {
	return scene{name: "dps: by the proxy alone", need: []string{"squid"}, free: true,
		args: []string{"--dps", "--proxy", proxyURL, "--timeout", "4s"},
		setup: func(n *network) {
			n.names()
			n.lab()
			n.squid("dns_nameservers " + nameServer)
			n.firewall(`iifname "tocli" oifname "toisp" drop`)
		},
		want: []blackbox.Want{works(report.HTTPS, "proxy"), fails(report.HTTPS, report.StageTCP, report.TCPTimeout,
			tcpFamily)},
		findings: []report.FindingCode{report.ProxyRequired},
		not:      []report.FindingCode{report.DPSUnreachable, report.FirewallAllBlocked, report.ProtocolNone}}
}

// registryScenes are sites where the hub answers and no image can be pulled.
func registryScenes() []scene {
	const registry, tokens = "10.66.2.50", "10.66.2.51"
	closed := func(name, says string, actor report.Actor, setup func(*network)) scene {
		return scene{name: "all: " + name, need: []string{"nginx"}, exit: 1, upstream: report.AMQP,
			args: []string{"--all", "--timeout", "4s"},
			setup: func(n *network) {
				n.dnsmasq("--host-record="+hubName+","+hubAddress, "--host-record=mcr.microsoft.com,"+registry,
					"--host-record=auth.netns.test,"+tokens, "--address=/#/")
				n.lab()
				for _, a := range []string{registry, tokens} {
					n.must("ip", "-n", n.ns("hub"), "addr", "add", a+"/24", "dev", "out")
				}
				setup(n)
			},
			findings: []report.FindingCode{report.RegistryUnreachable},
			says:     map[report.FindingCode]string{report.RegistryUnreachable: says},
			actors:   map[report.FindingCode]report.Actor{report.RegistryUnreachable: actor},
			want:     []blackbox.Want{works(report.AMQP, ""), works(report.HTTPS, "")}}
	}
	answering := func(answer string) func(*network) {
		return func(n *network) {
			chain, key := n.pair(bench.authority, pki.Leaf{Names: []string{"mcr.microsoft.com"}})
			n.nginx("hub", registry+":443", "server { listen "+registry+":443 ssl; ssl_certificate "+chain+
				"; ssl_certificate_key "+key+"; "+answer+" }")
			n.trust(bench.authority)
			n.firewall("ip daddr " + tokens + " drop")
		}
	}
	return []scene{
		closed("the registry's packets are dropped", "Allow outbound TCP 443 to mcr.microsoft.com", report.ActorFirewall,
			func(n *network) { n.firewall("ip daddr " + registry + " drop") }),
		closed("the registry's token service is closed", "tokens for mcr.microsoft.com", report.ActorFirewall,
			answering(`location / { default_type application/json; add_header WWW-Authenticate `+
				`'Bearer realm="https://auth.netns.test/token",service="mcr.microsoft.com"' always; return 401 "{}"; }`)),
		closed("a filter's page in the registry's place", "web filter", report.ActorFirewall,
			answering(`location / { return 403 "<html><title>Blocked by policy</title></html>"; }`)),
		closed("the registry is unwell", "Try again later", report.ActorService, answering("location / { return 503; }")),
	}
}
