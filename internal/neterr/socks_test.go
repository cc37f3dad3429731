package neterr

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"golang.org/x/net/proxy"
)

// dialSOCKS asks a server that gives these answers in turn, with a login if wanted.
func dialSOCKS(t *testing.T, auth *proxy.Auth, answers ...string) error {
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
		defer func() { _ = c.Close() }()
		for _, a := range answers {
			if _, err := c.Read(make([]byte, 512)); err != nil {
				return
			}
			_, _ = c.Write([]byte(a))
		}
		_, _ = c.Read(make([]byte, 512))
	}()
	d, err := proxy.SOCKS5("tcp", l.Addr().String(), auth, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	c, err := d.(proxy.ContextDialer).DialContext(ctx, "tcp", "hub.test:443")
	if c != nil {
		_ = c.Close()
	}
	<-done
	return err
}

// TestSOCKSTexts pins the texts of golang.org/x/net: an upgrade that changes them fails here.
func TestSOCKSTexts(t *testing.T) {
	login := &proxy.Auth{User: "u", Password: "p"}
	for _, tt := range []struct {
		auth    *proxy.Auth
		answers []string
		want    string
	}{
		{nil, []string{"\x05\x00", "\x05\x01\x00\x01"}, "general SOCKS server failure"},
		{nil, []string{"\x05\x00", "\x05\x02\x00\x01"}, "connection not allowed by ruleset"},
		{nil, []string{"\x05\x00", "\x05\x03\x00\x01"}, "network unreachable"},
		{nil, []string{"\x05\x00", "\x05\x04\x00\x01"}, "host unreachable"},
		{nil, []string{"\x05\x00", "\x05\x05\x00\x01"}, "connection refused"},
		{nil, []string{"\x05\x00", "\x05\x06\x00\x01"}, "TTL expired"},
		{nil, []string{"\x05\x00", "\x05\x07\x00\x01"}, "command not supported"},
		{nil, []string{"\x05\x00", "\x05\x08\x00\x01"}, "address type not supported"},
		{nil, []string{"\x05\x00", "\x05\x2a\x00\x01"}, "unknown code: 42"},
		{nil, []string{"\x05\xff"}, "no acceptable authentication methods"},
		{login, []string{"\x05\x02", "\x01\x01"}, "username/password authentication failed"},
		{login, []string{"\x05\x07"}, "unsupported authentication method 7"},
	} {
		err := dialSOCKS(t, tt.auth, tt.answers...)
		if got, ok := SOCKSReply(err); !ok || got != tt.want || NotSOCKS(err) {
			t.Errorf("%q: got %q, %v of %v", tt.answers, got, ok, err)
		}
	}
	for _, answers := range [][]string{{"HTTP/1.1 400"}, {"\x04\x5a"}, {"\x05\x00", "\x04\x00\x00\x01"},
		{"\x05\x00", "\x05\x00\x01\x01"}, {"\x05\x00", "\x05\x00\x00\x09"}} {
		err := dialSOCKS(t, nil, answers...)
		if _, refused := SOCKSReply(err); refused || !NotSOCKS(err) {
			t.Errorf("%q: refused %v, not SOCKS %v: %v", answers, refused, NotSOCKS(err), err)
		}
	}
	if err := dialSOCKS(t, login, "\x05\x02", "HTTP"); !NotSOCKS(err) {
		t.Errorf("a login answered by something else: %v", err)
	}
	for _, err := range []error{nil, errors.New("x"),
		&net.OpError{Op: "read", Err: errors.New("connection reset by peer")}} {
		if _, ok := SOCKSReply(err); ok || NotSOCKS(err) {
			t.Errorf("%v is nothing that a SOCKS server said", err)
		}
	}
}
