package report

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
)

// FindingInfo is what the project knows of a finding, for documentation and
// `explain`; a Finding's own summary and remedy carry the values.
type FindingInfo struct {
	Code     FindingCode
	Severity string // as in the contract, in words where it depends
	Rule     string // the rule of thumb: when it is concluded
	Means    string // what follows from it
	Actor    Actor  // who acts, as a rule
	Remedy   string // what to do, as a rule
}

// FindingTable lists all findings in the order of the contract.
func FindingTable() []FindingInfo { return append([]FindingInfo(nil), findingTable...) }
