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

// FindingInfo is what the project knows of a finding.
type FindingInfo struct {
	Code     FindingCode
	Severity string // as in the contract, in words where it depends
	Rule     string // the rule of thumb
}

// FindingTable lists all findings in the order of the contract.
func FindingTable() []FindingInfo { return append([]FindingInfo(nil), findingTable...) }

var findingTable = []FindingInfo{
	{FirewallPortBlocked, "error where the configured or only sensible protocol needs the port, else info", "the same address answers on another port up to verified TLS at least, and this one times out, is refused or is unreachable; drop or reject said"},
	{FirewallAllBlocked, "error", "nothing answers directly, and the resolver does"},
	{FirewallSNI, "error", "TCP is fine, and the TLS hello gets killed only with this name"},
	{FirewallProtocol, "error", "TCP is fine, and the TLS hello gets killed whatever the name"},
	{FirewallWhere, "info", "how far dropped SYNs travel"},
	{DNSResolverDisagrees, "warning", "configured resolvers answer differently"},
	{DNSPrivateLink, "info; warning where it is half set up", "the public name resolves into private address space through a privatelink CNAME; a public address behind one: the private zone is not linked for this resolver"},
	{DNSNotNeeded, "info", "names do not resolve here, and the proxy route works"},
	{IPv6Broken, "warning", "AAAA answers, IPv6 connects fail, IPv4 works"},
	{ProxyRequired, "info", "only proxied routes work"},
	{ProxyRuntimeLimits, "warning", "a proxied AMQP or MQTT (not WebSocket) path or a SOCKS5 route works or is asked for: the runtime will not use it"},
	{ProxyUnneeded, "warning", "a WebSocket protocol works directly and not through the proxy that is configured"},
	{ProxyScheme, "error without a scheme; warning for https://", "the proxy URL lacks a scheme, or is https://, which runtimes up to 1.4 cannot use"},
	{ProxyNoProxyIgnored, "warning", "no_proxy is set and a runtime component on the path does not honour it"},
	{TLSInspection, "error if a needed path fails for it, else warning", "at least one route shows a chain that is not the public one for a public name"},
	{TLSCAMissingInBundle, "error", "the chain verifies for the daemon on the host and not for the containers"},
	{TLSCAMissingInOS, "error", "the chain verifies for the containers and not for the daemon on the host"},
	{CaptivePortal, "error", "block pages, redirects, or plain HTTP in place of TLS, on otherwise healthy TCP"},
	{ClockSkew, "warning from 60 s, error from 300 s", "Date against local time"},
	{MTUBlackhole, "error", "any tls.mtu"},
	{LatencyHigh, "warning", "measured, with the figures"},
	{Loss, "warning", "measured, with the figures"},
	{HoldShort, "warning", "an idle connection lives shorter than the runtime's own heartbeat (AMQP 60 s, MQTT 75 s)"},
	{ServiceUnwell, "warning", "http.status, amqp.error, mqtt.refused: reached, and not well"},
	{HTTPSRequired, "error", "the hub's HTTPS (443) cannot be reached: the daemon needs it whatever the upstream protocol"},
	{ProtocolNone, "error", "no UpstreamProtocol works"},
	{ProtocolMismatch, "error", "what is configured or expected does not work, and what does is named"},
	{ProtocolUnsetHub, "warning; error where AMQP does not work", "edgeHub unset means AMQP over TCP only, without the fallback that edgeAgent has"},
	{ProtocolInconsistent, "error", "edgeAgent, edgeHub, host configuration or running containers differ"},
}
