package judge

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"edgenet/report"
)

// doubtOrigin: where nothing shows that an address is the target's, and how it came to be it is odd,
// that comes first: who opens a port to a wrong address has opened nothing.
func doubtOrigin(r *report.Result, results []report.Result) {
	first, actor := oddOrigin(r)
	if first == "" || r.Actor != report.ActorFirewall && r.Actor != report.ActorNetwork ||
		(&view{results: results}).answers(remoteIP(r), 0) != nil {
		return
	}
	r.Actor, r.Remedy = actor, ifSo(first, r.Remedy)
}

// ifSo puts a question before a remedy that only its answer makes one.
func ifSo(first, then string) string { return first + " If so: " + then }

// nat64 is the well-known prefix of addresses that a name server makes of IPv4's (RFC 6052, section 2.1).
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

// oddOrigin says what to look at first where a path got no connection at an address that came from
// nowhere that can be held against it; empty where there is nothing odd.
func oddOrigin(r *report.Result) (first string, actor report.Actor) {
	d, ip := nameStep(r), remoteIP(r)
	if d == nil || ip == "" || !direct(r) || !atTCP(r) {
		return "", ""
	}
	asked, _ := r.Experiment(report.Resolvers)
	a, err := netip.ParseAddr(ip)
	switch {
	case d.Resolver == fromHosts && len(asked.Addresses) == 0:
		return fmt.Sprintf("See whether %s still is the address of %s: it stands in line %d of this host's hosts "+
			"file, and no name server could be asked to compare.", ip, r.Host, d.Line), report.ActorHost
	case d.Resolver == fromCommand:
		return fmt.Sprintf("See whether %s is the address of %s: it was given by --connect-to.", ip, r.Host),
			report.ActorUser
	case d.Resolver == fromHosts:
		return "", ""
	case err == nil && nat64.Contains(a):
		return fmt.Sprintf("See whether a NAT64 gateway serves this network: %s is an address that the name server "+
			"made of an IPv4 one (DNS64), and it leads nowhere without one.", ip), report.ActorNetwork
	case !publicCloud(r.Host):
		return "", ""
	case strayAlias(d) != "":
		return fmt.Sprintf("Have it confirmed that %s is the address of %s: %s gives it by the alias %s, which is "+
			"not known to be Azure's, as a DNS filter does.", ip, r.Host, d.Resolver, strayAlias(d)), report.ActorDNS
	case privateAddress(ip) && !privatelink(d):
		return fmt.Sprintf("Have it confirmed that %s is the address of %s: it is a private one, and no private "+
			"endpoint's alias led to it.", ip, r.Host), report.ActorDNS
	}
	return "", ""
}

// clouds are the domains in which aliases of Azure's services end. More may come: an alias outside
// of them is a reason to ask, and no proof.
var clouds = []string{
	"azure-devices.net", "azure-devices.us", "azure-devices.cn", "azure-devices-provisioning.net",
	"azure-devices-provisioning.us", "azure-devices-provisioning.cn", "cloudapp.net", "azure.com",
	"azure.net", "azure.us", "azure.cn", "azurefd.net", "azureedge.net", "trafficmanager.net",
	"trafficmanager.cn", "usgovtrafficmanager.net", "usgovcloudapp.net", "chinacloudapp.cn", "windows.net",
	"microsoft.com", "msedge.net",
}

// strayAlias is the first alias of a name that stands outside of the cloud's domains.
func strayAlias(d *report.DNSDetail) string {
	for _, c := range d.CNAME {
		name := strings.ToLower(strings.TrimSuffix(c, "."))
		if name != "" && !slices.ContainsFunc(clouds, func(s string) bool {
			return name == s || strings.HasSuffix(name, "."+s)
		}) {
			return name
		}
	}
	return ""
}
