package hop

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"net"
	"strings"

	"edgenet/report"
)

// The least that OpenSSL accepts at its default level 2 (SSL_CTX_set_security_level(3)): 112
// bits of security, which RSA of 2048 bits, a curve of 224 and SHA-224 have.
const (
	leastRSA   = 2048
	leastCurve = 224
)

// weakness is what the two sets of rules do not agree about, or both refuse though the CA
// is installed; nil where there is nothing of the kind.
func (t *Trust) weakness(c Consumer, op opinion, chain []*x509.Certificate, name string) *report.Weakness {
	switch op.flaw {
	case flawNone:
		if w := halfway(op); w != nil {
			return w
		}
		return weakKey(op.path)
	case flawName: // OpenSSL looks into the CN where no subjectAltName is a DNS name, and never for an address
		if leaf := chain[0]; len(leaf.DNSNames) == 0 && net.ParseIP(name) == nil &&
			sameName(leaf.Subject.CommonName, name) {
			return &report.Weakness{What: "its name stands in the subject's CN alone, and in no subjectAltName",
				Certificate: subject(leaf), OpenSSL: true}
		}
	case flawUnfit:
		return op.weak
	case flawUntrusted:
		w := weakSignature(chain)
		if w != nil && t.knowsIssuer(c, chain) {
			return w
		}
	}
	return nil
}

// weakKey finds a key that this program accepts and OpenSSL does not, from the leaf to the root.
func weakKey(path []*x509.Certificate) *report.Weakness {
	for _, c := range path {
		switch k := c.PublicKey.(type) {
		case *rsa.PublicKey:
			if n := k.N.BitLen(); n < leastRSA {
				return &report.Weakness{What: fmt.Sprintf("its RSA key has %d bits, and OpenSSL's default level "+
					"wants %d", n, leastRSA), Certificate: subject(c), Here: true}
			}
		case *ecdsa.PublicKey:
			if n := k.Params().BitSize; n < leastCurve {
				return &report.Weakness{What: fmt.Sprintf("its key is on a curve of %d bits, and OpenSSL's default "+
					"level wants %d", n, leastCurve), Certificate: subject(c), Here: true}
			}
		}
	}
	return nil
}

// weakSignature finds what neither accepts: a signature by SHA-1 or MD5 below the root, an
// RSA key of less than 1024 bits.
func weakSignature(chain []*x509.Certificate) *report.Weakness {
	for _, c := range chain {
		switch c.SignatureAlgorithm {
		case x509.SHA1WithRSA, x509.ECDSAWithSHA1, x509.DSAWithSHA1, x509.MD5WithRSA, x509.MD2WithRSA:
			if !selfSigned(c) {
				return &report.Weakness{What: fmt.Sprintf("it is signed with %s", c.SignatureAlgorithm),
					Certificate: subject(c)}
			}
		}
		if k, ok := c.PublicKey.(*rsa.PublicKey); ok && k.N.BitLen() < 1024 {
			return &report.Weakness{What: fmt.Sprintf("its RSA key has %d bits", k.N.BitLen()), Certificate: subject(c)}
		}
	}
	return nil
}

// knowsIssuer tells whether the pools of a consumer have a root by the name of an issuer in
// the chain: its signature cannot be checked, as its hash is not accepted.
func (t *Trust) knowsIssuer(c Consumer, chain []*x509.Certificate) bool {
	var pools []*pool
	for _, n := range t.pools(c) {
		switch n {
		case PoolPublic:
			pools = append(pools, t.public)
		case PoolBundle:
			pools = append(pools, t.bundle)
		case PoolOS:
			if t.os != nil {
				pools = append(pools, t.os)
			}
			if t.host != nil {
				pools = append(pools, t.host.everything())
			}
		}
	}
	for _, p := range pools {
		for _, x := range chain {
			if p.has(x.RawIssuer) {
				return true
			}
		}
	}
	return false
}

func subject(c *x509.Certificate) string { return report.Clean(c.Subject.String(), 200) }

// sameName compares a CN with a host's name, as RFC 6125 does: a wildcard stands for one label.
func sameName(cn, host string) bool {
	cn, host = strings.ToLower(cn), strings.ToLower(strings.TrimSuffix(host, "."))
	if rest, wild := strings.CutPrefix(cn, "*."); wild {
		_, parent, ok := strings.Cut(host, ".")
		return ok && rest == parent && strings.Contains(rest, ".")
	}
	return cn == host
}

// weakFault words it: who would accept the certificate, and who would not.
func weakFault(w *report.Weakness, d *report.TLSDetail) Fault {
	d.Weak, d.Reason = w, report.Clean(w.What, 300)
	who := "neither OpenSSL, which the daemon and the containers use, nor this program accepts it, though its CA is " +
		"installed"
	switch {
	case w.OpenSSL:
		who = "OpenSSL, which the daemon and the containers use, accepts it, and newer programs, this one among " +
			"them, do not"
	case w.Here:
		who = "this program accepts it, and OpenSSL, which the daemon and the containers use, does not"
	}
	if w.Halfway {
		who += " without the root"
	}
	return Fault{Cause: report.TLSWeak, Summary: fmt.Sprintf("a certificate of %s (%s) is not accepted by all: %s; %s",
		d.ServerName, w.Certificate, w.What, who)}
}
