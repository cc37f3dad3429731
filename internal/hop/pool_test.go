package hop

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"testing"
	"time"

	"golang.org/x/crypto/x509roots/fallback/bundle"

	"edgenet/internal/lab/pki"
)

// TestSubjectOf: the subject of every public root is found as crypto/x509 finds it, and in a part of
// one nothing is read beyond its end.
func TestSubjectOf(t *testing.T) {
	t.Parallel()
	n := 0
	for root := range bundle.Roots() {
		c, err := x509.ParseCertificate(root.Certificate)
		if err != nil {
			continue
		}
		n++
		if got := subjectOf(root.Certificate); !bytes.Equal(got, c.RawSubject) {
			t.Fatalf("%s: subject %x", c.Subject, got)
		}
		for end := range root.Certificate {
			if got := subjectOf(root.Certificate[:end:end]); got != nil {
				t.Fatalf("%s, %d bytes of it: subject %x", c.Subject, end, got)
			}
		}
	}
	if n < 100 {
		t.Errorf("%d roots", n)
	}
}

// TestPoolVerifies: a pool whose roots are parsed when they are named verifies what one with the same
// roots in full verifies.
func TestPoolVerifies(t *testing.T) {
	t.Parallel()
	authority := func(by *pki.Authority, name string) *pki.Authority {
		a, err := pki.NewAuthority(pkix.Name{CommonName: name})
		if by != nil {
			a, err = by.Intermediate(pkix.Name{CommonName: name})
		}
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	root := authority(nil, "Root")
	between, other, same := authority(root, "Between"), authority(nil, "Other"), authority(nil, "Root")
	cert, err := between.Issue(pki.Leaf{Names: []string{"h.test"}})
	if err != nil {
		t.Fatal(err)
	}
	leaf := cert.Leaf
	for name, roots := range map[string][]*x509.Certificate{
		"the root":                       {other.Certificate, root.Certificate},
		"another of its name beside it":  {same.Certificate, root.Certificate},
		"another of its name alone":      {same.Certificate},
		"what issued the leaf":           {between.Certificate},
		"the leaf itself":                {leaf},
		"others":                         {other.Certificate},
		"none":                           nil,
		"the root, another after it too": {root.Certificate, same.Certificate, other.Certificate},
	} {
		late, full := &pool{}, x509.NewCertPool()
		for _, c := range roots {
			late.addLater(bundle.Root{Certificate: c.Raw})
			full.AddCert(c)
		}
		both := []*x509.Certificate{leaf, between.Certificate}
		for _, chain := range [][]*x509.Certificate{both, both[:1], append(both[:2:2], root.Certificate)} {
			opts := x509.VerifyOptions{Roots: full, Intermediates: x509.NewCertPool(), CurrentTime: time.Now()}
			for _, c := range chain[1:] {
				opts.Intermediates.AddCert(c)
			}
			_, err := leaf.Verify(opts)
			if o := verify(late, chain, time.Now()); (o.flaw == flawNone) != (err == nil) {
				t.Errorf("%s, %d certificates shown: flaw %v (%s), in full %v", name, len(chain), o.flaw, o.reason, err)
			}
			for _, c := range chain {
				if late.has(c.RawIssuer) != named(roots, c.RawIssuer) {
					t.Errorf("%s: whether there is a root called as %s", name, c.Issuer)
				}
			}
		}
	}
}

func named(roots []*x509.Certificate, subject []byte) bool {
	for _, c := range roots {
		if bytes.Equal(c.RawSubject, subject) {
			return true
		}
	}
	return false
}
