package hop_test

import (
	"bytes"
	"context"
	"crypto"
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
	"edgenet/internal/lab/pki"
	"edgenet/internal/verify/testkit"
	"edgenet/report"
)

// odd issues a certificate that no authority of today would.
func odd(t *testing.T, ca *x509.Certificate, caKey crypto.Signer, key crypto.Signer,
	change func(*x509.Certificate)) tls.Certificate {
	t.Helper()
	c := &x509.Certificate{SerialNumber: big.NewInt(0x4d4d4d4d), Subject: pkix.Name{CommonName: host},
		DNSNames:  []string{host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	change(c)
	der, err := x509.CreateCertificate(rand.Reader, c, ca, key.Public(), caKey)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der, ca.Raw}, PrivateKey: key}
}

// TestWeakCertificates: what OpenSSL and this program do not agree about is neither a missing
// CA nor a wrong name, and who would accept it is said. Neighbours keep their own causes.
func TestWeakCertificates(t *testing.T) {
	t.Parallel()
	rsaKey := func(bits int) *rsa.PrivateKey {
		k, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	caKey := rsaKey(2048)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Old Inspection CA"},
		IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, caKey.Public(), caKey)
	if err != nil {
		t.Fatal(err)
	}
	ca, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	good := rsaKey(2048)
	installed := &hop.Trust{NoOS: true, Extra: []*x509.Certificate{ca}}
	none := func(*x509.Certificate) {}
	for _, row := range []struct {
		name  string
		cert  tls.Certificate
		trust *hop.Trust
		cause report.Cause // empty: verified
		want  report.Weakness
		says  string
	}{
		{"RSA of 1024 bits", odd(t, ca, caKey, rsaKey(1024), none), installed, report.TLSWeak,
			report.Weakness{Here: true}, "1024 bits"},
		{"RSA of 2048 bits", odd(t, ca, caKey, good, none), installed, "", report.Weakness{}, ""},
		{"a name as CN alone", odd(t, ca, caKey, good, func(c *x509.Certificate) { c.DNSNames = nil }), installed,
			report.TLSWeak, report.Weakness{OpenSSL: true}, "CN alone"},
		{"a wildcard as CN alone", odd(t, ca, caKey, good, func(c *x509.Certificate) {
			c.DNSNames, c.Subject.CommonName = nil, "*"+host[bytes.IndexByte([]byte(host), '.'):]
		}), installed, report.TLSWeak, report.Weakness{OpenSSL: true}, "CN alone"},
		{"another name as CN alone", odd(t, ca, caKey, good, func(c *x509.Certificate) {
			c.DNSNames,
				c.Subject.CommonName = nil, "portal.example.net"
		}), installed, report.TLSNameMismatch, report.Weakness{}, "portal.example.net"},
		{"signed with SHA-1, the CA installed",
			odd(t, ca, caKey, good, func(c *x509.Certificate) { c.SignatureAlgorithm = x509.SHA1WithRSA }), installed,
			report.TLSWeak, report.Weakness{}, "SHA1"},
		{"signed with SHA-1, the CA unknown",
			odd(t, ca, caKey, good, func(c *x509.Certificate) { c.SignatureAlgorithm = x509.SHA1WithRSA }),
			&hop.Trust{NoOS: true}, report.TLSIntercepted, report.Weakness{}, "Old Inspection CA"},
		{"a negative serial number", negative(odd(t, ca, caKey, good, none)), installed, report.TLSWeak,
			report.Weakness{OpenSSL: true}, "serial number is negative"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			to, _ := tlsServer(t, &tls.Config{Certificates: []tls.Certificate{row.cert}})
			s, tr, f := shake(t, 5*time.Second, &hop.Env{Trust: row.trust}, to, hop.TLSOptions{ServerName: host})
			if row.cause == "" {
				if f != nil || s == nil {
					t.Fatalf("%+v", f)
				}
				return
			}
			st := failed(t, tr, f, report.HopTarget, report.StageTLS, row.cause, row.says)
			w := st.Detail.(*report.TLSDetail).Weak
			if (w != nil) != (row.cause == report.TLSWeak) || w != nil &&
				(w.Here != row.want.Here || w.OpenSSL != row.want.OpenSSL || w.What == "" || w.Certificate == "") {
				t.Errorf("weakness %+v", w)
			}
		})
	}
}

// negative makes the leaf's serial number negative: it is parsed before its signature counts.
func negative(c tls.Certificate) tls.Certificate {
	der := bytes.Clone(c.Certificate[0])
	i := bytes.Index(der, []byte{0x4d, 0x4d, 0x4d, 0x4d})
	der[i] = 0x8d
	c.Certificate = [][]byte{der, c.Certificate[1]}
	return c
}

// TestChosenSuite: a peer that knows old suites alone takes one of OpenSSL's, and its answer
// is read no further than it has to be.
func TestChosenSuite(t *testing.T) {
	t.Parallel()
	serverHello := func(suite ...byte) string {
		body := append([]byte{3, 3}, bytes.Repeat([]byte{7}, 32)...)
		body = append(append(append(body, 2, 1, 1), suite...), 0)
		message := append([]byte{2, 0, 0, byte(len(body))}, body...)
		return string(append([]byte{22, 3, 3, 0, byte(len(message))}, message...))
	}
	for _, row := range []struct {
		name, answer, want string
		offered            bool
	}{
		{"CBC with SHA-384", serverHello(0xc0, 0x28), "ECDHE-RSA-AES256-SHA384", false},
		{"an RSA key exchange", serverHello(0x00, 0x3d), "AES256-SHA256", false},
		{"DHE", serverHello(0x00, 0x9f), "DHE-RSA-AES256-GCM-SHA384", false},
		{"one that this program has", serverHello(0xc0, 0x30), "ECDHE-RSA-AES256-GCM-SHA384", true},
		{"one that was not offered", serverHello(0x00, 0x05), "", false},
		{"an alert", "\x15\x03\x03\x00\x02\x02\x28", "", false},
		{"an HTTP page", "HTTP/1.1 400 Bad Request\r\n\r\n", "", false},
		{"half a hello", serverHello(0xc0, 0x28)[:30], "", false},
		{"nothing", "", "", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			to := serve(t, listen(t, "127.0.0.1:0"), func(c net.Conn) {
				if _, err := c.Read(make([]byte, 4096)); err == nil {
					_, _ = io.WriteString(c, row.answer)
				}
			})
			c, err := net.Dial("tcp", to.String())
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			got, err := hop.ChosenSuite(ctx, c, host)
			if err != nil || got.Suite != row.want || hop.Offered(got.Suite) != row.offered {
				t.Errorf("%+v, offered %v, %v", got, hop.Offered(got.Suite), err)
			}
		})
	}
}

// TestSuitesHello: a TLS stack nobody here wrote reads the hello, and takes a suite of it.
func TestSuitesHello(t *testing.T) {
	t.Parallel()
	a := authority(t, "Suites", "")
	cert := issue(t, a, pki.Leaf{Names: []string{host}})
	to, _ := tlsServer(t, &tls.Config{Certificates: []tls.Certificate{cert},
		CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256}}) //nolint:gosec // old on purpose
	c, err := net.Dial("tcp", to.String())
	if err != nil {
		t.Fatal(err)
	}
	got, err := hop.ChosenSuite(testkit.Within(t, 5*time.Second), c, host)
	if err != nil || got.Suite != "ECDHE-ECDSA-AES128-SHA256" || got.Group != 29 {
		t.Errorf("%+v, %v", got, err)
	}
}
