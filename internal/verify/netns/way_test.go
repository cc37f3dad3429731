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
	return []scene{closed, open, rejected, registry, impostor}
}
