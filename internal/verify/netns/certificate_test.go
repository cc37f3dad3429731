//go:build netns && linux

package netns

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"edgenet/internal/verify/blackbox"
	"edgenet/report"
)

func TestInstalledCAs(t *testing.T) { runScenes(t, installedScenes()) }
func TestAgreed(t *testing.T)       { runScenes(t, agreedScenes()) }

// The extensions of a CA, as openssl writes them.
var caExtensions = []string{"basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign"}

// issue makes a certificate with openssl, P-256, by another one that was made here, or by itself,
// and gives back its file.
func (n *network) issue(name, subject, by string, extensions ...string) string {
	n.t.Helper()
	path := filepath.Join(n.dir, name)
	line := []string{"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
		"-keyout", path + ".key", "-out", path + ".pem", "-subj", subject, "-days", "30", "-config",
		n.write(name+".cnf", "[req]\ndistinguished_name=dn\n[dn]\n")}
	if by != "" {
		line = append(line, "-CA", filepath.Join(n.dir, by+".pem"), "-CAkey", filepath.Join(n.dir, by+".key"))
	}
	for _, e := range extensions {
		line = append(line, "-addext", e)
	}
	n.must(line...)
	return path + ".pem"
}

// joined writes the certificates of several names into one file.
func (n *network) joined(file string, names ...string) string {
	n.t.Helper()
	text := ""
	for _, name := range names {
		b, err := os.ReadFile(filepath.Join(n.dir, name+".pem")) //nolint:gosec // written above
		if err != nil {
			n.t.Fatal(err)
		}
		text += string(b)
	}
	return n.write(file, text)
}

// fronted serves a chain on the hub's ports, with the key of the certificate "leaf".
func (n *network) fronted(chain, more string) {
	n.t.Helper()
	block := ""
	for _, port := range []string{"443", "5671", "8883"} {
		block += fmt.Sprintf("server { listen %s:%s ssl; ssl_certificate %s; ssl_certificate_key %s; %s %s }\n",
			hubAddress, port, chain, filepath.Join(n.dir, "leaf.key"), more, asHub)
	}
	n.nginx("hub", hubAddress+":443", block)
}

// installedScenes are chains whose CA, or one by its name, is installed, and which somebody refuses
// all the same: nobody is told to install what is there.
func installedScenes() []scene {
	const root, leaf = "/O=Example/CN=Example Root CA", "/CN=leaf"
	names := "subjectAltName=DNS:" + strings.Join([]string{hubName, azureName, parentName}, ",DNS:")
	refused := func(name, host string, c report.Cause, actor report.Actor, says string, made func(*network)) scene {
		w := fails(report.HTTPS, report.StageTLS, c, []report.Cause{report.TLSUntrusted, report.TLSIntercepted,
			report.TLSWeak, report.TLSExpired, report.TLSNameMismatch, report.TLSAlert})
		return scene{name: "installed: " + name, need: []string{"nginx", "openssl"}, exit: 1, want: []blackbox.Want{w},
			args:  []string{"--hub", host, "--protocol", "HTTPS,AMQPWS", "--timeout", "10s"},
			setup: func(n *network) { n.public(); made(n) }, says: map[report.FindingCode]string{report.HTTPSRequired: says},
			actors: map[report.FindingCode]report.Actor{report.HTTPSRequired: actor},
			not:    []report.FindingCode{report.CertificateImpostor, report.DNSHijack}}
	}
	// simple is a leaf by a root that is installed.
	simple := func(above, below []string) func(*network) {
		return func(n *network) {
			n.ca = n.issue("root", root, "", above...)
			n.fronted(n.issue("leaf", leaf, "root", append([]string{names}, below...)...), "")
		}
	}
	between := func(n *network) {
		n.issue("root", root, "", caExtensions...)
		n.issue("inter", "/O=Example/CN=Example Inter CA", "root", caExtensions...)
		n.issue("leaf", leaf, "inter", names)
		n.fronted(n.joined("chain.pem", "leaf", "inter"), "")
	}
	narrow := append([]string{"nameConstraints=critical,permitted;DNS:corp.example"}, caExtensions...)
	return []scene{
		refused("an inspection whose CA may not sign for the name", azureName, report.TLSIntercepted,
			report.ActorFirewall, "Its CA is installed already", simple(narrow, nil)),
		refused("a gateway's certificate for clients", parentName, report.TLSUntrusted, report.ActorParent,
			"extendedKeyUsage serverAuth", simple(caExtensions, []string{"extendedKeyUsage=clientAuth"})),
		refused("a gateway's CA was renewed", parentName, report.TLSUntrusted, report.ActorHost,
			"compare the fingerprint", func(n *network) {
				old := n.issue("old", root, "", caExtensions...)
				simple(caExtensions, nil)(n)
				n.ca = old
			}),
		refused("the intermediate CA in place of the root", hubName, report.TLSWeak, report.ActorHost,
			"Install the root that stands "+
				"above", func(n *network) { between(n); n.ca = filepath.Join(n.dir, "inter.pem") }),
		refused("a name as CN beside an address", hubName, report.TLSWeak, report.ActorFirewall, "accepts it, and "+
			"newer",
			func(n *network) {
				n.ca = n.issue("root", root, "", caExtensions...)
				n.fronted(n.issue("leaf", "/CN="+hubName, "root", "subjectAltName=IP:192.0.2.1"), "")
			}),
	}
}

// agreedScenes are peers that have something in common with OpenSSL and not with this program, or
// with OpenSSL only what it refuses.
func agreedScenes() []scene {
	peer := func(name, says, key, more string) scene {
		w := fails(report.HTTPS, report.StageTLS, report.TLSCipher, []report.Cause{report.TLSAlert, report.TLSReset})
		w.Says = []string{says}
		return scene{name: "agreed: " + name, need: []string{"nginx", "openssl"}, free: true, want: []blackbox.Want{w},
			args: []string{"--protocol", "HTTPS", "--timeout", "10s"},
			setup: func(n *network) {
				n.public()
				n.ca = filepath.Join(n.dir, "leaf.pem")
				n.must(append(append([]string{"openssl", "req", "-x509", "-newkey"}, strings.Fields(key)...), "-nodes",
					"-keyout", filepath.Join(n.dir, "leaf.key"), "-out", n.ca, "-subj", "/CN=leaf", "-addext",
					"subjectAltName=DNS:"+hubName)...)
				n.must("openssl", "dhparam", "-dsaparam", "-out", filepath.Join(n.dir, "dh.pem"), "1024")
				n.fronted(n.ca, strings.ReplaceAll(more, "DIR", n.dir))
			}}
	}
	return []scene{
		scene{name: "agreed: TLS without secure renegotiation", need: []string{"openssl", "gnutls-serv"}, free: true,
			args: []string{"--protocol", "HTTPS", "--timeout", "10s"},
			setup: func(n *network) {
				n.public()
				n.ca = n.issue("root", "/O=Example/CN=Example Root CA", "", caExtensions...)
				leaf := n.issue("leaf", "/CN=leaf", "root", "subjectAltName=DNS:"+hubName)
				n.listens(n.start("hub", "gnutls-serv", "--http", "-p", "443", "--priority",
					"NORMAL:-VERS-TLS1.3:%DISABLE_SAFE_RENEGOTIATION", "--disable-client-cert", "--x509certfile", leaf,
					"--x509keyfile", filepath.Join(n.dir, "leaf.key")), "hub", "-t", "0.0.0.0:443")
			},
			want: []blackbox.Want{{Protocol: report.HTTPS, Stage: report.StageTLS, Cause: report.TLSAlert,
				Says: []string{"unsafe legacy renegotiation disabled"}, Not: []report.Cause{report.HTTPBlockPage}}},
			not: []report.FindingCode{report.CaptivePortal}},
		peer("P-521 alone", "the curve P-521", "rsa:2048", "ssl_ecdh_curve secp521r1;"),
		peer("a key for RSA-PSS alone", "for RSA-PSS", "rsa-pss -pkeyopt rsa_keygen_bits:2048", ""),
		peer("Diffie-Hellman with 1024 bits", "neither the daemon nor", "rsa:2048", "ssl_protocols TLSv1.2; "+
			"ssl_ciphers DHE-RSA-AES128-GCM-SHA256@SECLEVEL=0; ssl_dhparam DIR/dh.pem;"),
	}
}
