package gather

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"edgenet/internal/ready"
)

// Bounds of a file of certificates.
const (
	maxCerts   = 500
	maxPEMFile = 4 << 20
)

// errNoCertificate is a file that holds none.
var errNoCertificate = errors.New("no certificate in it")

// parseCerts reads every certificate of a PEM file.
func parseCerts(text []byte) ([]*x509.Certificate, error) {
	var all []*x509.Certificate
	for len(text) > 0 && len(all) < maxCerts {
		block, rest := pem.Decode(text)
		if block == nil {
			break
		}
		text = rest
		if block.Type != "CERTIFICATE" && block.Type != "TRUSTED CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d: %w", len(all)+1, err)
		}
		all = append(all, c)
	}
	if len(all) == 0 {
		return nil, errNoCertificate
	}
	return all, nil
}

// describe is what rules look at of certificates.
func describe(list []*x509.Certificate) []ready.Cert {
	var out []ready.Cert
	for _, c := range list {
		x := ready.Cert{
			Subject: c.Subject.String(), Issuer: c.Issuer.String(), CommonName: c.Subject.CommonName,
			IssuerCN: c.Issuer.CommonName,
			Names:    append([]string(nil), c.DNSNames...), NotBefore: c.NotBefore, NotAfter: c.NotAfter,
			IsCA: c.BasicConstraintsValid && c.IsCA, SelfSigned: string(c.RawIssuer) == string(c.RawSubject),
			CanSign: c.KeyUsage == 0 || c.KeyUsage&x509.KeyUsageCertSign != 0,
		}
		for _, ip := range c.IPAddresses {
			x.Names = append(x.Names, ip.String())
		}
		x.KeyType, x.KeyBits = keyOf(c.PublicKey)
		out = append(out, x)
	}
	return out
}

func keyOf(key any) (kind string, bits int) {
	switch k := key.(type) {
	case *rsa.PublicKey:
		return "RSA", k.N.BitLen()
	case *ecdsa.PublicKey:
		return "EC " + k.Curve.Params().Name, k.Curve.Params().BitSize
	case ed25519.PublicKey:
		return "Ed25519", 256
	}
	return "unknown", 0
}

// keyMatches tells whether a PEM private key belongs to a certificate; nil where the
// file holds no key that can be read, such as one that is encrypted.
func keyMatches(text []byte, c *x509.Certificate) *bool {
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			return nil
		}
		text = rest
		key := parseKey(block)
		if key == nil {
			continue
		}
		public, ok := c.PublicKey.(interface{ Equal(crypto.PublicKey) bool })
		match := ok && public.Equal(key.Public())
		return &match
	}
}

func parseKey(block *pem.Block) crypto.Signer {
	var key any
	var err error
	switch block.Type {
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	default:
		return nil
	}
	if err != nil {
		return nil
	}
	signer, _ := key.(crypto.Signer)
	return signer
}
