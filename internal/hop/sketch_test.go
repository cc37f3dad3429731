package hop_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"testing"
	"time"

	"edgenet/internal/hop"
)

// TestCutAtHello: the shortest hello is answered by a server with a certificate of either kind, with its own
// name in it; a reset and an end are cuts, and silence is none.
func TestCutAtHello(t *testing.T) {
	t.Parallel()
	r, _ := rsa.GenerateKey(rand.Reader, 2048)
	e, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"hub.test"},
		NotAfter: time.Now().Add(time.Hour)}
	for _, key := range []any{r, e} {
		public := any(&r.PublicKey)
		if key == any(e) {
			public = &e.PublicKey
		}
		der, err := x509.CreateCertificate(rand.Reader, template, template, public, key)
		if err != nil {
			t.Fatal(err)
		}
		for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			asked := make(chan string, 1)
			server := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
				MinVersion: version, GetConfigForClient: func(h *tls.ClientHelloInfo) (*tls.Config, error) {
					asked <- h.ServerName
					return nil, nil //nolint:nilnil // the same
				}}
			var said error
			ours, theirs := net.Pipe()
			done := make(chan struct{})
			go func() { defer close(done); said = tls.Server(theirs, server).Handshake(); _ = theirs.Close() }()
			if hop.CutAtHello(ours, "hub.test") {
				t.Errorf("%T, TLS %x: cut", key, version)
			}
			_ = ours.Close()
			<-done
			if version == tls.VersionTLS12 {
				if name := <-asked; name != "hub.test" {
					t.Errorf("%T: %q, %v", key, name, said)
				}
			}
		}
	}
	ours, theirs := net.Pipe()
	go func() { _, _ = theirs.Read(make([]byte, 512)); _ = theirs.Close() }()
	if !hop.CutAtHello(ours, "hub.test") {
		t.Error("an end is a cut")
	}
	ours, theirs = net.Pipe()
	go func() { _, _ = theirs.Read(make([]byte, 512)) }()
	_ = ours.SetDeadline(time.Now().Add(50 * time.Millisecond))
	if hop.CutAtHello(ours, "hub.test") {
		t.Error("silence is no cut")
	}
}
