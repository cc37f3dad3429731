package report

// howCauses say with what each cause was produced for real: in network namespaces
// (internal/verify/netns), against foreign servers (internal/verify/interop), or in the lab.
var howCauses = map[Cause]string{
	DNSNXDomain:    "dnsmasq that answers NXDOMAIN for every name",
	DNSNoAddress:   "dnsmasq that has an A record alone, asked with -6",
	DNSServfail:    "unbound whose forwarder refuses",
	DNSRefused:     "dnsmasq without an upstream",
	DNSTimeout:     "nftables that drops UDP and TCP 53; UDP alone; a frozen dnsmasq",
	DNSUnreachable: "port 53 closed, rejected with ICMP, no route to it, an empty resolv.conf",
	DNSSinkhole:    "dnsmasq that gives 0.0.0.0 and 127.0.0.1 for a name under azure-devices.net",
	DNSMalformed:   "socat that sends text in place of DNS",

	TCPTimeout:     "nftables that drops the port: at the firewall, at the provider's router, at this host",
	TCPRefused:     "nftables that rejects with a TCP reset or ICMP port-unreachable; a port that nobody listens on",
	TCPUnreachable: "nftables that rejects with each other type of ICMP and ICMPv6; a host that is not there",
	TCPNoRoute:     "no default route, an unreachable route, a link that is down",
	TCPLocalDenied: "a prohibit route and a blackhole route on this host",
	TCPNoNeighbour: "an address on the client's own link that nobody has; a gateway that is off",

	ConnectTimeout:         "squid whose way to the hub is dropped; a frozen squid; socat that never answers",
	ConnectClosed:          "haproxy that rejects the content",
	ConnectNotHTTP:         "socat with an SSH banner; microsocks asked by CONNECT",
	ConnectAuthRequired:    "squid and tinyproxy with Basic, without credentials",
	ConnectAuthRejected:    "squid with Basic and a wrong password",
	ConnectAuthUnsupported: "squid with Digest, NTLM and Negotiate alone",
	ConnectForbidden:       "squid's and tinyproxy's rules for ports and names",
	ConnectUnsupported:     "nginx asked by CONNECT",
	ConnectUpstreamDNS:     "Apache whose name server does not know the hub",
	ConnectUpstreamTimeout: "squid whose way to the hub is dropped, and that gives up",
	ConnectUpstreamRefused: "squid whose way to the hub is rejected",
	ConnectUpstream:        "haproxy without a server behind it",
	ConnectStatus:          "haproxy that denies with 429",
	ConnectSOCKS:           "dante with a rule against 5671; microsocks with a wrong password",
	ConnectRedirect:        "a server that answers 302 as web gateways do",
	ConnectLimit:           "squid with maxconn",

	TLSIntercepted:  "squid's ssl-bump; nginx with a certificate of Fortinet's for a public name",
	TLSUntrusted:    "nginx with a company's CA for a private name; a self-signed certificate",
	TLSExpired:      "nginx with a certificate that ended yesterday",
	TLSNotYetValid:  "nginx with a certificate that begins tomorrow",
	TLSNameMismatch: "nginx with a certificate for another name",
	TLSReset:        "nftables that resets at the first byte of a TLS hello; iptables that resets by server name",
	TLSTimeout:      "nftables that drops the TLS hello; iptables that drops it by server name",
	TLSMTU:          "a link with a smaller MTU whose routers send no ICMP",
	TLSAlert:        "nginx with TLS 1.0 and 1.1 alone; ssl_reject_handshake; gnutls-serv without safe renegotiation",
	TLSNotTLS:       "nginx with plain HTTP on 443; a redirect of all ports to a portal",
	TLSClientAuth:   "openssl s_server -Verify; nginx with ssl_verify_client",
	TLSWeak:         "nginx with RSA of 1024 bits, with CN alone, signed with SHA-1",
	TLSCipher:       "socat and nginx with CBC suites alone",

	WSStatus:      "nginx that strips Upgrade; squid's ssl-bump, which does so unless told otherwise",
	WSBlockPage:   "nginx with a redirect, a page with 200 and one with 403",
	WSNotUpgraded: "ws for Node without the sub-protocol",
	WSClosed:      "nginx's return 444",
	WSTimeout:     "nginx before a frozen server",

	AMQPNotAMQP: "nginx on AMQP's port",
	AMQPVersion: "RabbitMQ that speaks 0-9-1 alone",
	AMQPSASL:    "rhea with SASL PLAIN alone",
	AMQPClosed:  "mosquitto and aedes on AMQP's port",
	AMQPTimeout: "haproxy's TLS before a frozen server",
	AMQPError:   "rhea that closes with an error",

	MQTTNotMQTT: "nginx on MQTT's port",
	MQTTClosed:  "rhea on MQTT's port",
	MQTTTimeout: "haproxy's TLS before a frozen server",
	MQTTRefused: "aedes that answers CONNACK 2 and 3",

	HTTPBlockPage: "nginx with pages and redirects; openssl s_server -www",
	HTTPStatus:    "nginx with 503 and 429 and the hub's own header",
	HTTPTimeout:   "nginx before a frozen server",
	HTTPClosed:    "nginx's return 444",
	HTTPMalformed: "openssl s_server -rev",
	HTTPSuspended: "nginx that answers with the hub's error code",
	HTTPForbidden: "nginx that answers with the hub's error code",

	AuthRejected:      "the lab with a wrong key",
	AuthExpired:       "the lab with a token that ended",
	AuthUnknownDevice: "nginx that answers the request with the hub's 404",
	AuthClock:         "the lab with a wrong key and a clock that is an hour ahead",

	HoldDropped: "a NAT (nftables, conntrack) that forgets connections after 3 s and drops what belongs to them",
	HoldReset:   "the same that answers with a reset",

	PathSlow:  "a link of 16 kbit/s, and round trips of 1.3 s, with a short --timeout",
	HostLimit: "ulimit -n; a full range of local ports; a processor that others keep busy",

	Unknown: "socat that sends an AMQP flow where the mechanisms belong",
}

// howFindings say the same for findings.
var howFindings = map[FindingCode]string{
	FirewallPortBlocked: "one port dropped, reset or rejected with each type of ICMP, the others open",
	FirewallAllBlocked:  "all of TCP dropped",
	FirewallSNI:         "iptables that resets, and that drops, hellos which hold the hub's name",
	FirewallProtocol:    "nftables that resets, and that drops, every TLS hello on one port",
	FirewallWhere: "a port dropped at this host, at the firewall (hop 1) and at the provider's router (hop " +
		"2); with a router that answers nothing between",
	DNSResolverDisagrees: "two dnsmasq with different addresses",
	DNSPrivateLink:       "dnsmasq with a privatelink CNAME",
	DNSNotNeeded:         "port 53 dropped, and squid that resolves by itself",
	IPv6Broken:           "IPv6 dropped, IPv4 open",
	ProxyRequired:        "all direct ways dropped, and squid open",
	ProxyRuntimeLimits:   "dante by SOCKS5; squid that lets CONNECT to 5671 pass",
	ProxyUnneeded:        "nothing listens at the proxy, and the direct way is open",
	ProxyScheme:          "an https:// URL for squid",
	ProxyNoProxyIgnored:  "no_proxy with the hub's name, beside https_proxy",
	TLSInspection: "squid's ssl-bump; nginx with Fortinet's CA; a firewall that leads 443, 5671 and 8883 " +
		"through squid, and through mitmproxy, without a proxy configured",
	TLSCAMissingInBundle: "the CA in this host's store alone, also that of a transparent inspection",
	TLSCAMissingInOS:     "the CA in the trust bundle alone",
	CaptivePortal:        "all ports redirected to an nginx that answers with a redirect to a login page",
	ClockSkew:            "a hub whose Date is 10 minutes ahead",
	MTUBlackhole:         "a link with a smaller MTU whose routers send no ICMP",
	LatencyHigh:          "a delay line of 700 ms each way",
	Loss:                 "nftables that resets every third connection, or drops one packet in five",
	HoldShort:            "a NAT that forgets connections after 3 s",
	ServiceUnwell:        "a hub that answers 429, or an AMQP error",
	HTTPSRequired:        "all of TCP dropped",
	ProtocolNone:         "all of TCP dropped",
	ProtocolMismatch:     "AMQP expected, and 5671 dropped",
	ProtocolUnsetHub:     "no network does: it is about what is configured",
	NetworkSlow:          "tbf at 16, 32 and 64 kbit/s; a delay line of 650 ms each way",
	HostBusy:             "a check that may open few files",
	LimitConnections:     "squid with maxconn; nftables with ct count",
	DPSUnreachable:       "a provisioning service whose port 443 is dropped, and others are open",
	MTUUpstream:          "nftables that drops large packets on the way up alone",
	ProxyLifetime:        "a proxy that ends every tunnel after 3 s however busy",
	RouteOther:           "two default routes, the preferred one into a network of machines",
	CertificateImpostor:  "nginx with a chain of a root that is called as a public one",
	RegistryUnreachable:  "a resolver that knows the hub and no registry",
	ProxyNotAsRuntime:    "squid that wants a User-Agent; a proxy that never answers 407",
	AddressStale:         "an old address in the hosts file",
	AddressDead:          "nftables that drops one of two addresses; a proxy's name with one dead address",
	AddressDiffers:       "a name with two addresses, one behind an inspection; a proxy's name with one that denies",
	DNSSearch:            "dnsmasq that knows the name below a search domain alone",
	DNSFilter:            "dnsmasq that gives a filter's block-page address",
	DNSHijack:            "dnsmasq that leads every name to one portal (nginx)",
	DNSSlow:              "nftables that drops what goes to the first name server",

	PrivateEndpointUnreachable: "dnsmasq with a privatelink CNAME to an address that is dropped or not routed",
	ProtocolInconsistent:       "no network does: it is about what is configured",
	ContainerNoIPv6: "reports of a host that goes by IPv6 and of a container without an address of that family, " +
		"made by hand; not yet with an engine",

	UpstreamNever: readInLogs, UpstreamFlapping: readInLogs, UpstreamReasonNotLogged: readInLogs,
	IdentityCrashLoop: readInLogs,
	IdentityDuplicate: readInLogs, IdentityDeleted: readInLogs, StorageFull: readInLogs, EdgeCAExpired: readInLogs,
	RegistryPull: readInLogs, EngineDNS: readInLogs, LogIncomplete: readInLogs,
	DeviceFault: readInLogs,
}

const readInLogs = "no network does: it is read in the runtime's logs"

// How says with what the cause was produced for real.
func (c Cause) How() string { return howCauses[c] }

// How says with what the finding was produced for real.
func (c FindingCode) How() string { return howFindings[c] }
