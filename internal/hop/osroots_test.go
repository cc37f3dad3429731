package hop

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"edgenet/internal/lab/pki"
	"edgenet/internal/verify/testkit"
)

// TestOSRoots: what the bundle file knows never costs the whole store, and what only the
// whole store knows is trusted all the same.
func TestOSRoots(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("other systems have no bundle file")
	}
	t.Setenv("SSL_CERT_FILE", "")
	t.Setenv("SSL_CERT_DIR", "")
	const name = "hub.test"
	inFile, inStore, extra, nowhere := testkit.Authority(t, "In the file"), testkit.Authority(t, "In the store"),
		testkit.Authority(t, "Given by a flag"), testkit.Authority(t, "Nowhere")
	file := filepath.Join(t.TempDir(), "bundle.crt")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: inFile.Certificate.Raw})
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	reads := 0
	store := func() (*x509.CertPool, error) {
		reads++
		p := x509.NewCertPool()
		p.AddCert(inFile.Certificate)
		p.AddCert(inStore.Certificate)
		return p, nil
	}
	for _, tt := range []struct {
		name  string
		by    *pki.Authority
		flaw  flaw
		reads int // of the whole store, so far
	}{
		{"in the file", inFile, flawNone, 0},
		{"given by a flag", extra, flawNone, 0},
		{"in the store alone", inStore, flawNone, 1},
		{"nowhere", nowhere, flawUntrusted, 1},
		{"in the store alone, once more", inStore, flawNone, 1},
	} {
		trust := &Trust{NoOS: true, Extra: []*x509.Certificate{extra.Certificate}}
		trust.Prepare()
		if tt.reads == 0 {
			reads = 0
		}
		roots := &osRoots{extra: trust.Extra, files: []string{filepath.Join(t.TempDir(), "missing"), t.TempDir(), file},
			whole: store}
		if tt.reads == 1 {
			reads = 0
		}
		trust.host, trust.os = roots, roots.first()
		if trust.os == nil {
			t.Fatal("the bundle file was not read")
		}
		leaf, err := tt.by.Issue(pki.Leaf{Names: []string{name}})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			o := trust.hostOpinion([]*x509.Certificate{leaf.Leaf}, time.Now()).named(leaf.Leaf, name)
			if o.flaw != tt.flaw || reads != tt.reads {
				t.Errorf("%s: flaw %v (%s), whole store read %d times; want %v, %d", tt.name, o.flaw, o.reason, reads,
					tt.flaw, tt.reads)
			}
		}
	}
}

// TestOSRootsByEnvironment: who names another store means it.
func TestOSRootsByEnvironment(t *testing.T) {
	for _, v := range []string{"SSL_CERT_FILE", "SSL_CERT_DIR"} {
		t.Run(v, func(t *testing.T) {
			t.Setenv("SSL_CERT_FILE", "")
			t.Setenv("SSL_CERT_DIR", "")
			t.Setenv(v, t.TempDir())
			if p := (&osRoots{}).first(); p != nil {
				t.Errorf("the system's bundle file was read although %s is set", v)
			}
		})
	}
}

// TestOSRootsNamedFile: the file that the environment names is read first, whatever directories it
// names beside it, and no other.
func TestOSRootsNamedFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "roots.pem")
	ca, err := pki.NewAuthority(pkix.Name{CommonName: "named"})
	if err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Certificate.Raw})
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SSL_CERT_FILE", file)
	for _, dir := range []string{"", t.TempDir()} {
		t.Setenv("SSL_CERT_DIR", dir)
		p := (&osRoots{}).first()
		if p == nil || len(p.all()) != 1 || !p.all()[0].Equal(ca.Certificate) {
			t.Errorf("with directories %q: another pool than the file's", dir)
		}
	}
}

// TestOSRootsWithoutBundle: a file that holds no certificate, or is far too large, is no
// bundle.
func TestOSRootsWithoutBundle(t *testing.T) {
	t.Setenv("SSL_CERT_FILE", "")
	t.Setenv("SSL_CERT_DIR", "")
	dir := t.TempDir()
	empty, huge := filepath.Join(dir, "empty"), filepath.Join(dir, "huge")
	if err := os.WriteFile(empty, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(huge, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(huge, bundleLimit+1); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{empty, huge, filepath.Join(dir, "missing")} {
		if p := (&osRoots{files: []string{name}}).first(); p != nil {
			t.Errorf("%s was taken for a bundle", name)
		}
	}
}

// BenchmarkBundleFile is what a run pays for the host's store.
func BenchmarkBundleFile(b *testing.B) {
	b.Setenv("SSL_CERT_FILE", "")
	b.Setenv("SSL_CERT_DIR", "")
	for b.Loop() {
		if (&osRoots{}).first() == nil {
			b.Skip("no bundle file here")
		}
	}
}

// TestPoolOfAFile: a file is read as the standard library reads it.
func TestPoolOfAFile(t *testing.T) {
	t.Parallel()
	var text []byte
	for i := range 4 {
		ca, err := pki.NewAuthority(pkix.Name{CommonName: string(rune('a' + i))})
		if err != nil {
			t.Fatal(err)
		}
		block := &pem.Block{Type: "CERTIFICATE", Bytes: ca.Certificate.Raw}
		switch i {
		case 1:
			block.Headers = map[string]string{"Proc-Type": "4,ENCRYPTED"}
		case 2:
			block.Type = "TRUSTED CERTIFICATE"
		}
		text = append(text, pem.EncodeToMemory(block)...)
		text = append(text, "a line between\n"...)
	}
	text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("none")})...)
	want, got, p := x509.NewCertPool(), x509.NewCertPool(), &pool{}
	want.AppendCertsFromPEM(text)
	if !p.addFile(text) {
		t.Error("no certificate in the file")
	}
	for _, c := range p.all() {
		got.AddCert(c)
	}
	if !got.Equal(want) {
		t.Error("not what the standard library reads")
	}
	if (&pool{}).addFile([]byte("no certificate")) {
		t.Error("a certificate where there is none")
	}
}
