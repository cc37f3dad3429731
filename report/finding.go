package report

import "slices"

// FindingCode is the stable code of a conclusion.
type FindingCode string

// The findings of the contract.
const (
	FirewallPortBlocked  FindingCode = "firewall.port-blocked"
	FirewallAllBlocked   FindingCode = "firewall.all-blocked"
	FirewallSNI          FindingCode = "firewall.sni"
	FirewallProtocol     FindingCode = "firewall.protocol"
	FirewallWhere        FindingCode = "firewall.where"
	DNSResolverDisagrees FindingCode = "dns.resolver-disagrees"
	DNSPrivateLink       FindingCode = "dns.private-link"
	DNSNotNeeded         FindingCode = "dns.not-needed"
	IPv6Broken           FindingCode = "ipv6.broken"
	ProxyRequired        FindingCode = "proxy.required"
	ProxyRuntimeLimits   FindingCode = "proxy.runtime-limits"
	ProxyUnneeded        FindingCode = "proxy.unneeded"
	ProxyScheme          FindingCode = "proxy.scheme"
	ProxyNoProxyIgnored  FindingCode = "proxy.no-proxy-ignored"
	TLSInspection        FindingCode = "tls.inspection"
	TLSCAMissingInBundle FindingCode = "tls.ca-missing-in-bundle"
	TLSCAMissingInOS     FindingCode = "tls.ca-missing-in-os"
	CaptivePortal        FindingCode = "captive-portal"
	ClockSkew            FindingCode = "clock.skew"
	MTUBlackhole         FindingCode = "mtu.blackhole"
	LatencyHigh          FindingCode = "latency.high"
	Loss                 FindingCode = "loss"
	HoldShort            FindingCode = "hold.short"
	ServiceUnwell        FindingCode = "service.unwell"
	HTTPSRequired        FindingCode = "https.required"
	ProtocolNone         FindingCode = "protocol.none"
	ProtocolMismatch     FindingCode = "protocol.mismatch"
	ProtocolUnsetHub     FindingCode = "protocol.unset-hub"
	ProtocolInconsistent FindingCode = "protocol.inconsistent"
	ContainerNoIPv6      FindingCode = "container.no-ipv6"
	NetworkSlow          FindingCode = "network.slow"
	HostBusy             FindingCode = "host.busy"
	LimitConnections     FindingCode = "limit.connections"
	ProxyNotAsRuntime    FindingCode = "proxy.not-as-runtime"

	AddressStale               FindingCode = "address.stale"
	AddressDead                FindingCode = "address.dead"
	AddressDiffers             FindingCode = "address.differs"
	DNSSearch                  FindingCode = "dns.search"
	DNSFilter                  FindingCode = "dns.filter"
	DNSHijack                  FindingCode = "dns.hijack"
	DNSSlow                    FindingCode = "dns.slow"
	PrivateEndpointUnreachable FindingCode = "private-endpoint.unreachable"
	DPSUnreachable             FindingCode = "dps.unreachable"
	RegistryUnreachable        FindingCode = "registry.unreachable"
	CertificateImpostor        FindingCode = "certificate.impostor"
	RouteOther                 FindingCode = "route.other"
	MTUUpstream                FindingCode = "mtu.upstream"
	ProxyLifetime              FindingCode = "proxy.lifetime"
)

// Group says what kind of conclusion a finding is.
type Group string

// The groups.
const (
	GroupOutcome Group = "outcome" // restates the verdict: it follows from the failures of paths
	GroupReason  Group = "reason"  // says why paths fail, nearer to the cause than their own codes
	GroupSetting Group = "setting" // what is set on the device does not fit
	GroupMeasure Group = "measure" // measured, with the figures
	GroupNote    Group = "note"    // worth knowing beside the rest
	GroupLog     Group = "log"     // what the runtime's logs show; no check draws it
)

// FindingInfo is one row: all that is decided of a finding in one place. A Finding's own
// summary and remedy carry the values; what draws it is its rule in internal/judge.
type FindingInfo struct {
	Code     FindingCode
	Group    Group
	Weigh    func(Facts) Severity // the severity
	Severity string               // in words, where they say more than SeverityWords makes of Weigh
	Rule     string               // the rule of thumb: when it is concluded
	Means    string               // what follows from it
	Actor    Actor                // who acts, as a rule
	Remedy   string               // what to do, as a rule, for whoever acts
	Do       string               // the same for the user's screen; empty: whoever acts is asked for the remedy
	// Between is the word for what stands in the way, where the row's own actor acts; with a
	// question mark where it is a guess. Empty: it names nothing in between.
	Between     string
	FollowsFrom []FindingCode // the findings that it is only the consequence of, where they are about the same failures
}

// FindingTable lists all findings in the order of the contract.
func FindingTable() []FindingInfo {
	return slices.Concat(findingTable, logsFindings)
}

// Info gives the table's row; false for a code that is not in it.
func (c FindingCode) Info() (FindingInfo, bool) {
	for _, t := range [...][]FindingInfo{findingTable, logsFindings} {
		for i := range t {
			if t[i].Code == c {
				return t[i], true
			}
		}
	}
	return FindingInfo{}, false
}

// SeverityWords is the severity for people, with what it depends on.
func (i FindingInfo) SeverityWords() string {
	needed, otherwise := i.Weigh(Facts{Needed: true}), i.Weigh(Facts{})
	switch {
	case i.Severity != "":
		return i.Severity
	case needed != otherwise:
		return string(needed) + "; " + string(otherwise) + " where nothing needs the paths"
	}
	return string(otherwise)
}
