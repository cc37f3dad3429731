package report

// The causes of the stage connect, always at HopProxy.
const (
	ConnectTimeout         Cause = "connect.timeout"
	ConnectClosed          Cause = "connect.closed"
	ConnectNotHTTP         Cause = "connect.not-http"
	ConnectAuthRequired    Cause = "connect.auth-required"
	ConnectAuthRejected    Cause = "connect.auth-rejected"
	ConnectAuthUnsupported Cause = "connect.auth-unsupported"
	ConnectForbidden       Cause = "connect.forbidden"
	ConnectUnsupported     Cause = "connect.unsupported"
	ConnectUpstreamDNS     Cause = "connect.upstream-dns"
	ConnectUpstreamTimeout Cause = "connect.upstream-timeout"
	ConnectUpstreamRefused Cause = "connect.upstream-refused"
	ConnectUpstream        Cause = "connect.upstream"
	ConnectStatus          Cause = "connect.status"
	ConnectSOCKS           Cause = "connect.socks"
	ConnectRedirect        Cause = "connect.redirect"
	ConnectLimit           Cause = "connect.limit"
)

var connectCauses = []CauseInfo{
	{Code: ConnectTimeout, Title: "the proxy does not answer CONNECT",
		Seen:  "connected to the proxy, CONNECT sent, no reply within the time",
		Means: "the proxy, or the network behind it, stalls: many proxies wait a minute for their own connection",
		Actor: ActorProxy,
		Remedy: "Find out whether {proxy} can reach {host}:{port}: its log shows the CONNECT, and its own outbound " +
			"firewall may drop it.", Reproduced: "foreign"},
	{Code: ConnectClosed, Title: "the proxy closes instead of answering",
		Seen:  "the proxy closed or reset the connection instead of replying to CONNECT",
		Means: "the proxy does not speak CONNECT here, or refuses without a word",
		Actor: ActorProxy, Remedy: "Find out why {proxy} closes on CONNECT {host}:{port}, and whether the port in " +
			"the URL is the proxy's HTTP port.", Reproduced: "foreign"},
	{Code: ConnectNotHTTP, Title: "what answers is no HTTP proxy", Seen: "the reply to CONNECT is not HTTP",
		Means: "a TLS or SOCKS port, or another service: wrong port or wrong scheme in the proxy URL",
		Actor: ActorHost, Remedy: "The proxy URL's port or scheme is wrong: what answers at {proxy} does not speak " +
			"HTTP. Ask for the HTTP proxy's own.",
		Reproduced: "foreign"},
	{Code: ConnectAuthRequired, Title: "the proxy wants a password (Basic)",
		Seen: "407 that offers Basic, and no credentials were given", Means: "the proxy needs credentials in its URL",
		Actor: ActorCredentials, Remedy: "Put user and password of the proxy into its URL (http://user:password@…, " +
			"percent-encoded) in every place where the proxy is set.", Reproduced: "foreign"},
	{Code: ConnectAuthRejected, Title: "the proxy rejects the password",
		Seen:  "407 that offers Basic although credentials were sent",
		Means: "wrong user or password, or an expired account",
		Actor: ActorCredentials, Remedy: "Check user and password of the proxy; ':' '@' '/' '%' in them must be " +
			"percent-encoded in the URL. If they are right, ask whether the account is locked or has expired.",
		Reproduced: "foreign"},
	{Code: ConnectAuthUnsupported, Title: "the proxy wants a login that IoT Edge cannot do",
		Seen:  "407 that does not offer Basic (only NTLM, Negotiate, Digest …)",
		Means: "IoT Edge can answer Basic alone",
		Actor: ActorProxy, Remedy: "Offer Basic authentication to this device, or let this device reach {host}:443 " +
			"without a login.", Reproduced: "foreign"},
	{Code: ConnectForbidden, Title: "the proxy's policy forbids it", Seen: "403, 401 or 451 in answer to CONNECT",
		Means: "the proxy's policy refuses this host or this port",
		Actor: ActorProxy, Remedy: "Allow CONNECT to {host}:{port} from this device.", Reproduced: "foreign"},
	{Code: ConnectUnsupported, Title: "this server does not do CONNECT",
		Seen:  "400, 405 or 501, or a 2xx with an HTML page, in answer to CONNECT",
		Means: "a web server or a reverse proxy, not a forward proxy, or the wrong scheme",
		Actor: ActorHost, Remedy: "What answers at {proxy} is not a forward proxy: check the proxy's address, port " +
			"and scheme.", Reproduced: "foreign"},
	{Code: ConnectUpstreamDNS, Title: "the proxy cannot resolve the hub",
		Seen: "the proxy says that it cannot resolve the name", Means: "the proxy's own DNS lacks the name",
		Actor: ActorProxy, Remedy: "Make {host} resolvable on the proxy {proxy}, if the name is spelled right.",
		Reproduced: "foreign"},
	{Code: ConnectUpstreamTimeout, Title: "the proxy gets no answer from the hub",
		Seen: "the proxy says that its own connection timed out", Means: "a firewall behind the proxy drops it",
		Actor: ActorProxy, Remedy: "Let {proxy} itself reach {host}:{port}: a firewall behind the proxy drops it.",
		Reproduced: "foreign"},
	{Code: ConnectUpstreamRefused, Title: "the proxy's connection to the hub is refused",
		Seen:  "the proxy says that its own connection was refused or unreachable",
		Means: "a firewall behind the proxy rejects it, or nothing listens",
		Actor: ActorProxy, Remedy: "Let {proxy} itself reach {host}:{port}: its connection is rejected.",
		Reproduced: "foreign"},
	{Code: ConnectUpstream, Title: "the proxy fails behind itself", Seen: "500, 502, 503 or 504 with no usable reason",
		Means: "the proxy could not reach the hub, and does not say why",
		Actor: ActorProxy, Remedy: "Look up CONNECT {host}:{port} in {proxy}'s log at the time of the attempt: the " +
			"proxy gives no reason.", Reproduced: "foreign"},
	{Code: ConnectStatus, Title: "the proxy refuses with another status", Seen: "any other refusal status",
		Means: "the proxy's policy or a malfunction", Actor: ActorProxy,
		Remedy:     "Find out what the proxy's answer to CONNECT {host}:{port} means, and let this device reach it.",
		Reproduced: "foreign"},
	{Code: ConnectSOCKS, Title: "the SOCKS proxy refuses", Seen: "a SOCKS5 refusal",
		Means: "the SOCKS server's policy, its login, or the network behind it", Actor: ActorProxy,
		Remedy: "Find out why the SOCKS proxy refuses {host}:{port}. IoT Edge itself cannot use SOCKS: a SOCKS route " +
			"is for diagnosis only.", Reproduced: "foreign"},
	{Code: ConnectRedirect, Title: "the proxy redirects to a page",
		Seen:  "a 3xx in answer to CONNECT; where it leads is in the detail",
		Means: "the proxy wants a person to log in, or to read its policy, in a browser",
		Actor: ActorProxy, Remedy: "Let this device reach {host}:{port} without the page: nobody at the device can " +
			"fill it in.", Reproduced: "network"},
	{Code: ConnectLimit, Title: "the proxy limits connections",
		Seen:  "refused while other connections were open, allowed on its own",
		Means: "the proxy lets a client have only so many connections at a time",
		Actor: ActorProxy, Remedy: "Allow this device more connections at a time through {proxy}: IoT Edge holds " +
			"several.", Reproduced: "network"},
}
