package gather

import (
	"context"
	"crypto/x509"
	"path"
	"strconv"
	"strings"
	"time"

	"edgenet/internal/device"
	"edgenet/internal/ready"
)

const (
	certUser   = "aziotcs"
	edgeCAID   = "aziot-edged-ca"
	selfSigned = "self_signed"
)

// certificates looks at every certificate of the device: those in files, and the one that
// edgeHub shows.
func (g *gatherer) certificates(ctx context.Context) {
	c := &g.facts.Certs
	leaf, raw := g.hubLeaf(ctx)
	c.HubLeaf = leaf
	if !g.facts.Config.Present {
		return
	}
	c.Identity = g.identity()
	c.EST, c.ESTServers = g.est(), g.estServers()
	c.LocalCA = g.named("cert_issuance.local_ca.cert", "cert_issuance.local_ca.pk")
	c.EdgeCA = g.edgeCA(raw)
	bundle, text := g.trustBundle() // after the Edge CA, which is left out of it
	c.TrustBundle = bundle
	g.trust(raw, text)
}

// certFile reads a file of certificates and the key that belongs to it.
func (g *gatherer) certFile(name, key string) ready.Fact[ready.CertFile] {
	f := ready.CertFile{Path: name, User: certUser}
	text, err := g.device.ReadFile(name)
	f.Blocked = g.blocked(name, certUser)
	switch {
	case isMissing(err):
		f.Missing = true
		return ready.Seen(f, name)
	case err != nil:
		return ready.Unseen[ready.CertFile](name, tables{path: name, err: err}.needs())
	case len(text) > maxPEMFile:
		f.Broken = "the file is too large"
		return ready.Seen(f, name)
	}
	list, err := parseCerts(text)
	if err != nil {
		f.Broken = err.Error()
		return ready.Seen(f, name)
	}
	f.Certs = describe(list)
	if pem, err := g.device.ReadFile(key); key != "" && err == nil {
		f.KeyMatch = keyMatches(pem, list[0])
	}
	return ready.Seen(f, name)
}

// named reads the certificate that a key of config.toml names by a file:// URI.
func (g *gatherer) named(cert, key string) ready.Fact[ready.CertFile] {
	uri, pk := g.config.super.text(cert), g.config.super.text(key)
	if name, ok := strings.CutPrefix(uri, "file://"); ok {
		return g.certFile(name, strings.TrimPrefix(pk, "file://"))
	}
	return ready.Fact[ready.CertFile]{} // the device has none
}

// identity is the device's certificate for the hub or the provisioning service.
func (g *gatherer) identity() ready.Fact[ready.CertFile] {
	t := g.config.super
	if t.err != nil {
		if g.device.Old || isMissing(t.err) {
			return ready.Fact[ready.CertFile]{}
		}
		return ready.Unseen[ready.CertFile](t.path, t.needs())
	}
	for _, under := range []string{"provisioning.authentication", "provisioning.attestation"} {
		if t.text(under+".method") != "x509" {
			continue
		}
		if f := g.named(under+".identity_cert", under+".identity_pk"); f.Looked() {
			return f
		}
		f := g.certFile(device.CertdFile("device-id"), "")
		if f.Value.Missing {
			f = ready.Unseen[ready.CertFile](f.Value.Path, "the device to be provisioned: certd has no certificate yet")
		}
		f.Value.Renews = t.get(under+".identity_cert.auto_renew") != nil
		f.Value.Threshold = threshold(t.text(under + ".identity_cert.auto_renew.threshold"))
		return f
	}
	return ready.Fact[ready.CertFile]{}
}

// edgeCA finds where the Edge CA comes from, and the certificate: in its file, else in the
// chain that edgeHub shows.
func (g *gatherer) edgeCA(chain []*x509.Certificate) ready.Fact[ready.EdgeCA] {
	ca, file, key, source := g.edgeCAKind()
	if g.config.super.err == nil {
		ca.Threshold = threshold(g.config.super.text("edge_ca.auto_renew.threshold"))
	}
	f := ready.Fact[ready.CertFile]{}
	if file != "" {
		f = g.certFile(file, key)
	}
	if f.Known() && (ca.Kind == ready.CAFile || len(f.Value.Certs) > 0) {
		ca.File = f.Value
		if ca.Kind != ready.CAFile {
			ca.File.Blocked = nil // certd made it itself
		}
		return ready.Seen(ca, file)
	}
	if len(chain) > 1 {
		ca.BySight, ca.File = true, ready.CertFile{Certs: describe(chain[1:])}
		if c := ca.File.Certs[0]; ca.Kind == ready.CAUnknown && c.SelfSigned &&
			strings.HasPrefix(c.CommonName, "aziot-edge CA") {
			ca.Kind, ca.AutoRenew = ready.CAQuickstart, true
		}
		return ready.Seen(ca, g.facts.Certs.HubLeaf.Source)
	}
	if f.Known() || ca.Kind != ready.CAUnknown {
		switch {
		case f.Looked() && !f.Known():
			ca.Needs = f.Needs
		case f.Value.Missing:
			ca.Needs = "the device to be provisioned: certd has made no Edge CA yet"
		}
		return ready.Seen(ca, source)
	}
	if !g.live {
		return ready.Unseen[ready.EdgeCA](source, "the files of certd below /var/lib/aziot and /etc/aziot")
	}
	return ready.Unseen[ready.EdgeCA](source, "root, or edgeHub running with a published port")
}

// edgeCAKind goes by what certd has, else by config.toml.
func (g *gatherer) edgeCAKind() (ca ready.EdgeCA, file, key, source string) {
	certd, made := g.config.merge["certd"], g.config.made["certd"]
	super := g.config.super
	if made.err == nil || isMissing(made.err) && len(certd) > 0 {
		source = path.Clean(made.path)
		if uri, ok := certd["preloaded_certs."+edgeCAID]; ok {
			key = g.config.merge["keyd"]["preloaded_keys."+edgeCAID]
			return ready.EdgeCA{
					Kind: ready.CAFile,
				}, strings.TrimPrefix(
					uri,
					"file://",
				), strings.TrimPrefix(
					key,
					"file://",
				), source
		}
		file = device.CertdFile(edgeCAID)
		switch certd["cert_issuance."+edgeCAID+".method"] {
		case selfSigned:
			return ready.EdgeCA{Kind: ready.CAQuickstart, AutoRenew: g.renews()}, file, "", source
		case "est":
			return ready.EdgeCA{Kind: ready.CAEST, AutoRenew: g.renews()}, file, "", source
		case "local_ca":
			return ready.EdgeCA{Kind: ready.CALocal, AutoRenew: g.renews()}, file, "", source
		}
	}
	source = super.path
	if super.err != nil {
		return ready.EdgeCA{Kind: ready.CAUnknown}, "", "", source
	}
	if uri := super.text("edge_ca.cert"); uri != "" {
		return ready.EdgeCA{
				Kind: ready.CAFile,
			}, strings.TrimPrefix(
				uri,
				"file://",
			), strings.TrimPrefix(
				super.text("edge_ca.pk"),
				"file://",
			), super.at(
				"edge_ca.cert",
			)
	}
	kind := ready.CAQuickstart
	switch super.text("edge_ca.method") {
	case "est":
		kind = ready.CAEST
	case "local_ca":
		kind = ready.CALocal
	}
	return ready.EdgeCA{Kind: kind, AutoRenew: g.renews()}, device.CertdFile(edgeCAID), "", source
}

// renews tells whether this release renews the Edge CA by itself: those up to 1.2 need a
// restart.
func (g *gatherer) renews() bool {
	v := g.facts.Runtime.Version.Value
	return !strings.HasPrefix(v, "1.0.") && !strings.HasPrefix(v, "1.1.") && !strings.HasPrefix(v, "1.2.")
}

// threshold reads when a certificate is renewed; what cannot be read is the default's, and
// judged by another rule.
func threshold(text string) ready.Threshold {
	m := renewal().FindStringSubmatch(text)
	if m == nil {
		return ready.Threshold{}
	}
	n, err := strconv.Atoi(m[1])
	switch {
	case err != nil || n > maxThreshold:
	case m[2] == "%" && n < 100:
		return ready.Threshold{Percent: n}
	case m[2] == "min":
		return ready.Threshold{Before: time.Duration(n) * time.Minute}
	case m[2] == "day":
		return ready.Threshold{Before: time.Duration(n) * 24 * time.Hour}
	}
	return ready.Threshold{}
}

// maxThreshold keeps times from running over, in days or minutes.
const maxThreshold = 100_000
