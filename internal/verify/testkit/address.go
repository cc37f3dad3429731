package testkit

import (
	"net"
	"testing"
)

// NobodyAt is an address of loopback at which nobody listens, for a server that is to be
// started there, or for one that is not there.
func NobodyAt(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
