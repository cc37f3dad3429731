//go:build interop && unix

package interop

import (
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"edgenet/internal/iothub"
	"edgenet/internal/lab/pki"
	"edgenet/internal/secret"
	"edgenet/internal/twin"
	"edgenet/internal/verify/testkit"
)

// plenty is more time than any step needs.
const plenty = 60 * time.Second

const gateway = "edge.interop.test"

// bench holds the npm packages of all tests.
var bench struct {
	dir string
	npm func() error
}

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "edgenet-twin-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	bench.dir, bench.npm = dir, sync.OnceValue(installNPM)
	code := m.Run()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// installNPM installs rhea and its WebSockets, pinned.
func installNPM() error {
	script, err := os.ReadFile("testdata/edgehub.mjs")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(bench.dir, "edgehub.mjs"), script, 0o600); err != nil {
		return err
	}
	var text []byte
	for wait := range 3 { // registries have their moments
		time.Sleep(time.Duration(wait) * 3 * time.Second)
		cmd := exec.Command("npm", "install", "--prefix", bench.dir, "--no-audit", "--no-fund", "--loglevel=error",
			"rhea@3.0.5", "ws@8.23.0") //nolint:gosec // fixed words
		if text, err = cmd.CombinedOutput(); err == nil {
			return nil
		}
	}
	return fmt.Errorf("npm install: %w\n%s", err, text)
}

// server is what stands in for an edgeHub: where it is, and what it shows.
type server struct {
	address   string
	cert, key string
	authority *pki.Authority
	ca        string
}

// newServer makes the certificate of a server on a free port.
func newServer(t *testing.T) *server {
	t.Helper()
	a, err := pki.NewAuthority(pkix.Name{CommonName: "edgenet twin interop"})
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := a.Issue(pki.Leaf{Names: []string{gateway, "localhost"}})
	if err != nil {
		t.Fatal(err)
	}
	chain, key, err := pki.PEM(leaf)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	s := &server{cert: filepath.Join(dir, "cert.pem"), key: filepath.Join(dir, "key.pem"),
		ca: filepath.Join(dir, "ca.pem"), authority: a}
	for name, content := range map[string][]byte{s.cert: chain, s.key: key, s.ca: a.PEM()} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.address = testkit.NobodyAt(t)
	return s
}

func (s *server) port() string {
	_, port, _ := net.SplitHostPort(s.address)
	return port
}

// module is a session with the server over one transport, ended with the test. A zero
// life of tokens is the usual one.
func (s *server) module(t *testing.T, transport twin.Transport, life time.Duration, h twin.Handler) *twin.Session {
	t.Helper()
	sign, err := iothub.KeySigner(secret.New("c2VjcmV0IGtleSBmb3IgdGVzdHM="))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(s.authority.Certificate)
	session, err := twin.Open(testkit.Within(t, plenty), twin.Config{
		Identity:   twin.Identity{Hub: "hub.azure-devices.net", Gateway: gateway, Device: "d", Module: "m"},
		Sign:       func(_ context.Context, text string) ([]byte, error) { return sign(text) },
		Roots:      func(context.Context) (*x509.CertPool, error) { return pool, nil },
		Transports: []twin.Transport{transport},
		Handler:    h,
		TokenLife:  life,
		Dial: func(ctx context.Context, _ string, _ int) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "tcp", s.address)
		},
	}, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	return session
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(plenty); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not within %s", what, plenty)
		}
	}
}
