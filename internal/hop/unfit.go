package hop

import (
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"

	"edgenet/internal/neterr"
	"edgenet/report"
)

// A chain that no client accepts although a CA by its issuer's name is in the store: whoever is told
// to install that CA installs what is there already.

// standing is how a chain that does not verify stands to a pool's roots: the first certificate
// of the chain whose issuer's name one of them has, and that CA. A CA that signed it comes before
// one that only has the name.
func standing(roots, chain []*x509.Certificate) (c, ca *x509.Certificate) {
	for _, x := range chain {
		if selfSigned(x) {
			continue // names nobody but itself
		}
		for _, root := range roots {
			if string(root.RawSubject) != string(x.RawIssuer) {
				continue
			}
			if signedBy(x, root) {
				return x, root
			}
			if c == nil {
				c, ca = x, root
			}
		}
	}
	return c, ca
}

// signedBy tells whether a key signed a certificate, whatever its owner may sign.
func signedBy(c, ca *x509.Certificate) bool {
	return ca.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil
}

// unfit reads a chain that leads to one of these roots, and that verification refuses with err all the
// same; false where there is no such CA.
func unfit(roots, chain []*x509.Certificate, err error, now time.Time) (opinion, bool) {
	c, ca := standing(roots, chain)
	if c == nil || weakSignature(chain) != nil { // which is a matter of its own
		return opinion{}, false
	}
	o := opinion{flaw: flawUnfit, root: ca.Subject.String()}
	switch {
	case !signedBy(c, ca):
		var known x509.UnknownAuthorityError
		if !errors.As(err, &known) || !forged(c.CheckSignatureFrom(ca)) {
			return opinion{}, false
		}
		return opinion{flaw: flawUntrusted, renewed: ca.Subject.String(), reason: "issued by " + issuerName(c) +
			", and the CA of that name that is installed here has another key"}, true
	case now.After(ca.NotAfter):
		return opinion{flaw: flawExpired, root: o.root, ends: ca.NotAfter, reason: "the CA that is installed here, " +
			o.root + ", expired on " + stamp(ca.NotAfter)}, true
	case ca.Version == 3 && !ca.BasicConstraintsValid && ca.KeyUsage&x509.KeyUsageCertSign != 0:
		o.reason = "the CA that signed it has no basicConstraints"
		o.weak = &report.Weakness{What: o.reason, Certificate: subject(ca), OpenSSL: true}
	default:
		o.reason, o.unfit = refusedFor(err), true
	}
	return o, true
}

// refusedFor says what of a chain is refused whose signatures are right. OpenSSL and this program
// follow the same rules here (RFC 5280, section 6.1).
func refusedFor(err error) string {
	var invalid x509.CertificateInvalidError
	if errors.As(err, &invalid) {
		switch number := invalid.Reason; number {
		case x509.IncompatibleUsage, x509.CANotAuthorizedForExtKeyUsage:
			return "it is not meant for servers: its extended key usage, or that of a CA above it, lacks serverAuth (" +
				neterr.Text(err) + ")"
		case x509.CANotAuthorizedForThisName:
			return "a CA above it may not sign for this name (name constraints)"
		case x509.TooManyIntermediates:
			return "more CAs stand between it and its root than a CA above it allows (path length)"
		case x509.NotAuthorizedToSign:
			return "it is signed by a certificate that is no CA's"
		}
	}
	var critical x509.UnhandledCriticalExtension
	if errors.As(err, &critical) {
		return "it, or a CA above it, has a critical extension that is not known"
	}
	return "it is refused: " + neterr.Text(err)
}

// rooted gives the first of the ways to a trusted certificate that ends at a root, as OpenSSL and
// .NET want it; the first of all where none does. Verification ends at the first certificate of the
// pool, and they look for what stands above it in the pool as well.
func (p *pool) rooted(found [][]*x509.Certificate) []*x509.Certificate {
	for i, path := range found {
		for range maxAbove {
			last := path[len(path)-1]
			if selfSigned(last) {
				return path
			}
			_, listed := p.named([]*x509.Certificate{last})
			at := slices.IndexFunc(listed, func(root *x509.Certificate) bool {
				return string(root.RawSubject) == string(last.RawIssuer) && last.CheckSignatureFrom(root) == nil
			})
			if at < 0 {
				break
			}
			path = append(path[:len(path):len(path)], listed[at])
		}
		found[i] = path
	}
	return found[0]
}

// maxAbove bounds how many CAs of a store stand above each other.
const maxAbove = 8

// halfway finds that a store has a certificate from the middle of a chain alone: this program and
// curl end there, and OpenSSL and .NET look for the root above it (X509_V_FLAG_PARTIAL_CHAIN is not
// their default).
func halfway(o opinion) *report.Weakness {
	last := o.path[len(o.path)-1]
	if selfSigned(last) || o.unlisted {
		return nil
	}
	return &report.Weakness{What: fmt.Sprintf("the store has it, and not the root above it (%s)", issuerName(last)),
		Certificate: subject(last), Here: true, Halfway: true}
}
