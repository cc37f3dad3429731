package hop

import (
	"crypto/x509"
	"strings"
)

// vendors are words in the issuers that inspection products write into the
// certificates they make by default; a company that installs its own CA hides them.
var vendors = []struct{ word, vendor string }{
	{"fortinet", "Fortinet FortiGate"}, {"fortigate", "Fortinet FortiGate"},
	{"palo alto", "Palo Alto Networks"}, {"paloalto", "Palo Alto Networks"},
	{"zscaler", "Zscaler"}, {"netskope", "Netskope"}, {"goskope", "Netskope"},
	{"sophos", "Sophos"}, {"cyberoam", "Sophos Cyberoam"},
	{"cisco umbrella", "Cisco Umbrella"}, {"opendns", "Cisco Umbrella"}, {"ironport", "Cisco Web Security Appliance"},
	{"blue coat", "Symantec Blue Coat"}, {"bluecoat", "Symantec Blue Coat"}, {"symantec web", "Symantec Web Security"}, {"cloud swg", "Symantec Cloud SWG"},
	{"check point", "Check Point"}, {"checkpoint", "Check Point"},
	{"forcepoint", "Forcepoint"}, {"websense", "Forcepoint Websense"}, {"mcafee web gateway", "Skyhigh (McAfee) Web Gateway"}, {"skyhigh", "Skyhigh Web Gateway"},
	{"barracuda", "Barracuda"}, {"watchguard", "WatchGuard"}, {"sonicwall", "SonicWall"}, {"untangle", "Arista Untangle"}, {"smoothwall", "Smoothwall"},
	{"lightspeed", "Lightspeed"}, {"iboss", "iboss"}, {"contentkeeper", "ContentKeeper"}, {"trend micro", "Trend Micro"}, {"cato networks", "Cato Networks"},
	{"mitmproxy", "mitmproxy"}, {"squid", "squid"}, {"portswigger", "Burp Suite"}, {"do_not_trust", "Fiddler"}, {"charles proxy", "Charles"},
	{"kaspersky", "Kaspersky"}, {"eset ssl", "ESET"}, {"avast", "Avast"}, {"avg technologies", "AVG"}, {"bitdefender", "Bitdefender"},
}

// vendorOf names the inspection product that gives itself away in a chain's issuers.
func vendorOf(chain []*x509.Certificate) string {
	for _, c := range chain {
		issuer := strings.ToLower(c.Issuer.String())
		for _, v := range vendors {
			if strings.Contains(issuer, v.word) {
				return v.vendor
			}
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
