package report

// The causes of the stages websocket, amqp, mqtt, http, auth and hold.
const (
	WSStatus      Cause = "ws.status"
	WSBlockPage   Cause = "ws.block-page"
	WSNotUpgraded Cause = "ws.not-upgraded"
	WSClosed      Cause = "ws.closed"
	WSTimeout     Cause = "ws.timeout"

	AMQPNotAMQP Cause = "amqp.not-amqp"
	AMQPVersion Cause = "amqp.version"
	AMQPSASL    Cause = "amqp.sasl"
	AMQPClosed  Cause = "amqp.closed"
	AMQPTimeout Cause = "amqp.timeout"
	AMQPError   Cause = "amqp.error"

	MQTTNotMQTT Cause = "mqtt.not-mqtt"
	MQTTClosed  Cause = "mqtt.closed"
	MQTTTimeout Cause = "mqtt.timeout"
	MQTTRefused Cause = "mqtt.refused"

	HTTPBlockPage Cause = "http.block-page"
	HTTPStatus    Cause = "http.status"
	HTTPTimeout   Cause = "http.timeout"
	HTTPClosed    Cause = "http.closed"
	HTTPMalformed Cause = "http.malformed"
	HTTPSuspended Cause = "http.suspended"
	HTTPForbidden Cause = "http.forbidden"

	AuthRejected      Cause = "auth.rejected"
	AuthExpired       Cause = "auth.expired"
	AuthUnknownDevice Cause = "auth.unknown-device"
	AuthClock         Cause = "auth.clock"

	HoldDropped Cause = "hold.dropped"
	HoldReset   Cause = "hold.reset"
)

var wsCauses = []CauseInfo{
	{Code: WSStatus, Title: "the WebSocket upgrade is refused", Seen: "another status than 101, and no block page",
		Means: "a proxy or firewall does not let WebSocket pass; with the hub's own headers the hub answered without " +
			"upgrading",
		Actor: ActorFirewall, Remedy: "Let WebSocket (HTTP Upgrade) to {host}:443 pass untouched, best by exempting " +
			"the host from inspection.", Reproduced: "foreign"},
	{Code: WSBlockPage, Title: "a block page instead of the WebSocket",
		Seen:  "a redirect, a 2xx page, or a 403/511 with an HTML body in place of 101, without the hub's headers",
		Means: "a captive portal or web filter",
		Actor: ActorFirewall, Remedy: "A portal or web filter answers in place of {host}: exempt this device from " +
			"it, or allow the name in the filter.", Reproduced: "foreign"},
	{Code: WSNotUpgraded, Title: "the WebSocket answer is broken",
		Seen:  "101 without a valid accept header or without the subprotocol",
		Means: "a device in between answers the upgrade itself or strips headers",
		Actor: ActorFirewall, Remedy: "A device between here and {host} breaks WebSocket: exempt the host from " +
			"inspection.", Reproduced: "foreign"},
	{Code: WSClosed, Title: "closed in place of the WebSocket",
		Seen: "closed or reset in place of, or right after, the upgrade", Means: "a device in between cuts WebSocket",
		Actor: ActorFirewall, Remedy: "A device between here and {host} cuts the connection at the WebSocket " +
			"upgrade: exempt the host from inspection.", Reproduced: "foreign"},
	{Code: WSTimeout, Title: "no answer to the WebSocket upgrade", Seen: "upgrade sent, nothing came",
		Means: "a device in between swallows the upgrade",
		Actor: ActorFirewall, Remedy: "A device between here and {host} swallows the WebSocket upgrade: exempt " +
			"the host from inspection.", Reproduced: "foreign"},
}

var amqpCauses = []CauseInfo{
	{Code: AMQPNotAMQP, Title: "what answers is not AMQP", Seen: "the peer's first bytes are not an AMQP header",
		Means: "another service on the port, or a device in between",
		Actor: ActorNetwork, Remedy: "Something other than IoT Hub answers at {host}:{port}: check the address and " +
			"what stands between.", Reproduced: "foreign"},
	{Code: AMQPVersion, Title: "another version of AMQP", Seen: "an AMQP header of another version or layer",
		Means: "another broker than IoT Hub",
		Actor: ActorService, Remedy: "{host}:{port} speaks another version of AMQP than 1.0 with SASL: it is not IoT " +
			"Hub or edgeHub.", Reproduced: "foreign"},
	{Code: AMQPSASL, Title: "AMQP refuses an anonymous greeting",
		Seen:  "no usable SASL mechanism, or a refused outcome without credentials",
		Means: "another service than IoT Hub or edgeHub",
		Actor: ActorService, Remedy: "{host}:{port} does not accept SASL ANONYMOUS, which IoT Hub and edgeHub do: " +
			"check what serves there.", Reproduced: "foreign"},
	{Code: AMQPClosed, Title: "closed during the AMQP greeting", Seen: "closed or reset before OPEN came back",
		Means: "a device in between, or a service that is going down",
		Actor: ActorNetwork, Remedy: "TLS is up and AMQP gets cut: find out whether inspection on the way lets only " +
			"known protocols pass to {host}:{port}.", Reproduced: "foreign"},
	{Code: AMQPTimeout, Title: "no AMQP answer inside TLS", Seen: "TLS is up, no AMQP answer",
		Means: "a device in between that lets only known protocols pass",
		Actor: ActorNetwork, Remedy: "TLS is up and AMQP gets no answer: inspection on the way probably expects " +
			"HTTP; exempt {host}:{port} from it.", Reproduced: "foreign"},
	{Code: AMQPError, Title: "the service answers with an AMQP error", Seen: "the peer refused with an AMQP error",
		Means: "the service is reached and not well, or throttles",
		Actor: ActorService, Remedy: "The service is reached and refuses with the condition in the report: check the " +
			"hub's state, quota and service health.", Reproduced: "foreign"},
}

var mqttCauses = []CauseInfo{
	{Code: MQTTNotMQTT, Title: "what answers is not MQTT", Seen: "the peer's first bytes are not a CONNACK",
		Means: "another service on the port, or a device in between",
		Actor: ActorNetwork, Remedy: "Something other than IoT Hub answers at {host}:{port}: check the address and " +
			"what stands between.", Reproduced: "foreign"},
	{Code: MQTTClosed, Title: "closed before MQTT's CONNACK", Seen: "closed or reset before CONNACK",
		Means: "a device in between that does not let MQTT pass, or the service itself closing without a word: " +
			"both are possible under a verified chain",
		Actor: ActorNetwork, Remedy: "Either inspection on the way cuts MQTT to {host}:{port}, or the service closes " +
			"without CONNACK: compare with the other protocols, then look at the firewall or at the hub.",
		Reproduced: "foreign"},
	{Code: MQTTTimeout, Title: "no CONNACK inside TLS", Seen: "TLS is up, no CONNACK",
		Means: "a device in between swallows MQTT",
		Actor: ActorNetwork, Remedy: "TLS is up and MQTT gets no answer: inspection on the way probably expects " +
			"HTTP; exempt {host}:{port} from it.", Reproduced: "foreign"},
	{Code: MQTTRefused, Title: "the service refuses MQTT", Seen: "CONNACK with return code 1, 2 or 3",
		Means: "the service is reached and refuses: version, identifier, or unavailable",
		Actor: ActorService, Remedy: "The service is reached and refuses MQTT with the return code in the report: 3 " +
			"passes with time (throttled, failing over); 1 and 2 mean that it is not IoT Hub.", Reproduced: "foreign"},
}

var httpCauses = []CauseInfo{
	{Code: HTTPBlockPage, Title: "a page that is not the hub's",
		Seen:  "a status or page without the hub's headers, HTML, or a redirect",
		Means: "a captive portal or web filter answers in place of the hub",
		Actor: ActorFirewall, Remedy: "A portal or web filter answers in place of {host}: exempt this device from " +
			"it, or allow the name in the filter.", Reproduced: "foreign"},
	{Code: HTTPStatus, Title: "the hub answers that it is unwell", Seen: "a hub-like answer with 5xx or 429",
		Means: "the service is reached, and unwell or throttling",
		Actor: ActorService, Remedy: "The hub is reached and unwell or throttling: wait, then check its metrics, " +
			"quota and Azure's service health.", Reproduced: "foreign"},
	{Code: HTTPTimeout, Title: "no HTTP answer inside TLS", Seen: "TLS is up, no HTTP answer",
		Means: "a device in between swallows the request", Actor: ActorNetwork,
		Remedy:     "TLS is up and HTTP gets no answer from {host}:{port}: find out what stands between.",
		Reproduced: "foreign"},
	{Code: HTTPClosed, Title: "closed instead of an HTTP answer", Seen: "TLS is up, closed or reset before an answer",
		Means: "a device in between cuts the request", Actor: ActorNetwork,
		Remedy:     "TLS is up and the request to {host}:{port} gets cut: find out what stands between.",
		Reproduced: "foreign"},
	{Code: HTTPMalformed, Title: "the HTTP answer is garbage", Seen: "TLS is up, and no parseable HTTP came",
		Means: "another service, or a broken device in between", Actor: ActorNetwork,
		Remedy: "Something other than a web service answers at {host}:{port}: check the address and what stands " +
			"between.", Reproduced: "foreign"},
	{Code: HTTPSuspended, Title: "the hub is suspended",
		Seen: "the hub answers, and says that it is suspended or has used up its quota; its error code is in the " +
			"detail", Means: "the subscription's spending limit, an unpaid bill, or the hub's daily quota",
		Actor: ActorService, Remedy: "Look at the hub {host} in its portal: it says that it is suspended or out of " +
			"quota, and the network is fine.", Reproduced: "network"},
	{Code: HTTPForbidden, Title: "the hub admits nobody from here", Seen: "the hub answers, and says that its IP " +
		"filter or its network settings keep this address out; its error code is in the detail",
		Means: "an IP filter rule, or public network access is off",
		Actor: ActorService, Remedy: "Allow this site's public address in the networking settings of the hub {host}, " +
			"or give the device the hub's private endpoint.", Reproduced: "network"},
}

var authCauses = []CauseInfo{
	{Code: AuthRejected, Title: "the hub rejects the credentials",
		Seen:  "credentials were given, and the hub refuses them",
		Means: "wrong key or certificate, a disabled identity, or an IP filter of the hub (it answers the same)",
		Actor: ActorCredentials, Remedy: "Check the key or certificate against the hub's registry; if it is right, " +
			"check the hub's IP filter and public network access.", Reproduced: "lab"},
	{Code: AuthExpired, Title: "the credentials are past their time", Seen: "the token or certificate is past its time",
		Means: "it has to be renewed, or the clock is wrong",
		Actor: ActorCredentials, Remedy: "Renew the token or certificate; check this host's clock.", Reproduced: "lab"},
	{Code: AuthUnknownDevice, Title: "the hub does not know the identity",
		Seen: "the hub does not know or has disabled the identity", Means: "never registered, deleted, or disabled",
		Actor: ActorService, Remedy: "Register or enable the identity; device ids are case-sensitive.",
		Reproduced: "lab"},
	{Code: AuthClock, Title: "refused, and this host's clock is off",
		Seen:  "refused, and this host's clock is off by more than the hub tolerates",
		Means: "tokens made here are expired or far ahead",
		Actor: ActorHost, Remedy: "Set this host's clock (enable NTP); the hub tolerates about five minutes.",
		Reproduced: "lab"},
}

var holdCauses = []CauseInfo{
	{Code: HoldDropped, Title: "idle connections are silently lost",
		Seen:  "an idle connection was silently lost: the next write got no answer",
		Means: "a NAT, firewall or proxy forgets idle connections",
		Actor: ActorNetwork, Remedy: "Raise the idle timeout of the NAT, firewall or proxy above the runtime's " +
			"heartbeat, or let the client send keep-alives more often than that.", Reproduced: "network"},
	{Code: HoldReset, Title: "idle connections are cut", Seen: "an idle connection was reset, or closed unexpectedly",
		Means: "a NAT, firewall or proxy cuts idle connections",
		Actor: ActorNetwork, Remedy: "Raise the idle timeout of the NAT, firewall or proxy above the runtime's " +
			"heartbeat, or let the client send keep-alives more often than that.", Reproduced: "network"},
}
