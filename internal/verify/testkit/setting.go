package testkit

import (
	"crypto/x509/pkix"
	"testing"

	"edgenet/internal/lab/pki"
	"edgenet/internal/proxyurl"
)

// Proxy is a proxy setting that --proxy names.
func Proxy(t testing.TB, url string) *proxyurl.Proxy {
	t.Helper()
	p, err := proxyurl.Parse(url, "flag")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Authority is a certificate authority of that name, which nothing trusts.
func Authority(t testing.TB, name string) *pki.Authority {
	t.Helper()
	a, err := pki.NewAuthority(pkix.Name{CommonName: name})
	if err != nil {
		t.Fatal(err)
	}
	return a
}
