package hop

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"slices"
	"sync"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// pool is a pool of roots. Most of them are known by their subject alone and parsed when a chain
// names them: to parse all that a host and the browsers trust costs more than all the rest of a run.
type pool struct {
	whole *x509.CertPool           // the system's own, which cannot be listed; nil for any other pool
	roots []*x509.Certificate      // those that were given, in whole too
	later map[string][]bundle.Root // by the DER of their subject
	order []bundle.Root            // later, in the order in which they came

	once   sync.Once
	listed []*x509.Certificate // later, parsed, those without a constraint
}

func (p *pool) add(c *x509.Certificate) {
	p.roots = append(p.roots, c)
	if p.whole != nil {
		p.whole.AddCert(c)
	}
}

// addLater takes a root that is parsed later, and tells whether it looks like a certificate.
func (p *pool) addLater(root bundle.Root) bool {
	subject := subjectOf(root.Certificate)
	if subject == nil {
		return false
	}
	if p.later == nil {
		p.later = map[string][]bundle.Root{}
	}
	p.later[string(subject)] = append(p.later[string(subject)], root)
	p.order = append(p.order, root)
	return true
}

// addFile adds the certificates of a file, the blocks that AppendCertsFromPEM takes, and tells
// whether there are any.
func (p *pool) addFile(text []byte) (some bool) {
	for {
		der, rest, ok := plainBlock(text)
		if !ok {
			var block *pem.Block
			if block, rest = pem.Decode(text); block == nil {
				return some
			}
			if block.Type == "CERTIFICATE" && len(block.Headers) == 0 {
				der = block.Bytes
			}
		}
		text, some = rest, p.addLater(bundle.Root{Certificate: der}) || some
	}
}

// plainBlock reads the certificate at the beginning of a text where it is written as in nearly every
// file, in half of the time that encoding/pem takes, which has to do with any form.
func plainBlock(text []byte) (der, rest []byte, ok bool) {
	body, ok := bytes.CutPrefix(text, []byte("-----BEGIN CERTIFICATE-----\n"))
	if !ok {
		return nil, nil, false
	}
	if body, rest, ok = bytes.Cut(body, []byte("\n-----END CERTIFICATE-----\n")); !ok {
		return nil, nil, false
	}
	der, err := base64.StdEncoding.AppendDecode(nil, body) // a header, or another end before it, is not base64
	if err != nil {
		return nil, nil, false
	}
	return der, rest, true
}

// named gives the roots that a chain can lead to, as what verifies takes them and one by one, so far
// as they can be listed. crypto/x509 looks for a root by the name of an issuer alone, and for the
// leaf itself, so that those of other names change nothing.
func (p *pool) named(chain []*x509.Certificate) (*x509.CertPool, []*x509.Certificate) {
	if p.whole != nil {
		return p.whole, p.roots
	}
	pool, listed := x509.NewCertPool(), slices.Clone(p.roots)
	for _, c := range p.roots {
		pool.AddCert(c)
	}
	names := []string{string(chain[0].RawSubject)}
	for _, c := range chain {
		if issuer := string(c.RawIssuer); !slices.Contains(names, issuer) {
			names = append(names, issuer)
		}
	}
	for _, name := range names {
		for _, root := range p.later[name] {
			c, err := x509.ParseCertificate(root.Certificate)
			switch {
			case err != nil: // a root that this Go version cannot parse verifies nothing
			case root.Constraint != nil:
				pool.AddCertWithConstraint(c, root.Constraint)
			default:
				pool.AddCert(c)
				listed = append(listed, c)
			}
		}
	}
	return pool, listed
}

// has tells whether there is a root with this subject.
func (p *pool) has(subject []byte) bool {
	if p.whole != nil {
		//lint:ignore SA1019 complete on Linux; elsewhere the answer is only more careful
		for _, s := range p.whole.Subjects() {
			if bytes.Equal(s, subject) {
				return true
			}
		}
	}
	return len(p.later[string(subject)]) > 0 ||
		slices.ContainsFunc(p.roots, func(c *x509.Certificate) bool { return bytes.Equal(c.RawSubject, subject) })
}

// all parses the roots that have no constraint, those that can be listed.
func (p *pool) all() []*x509.Certificate {
	p.once.Do(func() {
		for _, root := range p.order {
			if c, err := x509.ParseCertificate(root.Certificate); err == nil && root.Constraint == nil {
				p.listed = append(p.listed, c)
			}
		}
	})
	return slices.Concat(p.listed, p.roots)
}

// subjectOf finds a certificate's subject, with its tag and length: what is signed begins with
// version, serial number, algorithm, issuer, validity and subject, and only the version may be
// missing (RFC 5280, 4.1). nil where that is not so.
func subjectOf(der []byte) []byte {
	_, inner, _ := element(der) // Certificate
	_, inner, _ = element(inner)
	before := 4
	if bytes.HasPrefix(inner, []byte{0xa0}) {
		before++
	}
	for range before {
		_, _, inner = element(inner)
	}
	subject, _, _ := element(inner)
	return subject
}

// element takes the first element off DER: whole, what is in it, and what follows; nothing where
// there is none. A length of more than three bytes is no certificate's.
func element(der []byte) (whole, inner, rest []byte) {
	if len(der) < 2 {
		return nil, nil, nil
	}
	start, size := 2, int(der[1])
	if size >= 0x80 {
		more := size - 0x80
		if start, size = start+more, 0; more > 3 || len(der) < start {
			return nil, nil, nil
		}
		for _, b := range der[2:start] {
			size = size<<8 | int(b)
		}
	}
	if len(der)-start < size {
		return nil, nil, nil
	}
	return der[:start+size], der[start : start+size], der[start+size:]
}
