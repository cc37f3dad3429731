package gather

import (
	"crypto/x509"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"edgenet/internal/device"
	"edgenet/internal/ready"
	"edgenet/report"
)

// trustBundle reads the roots that the device's modules are given: the file that config.toml
// names, else what certd has under the id that edged was told. It gives the text beside it.
func (g *gatherer) trustBundle() (ready.Fact[ready.CertFile], []byte) {
	for _, place := range []device.Place{device.ConfigTOML, device.ConfigD, device.ConfigYAML} {
		s, ok := g.device.At(place, device.TrustBundle)
		if !ok || s.Value.Reveal() == "" {
			continue
		}
		text, err := g.device.ReadTrustBundle(s)
		if name, file := strings.CutPrefix(s.Value.Reveal(), "file://"); file {
			return g.certFile(name, ""), text
		}
		return g.certdBundle(s, text, err), text
	}
	if t := g.config.super; t.err != nil && !isMissing(t.err) && !g.device.Old {
		return ready.Unseen[ready.CertFile](t.path, t.needs()), nil
	}
	return ready.Fact[ready.CertFile]{}, nil // the device has none
}

// certdBundle is a list of certd's without the Edge CA, which is in it on every device and
// is judged on its own.
func (g *gatherer) certdBundle(s device.Setting, text []byte, err error) ready.Fact[ready.CertFile] {
	source := report.Clean(s.Where(), 200)
	f := ready.CertFile{Path: source, User: certUser}
	switch {
	case errors.Is(err, fs.ErrNotExist): // certd has not made it yet
		return ready.Fact[ready.CertFile]{}
	case errors.Is(err, fs.ErrPermission):
		return ready.Unseen[ready.CertFile](source, "root, to read certd's files")
	case err != nil:
		f.Broken = err.Error()
		return ready.Seen(f, source)
	}
	list, err := parseCerts(text)
	if err != nil {
		f.Broken = err.Error()
		return ready.Seen(f, source)
	}
	edge := g.edgeCAText()
	list = slices.DeleteFunc(list, func(c *x509.Certificate) bool {
		return slices.ContainsFunc(edge, c.Equal)
	})
	if len(list) == 0 {
		return ready.Fact[ready.CertFile]{}
	}
	f.Certs = describe(list)
	return ready.Seen(f, source)
}

// edgeCAText are the certificates of the Edge CA's file.
func (g *gatherer) edgeCAText() []*x509.Certificate {
	text, err := g.device.ReadFile(g.facts.Certs.EdgeCA.Value.File.Path)
	if err != nil {
		return nil
	}
	list, _ := parseCerts(text) // a broken one equals nothing
	return list
}

// trust verifies what edgeHub shows by the trust bundle and the Edge CA, which is part of
// it; without a bundle of the administrator's there is nothing to verify by.
func (g *gatherer) trust(chain []*x509.Certificate, bundle []byte) {
	leaf, known := &g.facts.Certs.HubLeaf, g.facts.Certs.TrustBundle
	if !leaf.Known() || len(chain) == 0 || !known.Known() || len(known.Value.Certs) == 0 {
		return
	}
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	roots.AppendCertsFromPEM(bundle)
	for _, c := range g.edgeCAText() {
		roots.AddCert(c)
	}
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	_, err := chain[0].Verify(
		x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: chain[0].NotBefore.Add(1)},
	)
	fine := err == nil
	leaf.Value.Trusted = &fine
}
