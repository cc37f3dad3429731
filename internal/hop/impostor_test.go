package hop

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"slices"
	"testing"

	"edgenet/internal/lab/pki"
)

// TestImpostor: whoever calls his root as a public one is is told from the public root, and
// from a company's that is called otherwise.
func TestImpostor(t *testing.T) {
	t.Parallel()
	trust := &Trust{NoOS: true}
	trust.Prepare()
	roots := trust.public.all()
	public := roots[slices.IndexFunc(roots, func(c *x509.Certificate) bool {
		return c.Subject.CommonName == "DigiCert Global Root G2"
	})]
	for _, tt := range []struct {
		name string
		root pkix.Name
		want string
	}{
		{"a public root's name", public.Subject, public.Subject.String()},
		{"another public root's", roots[len(roots)-1].Subject,
			roots[len(roots)-1].Subject.String()},
		{"a company's", pkix.Name{CommonName: "Example Corp Root"}, ""},
		{"a public root's common name alone", pkix.Name{CommonName: public.Subject.CommonName, Country: []string{"ZZ"}},
			""},
	} {
		authority, err := pki.NewAuthority(tt.root)
		if err != nil {
			t.Fatal(err)
		}
		cert, err := authority.Issue(pki.Leaf{Names: []string{"h.test"}})
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(cert.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		if got := trust.impostor([]*x509.Certificate{leaf, authority.Certificate}); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		if got := trust.impostor([]*x509.Certificate{leaf}); got != tt.want { // the root is not sent as a rule
			t.Errorf("%s, without the root: %q, want %q", tt.name, got, tt.want)
		}
	}
	for _, root := range roots { // none of them is its own impostor
		if got := trust.impostor([]*x509.Certificate{root}); got != "" {
			t.Errorf("%s is called an impostor", got)
		}
	}
}
