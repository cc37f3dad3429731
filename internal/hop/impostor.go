package hop

import (
	"crypto/x509"
	"errors"
)

// impostor names the public root whose name a chain borrows: a certificate of the chain says
// that this root issued it, or bears the root's name, and the root's key has not signed it.
// Empty where there is none. The chain leads to no public root, as verification found.
func (t *Trust) impostor(chain []*x509.Certificate) string {
	t.Prepare()
	for _, c := range chain {
		named, signed := "", false
		for _, root := range t.public.all() {
			if root.Subject.String() != c.Issuer.String() { // encodings of one name differ
				continue
			}
			named = root.Subject.String()
			signed = signed || !forged(c.CheckSignatureFrom(root))
		}
		if named != "" && !signed {
			return named
		}
	}
	return ""
}

// forged tells whether a signature is wrong, and not merely of a kind that is not read here.
func forged(err error) bool {
	var old x509.InsecureAlgorithmError
	return err != nil && !errors.As(err, &old) && !errors.Is(err, x509.ErrUnsupportedAlgorithm)
}
