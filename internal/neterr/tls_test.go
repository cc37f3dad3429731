package neterr

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"
)

// handshake does TLS as a client with a peer that answers with these bytes.
func handshake(t *testing.T, answer []byte) error {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	done := make(chan struct{})
	go func() {
		defer close(done)
		c, err := l.Accept()
		if err != nil {
			return
		}
		_, _ = c.Read(make([]byte, 4096))
		_, _ = c.Write(answer)
		_ = c.Close()
	}()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	err = tls.Client(c, &tls.Config{ServerName: "x.test"}).Handshake()
	<-done
	return err
}

func alertRecord(n int) []byte { return []byte{21, 3, 3, 0, 2, 2, byte(n)} }

// TestAlert reads the number of every alert off the wire: crypto/tls keeps it in a type
// that it does not export, and an upgrade could change that.
func TestAlert(t *testing.T) {
	for _, n := range []int{10, 20, 22, 40, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 70, 71, 80, 86, 100, 109, 110, 112,
		116, 120, 200} {
		err := handshake(t, alertRecord(n))
		a, ok := Alert(fmt.Errorf("wrapped: %w", err))
		if !ok || a.Number != n || a.Name != AlertName(n) {
			t.Errorf("alert %d: got %v, %v of %v", n, a, ok, err)
		}
	}
	if AlertName(200) != "unassigned" || AlertName(40) != "handshake_failure" ||
		AlertName(116) != "certificate_required" {
		t.Error("names of alerts")
	}
	for _, err := range []error{nil, errors.New("remote error: tls: handshake failure"),
		&net.OpError{Op: "remote error", Err: errors.New("x")},
		&net.OpError{Op: "remote error"}, &net.OpError{Op: "local error", Err: tls.AlertError(40)}} {
		if _, ok := Alert(err); ok {
			t.Errorf("%v is no peer's alert", err)
		}
	}
}

func TestClientCertificateAlert(t *testing.T) {
	for n := range 256 {
		want := n == 40 || n == 41 || n == 42 || n == 49 || n == 116
		if ClientCertificateAlert(n) != want {
			t.Errorf("alert %d: not %v", n, want)
		}
	}
}

func TestPlainAnswer(t *testing.T) {
	err := handshake(t, []byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
	if first, ok := PlainAnswer(err); !ok || string(first) != "HTTP/" {
		t.Errorf("got %q, %v of %v", first, ok, err)
	}
	if _, ok := PlainAnswer(handshake(t, alertRecord(40))); ok {
		t.Error("an alert is TLS")
	}
}

// TestVersionRefused: a server from before the negotiation of versions answers with its own.
func TestVersionRefused(t *testing.T) {
	hello := append([]byte{3, 2}, make([]byte, 32)...) // TLS 1.1, random
	hello = append(hello, 0, 0xc0, 0x13, 0)            // no session, a cipher suite, no compression
	message := append([]byte{2, 0, 0, byte(len(hello))}, hello...)
	err := handshake(t, append([]byte{22, 3, 2, 0, byte(len(message))}, message...))
	if !VersionRefused(err) {
		t.Errorf("got %v", err)
	}
	if VersionRefused(nil) || VersionRefused(handshake(t, alertRecord(70))) {
		t.Error("nothing, or an alert, is not this side's refusal")
	}
}
