package hop

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"testing"

	"golang.org/x/crypto/x509roots/fallback/bundle"

	"edgenet/internal/iothub"
)

func TestVendor(t *testing.T) {
	t.Parallel()
	by := func(cn, org string, mails ...string) *x509.Certificate {
		n := pkix.Name{CommonName: cn}
		if org != "" {
			n.Organization = []string{org}
		}
		return &x509.Certificate{Issuer: n, EmailAddresses: mails}
	}
	for _, row := range []struct {
		cert             *x509.Certificate
		vendor, evidence string
	}{
		{by("FGT60E", "Fortinet"), "Fortinet FortiGate", "issuer CN=FGT60E,O=Fortinet"},
		{by("Box", "", "support@fortinet.com"), "Fortinet FortiGate", "mail address support@fortinet.com"},
		{by("PAN-FW-1", ""), "Palo Alto Networks", "issuer CN=PAN-FW-1"},
		{by("Zscaler Intermediate Root CA (zscaler.net)", "Zscaler Inc."), "Zscaler",
			"issuer CN=Zscaler Intermediate Root CA (zscaler.net),O=Zscaler Inc."},
		{by("ca.corp.goskope.com", ""), "Netskope", "issuer CN=ca.corp.goskope.com"},
		{by("Sophos SSL CA_C1A0", ""), "Sophos", "issuer CN=Sophos SSL CA_C1A0"},
		{by("Cisco Umbrella Root CA", "Cisco"), "Cisco Umbrella", "issuer CN=Cisco Umbrella Root CA,O=Cisco"},
		{by("Cisco Box", ""), "Cisco", "issuer CN=Cisco Box"},
		{by("Blue Coat SG", ""), "Symantec Blue Coat", "issuer CN=Blue Coat SG"},
		{by("Check Point CA", ""), "Check Point", "issuer CN=Check Point CA"},
		{by("mitmproxy", "mitmproxy"), "mitmproxy", "issuer CN=mitmproxy,O=mitmproxy"},
		{by("squid", ""), "squid", "issuer CN=squid"},
		{by("UniFi Gateway", ""), "Ubiquiti UniFi", "issuer CN=UniFi Gateway"},
		{by("Example Corp CA", "Example Corp", "it@example.com"), "", ""},
		{by("City of San Francisco CA", "Unified School District"), "", ""}, // words within words
	} {
		if v, e := vendorOf([]*x509.Certificate{by("Leaf", ""), row.cert}); v != row.vendor || e != row.evidence {
			t.Errorf("%s: %q by %q, want %q by %q", row.cert.Issuer, v, e, row.vendor, row.evidence)
		}
	}
	if v := VendorOfAnswer("nginx", "FortiGuard Intrusion Prevention - Access Blocked"); v != "Fortinet FortiGuard" {
		t.Errorf("a page: %q", v)
	}
	if v := VendorOfAnswer("nginx", "403 Forbidden", ""); v != "" {
		t.Errorf("a web server: %q", v)
	}
}

// TestNoVendorIsPublic: no public root carries a vendor's word, so that a chain that merely
// lacks its root is not taken for an interception by name.
func TestNoVendorIsPublic(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	for root := range bundle.Roots() {
		c, err := x509.ParseCertificate(root.Certificate)
		if err != nil {
			continue
		}
		if v := vendorIn(c.Subject.String()); v != "" {
			t.Errorf("%s looks like %s", c.Subject, v)
		}
		if iothub.HubRoot(c.Subject.String()) {
			found[c.Subject.CommonName] = true
		}
	}
	for _, name := range iothub.HubRoots() {
		if !found[name] {
			t.Logf("%s is not among the public roots inside the binary", name)
		}
	}
	for _, name := range []string{"DigiCert Global Root G2", "Microsoft RSA Root Certificate Authority 2017",
		"DigiCert Global Root G3", "Microsoft ECC Root Certificate Authority 2017"} {
		if !found[name] {
			t.Errorf("the root %s of IoT Hub is not inside the binary", name)
		}
	}
	if iothub.HubRoot("CN=DigiCert Global Root G2 Box") || iothub.HubRoot("O=x,CN=DigiCert Global Root G2") {
		t.Error("a name that merely resembles a root's counts")
	}
}
