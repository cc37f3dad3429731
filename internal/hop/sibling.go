package hop

import (
	"bytes"
	"crypto/x509"
	"slices"
)

// sibling is a private CA that this host or its containers were given, of the organization of the CA at which a chain
// ends that leads to no root; empty where there is none. Whoever has it has rolled out the organization's root, as a
// rule, and the chain lacks what stands between.
func (t *Trust) sibling(chain []*x509.Certificate) string {
	last := chain[len(chain)-1]
	if selfSigned(last) || len(last.Issuer.Organization) == 0 {
		return ""
	}
	who := last.Issuer.Organization[0]
	for _, c := range t.private() {
		if c.IsCA && slices.Contains(c.Subject.Organization, who) && !bytes.Equal(c.RawSubject, last.RawIssuer) {
			return c.Subject.String()
		}
	}
	return ""
}
