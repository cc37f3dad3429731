package report

// The causes of the stage tls.
const (
	TLSIntercepted  Cause = "tls.intercepted"
	TLSUntrusted    Cause = "tls.untrusted"
	TLSExpired      Cause = "tls.expired"
	TLSNotYetValid  Cause = "tls.not-yet-valid"
	TLSNameMismatch Cause = "tls.name-mismatch"
	TLSReset        Cause = "tls.reset"
	TLSTimeout      Cause = "tls.timeout"
	TLSMTU          Cause = "tls.mtu"
	TLSAlert        Cause = "tls.alert"
	TLSNotTLS       Cause = "tls.not-tls"
	TLSClientAuth   Cause = "tls.client-auth"
	TLSWeak         Cause = "tls.weak"
	TLSCipher       Cause = "tls.cipher"
)

var tlsCauses = []CauseInfo{
	{Code: TLSIntercepted, Title: "TLS is intercepted by an inspection box",
		Seen:  "the chain does not verify, and a CA that is not the hub's issued the leaf",
		Means: "a firewall or proxy opens the TLS session and presents its own certificate", Actor: ActorFirewall,
		ProxyActor: ActorProxy,
		Remedy:     "Exempt {host} from TLS inspection (X.509 device authentication cannot work through it).",
		ProxyRemedy: "The proxy {host} presents a certificate that this host does not trust: install its CA in this " +
			"host's CA store, or give it with --ca-file to try.", Reproduced: "foreign"},
	{Code: TLSUntrusted, Title: "the certificate chain is not trusted", Seen: "a chain that does not verify and " +
		"shows no sign of interception: a self-signed leaf, an incomplete chain, a private CA that was not given",
		Means: "a CA is missing here, or the server sends an incomplete chain", Actor: ActorHost,
		Remedy: "Install the CA that issued {host}'s certificate, or give it with --ca-file (a parent gateway's " +
			"CA belongs into trust_bundle_cert).",
		ProxyRemedy: "Install the CA of the proxy {host}, or give it with --ca-file.", Reproduced: "foreign"},
	{Code: TLSExpired, Title: "the certificate has expired",
		Seen:  "the chain is good but for its validity: notAfter is past",
		Means: "the certificate is past its time, or this host's clock is ahead",
		Actor: ActorHost, Remedy: "Check this host's clock first (the report compares it with the server's Date).",
		Reproduced: "foreign"},
	{Code: TLSNotYetValid, Title: "the certificate is not yet valid",
		Seen:  "the chain is good but for its validity: notBefore lies ahead",
		Means: "this host's clock is behind, far more often than a certificate is early",
		Actor: ActorHost, Remedy: "Set this host's clock (enable NTP; where UDP 123 is closed, take the time from a " +
			"server inside the site).", Reproduced: "foreign"},
	{Code: TLSNameMismatch, Title: "the certificate is for another name", Seen: "a valid chain for another name",
		Means: "DNS leads elsewhere, a wrong host name, or a private-link name used in place of the public one",
		Actor: ActorDNS, Remedy: "Check where {host} resolves to: another server answers there.",
		ProxyActor: ActorProxy, ProxyRemedy: "The proxy's certificate is not for {host}: use the name in the " +
			"certificate in the proxy URL.", Reproduced: "foreign"},
	{Code: TLSReset, Title: "the connection is killed at the TLS hello",
		Seen:  "reset or end of stream after TCP was up and before the handshake was done",
		Means: "inspection by server name or by protocol, or a service that is going down",
		Actor: ActorFirewall, Remedy: "Find the rule (application control, SNI or URL filter) that cuts TLS to " +
			"{host}:{port}, and let it pass.", Reproduced: "foreign"},
	{Code: TLSTimeout, Title: "the TLS handshake stalls",
		Seen:  "the handshake stalls after TCP was up, whatever the size of the packets",
		Means: "something in between lets TCP connect and drops TLS, or whatever is sent",
		Actor: ActorFirewall, Remedy: "Find what lets TCP connect to {host}:{port} and stops what comes after it, " +
			"a rule about TLS or about everything, and let it pass.", Reproduced: "foreign"},
	{Code: TLSMTU, Title: "large packets are lost (path MTU)",
		Seen:  "the handshake stalls where small segments pass and large do not",
		Means: "a path MTU black hole: ICMP 'fragmentation needed' is filtered",
		Actor: ActorNetwork, Remedy: "Let ICMP type 3 code 4 pass, or clamp the MSS on the router.",
		Reproduced: "network"},
	{Code: TLSAlert, Title: "the peer refuses the handshake",
		Seen:  "the peer sent a TLS alert, or what OpenSSL 3 ends the handshake for",
		Means: "a version or cipher that the peer refuses, or the policy of a device in between",
		Actor: ActorFirewall, Remedy: "The peer refused TLS with the alert named in the report: look for a device " +
			"in between or server setting that limits TLS versions, ciphers or names.", Reproduced: "foreign"},
	{Code: TLSNotTLS, Title: "what answers is not TLS",
		Seen:  "the reply to the TLS hello is not TLS; its first bytes are in the detail",
		Means: "a captive portal, a block page in plain HTTP, or a wrong port",
		Actor: ActorNetwork, Remedy: "Something else answers in the name of {host}:{port}, a captive portal or " +
			"filter as a rule: exempt the device from it.",
		ProxyActor: ActorHost, ProxyRemedy: "The proxy at {host}:{port} does not speak TLS: use http:// in its URL.",
		Reproduced: "foreign"},
	{Code: TLSClientAuth, Title: "the peer demands a client certificate",
		Seen:  "the peer asked for a client certificate, got none, and refused for it",
		Means: "the service admits only clients with a certificate",
		Actor: ActorCredentials, Remedy: "{host}:{port} admits only clients with a certificate: give one with --cert " +
			"and --key at --depth auth.", Reproduced: "foreign"},
	{Code: TLSWeak, Title: "a certificate that clients judge differently", Seen: "a chain that verifies by one set " +
		"of rules and not by the other: key size, signature hash, curve, serial number, CN alone, a store " +
		"without the root",
		Means: "OpenSSL, which the runtime uses, and this program do not accept the same certificates; the detail " +
			"says who does", Actor: ActorFirewall, ProxyActor: ActorProxy,
		Remedy: "Have the certificate of {host} made anew by whoever makes it: RSA of 2048 bits or P-256, " +
			"signed with SHA-256, with the name as a subjectAltName.",
		ProxyRemedy: "Have the certificate of the proxy {host} made anew: RSA of 2048 bits or P-256, signed with " +
			"SHA-256, with the name as a subjectAltName.", Reproduced: "network"},
	{Code: TLSCipher, Title: "no cipher suite in common here",
		Seen: "the handshake is refused with this program's suites and curves, and done with those that OpenSSL has " +
			"beside them",
		Means: "the peer knows old suites alone; the runtime's OpenSSL may have one in common with it, and some day " +
			"will not", Actor: ActorFirewall, ProxyActor: ActorProxy,
		Remedy: "Have whoever answers for {host}:{port} offer ECDHE suites with AES-GCM, on X25519 or P-256 " +
			"and with an RSA or P-256 key: what it offers now not every client has.",
		ProxyRemedy: "Have the proxy at {host}:{port} offer ECDHE suites with AES-GCM, on X25519 or P-256 and with " +
			"an RSA or P-256 key: what it offers now not every client has.",
		Reproduced: "network"},
}
