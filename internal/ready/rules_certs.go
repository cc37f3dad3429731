package ready

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"edgenet/internal/sorting"
	"edgenet/report"
)

// How long before its end a certificate that nobody renews is named.
const (
	certSoon = 30 * 24 * time.Hour // a warning
	certNow  = 7 * 24 * time.Hour  // an error, as today's checks have it
)

func certRules() []Rule {
	const install = "Install an Edge CA certificate of your own, or let EST or a local CA issue one ([edge_ca] in " +
		"/etc/aziot/config.toml), then iotedge config apply."
	return []Rule{
		{
			ID:       "cert.edge-ca",
			Group:    GroupDevice,
			Severity: "error when expired or a demo, warning for quickstart, soon to end or overdue",
			Actor:    report.ActorHost,
			Looks:    "the Edge CA certificate, in its file or in the chain that edgeHub shows",
			Holds:    "it is your own, valid, renewed in time, able to sign, and named otherwise than the device",
			Remedy:   install,
			Replaces: []string{"certs-preloaded", "certs-match-private-keys", "key-pairs-read",
				"local-ca-certificate-expiry"},
			Source: "production checklist: install production certificates",
			judge:  certEdgeCA,
		},
		{ID: "cert.demo", Group: GroupSecurity, Severity: "error", Actor: report.ActorHost,
			Looks: "the names of all certificates", Holds: "none was made by the documentation's test scripts",
			Remedy: install, Source: "certGen.sh of Azure/iotedge: everybody has that script", judge: certDemo},
		{
			ID:       "cert.identity",
			Group:    GroupDevice,
			Severity: "error when expired or not readable, warning soon before",
			Actor:    report.ActorCredentials,
			Looks:    "the device's identity certificate, every one of its file",
			Holds:    "valid, its key fits, and the identity service may read it",
			Remedy:   "Issue a new identity certificate, put it in place, and run iotedge config apply.",
			Replaces: []string{"identity-certificate-expiry"},
			Source:   "certd's settings",
			judge:    func(f *Facts) []Row { return certFile(f, f.Certs.Identity, "the identity certificate") },
		},
		estRule(),
		{ID: "cert.trust-bundle", Group: GroupDevice, Severity: "error when expired", Actor: report.ActorHost,
			Looks: "every certificate of the trust bundle", Holds: "none is expired",
			Remedy: "Replace the trust bundle (trust_bundle_cert in /etc/aziot/config.toml), then iotedge config " +
				"apply.",
			Replaces: []string{
				"certs-read",
			}, Source: "only the first one is looked at by today's check",
			judge: func(f *Facts) []Row { return certFile(f, f.Certs.TrustBundle, "the trust bundle") }},
		{
			ID:       "cert.hub-leaf",
			Group:    GroupHub,
			Severity: "error when expired or for another name",
			Actor:    report.ActorHost,
			Looks:    "the certificate that edgeHub shows",
			Holds:    "valid, for the configured hostname, and leading to the trust bundle",
			Remedy: "Restart edgeHub (iotedge restart edgeHub): it asks for a new certificate at its start. If the " +
				"name differs, clients have to use the hostname of config.toml.",
			Source: "edgeHub's leaf lives 30 days and is renewed by a restart of edgeHub",
			judge:  certHubLeaf,
		},
	}
}

func certEdgeCA(f *Facts) []Row {
	ca := f.Certs.EdgeCA
	if rows := unseen(ca, "the Edge CA certificate"); rows != nil {
		return rows
	}
	x := ca.Value
	if rows := certAbsent(x.File, ca.Source, "the Edge CA certificate"); rows != nil && x.Kind == CAFile {
		return rows
	}
	if len(x.File.Certs) == 0 {
		return edgeCAUnseen(x, ca.Source)
	}
	c := x.File.Certs[0]
	how := renewsNever
	switch {
	case x.AutoRenew:
		how = renewal{itself: true, at: x.Threshold}
	case x.Kind == CAUnknown:
		how = renewsUnknown
	}
	rows := certTime(f, c, "the Edge CA", ca.Source, how)
	if x.Kind == CAQuickstart {
		rows = append(rows, quickstart(ca.Source)...)
	}
	rows = append(rows, edgeCAFit(x.File, f.Config.Hostname.Value, ca.Source)...)
	rows = append(rows, certPaths(x.File, ca.Source)...)
	for i, other := range x.File.Certs[1:] {
		rows = append(
			rows,
			worse(
				certTime(f, other, fmt.Sprintf("certificate %d of the Edge CA's chain", i+2), ca.Source, renewsNever),
			)...)
	}
	return tidy(append(rows, localCA(f)...))
}

// localCA is what issues the Edge CA where the device has an authority of its own.
func localCA(f *Facts) []Row {
	if !f.Certs.LocalCA.Looked() {
		return nil
	}
	return worse(certFile(f, f.Certs.LocalCA, "the local CA, which issues certificates here,"))
}

// edgeCAUnseen answers where no certificate of the Edge CA was seen.
func edgeCAUnseen(x EdgeCA, source string) []Row {
	rows := []Row{{Status: Unknown, Source: source, Needs: cmp.Or(x.Needs, "root, or edgeHub running"),
		Summary: "when the Edge CA certificate ends was not seen"}}
	if x.Kind == CAQuickstart {
		rows = append(rows, quickstart(source)...)
	}
	return rows
}

// edgeCAFit names what keeps a certificate from being an Edge CA.
func edgeCAFit(file CertFile, hostname, source string) []Row {
	c := file.Certs[0]
	var rows []Row
	if c.CommonName != "" && strings.EqualFold(c.CommonName, hostname) {
		rows = append(
			rows,
			one(
				Error,
				source,
				"the Edge CA's common name is the device's hostname %s: clients cannot build a chain",
				report.Clean(c.CommonName, 80),
			)...)
	}
	if !c.IsCA || !c.CanSign {
		rows = append(
			rows,
			one(
				Error,
				source,
				"the certificate set as Edge CA may not sign others (basic constraints or key usage)",
			)...)
	}
	if no(file.KeyMatch) {
		rows = append(rows, one(Error, source, "the private key does not belong to the Edge CA certificate")...)
	}
	return rows
}

func quickstart(source string) []Row {
	return one(
		Warning,
		source,
		"the Edge CA is the quickstart's, made by the device itself: nobody outside can trust it, and it is not "+
			"meant for production",
	)
}

// certAbsent answers for a file that is not there, or holds no certificate.
func certAbsent(c CertFile, source, what string) []Row {
	switch {
	case c.Missing:
		return one(Error, source, "%s is not there: %s", what, report.Clean(c.Path, 200))
	case c.Broken != "":
		return one(Error, source, "%s cannot be used: %s", what, report.Clean(c.Broken, 200))
	}
	return nil
}

// certPaths names what the service's user cannot read.
func certPaths(c CertFile, source string) []Row {
	if len(c.Blocked) == 0 {
		return nil
	}
	r := one(Error, source, "%s cannot read %s", c.User, strings.Join(c.Blocked, ", "))
	r[0].Remedy = fmt.Sprintf("Let the user %s read the files and enter their directories.", c.User)
	return r
}

// certFile judges every certificate of a file.
func certFile(f *Facts, c Fact[CertFile], what string) []Row {
	if rows := unseen(c, what); rows != nil {
		return rows
	}
	if rows := certAbsent(c.Value, c.Source, what); rows != nil {
		return tidy(append(rows, certPaths(c.Value, c.Source)...))
	}
	how := renewsNever
	if c.Value.Renews {
		how = renewal{itself: true, at: c.Value.Threshold}
	}
	var rows []Row
	for i, x := range c.Value.Certs {
		name := what
		if len(c.Value.Certs) > 1 {
			name = fmt.Sprintf("%s, certificate %d (%s)", what, i+1, report.Clean(x.CommonName, 60))
		}
		rows = append(rows, certTime(f, x, name, c.Source, how)...)
	}
	if no(c.Value.KeyMatch) {
		rows = append(rows, one(Error, c.Source, "the private key does not belong to %s", what)...)
	}
	return tidy(append(rows, certPaths(c.Value, c.Source)...))
}

func certHubLeaf(f *Facts) []Row {
	l := f.Certs.HubLeaf
	if rows := unseen(l, "the certificate that edgeHub shows"); rows != nil {
		return rows
	}
	if len(l.Value.Chain) == 0 {
		return nil
	}
	leaf, host := l.Value.Chain[0], f.Config.Hostname.Value
	rows := leafTime(f, leaf, l.Source)
	fits := slices.ContainsFunc(
		append([]string{leaf.CommonName}, leaf.Names...),
		func(n string) bool { return strings.EqualFold(n, host) },
	)
	if host != "" && !fits {
		r := one(
			Error,
			l.Source,
			"edgeHub's certificate is for %s, and the device's hostname is %s",
			report.Clean(strings.Join(leaf.Names, ", "), 120),
			report.Clean(host, 80),
		)
		rows = append(rows, r...)
	}
	if no(l.Value.Trusted) {
		rows = append(
			rows,
			one(
				Error,
				l.Source,
				"edgeHub's certificate does not lead to the device's trust bundle: downstream devices refuse it",
			)...)
	}
	return tidy(rows)
}

// leafTime judges the leaf's end: edgeHub starts anew two and a half minutes before it to
// get another one, so that nothing is overdue until then.
func leafTime(f *Facts, c Cert, source string) []Row {
	rows := certTime(f, c, "edgeHub's certificate", source, renewsItself)
	if rows[0].Status == Warning {
		rows[0].Status = OK
		rows[0].Summary = fmt.Sprintf(
			"edgeHub's certificate ends on %s: edgeHub starts anew shortly before to get another one",
			c.NotAfter.UTC().Format("2006-01-02 15:04 UTC"),
		)
	}
	return rows
}

// worse keeps the rows that ask for something.
func worse(rows []Row) []Row {
	return slices.DeleteFunc(rows, func(r Row) bool { return r.bad() == 0 })
}

// tidy leaves out what is fine where something is not, and puts the worst first.
func tidy(rows []Row) []Row {
	if bad := worse(slices.Clone(rows)); len(bad) > 0 {
		rows = bad
	}
	sorting.By(rows, func(x, y Row) int { return y.bad() - x.bad() })
	return rows
}
