package gather

import (
	"crypto/x509"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"edgenet/internal/device"
	"edgenet/internal/ready"
)

// TestCertificates: what can be wrong with certificates, by real ones in files.
func TestCertificates(t *testing.T) {
	t.Parallel()
	ca := func(change func(*x509.Certificate)) func(*fixture) { return certificate("etc/certs/ca", "", change) }
	for _, tt := range []struct {
		name, id string
		status   ready.Status
		says     string
		change   func(*fixture)
	}{
		{"ends soon", "cert.edge-ca", ready.Warning, "nothing renews",
			ca(func(c *x509.Certificate) { c.NotAfter = time.Now().AddDate(0, 0, 20) })},
		{"ends now", "cert.edge-ca", ready.Error, "in 2 days",
			ca(func(c *x509.Certificate) { c.NotAfter = time.Now().Add(60 * time.Hour) })},
		{"not yet", "cert.edge-ca", ready.Error, "from the future",
			ca(func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Hour) })},
		{"may not sign", "cert.edge-ca", ready.Error, "may not sign",
			ca(func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageDigitalSignature })},
		{"named as the device", "cert.edge-ca", ready.Error, "common name",
			ca(func(c *x509.Certificate) { c.Subject.CommonName = "gw.plant.test" })},
		{"another key", "cert.edge-ca", ready.Error, "private key", func(f *fixture) {
			f.certificate("etc/certs/ca", asIs)
			f.certificate("etc/certs/other", asIs)
			key, err := os.ReadFile(filepath.Join(f.root, "etc/certs/other.key.pem"))
			if err != nil {
				f.t.Fatal(err)
			}
			f.write("etc/certs/ca.key.pem", string(key))
		}},
		{"the second of the file expired", "cert.edge-ca", ready.Error, "certificate 2", func(f *fixture) {
			f.certificate("etc/certs/ca", asIs)
			f.certificate("etc/certs/old", expired)
			var both []byte
			for _, name := range []string{"ca", "old"} {
				text, err := os.ReadFile(filepath.Join(f.root, "etc/certs", name+".pem"))
				if err != nil {
					f.t.Fatal(err)
				}
				both = append(both, text...)
			}
			f.write("etc/certs/ca.pem", string(both))
		}},
		{"renewal overdue", "cert.edge-ca", ready.Warning, "should have renewed itself", func(f *fixture) {
			f.write("etc/aziot/certd/config.d/00-super.toml",
				"[cert_issuance.aziot-edged-ca]\nmethod = \"est\"\ncommon_name = \"aziot-edge CA\"\n")
			f.certificate("tmp/ca", func(c *x509.Certificate) {
				c.NotBefore, c.NotAfter = time.Now().AddDate(0, 0, -80), time.Now().AddDate(0, 0, 10)
			})
			made := device.CertdFile("aziot-edged-ca")
			f.write(made, "")
			if err := os.Rename(filepath.Join(f.root, "tmp/ca.pem"), filepath.Join(f.root, made)); err != nil {
				f.t.Fatal(err)
			}
		}},
		{"the service may not read it", "cert.identity", ready.Error, "cannot read", func(f *fixture) {
			certificate("etc/certs/id", identityX509, asIs)(f)
			f.write("etc/passwd", "aziotcs:x:4991:4991::/:/bin/false\naziotid:x:4992:4992::/:/bin/false\n")
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := healthy(t)
			tt.change(f)
			rows := f.judge()[tt.id]
			if !slices.ContainsFunc(rows, func(r ready.Row) bool {
				return r.Status == tt.status && strings.Contains(r.Summary, tt.says)
			}) {
				t.Errorf("want %s with %q, got %+v", tt.status, tt.says, rows)
			}
		})
	}
}
