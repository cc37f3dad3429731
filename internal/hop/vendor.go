package hop

import (
	"crypto/x509"
	"strings"
)

// vendors are words by which inspection products give themselves away: in the issuers of
// the certificates that they make by default, in mail addresses there, and in the pages,
// servers' names and addresses by which they answer. A company that installs its own CA
// hides the first. The words are those of the products' own default CAs; those of Fortinet,
// Palo Alto, Cisco, Sophos, Aruba, Huawei and Ubiquiti are also what Tailscale goes by
// (net/tlsdial/blockblame).
var vendors = []struct{ word, vendor string }{
	{"fortinet", "Fortinet FortiGate"}, {"fortigate", "Fortinet FortiGate"},
	{"fortiguard", "Fortinet FortiGuard"}, {"palo alto", "Palo Alto Networks"}, {"paloalto", "Palo Alto Networks"},
	{"pan-fw", "Palo Alto Networks"},
	{"zscaler", "Zscaler"}, {"netskope", "Netskope"}, {"goskope", "Netskope"},
	{"sophos", "Sophos"}, {"cyberoam", "Sophos Cyberoam"},
	{"cisco umbrella", "Cisco Umbrella"}, {"opendns", "Cisco Umbrella"}, {"ironport", "Cisco Web Security Appliance"},
	{"blue coat", "Symantec Blue Coat"}, {"bluecoat", "Symantec Blue Coat"}, {"symantec web", "Symantec Web Security"},
	{"cloud swg", "Symantec Cloud SWG"},
	{"check point", "Check Point"}, {"checkpoint", "Check Point"},
	{"forcepoint", "Forcepoint"}, {"websense", "Forcepoint Websense"},
	{"mcafee web gateway", "Skyhigh (McAfee) Web Gateway"}, {"skyhigh", "Skyhigh Web Gateway"},
	{"barracuda", "Barracuda"}, {"watchguard", "WatchGuard"}, {"sonicwall", "SonicWall"},
	{"untangle", "Arista Untangle"}, {"smoothwall", "Smoothwall"},
	{"lightspeed", "Lightspeed"}, {"iboss", "iboss"}, {"contentkeeper", "ContentKeeper"},
	{"trend micro", "Trend Micro"}, {"cato networks", "Cato Networks"},
	{"mitmproxy", "mitmproxy"}, {"squid", "squid"}, {"portswigger", "Burp Suite"}, {"do_not_trust", "Fiddler"},
	{"charles proxy", "Charles"},
	{"aruba networks", "HPE Aruba"}, {"mobile@huawei.com", "Huawei"}, {"cn=unifi", "Ubiquiti UniFi"},
	{"ubiquiti", "Ubiquiti"}, {"meraki", "Cisco Meraki"}, {"cn=cisco", "Cisco"}, {"o=cisco", "Cisco"},
	{"kaspersky", "Kaspersky"}, {"eset ssl", "ESET"}, {"avast", "Avast"}, {"avg technologies", "AVG"},
	{"bitdefender", "Bitdefender"},
}

// vendorOf names the inspection product that gives itself away in a chain, and what gave
// it away.
func vendorOf(chain []*x509.Certificate) (vendor, evidence string) {
	for _, c := range chain {
		if v := vendorIn(c.Issuer.String()); v != "" {
			return v, "issuer " + c.Issuer.String()
		}
		for _, m := range c.EmailAddresses {
			if v := vendorIn(m); v != "" {
				return v, "mail address " + m
			}
		}
	}
	return "", ""
}

// VendorOfAnswer names the product that gives itself away in an answer's texts: a server's
// name, a page's title, where a redirect leads.
func VendorOfAnswer(texts ...string) string {
	for _, t := range texts {
		if v := vendorIn(t); v != "" {
			return v
		}
	}
	return ""
}

func vendorIn(text string) string {
	text = strings.ToLower(text)
	for _, v := range vendors {
		if strings.Contains(text, v.word) {
			return v.vendor
		}
	}
	return ""
}

// publicIssuers are the organisations whose CAs IoT Hub's certificates have come from
// (Azure documentation, "TLS support in IoT Hub"): a chain of theirs that leads to no
// root is incomplete, or this host lacks the root; it is no sign of interception.
var publicIssuers = []string{"microsoft corporation", "digicert inc", "baltimore", "d-trust"}

func publicIssuer(c *x509.Certificate) bool {
	for _, o := range c.Issuer.Organization {
		for _, p := range publicIssuers {
			if strings.EqualFold(o, p) {
				return true
			}
		}
	}
	return false
}
