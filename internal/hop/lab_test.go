package hop_test

import (
	"bufio"
	"context"
	"crypto/x509"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"edgenet/internal/hop"
	"edgenet/internal/lab"
	"edgenet/internal/lab/pki"
	"edgenet/internal/verify/testkit"
	"edgenet/report"
)

// TestLab holds the moves against the lab's own faults.
func TestLab(t *testing.T) {
	t.Parallel()
	l, err := lab.Start(context.Background(), lab.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	i := l.Info()
	to := netip.AddrPortFrom(netip.MustParseAddr(i.Addresses.Hub), uint16(i.Ports.AMQPS))
	env := &hop.Env{Trust: &hop.Trust{NoOS: true, Extra: []*x509.Certificate{l.CA()}},
		DNS:       &hop.Resolver{Servers: []netip.AddrPort{netip.MustParseAddrPort(i.DNS)}, Hosts: "-"},
		ConnectTo: map[string]netip.AddrPort{hop.HostPort(i.Hub, 5671): to}}
	for _, tt := range []struct {
		fault string
		stage report.Stage
		cause report.Cause
	}{
		{"", "", ""},
		{"amqps=refuse", report.StageTCP, report.TCPRefused},
		{"amqps=tcp-reset", report.StageTLS, report.TLSReset},
		{"amqps=tls-reset", report.StageTLS, report.TLSReset},
		{"amqps=tls-close", report.StageTLS, report.TLSReset},
		{"amqps=tls-stall", report.StageTLS, report.TLSTimeout},
		{"amqps=tls-drip", report.StageTLS, report.TLSTimeout},
		{"amqps=tls-alert:protocol_version", report.StageTLS, report.TLSAlert},
		{"amqps=plain-http", report.StageTLS, report.TLSNotTLS},
		{"amqps=banner", report.StageTLS, report.TLSNotTLS},
		{"amqps=wrong-name", report.StageTLS, report.TLSNameMismatch},
		{"amqps=expired", report.StageTLS, report.TLSExpired},
		{"amqps=future", report.StageTLS, report.TLSNotYetValid},
		{"amqps=self-signed", report.StageTLS, report.TLSUntrusted},
		{"amqps=inspected", report.StageTLS, report.TLSIntercepted},
		{"amqps=corp-inspected", report.StageTLS, report.TLSIntercepted},
		{"amqps=client-cert-required:1.2", report.StageTLS, report.TLSClientAuth},
		{"amqps=old-tls", report.StageTLS, report.TLSAlert},
	} {
		name := tt.fault
		if name != "" {
			f, err := lab.ParseFault(name)
			if err != nil {
				t.Fatal(err)
			}
			if err := l.SetFault(f); err != nil {
				t.Fatal(err)
			}
		}
		ctx, tr := testkit.Within(t, 700*time.Millisecond), trace()
		c, f := hop.Dial(ctx, env, tr, report.HopTarget, i.Hub, 5671)
		if f == nil {
			var s *hop.Session
			if s, f = hop.Handshake(ctx, env, tr, report.HopTarget, c, hop.TLSOptions{ServerName: i.Hub}); s != nil {
				_ = s.Close()
			}
			_ = c.Close()
		}
		if tt.cause == "" {
			if f != nil {
				t.Errorf("healthy: %s", f.Summary)
			}
			continue
		}
		t.Run(name, func(t *testing.T) { failed(t, tr, f, report.HopTarget, tt.stage, tt.cause, i.Hub) })
		if err := l.ClearFault("amqps"); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRenegotiation: the hub's HTTP front end asks for a client certificate by renegotiating
// TLS 1.2; a client that refuses would call it a failure. OpenSSL can do what it does.
func TestRenegotiation(t *testing.T) {
	t.Parallel()
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("no openssl here")
	}
	root := authority(t, "Known Root", "Known")
	chain, key, err := pki.PEM(issue(t, root, pki.Leaf{Names: []string{host}}))
	if err != nil {
		t.Fatal(err)
	}
	pem := filepath.Join(t.TempDir(), "server.pem")
	if err := os.WriteFile(pem, append(chain, key...), 0o600); err != nil {
		t.Fatal(err)
	}
	env := &hop.Env{Trust: &hop.Trust{NoOS: true, Extra: []*x509.Certificate{root.Certificate}}}
	for _, http := range []bool{true, false} {
		to, command := sServer(t, openssl, pem)
		s, _, f := shake(t, 5*time.Second, env, to, hop.TLSOptions{ServerName: host, HTTP: http})
		if f != nil {
			t.Fatal(f.Summary)
		}
		command("r\n")
		later := time.AfterFunc(300*time.Millisecond, func() { command("after\n") }) // data between is an error to both
		line, err := bufio.NewReader(s).ReadString('\n')
		if http && (err != nil || line != "after\n") {
			t.Errorf("on 443 one renegotiation is honoured: %q, %v", line, err)
		}
		if !http && err == nil {
			t.Errorf("elsewhere none: %q", line)
		}
		later.Stop()
		_ = s.Close()
	}
}

// sServer starts openssl s_server, and gives its address and what takes its commands.
func sServer(t *testing.T, openssl, pem string) (netip.AddrPort, func(string)) {
	t.Helper()
	l := closedPort(t, "127.0.0.1:0")
	cmd := exec.Command(openssl, "s_server", "-accept", l.String(), "-cert", pem, "-key", pem, "-tls1_2",
		"-naccept", "1")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { _ = in.Close(); _ = cmd.Process.Kill(); _ = cmd.Wait() })
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Skipf("openssl s_server: %v", err)
		}
		if strings.HasPrefix(line, "ACCEPT") {
			break
		}
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }() // ends with the process
	return l, func(s string) { _, _ = io.WriteString(in, s) }
}
