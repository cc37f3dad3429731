package report

// The causes of the stages dns and tcp, and Unknown.
const (
	DNSNXDomain    Cause = "dns.nxdomain"
	DNSNoAddress   Cause = "dns.no-address"
	DNSServfail    Cause = "dns.servfail"
	DNSRefused     Cause = "dns.refused"
	DNSTimeout     Cause = "dns.timeout"
	DNSUnreachable Cause = "dns.unreachable"
	DNSSinkhole    Cause = "dns.sinkhole"
	DNSMalformed   Cause = "dns.malformed"

	TCPTimeout     Cause = "tcp.timeout"
	TCPRefused     Cause = "tcp.refused"
	TCPUnreachable Cause = "tcp.unreachable"
	TCPNoRoute     Cause = "tcp.no-route"
	TCPLocalDenied Cause = "tcp.local-denied"
	TCPNoNeighbour Cause = "tcp.no-neighbour"

	Unknown Cause = "unknown"
)

var unknownCause = CauseInfo{Code: Unknown, Title: "failed in a way that no cause covers",
	Seen:  "none of the table's causes; the error's own text stands in the summary",
	Means: "unknown stays unknown: nothing is guessed",
	Actor: ActorUnknown, Remedy: "Read the error text and the steps (-v); report it with the JSON report, so that it " +
		"gets a cause of its own.", Reproduced: "lab"}

var dnsCauses = []CauseInfo{
	{Code: DNSNXDomain, Title: "the name does not exist",
		Seen: "the resolver says that the name does not exist (NXDOMAIN)",
		Means: "a typing error in the name, a deleted or renamed hub, or an internal DNS that does not know " +
			"external names",
		Actor: ActorDNS, Remedy: "Have the resolver forward external names, or at least {host}.",
		ProxyRemedy: "Have the internal DNS know the proxy's name {host}.",
		Reproduced:  "foreign"},
	{Code: DNSNoAddress, Title: "the name has no usable address",
		Seen:  "the name exists and has no address of a family that this run may use",
		Means: "the zone lacks the address record, or only the other address family was allowed", Actor: ActorDNS,
		Remedy: "Give {host} an A record (IoT Hub is IPv4 only); if the check was run with -4 or -6, it is " +
			"worth a try without.",
		ProxyRemedy: "Give the proxy {host} an address record; if the check was run with -4 or -6, it is worth a try " +
			"without.", Reproduced: "foreign"},
	{Code: DNSServfail, Title: "the resolver failed (SERVFAIL)", Seen: "the resolver answers SERVFAIL",
		Means: "the resolver cannot reach its own upstream, or DNSSEC validation fails there",
		Actor: ActorDNS, Remedy: "Find out why the resolver cannot resolve {host}: its forwarder, its root access or " +
			"its DNSSEC validation.", Reproduced: "foreign"},
	{Code: DNSRefused, Title: "the resolver refuses to answer", Seen: "the resolver answers REFUSED",
		Means: "recursion is not allowed for this client or this name",
		Actor: ActorDNS, Remedy: "Allow recursion for this device's address, or name the resolver that is meant for " +
			"it.", Reproduced: "foreign"},
	{Code: DNSTimeout, Title: "no resolver answers", Seen: "no answer from any configured resolver within the time",
		Means: "UDP and TCP 53 to the resolver are dropped, or the resolver is down",
		Actor: ActorFirewall, Remedy: "Open UDP and TCP 53 from this host to the configured resolvers. Through " +
			"a proxy that resolves names itself, the WebSocket protocols do without.",
		ProxyRemedy: "The proxy's name {host} cannot be looked up: open UDP and TCP 53 from this host to the " +
			"configured resolvers.", Reproduced: "foreign"},
	{Code: DNSUnreachable, Title: "no resolver can be reached",
		Seen:  "ICMP unreachable from the resolver, none configured, or this host refuses to send",
		Means: "the resolver is down, resolv.conf is wrong, or this host's own firewall", Actor: ActorHost,
		Remedy: "Check the resolvers in /etc/resolv.conf (or the system's network settings), that the DNS server " +
			"runs, and this host's own firewall for port 53.", Reproduced: "foreign"},
	{Code: DNSSinkhole, Title: "the name is sinkholed",
		Seen:  "an unspecified, loopback, link-local or documentation address for a public name",
		Means: "a DNS filter blocks the name",
		Actor: ActorDNS, Remedy: "Take {host} off the DNS filter's block list: the name now leads nowhere on purpose.",
		Reproduced: "foreign"},
	{Code: DNSMalformed, Title: "the DNS answer is garbage", Seen: "the answer cannot be parsed as DNS",
		Means: "a device in between rewrites DNS, or something else listens on port 53",
		Actor: ActorDNS, Remedy: "Find out what answers on port 53 of the configured resolver: it is not DNS.",
		Reproduced: "foreign"},
}

var tcpCauses = []CauseInfo{
	{Code: TCPTimeout, Title: "no answer to the connection attempt", Seen: "no SYN-ACK and no error within the time",
		Means: "a firewall on the way drops the packets, or the host is down",
		Actor: ActorFirewall, Remedy: "Allow outbound TCP {port} to {host}; the firewall's log shows the attempts by " +
			"this host's address and the time in the report.",
		ProxyRemedy: "Nothing answers at the proxy's address {host}:{port}: allow TCP {port} from this host to it.",
		Reproduced:  "network"},
	{Code: TCPRefused, Title: "connection refused", Seen: "a reset in answer to the SYN",
		Means: "a firewall rejects the port with a TCP reset, or nothing listens there: a parent gateway that " +
			"refuses has the protocol head off or its port not published",
		Actor: ActorFirewall, Remedy: "Allow outbound TCP {port} to {host}: it is actively rejected.",
		ProxyActor: ActorProxy, ProxyRemedy: "Nothing listens at the proxy's address {host}:{port}: see that the " +
			"proxy runs.", Reproduced: "foreign"},
	{Code: TCPUnreachable, Title: "the network says unreachable",
		Seen:  "an ICMP refusal from the network, or no ARP answer",
		Means: "a router or firewall refuses with ICMP, or the last hop does not find the host",
		Actor: ActorNetwork, Remedy: "A router or firewall answers for {host}:{port} with an ICMP refusal: allow " +
			"outbound TCP {port}, or repair the route.",
		ProxyRemedy: "The network cannot reach the proxy {host}:{port}: check its address and the route to it.",
		Reproduced:  "network"},
	{Code: TCPNoRoute, Title: "this host has no route",
		Seen:  "this host has no route to the address (a UDP connect to the same address gives the same error)",
		Means: "no default gateway, a link that is down, or an unreachable route",
		Actor: ActorHost, Remedy: "This host has no route to {host}: check link, address and default gateway (ip " +
			"route).", Reproduced: "network"},
	{Code: TCPLocalDenied, Title: "this host itself refuses",
		Seen:  "EPERM, or another error that a UDP connect to the same address gives too",
		Means: "this host's own firewall or a prohibit route",
		Actor: ActorHost, Remedy: "This host's own firewall or a prohibit route refuses TCP {port} to {host}: check " +
			"nft list ruleset, iptables -S, ip rule and ip route.", Reproduced: "network"},
	{Code: TCPNoNeighbour, Title: "nobody there on the link",
		Seen:  "nobody answers ARP or neighbour discovery for the address, or for the gateway that leads to it",
		Means: "on this link there is no host with that address: it is off, unplugged, or has another address",
		Actor: ActorHost,
		Remedy: "Nobody answers at the address of {host} on this host's own link: check that it is on, plugged " +
			"in and has this address, and that this host is on the right network.",
		ProxyRemedy: "Nobody answers at the proxy's address {host} on this host's own link: check that the proxy is " +
			"on and has this address, and that this host is on the right network.", Reproduced: "network"},
}
