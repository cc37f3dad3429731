package lab

import (
	"crypto/tls"
	"crypto/x509/pkix"
	"fmt"
	"time"

	"edgenet/internal/lab/pki"
)

// material is every authority and certificate of a lab.
type material struct {
	root    *pki.Authority // "edgenet lab root"
	below   *pki.Authority // an intermediate that no server sends
	vendor  *pki.Authority // an inspection product's own CA
	company *pki.Authority // a company's inspection CA
	device  tls.Certificate
	names   map[string][]string // by service: what its leaf is for
}

func newMaterial(listen, edgeListen, dpsListen string) (*material, error) {
	m := &material{names: map[string][]string{
		"hub":   {HubName, "localhost", listen},
		"edge":  {GatewayName, "edgeHub", "localhost", edgeListen},
		"dps":   {DPSName, "localhost", dpsListen},
		"proxy": {"proxy.lab.test", "localhost", listen},
	}}
	var err error
	if m.root, err = pki.NewAuthority(pkix.Name{CommonName: "edgenet lab root"}); err != nil {
		return nil, err
	}
	if m.below, err = m.root.Intermediate(pkix.Name{CommonName: "edgenet lab intermediate"}); err != nil {
		return nil, err
	}
	m.vendor, err = pki.NewAuthority(pkix.Name{CommonName: "FortiGate CA", Organization: []string{"Fortinet"},
		OrganizationalUnit: []string{"Certificate Authority"}})
	if err != nil {
		return nil, err
	}
	m.company, err = pki.NewAuthority(pkix.Name{CommonName: "Contoso TLS Inspection CA",
		Organization: []string{"Contoso Ltd"}})
	if err != nil {
		return nil, err
	}
	m.device, err = m.root.Issue(pki.Leaf{Names: []string{X509DeviceID}, Client: true})
	return m, err
}

// config is what a service shows of TLS when nothing is wrong. The hub and
// the provisioning service speak 1.2 alone; the hub asks for a client certificate on the ports that are not HTTP's;
// it does not have to come.
func (m *material) config(service string, ask bool) (*tls.Config, error) {
	cert, err := m.root.Issue(pki.Leaf{Names: m.names[service]})
	if err != nil {
		return nil, err
	}
	if service == "edge" { // certd puts the issuer behind every certificate that it makes
		cert.Certificate = append(cert.Certificate, m.root.Certificate.Raw)
	}
	c := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12}
	if service != "hub" && service != "dps" {
		c.MaxVersion = tls.VersionTLS13
	}
	if ask {
		c.ClientAuth = tls.RequestClientCert
	}
	return c, nil
}

// show replaces the certificate of a config by one that issue makes for the
// names of the one that stands there.
func show(cfg *tls.Config, change func(*pki.Leaf), issue func(pki.Leaf) (tls.Certificate, error)) error {
	old := cfg.Certificates[0].Leaf
	l := pki.Leaf{Names: append([]string(nil), old.DNSNames...)}
	for _, ip := range old.IPAddresses {
		l.Names = append(l.Names, ip.String())
	}
	if change != nil {
		change(&l)
	}
	cert, err := issue(l)
	if err != nil {
		return fmt.Errorf("make a faulty certificate: %w", err)
	}
	cfg.Certificates = []tls.Certificate{cert}
	return nil
}

var certFaults = []faultKind{
	{
		name: "wrong-name", layer: layerCert, about: "a good certificate for another name",
		cert: func(_ Fault, m *material, cfg *tls.Config) error {
			return show(cfg, func(l *pki.Leaf) { l.Names = []string{"other.example.test"} }, m.root.Issue)
		},
	},
	{
		name: "expired", layer: layerCert, about: "a certificate whose time is over",
		cert: func(_ Fault, m *material, cfg *tls.Config) error {
			return show(cfg, func(l *pki.Leaf) {
				l.NotBefore, l.NotAfter = time.Now().AddDate(-1, 0, 0), time.Now().Add(-24*time.Hour)
			}, m.root.Issue)
		},
	},
	{
		name: "future", layer: layerCert, about: "a certificate whose time has not come",
		cert: func(_ Fault, m *material, cfg *tls.Config) error {
			return show(cfg, func(l *pki.Leaf) { l.NotBefore = time.Now().Add(24 * time.Hour) }, m.root.Issue)
		},
	},
	{
		name: "self-signed", layer: layerCert, about: "a certificate that signed itself",
		cert: func(_ Fault, _ *material, cfg *tls.Config) error { return show(cfg, nil, pki.SelfSigned) },
	},
	{
		name: "incomplete-chain", layer: layerCert, about: "a good certificate without the intermediate above it",
		cert: func(_ Fault, m *material, cfg *tls.Config) error { return show(cfg, nil, m.below.Issue) },
	},
	{
		name: "inspected", layer: layerCert,
		about: "a certificate of an inspection product's CA (FortiGate CA, Fortinet)",
		cert:  func(_ Fault, m *material, cfg *tls.Config) error { return show(cfg, nil, m.vendor.Issue) },
	},
	{
		name: "corp-inspected", layer: layerCert,
		about: "a certificate of a company's inspection CA (Contoso TLS Inspection CA)",
		cert:  func(_ Fault, m *material, cfg *tls.Config) error { return show(cfg, nil, m.company.Issue) },
	},
	{
		name: "client-cert-required", layer: layerCert, arg: "TLS version, 1.2 or 1.3 (1.2)",
		about: "a client without a certificate is refused",
		check: oneOf("1.2", "1.3"),
		cert: func(f Fault, _ *material, cfg *tls.Config) error {
			cfg.ClientAuth = tls.RequireAnyClientCert
			if f.Arg == "1.3" {
				cfg.MaxVersion = tls.VersionTLS13
			}
			return nil
		},
	},
	{
		name: "old-tls", layer: layerCert, about: "nothing newer than TLS 1.1 is spoken",
		cert: func(_ Fault, _ *material, cfg *tls.Config) error {
			cfg.MinVersion, cfg.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
			return nil
		},
	},
}
