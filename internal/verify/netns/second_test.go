//go:build netns && linux

package netns

import (
	"crypto/x509/pkix"
	"testing"

	"edgenet/internal/lab/pki"
	"edgenet/internal/verify/blackbox"
	"edgenet/report"
)

func TestSecondMembers(t *testing.T) { runScenes(t, secondScenes()) }

// anotherRoot is an authority by a public root's name.
func (n *network) anotherRoot(organisation, name string) *pki.Authority {
	n.t.Helper()
	a, err := pki.NewAuthority(pkix.Name{Country: []string{"US"}, Organization: []string{organisation},
		CommonName: name})
	if err != nil {
		n.t.Fatal(err)
	}
	return a
}

// secondScenes are further members of kinds that have one case elsewhere.
func secondScenes() []scene {
	borrowed := func(name string, setup func(*network), args ...string) scene {
		return scene{name: "impostor: " + name, need: []string{"nginx"}, exit: 1,
			args: append([]string{"--hub", azureName, "--protocol", "HTTPS,AMQPWS", "--timeout", "10s"}, args...),
			setup: func(n *network) {
				n.public()
				n.webOf(n.anotherRoot("Microsoft Corporation", "Microsoft RSA Root Certificate Authority 2017"),
					pki.Leaf{Names: []string{azureName}}, asHub)
				n.ca = ""
				setup(n)
			},
			findings: []report.FindingCode{report.CertificateImpostor},
			not: []report.FindingCode{report.TLSInspection, report.TLSCAMissingInBundle, report.TLSCAMissingInOS,
				report.CaptivePortal, report.DNSHijack},
			says: map[report.FindingCode]string{report.CertificateImpostor: "Do not install"}}
	}
	direct := borrowed("another root's name", func(*network) {})
	direct.want = []blackbox.Want{fails(report.HTTPS, report.StageTLS, report.TLSUntrusted, tlsFamily)}
	tunnel := borrowed("behind the proxy", func(n *network) { n.squid("dns_nameservers " + nameServer) }, "--proxy",
		proxyURL, "--route", "proxy")
	tunnel.need = []string{"nginx", "squid"}
	portal := wrong("a portal for this name alone, in the site", report.DNSHijack, report.ActorDNS,
		"login.hotspot.example", func(n *network) {
			n.dnsmasq("--host-record="+azureName+","+siteAddress, "--address=/#/")
			chain, key := n.pair(bench.authority, pki.Leaf{Names: []string{"login.hotspot.example"}})
			n.nginx("site", siteAddress+":443", "server { listen "+siteAddress+":443 ssl; ssl_certificate "+chain+
				"; ssl_certificate_key "+key+"; return 302 http://login.hotspot.example/; }")
			n.ca = n.write("suite-ca.pem", string(bench.authority.PEM()))
		})
	portal.need = []string{"nginx"}
	terminated := scene{name: "the proxy ends TLS by the server's name", need: []string{"squid", "openssl"}, exit: 1,
		args: []string{"--proxy", proxyURL, "--route", "proxy", "--protocol", "AMQPWS,HTTPS", "--timeout", "5s"},
		setup: func(n *network) {
			n.names()
			n.lab()
			_, both := n.inspectionCA()
			n.squidAt("http_port "+proxyAddress+" ssl-bump generate-host-certificates=on tls-cert="+both,
				append(n.bumping(), "acl step1 at_step SslBump1", "ssl_bump peek step1", "ssl_bump terminate all")...)
		},
		want: []blackbox.Want{{Protocol: report.HTTPS, Route: "proxy", Stage: report.StageTLS, Cause: report.TLSReset}},
		actors: map[report.FindingCode]report.Actor{report.ProtocolNone: report.ActorProxy,
			report.FirewallProtocol: report.ActorProxy}}
	return []scene{direct, tunnel, portal, terminated,
		besides("a search domain's wildcard", report.DNSSearch, hubName+".site.test.", func(n *network) {
			n.dnsmasq("--address=/site.test/"+hubAddress, "--address=/corp.test/", "--address=/"+hubName+"/")
			n.etc("cli", "resolv.conf", "search corp.test site.test\nnameserver "+nameServer+"\n")
		}),
	}
}
