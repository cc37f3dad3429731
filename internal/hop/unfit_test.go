package hop_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"testing"
	"time"

	"edgenet/internal/hop"
	"edgenet/report"
)

// made is a certificate and its key.
type made struct {
	c   *x509.Certificate
	key crypto.Signer
}

// issued makes a certificate by another one, or by itself, that change may spoil.
func issued(t *testing.T, name string, by *made, change func(*x509.Certificate)) *made {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign}
	if change(c); by == nil {
		by = &made{c, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, by.c, key.Public(), by.key)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return &made{c, key}
}

// TestInstalledCA: the CA of the chain, or one by its name, is in the store, and the chain is refused
// all the same. What is the matter is said, and nothing of what is there is called missing.
func TestInstalledCA(t *testing.T) {
	t.Parallel()
	const name = "gw.corp"
	ca := func(*x509.Certificate) {}
	leaf := func(change func(*x509.Certificate)) func(*x509.Certificate) {
		return func(c *x509.Certificate) {
			c.IsCA, c.KeyUsage, c.DNSNames = false, x509.KeyUsageDigitalSignature, []string{name}
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
			change(c)
		}
	}
	root := issued(t, "Corp Root CA", nil, ca)
	inter := issued(t, "Corp Inter CA", root, ca)
	narrow := issued(t, "Corp Narrow CA", nil, func(c *x509.Certificate) {
		c.PermittedDNSDomainsCritical, c.PermittedDNSDomains = true, []string{"other.test"}
	})
	short := issued(t, "Corp Short CA", nil, func(c *x509.Certificate) { c.MaxPathLenZero = true })
	below := issued(t, "Corp Below CA", short, ca)
	bare := issued(t, "Corp Bare CA", nil, func(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = false, false })
	again := issued(t, "Corp Root CA", nil, ca)
	old := issued(t, "Corp Old CA", nil, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	third := issued(t, "Corp Third CA", inter, ca)
	direct := issued(t, name, inter, leaf(ca))
	for _, row := range []struct {
		name      string
		chain     []*made
		installed []*made
		cause     report.Cause // empty: verified
		want      report.TLSDetail
		says      string
	}{
		{"all is well", []*made{direct, inter}, []*made{root}, "", report.TLSDetail{}, ""},
		{"a client's certificate", []*made{issued(t, name, root, leaf(func(c *x509.Certificate) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
		}))}, []*made{root}, report.TLSUntrusted, report.TLSDetail{Unfit: true}, "not meant for servers"},
		{"a CA that may not sign for the name", []*made{issued(t, name, narrow, leaf(ca))}, []*made{narrow},
			report.TLSUntrusted, report.TLSDetail{Unfit: true}, "name constraints"},
		{"a CA too many", []*made{issued(t, name, below, leaf(ca)), below}, []*made{short}, report.TLSUntrusted,
			report.TLSDetail{Unfit: true}, "path length"},
		{"the same with nothing installed", []*made{issued(t, name, below, leaf(ca)), below}, nil, report.TLSUntrusted,
			report.TLSDetail{}, "no known root"},
		{"a CA that was renewed with another key", []*made{issued(t, name, again, leaf(ca))}, []*made{root},
			report.TLSUntrusted, report.TLSDetail{Renewed: "CN=Corp Root CA"}, "has another key"},
		{"both of its keys are installed", []*made{issued(t, name, again, leaf(ca))}, []*made{root, again}, "",
			report.TLSDetail{}, ""},
		{"the installed CA has expired", []*made{issued(t, name, old, leaf(ca))}, []*made{old}, report.TLSExpired,
			report.TLSDetail{RootEnded: &old.c.NotAfter}, "the CA that is installed here"},
		{"the certificate has expired", []*made{issued(t, name, root, leaf(func(c *x509.Certificate) {
			c.NotAfter = time.Now().Add(-time.Minute)
		}))}, []*made{root}, report.TLSExpired, report.TLSDetail{}, "CN=gw.corp expired"},
		{"a CA without basicConstraints", []*made{issued(t, name, bare, leaf(ca))}, []*made{bare}, report.TLSWeak,
			report.TLSDetail{Weak: &report.Weakness{OpenSSL: true}}, "no basicConstraints"},
		{"the intermediate CA in place of the root", []*made{direct, inter}, []*made{inter}, report.TLSWeak,
			report.TLSDetail{Weak: &report.Weakness{Here: true, Halfway: true}}, "not the root above it (Corp Root CA)"},
		{"the intermediate CA beside the root", []*made{direct, inter}, []*made{inter, root}, "", report.TLSDetail{}, ""},
		{"the intermediate CA beside the root, and the certificate comes alone", []*made{direct}, []*made{inter, root}, "",
			report.TLSDetail{}, ""},
		{"two CAs of the store above the certificate, and no root", []*made{issued(t, name, third, leaf(ca))},
			[]*made{third, inter}, report.TLSWeak, report.TLSDetail{Weak: &report.Weakness{Here: true, Halfway: true}},
			"not the root above it (Corp Root CA)"},
		{"the certificate in place of the root", []*made{direct, inter}, []*made{direct}, report.TLSWeak,
			report.TLSDetail{Weak: &report.Weakness{Here: true, Halfway: true}}, "Corp Inter CA"},
		{"its name as CN, and an address as subjectAltName", []*made{issued(t, name, root, leaf(func(c *x509.Certificate) {
			c.DNSNames, c.IPAddresses = nil, []net.IP{net.IPv4(192, 0, 2, 1)}
		}))}, []*made{root}, report.TLSWeak, report.TLSDetail{Weak: &report.Weakness{OpenSSL: true}}, "CN alone"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			cert := tls.Certificate{PrivateKey: row.chain[0].key}
			for _, m := range row.chain {
				cert.Certificate = append(cert.Certificate, m.c.Raw)
			}
			trust := &hop.Trust{NoOS: true}
			for _, m := range row.installed {
				trust.Extra = append(trust.Extra, m.c)
			}
			for _, who := range []hop.Consumer{hop.Containers, hop.Daemon} {
				to, _ := tlsServer(t, &tls.Config{Certificates: []tls.Certificate{cert}}) //nolint:gosec // a server
				s, tr, f := shake(t, 5*time.Second, &hop.Env{Trust: trust}, to, hop.TLSOptions{ServerName: name,
					Consumer: who})
				if s != nil {
					_ = s.Close()
				}
				if row.cause == "" {
					if f != nil {
						t.Fatalf("%s: %+v", who, f)
					}
					continue
				}
				d := failed(t, tr, f, report.HopTarget, report.StageTLS, row.cause, row.says).Detail.(*report.TLSDetail)
				if d.Unfit != row.want.Unfit || d.Renewed != row.want.Renewed ||
					(d.RootEnded == nil) != (row.want.RootEnded == nil) ||
					d.RootEnded != nil && !d.RootEnded.Equal(*row.want.RootEnded) {
					t.Errorf("%s: %+v", who, d)
				}
				if w := row.want.Weak; (w == nil) != (d.Weak == nil) || w != nil &&
					(d.Weak.Here != w.Here || d.Weak.OpenSSL != w.OpenSSL || d.Weak.Halfway != w.Halfway) {
					t.Errorf("%s: weak %+v, want %+v", who, d.Weak, w)
				}
			}
		})
	}
}

// signer has a public key, and signs nothing that counts.
type signer struct{ key *rsa.PublicKey }

func (s signer) Public() crypto.PublicKey { return s.key }

func (s signer) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return make([]byte, s.key.Size()), nil
}

// TestKeyThatIsTooLarge: crypto/tls reads RSA keys of up to 8192 bits, and OpenSSL of 16384.
func TestKeyThatIsTooLarge(t *testing.T) {
	t.Parallel()
	root := issued(t, "Corp Root CA", nil, func(*x509.Certificate) {})
	n := new(big.Int).SetBit(big.NewInt(1), 8200, 1)
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: []string{host}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour)}
	large := signer{&rsa.PublicKey{N: n, E: 65537}}
	der, err := x509.CreateCertificate(rand.Reader, leaf, root.c, large.key, root.key)
	if err != nil {
		t.Fatal(err)
	}
	to, _ := tlsServer(t, &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: large}}})
	_, tr, f := shake(t, 5*time.Second, &hop.Env{Trust: &hop.Trust{NoOS: true, Extra: []*x509.Certificate{root.c}}}, to,
		hop.TLSOptions{ServerName: host})
	d := failed(t, tr, f, report.HopTarget, report.StageTLS, report.TLSWeak, "8192 bits").Detail.(*report.TLSDetail)
	if d.Weak == nil || !d.Weak.OpenSSL || d.Weak.Here {
		t.Errorf("%+v", d.Weak)
	}
}
