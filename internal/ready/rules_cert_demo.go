package ready

import (
	"cmp"
	"fmt"

	"edgenet/report"
)

func certDemo(f *Facts) []Row {
	var all []Cert
	all = append(all, f.Certs.EdgeCA.Value.File.Certs...)
	all = append(all, f.Certs.Identity.Value.Certs...)
	all = append(all, f.Certs.TrustBundle.Value.Certs...)
	all = append(all, f.Certs.HubLeaf.Value.Chain...)
	for _, c := range f.Certs.EST.Value {
		all = append(all, c.Certs...)
	}
	if len(all) == 0 && !f.Live {
		return []Row{
			{
				Status:  Skipped,
				Source:  "certificates",
				Needs:   "files of certificates, or the running device",
				Summary: "no certificate was seen",
			},
		}
	}
	if len(all) == 0 {
		return []Row{
			{
				Status:  Unknown,
				Source:  "certificates",
				Needs:   cmp.Or(f.Certs.EdgeCA.Value.Needs, f.Certs.EdgeCA.Needs, "root, or edgeHub running"),
				Summary: "no certificate was seen",
			},
		}
	}
	for _, c := range all {
		for _, name := range []string{c.CommonName, c.IssuerCN} {
			if isDemo(name) {
				return one(
					Error,
					"certificates",
					"a certificate of the documentation's test scripts is in use: %s",
					report.Clean(name, 80),
				)
			}
		}
	}
	if source, needs := certUnread(f); source != "" {
		return []Row{{Status: Unknown, Source: source, Needs: needs, Summary: fmt.Sprintf(
			"none of the %d certificates that were seen is of the documentation's test scripts, and not all were seen",
			len(all))}}
	}
	return one(OK, "certificates", "none of %d certificates is of the documentation's test scripts", len(all))
}

// certUnread is a certificate that is there and was not seen: where, and what would be
// needed. What the daemon makes for itself is never of the test scripts.
func certUnread(f *Facts) (source, needs string) {
	c := f.Certs
	ca := c.EdgeCA.Value
	switch {
	case c.EdgeCA.Looked() && !c.EdgeCA.Known():
		return c.EdgeCA.Source, c.EdgeCA.Needs
	case ca.Needs != "" && len(ca.File.Certs) == 0 && ca.Kind != CAQuickstart:
		return c.EdgeCA.Source, ca.Needs
	case c.TrustBundle.Looked() && !c.TrustBundle.Known():
		return c.TrustBundle.Source, c.TrustBundle.Needs
	case c.Identity.Looked() && !c.Identity.Known():
		return c.Identity.Source, c.Identity.Needs
	}
	return "", ""
}
