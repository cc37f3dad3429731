package gather

import (
	"maps"
	"slices"
	"strings"

	"edgenet/internal/device"
	"edgenet/internal/ready"
	"edgenet/report"
)

// estTable is where config.toml has the credentials for an EST server.
const estTable = "cert_issuance.est."

// est reads the certificates that the device shows an EST server: those that config.toml
// names, and the one that certd got with the bootstrap certificate.
func (g *gatherer) est() ready.Fact[[]ready.CertFile] {
	t := g.config.super
	switch {
	case t.err != nil && !isMissing(t.err) && !g.device.Old:
		return ready.Unseen[[]ready.CertFile](t.path, t.needs())
	case t.err != nil:
		return ready.Fact[[]ready.CertFile]{}
	}
	var list []ready.CertFile
	for _, name := range []string{"identity", "bootstrap_identity"} {
		at := estTable + "auth." + name
		f := g.named(at+"_cert", at+"_pk")
		if f.Looked() && !f.Known() {
			return ready.Unseen[[]ready.CertFile](f.Source, f.Needs)
		}
		if f.Known() {
			list = append(list, f.Value)
		}
	}
	if t.text(estTable+"auth.bootstrap_identity_cert") != "" && t.text(estTable+"auth.identity_cert") == "" {
		f := g.certFile(device.CertdFile("est-id"), "")
		if f.Looked() && !f.Known() {
			return ready.Unseen[[]ready.CertFile](f.Source, f.Needs)
		}
		f.Value.Threshold = threshold(t.text(estTable + "identity_auto_renew.threshold"))
		if f.Value.Renews = t.get(estTable+"identity_auto_renew") != nil; !f.Value.Missing {
			list = append(list, f.Value)
		}
	}
	if list == nil {
		return ready.Fact[[]ready.CertFile]{}
	}
	return ready.Seen(list, t.at("cert_issuance.est"))
}

// estServers are the URLs of EST servers, of all certificates and of single ones.
func (g *gatherer) estServers() ready.Fact[[]string] {
	all, source := flat(g.config.super.all), g.config.super.path
	if g.config.super.err != nil {
		all, source = g.config.merge["certd"], "/etc/aziot/certd"
	}
	var out []string
	for _, k := range slices.Sorted(maps.Keys(all)) {
		single := k == "edge_ca.url" || strings.HasSuffix(k, ".identity_cert.url") ||
			strings.HasPrefix(k, "cert_issuance.") && strings.HasSuffix(k, ".url")
		if (single || strings.HasPrefix(k, estTable+"urls.")) && !slices.Contains(out, all[k]) {
			out = append(out, report.Clean(all[k], 200))
		}
	}
	if out == nil {
		return ready.Fact[[]string]{}
	}
	return ready.Seen(out, source)
}
