//go:build interop && unix

package interop

import (
	"crypto/x509/pkix"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"edgenet/internal/lab/pki"
	"edgenet/internal/verify/blackbox"
	"edgenet/internal/verify/testkit"
	"edgenet/report"
)

// hub is the name that most servers stand in for; azure is one whose chain has to be a
// public one.
const (
	hub   = "hub.interop.test"
	azure = "edgenet-interop.azure-devices.net"
)

// timeout of every check here; a dead path costs it once.
const timeout = "4s"

var update = flag.Bool("update", false, "write docs/interop.md")

// bench is what all tests share: the built command, the CA and the npm packages.
var bench struct {
	dir       string
	edgenet   blackbox.Edgenet
	authority *pki.Authority
	caFile    string
	npm       func() error // installs into dir/npm, once
}

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(runAll(m))
}

func runAll(m *testing.M) int {
	dir, err := os.MkdirTemp("", "edgenet-interop-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := setUp(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	if code == 0 && flag.Lookup("test.run").Value.String() == "" {
		if err := conclude(); err != nil {
			fmt.Fprintln(os.Stderr, "FAIL:", err)
			return 1
		}
	}
	return code
}

func setUp(dir string) (err error) {
	bench.dir = dir
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // servers that drop root read their files here
		return err
	}
	if bench.edgenet, err = blackbox.Build(dir); err != nil {
		return err
	}
	if bench.authority, err = pki.NewAuthority(pkix.Name{CommonName: "edgenet interop root"}); err != nil {
		return err
	}
	bench.caFile = filepath.Join(dir, "ca.pem")
	bench.npm = sync.OnceValue(installNPM)
	return os.WriteFile(bench.caFile, bench.authority.PEM(), 0o644) //nolint:gosec // a certificate
}

// check runs the command once, holds the report against the wants, and notes what the
// server produced. By is the server's package, how says what it was made to do.
func check(t *testing.T, by, how string, args []string, wants ...blackbox.Want) *blackbox.Outcome {
	t.Helper()
	base := []string{"--timeout", timeout, "--ca-file", bench.caFile}
	protocols := map[report.Protocol]bool{}
	for _, w := range wants {
		if !protocols[w.Protocol] {
			base = append(base, "--protocol", string(w.Protocol))
		}
		protocols[w.Protocol] = true
	}
	o, err := bench.edgenet.Check(testkit.Within(t, 60*time.Second), append(base, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	wrong := o.Verify(wants...)
	for _, err := range wrong {
		t.Error(err)
	}
	if len(wrong) > 0 {
		t.Log(o.All())
		return o
	}
	for _, w := range wants {
		note(by, how, w)
	}
	return o
}

// direct are the arguments that lead every port of a host to one address.
func direct(host, address string) []string {
	args := []string{"--hub", host, "--route", "direct"}
	for _, port := range []string{"5671", "8883", "443"} {
		args = append(args, "--connect-to", host+":"+port+":"+address)
	}
	return args
}

// ok wants a row that works.
func ok(p report.Protocol) blackbox.Want { return blackbox.Want{Protocol: p} }

// fails wants a row that fails at the target.
func fails(p report.Protocol, c report.Cause, not ...report.Cause) blackbox.Want {
	stage, _, _ := strings.Cut(string(c), ".")
	s := report.Stage(stage)
	if stage == "ws" {
		s = report.StageWebSocket
	}
	return blackbox.Want{Protocol: p, Stage: s, Cause: c, Not: not}
}

// ---- certificates and addresses

// certificate writes a leaf and its key as name.pem and name.key.
func certificate(t *testing.T, a *pki.Authority, l pki.Leaf) (chain, key string) {
	t.Helper()
	c, err := a.Issue(l)
	if err != nil {
		t.Fatal(err)
	}
	certPEM, keyPEM, err := pki.PEM(c)
	if err != nil {
		t.Fatal(err)
	}
	return writePair(t, certPEM, keyPEM)
}

func writePair(t *testing.T, certPEM, keyPEM []byte) (chain, key string) {
	t.Helper()
	dir := openDir(t)
	chain, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	write(t, chain, string(certPEM))
	write(t, key, string(keyPEM))
	return chain, key
}

// good is a certificate for the hub's two names and any address given.
func good(t *testing.T, names ...string) (chain, key string) {
	t.Helper()
	return certificate(t, bench.authority, pki.Leaf{Names: append([]string{hub, azure}, names...)})
}

// openDir is a temporary directory that servers may use after they dropped root.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp(bench.dir, "case-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o777); err != nil { //nolint:gosec // see above
		t.Fatal(err)
	}
	return dir
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil { //nolint:gosec // keys that open nothing
		t.Fatal(err)
	}
	return name
}

func portOf(address string) string {
	_, port, _ := net.SplitHostPort(address)
	return port
}

var lastLoop atomic.Uint32

// loopback is an address of this machine that no other test uses, for servers on the
// standard ports, which a proxy's client cannot redirect. It needs the right to bind
// low ports.
func loopback(t *testing.T) string {
	t.Helper()
	if os.Geteuid() != 0 {
		blackbox.Miss(t, "ports below 1024 need root")
	}
	n := lastLoop.Add(1)
	return fmt.Sprintf("127.%d.%d.%d", 64+os.Getpid()>>8%64, 1+os.Getpid()%250, n)
}

// ---- npm

// packages of npm, pinned; the versions stand in docs/interop.md.
var packages = map[string]string{"rhea": "3.0.5", "aedes": "1.2.0", "ws": "8.23.0"}

func installNPM() error {
	dir := filepath.Join(bench.dir, "npm")
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // see above
		return err
	}
	args := []string{"install", "--prefix", dir, "--no-audit", "--no-fund", "--loglevel=error"}
	for name, v := range packages {
		args = append(args, name+"@"+v)
	}
	var text []byte
	var err error
	for wait := range 3 {
		time.Sleep(time.Duration(wait) * 3 * time.Second)
		if text, err = exec.Command("npm", args...).CombinedOutput(); err == nil {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("npm %s: %w\n%s", strings.Join(args, " "), err, text)
	}
	script, err := os.ReadFile("testdata/server.mjs")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "server.mjs"), script, 0o644) //nolint:gosec // see above
}

// node starts testdata/server.mjs with one of its kinds and options as JSON, and gives
// its address.
func node(t *testing.T, kind string, options ...string) string {
	t.Helper()
	blackbox.Need(t, "node", "npm")
	if err := bench.npm(); err != nil {
		blackbox.Miss(t, err.Error())
	}
	chain, key := good(t)
	address := testkit.NobodyAt(t)
	line := append([]string{"node", filepath.Join(bench.dir, "npm", "server.mjs"), kind, portOf(address), chain, key},
		options...)
	blackbox.Start(t, nil, line...).AwaitTCP(t, 20*time.Second, address)
	return address
}
