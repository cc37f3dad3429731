package hop

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"
)

// cert makes a certificate; a nil parent signs itself.
func cert(t testing.TB, cn string, from, to time.Time, parent *x509.Certificate, by *ecdsa.PrivateKey) (
	*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tpl := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: cn},
		NotBefore: from, NotAfter: to, DNSNames: []string{cn}, BasicConstraintsValid: true}
	if parent == nil {
		tpl.IsCA, tpl.DNSNames, parent, by = true, nil, tpl, key
	}
	raw, err := x509.CreateCertificate(rand.Reader, tpl, parent, key.Public(), by)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return c, key
}

// TestChainIsVerifiedOnceAndAgain: one chain is looked at once a day for all who show it, and
// again when it is another, when one of its certificates ends, or the day does; its name is
// looked at each time.
func TestChainIsVerifiedOnceAndAgain(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	root, key := cert(t, "root", noon.AddDate(-1, 0, 0), noon.AddDate(1, 0, 0), nil, nil)
	leaf, _ := cert(t, "a.example", noon.AddDate(0, -1, 0), noon.Add(time.Hour), root, key)
	other, _ := cert(t, "a.example", noon.AddDate(0, -1, 0), noon.AddDate(0, 1, 0), nil, nil)
	trust := &Trust{Bundle: []*x509.Certificate{root}, NoOS: true}
	ask := func(c *x509.Certificate, name string, at time.Time) flaw {
		ops, _ := trust.opinions([]*x509.Certificate{c}, name, at)
		return ops[PoolBundle].flaw
	}
	verdict := func(c *x509.Certificate) *chainVerdict { return trust.seen.known[chainKey([]*x509.Certificate{c})] }
	if f := ask(leaf, "a.example", noon); f != flawNone {
		t.Fatalf("a good chain: %d", f)
	}
	first := verdict(leaf)
	if f := ask(leaf, "b.example", noon.Add(time.Minute)); f != flawName || verdict(leaf) != first {
		t.Errorf("another name: %d, verified anew: %v", f, verdict(leaf) != first)
	}
	if f := ask(leaf, "a.example", noon.Add(time.Hour)); f != flawNone {
		t.Errorf("at its last moment: %d", f)
	}
	if f := ask(leaf, "a.example", noon.Add(time.Hour+time.Second)); f != flawExpired || verdict(leaf) == first {
		t.Errorf("past its end on the same day: %d", f)
	}
	if f := ask(leaf, "a.example", noon); f != flawNone {
		t.Errorf("a clock that was set back: %d", f)
	}
	if f := ask(other, "a.example", noon); f != flawUntrusted {
		t.Errorf("another chain of the same name: %d", f)
	}
	self := verdict(other)
	ask(other, "a.example", noon.Add(12*time.Hour))
	if verdict(other) == self {
		t.Error("the next day nothing was verified")
	}
}

// TestChainCacheIsBounded: who shows another chain each time fills no memory.
func TestChainCacheIsBounded(t *testing.T) {
	t.Parallel()
	var c chainCache
	now := time.Now()
	for i := range 3 * maxVerdicts {
		c.find([32]byte{byte(i), byte(i >> 8)}, now)
	}
	if n := len(c.known); n > maxVerdicts {
		t.Errorf("%d chains are remembered", n)
	}
}
