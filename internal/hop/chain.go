package hop

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"

	"edgenet/report"
)

func issuerName(c *x509.Certificate) string {
	if c.Issuer.CommonName != "" {
		if len(c.Issuer.Organization) > 0 {
			return c.Issuer.CommonName + ", " + c.Issuer.Organization[0]
		}
		return c.Issuer.CommonName
	}
	return c.Issuer.String()
}

func firstOf(s []string, n int) []string {
	if len(s) > n {
		return append(append([]string(nil), s[:n]...), "…")
	}
	return s
}

func leafNames(c *x509.Certificate) []string {
	var out []string
	for _, n := range firstOf(c.DNSNames, 16) {
		out = append(out, report.Clean(n, 100))
	}
	for _, ip := range c.IPAddresses {
		out = append(out, ip.String())
	}
	if len(out) == 0 && c.Subject.CommonName != "" {
		out = append(out, report.Clean(c.Subject.CommonName, 100))
	}
	return firstOf(out, 16)
}

func describeChain(chain []*x509.Certificate) []report.Certificate {
	var out []report.Certificate
	for i, c := range chain {
		if i == 10 {
			break
		}
		sum := sha256.Sum256(c.Raw)
		out = append(out, report.Certificate{Subject: report.Clean(c.Subject.String(), 200),
			Issuer:    report.Clean(c.Issuer.String(), 200),
			NotBefore: c.NotBefore.UTC(), NotAfter: c.NotAfter.UTC(), SHA256: hex.EncodeToString(sum[:])})
	}
	return out
}
