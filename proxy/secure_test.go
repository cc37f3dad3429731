package proxy_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"edgenet/internal/hop"
	"edgenet/internal/lab/pki"
	"edgenet/internal/verify/testkit"
	"edgenet/report"
)

// secure puts TLS before what a proxy does.
func secure(cfg *tls.Config, f func(net.Conn), inside *testkit.Buffer) func(net.Conn) {
	return func(c net.Conn) {
		s := tls.Server(c, cfg)
		if s.Handshake() != nil {
			return
		}
		f(&keeping{s, inside})
		_ = s.Close()
	}
}

// TestSecureProxy: credentials go to a proxy over TLS only once its certificate verified,
// and its faults are its own, not the hub's.
func TestSecureProxy(t *testing.T) {
	t.Parallel()
	root, other := testkit.Authority(t, "Proxy Root"), testkit.Authority(t, "Other Root")
	env := &hop.Env{Trust: &hop.Trust{NoOS: true, Extra: []*x509.Certificate{root.Certificate}}}
	leaf := func(a *pki.Authority, l pki.Leaf) []tls.Certificate {
		c, err := a.Issue(l)
		if err != nil {
			t.Fatal(err)
		}
		return []tls.Certificate{c}
	}
	now := time.Now()
	good := pki.Leaf{Names: []string{"127.0.0.1"}}
	for _, tt := range []struct {
		name  string
		cfg   *tls.Config
		cause report.Cause
	}{
		{"good", &tls.Config{Certificates: leaf(root, good)}, ""},
		{"another CA", &tls.Config{Certificates: leaf(other, good)}, report.TLSUntrusted},
		{"expired", &tls.Config{Certificates: leaf(root,
			pki.Leaf{Names: good.Names, NotBefore: now.Add(-20 * time.Hour), NotAfter: now.Add(-time.Hour)})},
			report.TLSExpired},
		{"another name", &tls.Config{Certificates: leaf(root, pki.Leaf{Names: []string{"x.test"}})},
			report.TLSNameMismatch},
		{"client certificate in 1.2", &tls.Config{Certificates: leaf(root, good), ClientAuth: tls.RequireAnyClientCert,
			MaxVersion: tls.VersionTLS12}, report.TLSClientAuth},
		{"client certificate in 1.3", &tls.Config{Certificates: leaf(root, good), ClientAuth: tls.RequireAnyClientCert},
			report.TLSClientAuth},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inside := &testkit.Buffer{}
			at, _ := serve(t, secure(tt.cfg, func(c net.Conn) {
				request(c)
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\nhello")
			}, inside))
			c, tr, f := dial(t, 5*time.Second, env, testkit.Proxy(t, "https://u:"+password+"@"+at))
			if tt.cause == "" {
				p := make([]byte, 5)
				if f != nil {
					t.Fatal(f.Summary)
				}
				if _, err := io.ReadFull(c, p); err != nil || string(p) != "hello" ||
					strings.Count(inside.String(), "Proxy-Authorization") != 1 {
					t.Errorf("%q, %v; sent %q", p, err, inside.String())
				}
				if steps := tr.Steps(); steps[1].Stage != report.StageTLS || steps[1].Hop != report.HopProxy ||
					steps[1].Detail.(*report.TLSDetail).Consumer != "daemon" {
					t.Errorf("steps %+v", steps)
				}
				return
			}
			st := failed(t, tr, f, report.StageTLS, tt.cause, "127.0.0.1")
			if d := st.Detail.(*report.TLSDetail); d.At == nil || d.Remote != at ||
				(d.Alert != nil) != (tt.cause == report.TLSClientAuth) {
				t.Errorf("detail %+v", d)
			}
			if inside.String() != "" {
				t.Errorf("it was sent %q", inside.String())
			}
		})
	}
	plain, h := serve(t, func(c net.Conn) {
		_, _ = c.Read(make([]byte, 512))
		_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
	})
	_, tr, f := dial(t, 2*time.Second, env, testkit.Proxy(t, "https://u:"+password+"@"+plain))
	failed(t, tr, f, report.StageTLS, report.TLSNotTLS, "HTTP/1.1 400")
	if strings.Contains(h.String(), "Authorization") {
		t.Error("credentials before TLS")
	}
}
