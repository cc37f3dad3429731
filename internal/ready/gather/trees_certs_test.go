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

// made is a certificate that certd has under an id.
func (f *fixture) made(id string, change func(*x509.Certificate)) {
	f.t.Helper()
	f.certificate("tmp/made", change)
	name := device.CertdFile(id)
	f.write(name, "")
	if err := os.Rename(filepath.Join(f.root, "tmp/made.pem"), filepath.Join(f.root, name)); err != nil {
		f.t.Fatal(err)
	}
}

// certdList is a device without config.toml, whose trust bundle is a list of certd's.
func (f *fixture) certdList(list string) {
	f.t.Helper()
	if err := os.Remove(filepath.Join(f.root, "etc/aziot/config.toml")); err != nil {
		f.t.Fatal(err)
	}
	f.write("etc/aziot/edged/config.d/00-super.toml", "trust_bundle_cert = \"aziot-edged-trust-bundle\"\n")
	f.write("etc/aziot/certd/config.d/00-super.toml",
		"[preloaded_certs]\naziot-edged-ca = \"file:///etc/certs/ca.pem\"\n"+
			"aziot-edged-trust-bundle = "+list+"\ntrust-bundle-user = \"file:///etc/certs/root.pem\"\n")
}

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
			f.made("aziot-edged-ca", func(c *x509.Certificate) {
				c.NotBefore, c.NotAfter = time.Now().AddDate(0, 0, -80), time.Now().AddDate(0, 0, 10)
			})
		}},
		{"an EST server without TLS", "cert.est", ready.Warning, "without TLS: http://est.test", config(
			"[cert_issuance.est.urls]\ndefault = \"http://est.test/.well-known/est\"\n")},
		{"an EST server with TLS", "cert.est", ready.OK, "https", config(
			"[cert_issuance.est.urls]\ndefault = \"https://est.test/.well-known/est\"\n")},
		{"what the EST server issued expired", "cert.est", ready.Error, "expired", func(f *fixture) {
			f.certificate("etc/certs/boot", asIs)
			config("[cert_issuance.est.auth]\nbootstrap_identity_cert = \"file:///etc/certs/boot.pem\"\n" +
				"bootstrap_identity_pk = \"file:///etc/certs/boot.key.pem\"\n")(f)
			f.made("est-id", expired)
		}},
		{"the local CA expired", "cert.edge-ca", ready.Error, "the local CA", func(f *fixture) {
			f.certificate("etc/certs/local", expired)
			config("[cert_issuance.local_ca]\ncert = \"file:///etc/certs/local.pem\"\n" +
				"pk = \"file:///etc/certs/local.key.pem\"\n")(f)
		}},
		{"a parent, and nothing to trust it by", "nested", ready.Warning, "no trust bundle", func(f *fixture) {
			text := strings.Replace(superTOML, "hostname", withParent, 1)
			f.write("etc/aziot/config.toml", strings.Replace(text, "trust_bundle_cert", "# trust_bundle_cert", 1))
		}},
		{"a parent's name that no certificate takes", "nested", ready.Error, "70 characters",
			replaced("hostname", "parent_hostname = \""+strings.Repeat("a", 35)+"."+strings.Repeat("b", 34)+
				"\"\nhostname")},
		{"certd's list without a file of one's own", "cert.trust-bundle", ready.Skipped, "", func(f *fixture) {
			f.certdList(`["aziot-edged-ca"]`)
		}},
		{"certd's list with an expired root", "cert.trust-bundle", ready.Error, "expired", func(f *fixture) {
			f.certificate("etc/certs/root", expired)
			f.certdList(`["aziot-edged-ca", "trust-bundle-user"]`)
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
