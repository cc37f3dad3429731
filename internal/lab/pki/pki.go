// Package pki makes the lab's certificates: its root, the leaves of its
// services, and the wrong ones that faults show. ECDSA P-256 throughout, for a
// start in milliseconds. Nothing here outlives the process but the root's
// certificate, if a file of it is kept: the keys are in memory only.
package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"
)

// Authority signs certificates.
type Authority struct {
	Certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// Leaf says what a certificate should be. Names may be host names or addresses;
// the first is the subject's common name too.
type Leaf struct {
	Names []string
	// NotBefore and NotAfter; zero means a day ago and a year from now.
	NotBefore, NotAfter time.Time
	// Client makes it a client's certificate rather than a server's.
	Client bool
}

// NewAuthority makes a root with this subject.
func NewAuthority(subject pkix.Name) (*Authority, error) {
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: subject, NotBefore: now.Add(-24 * time.Hour), NotAfter: now.AddDate(10, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	return sign(template, template, key, key)
}

// Intermediate makes a CA below a.
func (a *Authority) Intermediate(subject pkix.Name) (*Authority, error) {
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: subject, NotBefore: now.Add(-24 * time.Hour), NotAfter: now.AddDate(5, 0, 0),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	return sign(template, a.Certificate, key, a.key)
}

func sign(template, parent *x509.Certificate, key, parentKey *ecdsa.PrivateKey) (*Authority, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		return nil, fmt.Errorf("make the certificate of %s: %w", template.Subject, err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("read back the certificate of %s: %w", template.Subject, err)
	}
	return &Authority{cert, key}, nil
}

// PEM is the authority's certificate as a file holds it.
func (a *Authority) PEM() []byte { return certificatePEM(a.Certificate.Raw) }

// Issue makes a leaf. The chain holds the leaf alone, which is right below a
// root and an incomplete chain below an intermediate.
func (a *Authority) Issue(l Leaf) (tls.Certificate, error) {
	key, err := newKey()
	if err != nil {
		return tls.Certificate{}, err
	}
	return issue(l, a.Certificate, a.key, key)
}

// SelfSigned makes a leaf that no authority knows.
func SelfSigned(l Leaf) (tls.Certificate, error) {
	key, err := newKey()
	if err != nil {
		return tls.Certificate{}, err
	}
	return issue(l, nil, key, key)
}

func issue(l Leaf, parent *x509.Certificate, parentKey, key *ecdsa.PrivateKey) (tls.Certificate, error) {
	template := l.template()
	if parent == nil {
		parent = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make a certificate for %v: %w", l.Names, err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("read back the certificate for %v: %w", l.Names, err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, nil
}

func (l Leaf) template() *x509.Certificate {
	t := &x509.Certificate{
		SerialNumber: serial(), NotBefore: l.NotBefore, NotAfter: l.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	if l.Client {
		t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	}
	if t.NotBefore.IsZero() {
		t.NotBefore = time.Now().Add(-24 * time.Hour)
	}
	if t.NotAfter.IsZero() {
		t.NotAfter = time.Now().AddDate(1, 0, 0)
	}
	for i, name := range l.Names {
		if i == 0 {
			t.Subject = pkix.Name{CommonName: name}
		}
		if ip := net.ParseIP(name); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, name)
		}
	}
	return t
}

// PEM is a certificate's chain and key as files hold them.
func PEM(c tls.Certificate) (chain, key []byte, err error) {
	for _, der := range c.Certificate {
		chain = append(chain, certificatePEM(der)...)
	}
	der, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		return nil, nil, fmt.Errorf("encode a private key: %w", err)
	}
	return chain, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

func certificatePEM(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func newKey() (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a private key: %w", err)
	}
	return key, nil
}

// serial is 127 random bits, as RFC 5280 4.1.2.2 wants them unique and positive.
func serial() *big.Int {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails, says its documentation
	b[0] &= 127
	return new(big.Int).SetBytes(b)
}
