package ready

import (
	"slices"
	"strings"

	"edgenet/internal/secret"
	"edgenet/report"
)

func estRule() Rule {
	return Rule{
		ID: "cert.est", Group: GroupDevice, Severity: "as cert.identity; warning for a server without TLS",
		Actor:    report.ActorCredentials,
		Looks:    "certificates for EST, and the URLs of EST servers",
		Holds:    "valid, readable by the identity service, and shown by https alone",
		Remedy:   "Renew the EST certificate with whoever runs the EST server.",
		Replaces: []string{"est-identity-and-bootstrap-certificate-expiry", "est-server-https"},
		Source:   "certd's settings; est_server_https.rs of Azure/iot-identity-service",
		judge:    certEST,
	}
}

func certEST(f *Facts) []Row {
	e, servers := f.Certs.EST, estServers(f.Certs.ESTServers)
	if !e.Looked() && servers != nil {
		return tidy(servers)
	}
	if rows := unseen(e, "the certificates for EST"); rows != nil {
		return append(rows, worse(servers)...)
	}
	var rows []Row
	for _, c := range e.Value {
		rows = append(rows, certFile(f, Seen(c, e.Source), "the EST certificate "+c.Path)...)
	}
	return tidy(append(rows, servers...))
}

// estServers judges the URLs: what is asked without TLS can be read and answered by anybody
// on the way.
func estServers(urls Fact[[]string]) []Row {
	if !urls.Known() {
		return nil
	}
	var plain []string
	for _, u := range urls.Value {
		if !strings.HasPrefix(strings.ToLower(u), "https:") {
			plain = append(plain, secret.Show(u, 120))
		}
	}
	slices.Sort(plain)
	if plain == nil {
		return one(OK, urls.Source, "every EST server is asked by https")
	}
	r := one(Warning, urls.Source, "an EST server is asked without TLS: %s", strings.Join(plain, ", "))
	r[0].Remedy = "Write https:// for the EST server in config.toml, then iotedge config apply."
	return r
}
