package device_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"edgenet/internal/device"
)

// What `iotedge config apply` 1.6.0 writes: edged gets the id of a list, and certd the list.
const (
	appliedEdged = "hostname = \"edge-01\"\ntrust_bundle_cert = \"aziot-edged-trust-bundle\"\n"
	appliedCertd = "homedir_path = \"/var/lib/aziot/certd\"\n\n[preloaded_certs]\n" +
		"aziot-edged-trust-bundle = [\"aziot-edged-ca\"%USER]\n%URI"
	edgedSuper = "etc/aziot/edged/config.d/00-super.toml"
	certdSuper = "etc/aziot/certd/config.d/00-super.toml"
)

func TestReadTrustBundle(t *testing.T) {
	t.Parallel()
	applied := func(user, uri string) string {
		return strings.NewReplacer("%USER", user, "%URI", uri).Replace(appliedCertd)
	}
	none := applied("", "")
	own := applied(`, "trust-bundle-user"`, "trust-bundle-user = \"file:///var/secrets/bundle.pem\"\n")
	for name, row := range map[string]struct {
		files map[string]string
		want  string // "!" begins an error
	}{
		"the Edge CA is not made yet": {map[string]string{certdSuper: none}, "!certd has no certificate"},
		"the Edge CA alone": {map[string]string{certdSuper: none,
			device.CertdFile("aziot-edged-ca"): "EDGE CA"}, "EDGE CA"},
		"a bundle of the site's": {map[string]string{certdSuper: own,
			"var/secrets/bundle.pem": "SITE"}, "SITE"},
		"both": {map[string]string{certdSuper: own, "var/secrets/bundle.pem": "SITE",
			device.CertdFile("aziot-edged-ca"): "EDGE CA"}, "EDGE CA SITE"},
		"a later file of certd's wins": {map[string]string{certdSuper: own, "var/secrets/bundle.pem": "SITE",
			"etc/aziot/certd/config.d/user.toml": "[preloaded_certs]\ntrust-bundle-user = \"file:///other.pem\"\n",
			"other.pem":                          "OTHER"}, "OTHER"},
		"the file is gone": {map[string]string{certdSuper: own}, "!no such file"},
		"a list in itself": {map[string]string{certdSuper: "[preloaded_certs]\naziot-edged-trust-bundle = " +
			"[\"aziot-edged-trust-bundle\"]\n"}, "!certd has no certificate"},
		"another scheme": {map[string]string{certdSuper: "[preloaded_certs]\naziot-edged-trust-bundle = " +
			"\"pkcs11:x\"\n"}, "!is not a file:// URI"},
		"certd's file is broken": {map[string]string{certdSuper: "[preloaded_certs\n"}, "!expected TOML"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			row.files[edgedSuper] = appliedEdged
			d := device.Read(t.Context(), device.Options{Root: root(t, row.files)})
			s, ok := d.At(device.ConfigD, device.TrustBundle)
			if !ok {
				t.Fatalf("no setting: %+v", d.Settings)
			}
			text, err := d.ReadTrustBundle(s)
			if want, fails := strings.CutPrefix(row.want, "!"); fails {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%q, %v; want %s", text, err, want)
				}
				if strings.HasPrefix(want, "certd has") != errors.Is(err, fs.ErrNotExist) && want != "no such file" {
					t.Errorf("%v is fs.ErrNotExist: %v", err, errors.Is(err, fs.ErrNotExist))
				}
				return
			}
			if got := strings.Join(strings.Fields(string(text)), " "); err != nil || got != row.want {
				t.Errorf("%q, %v; want %q", got, err, row.want)
			}
		})
	}
}
