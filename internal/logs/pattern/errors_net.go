package pattern

import "edgenet/report"

// netErrors are the runtime's containers': .NET, the SDK, AMQP, MQTT.
var netErrors = []errorRow{
	{id: "proxy.tunnel", of: fromNET, any: []string{"The proxy tunnel request to proxy"}, re: `proxy tunnel request to proxy '(?P<addr>[^']*)' failed with status code '"?(?P<status>\d{3})`, of407: true, fail: Failure{Whole: true}},
	{id: "proxy.only-scheme", of: fromNET, any: []string{"allowed for proxies"}, fail: Failure{Certainty: Proves, Finding: report.ProxyScheme, Whole: true}},
	{id: "proxy.bad-url", of: fromNET, any: []string{"System.UriFormatException", "Invalid URI:"}, fail: Failure{Certainty: Suggests, Finding: report.ProxyScheme, Whole: true}},
	{id: "ws.status", of: fromNET, any: []string{"when status code '101' was expected"}, re: `returned status code '(?P<status>\d{3})'`, ofWS: true, fail: Failure{Whole: true}},
	{id: "scope.status", of: fromNET, any: []string{"DeviceScopeApiException", "Error getting device scope result"}, re: `HttpStatusCode: (?P<status>\w+), Content: (?P<a>.{0,80})`, of401: true, fail: Failure{Whole: true}},
	{id: "http.407", of: fromNET, any: []string{"does not indicate success: 407"}, of407: true, re: `success: (?P<status>\d{3})`, fail: Failure{Whole: true}},
	{id: "http.status", of: fromNET, any: []string{"does not indicate success: "}, re: `success: (?P<status>\d{3})`, of401: true, fail: Failure{Whole: true}},

	{id: "tls.name", of: fromNET, any: []string{"RemoteCertificateNameMismatch"}, fail: proven(report.TLSNameMismatch)},
	{id: "tls.time", of: fromNET, any: []string{"errors in the certificate chain: NotTimeValid"}, fail: narrowed(report.TLSExpired, report.TLSNotYetValid).with(report.ClockSkew)},
	{id: "tls.chain", of: fromNET, any: []string{"errors in the certificate chain: "}, fail: suggested(report.TLSUntrusted, report.TLSIntercepted)},
	{id: "tls.some-fault", of: fromNET, any: []string{"invalid according to the validation procedure", "rejected by the provided RemoteCertificateValidationCallback"}, fail: Failure{Candidates: certificate, Certainty: Narrows}},
	{id: "tls.alert", of: fromNET, any: []string{"sent a TLS alert: "}, re: `TLS alert: '(?P<a>\w+)'`, fail: proven(report.TLSAlert)},
	{id: "tls.closed", of: fromNET, any: []string{"has closed the transport stream", "Received an unexpected EOF or 0 bytes from the transport stream"}, fail: suggested(report.TLSReset)},
	{id: "tls.garbage", of: fromNET, any: []string{"Cannot determine the frame size or a corrupted frame was received", "The handshake failed due to an unexpected packet format", "wrong version number"}, fail: suggested(report.TLSNotTLS)},
	{id: "tls.settings", of: fromNET, any: []string{"unsupported protocol", "dh key too small", "ca md too weak"}, also: "SSL", fail: suggested(report.TLSAlert)},

	{id: "auth.token-expired", of: fromNET, any: []string{"Put token failed"}, also: "expired", fail: suggested(report.AuthExpired, report.AuthClock).whole()},
	{id: "auth.not-registered", of: fromNET, any: []string{"Put token failed. status-code: 404", "not registered", "DeviceNotFoundException", "amqp:not-found"}, fail: proven(report.AuthUnknownDevice).with(report.IdentityDeleted).whole()},
	{id: "service.quota", of: fromNET, any: []string{"exceeded the allocated quota", "amqp:resource-limit-exceeded", "IotHubQuotaExceeded", "QuotaExceededException"}, fail: proven(report.AMQPError).with(report.ServiceUnwell).whole()},
	{id: "service.quota-token", of: fromNET, any: []string{"Put token failed. status-code: 403"}, also: "quota", fail: proven(report.AMQPError).with(report.ServiceUnwell).whole()},
	{id: "auth.token", of: fromNET, any: []string{"Put token failed. status-code: 401"}, fail: suggested(report.AuthRejected, refusedLogin...).whole()},
	{id: "auth.forbidden", of: fromNET, any: []string{"Put token failed. status-code: 403"}, fail: narrowed(report.AuthRejected, report.AMQPError).whole()},
	{id: "hub.gone", of: fromNET, any: []string{"iot-hub-not-found-error"}, fail: suggested(report.AMQPError).with(report.IdentityDeleted).whole()},
	{id: "service.suspended", of: fromNET, any: []string{"iot-hub-suspended", "IotHubSuspended"}, fail: proven(report.AMQPError).with(report.ServiceUnwell).whole()},
	{id: "service.throttled", of: fromNET, any: []string{"device-container-throttled", "IotHubThrottledException", "with status: 429"}, fail: proven(report.HTTPStatus).with(report.ServiceUnwell).whole()},
	{id: "mqtt.refused-login", of: fromNET, any: []string{"RefusedNotAuthorized", "RefusedBadUsernameOrPassword"}, fail: suggested(report.AuthRejected, refusedLogin...).whole()},
	{id: "mqtt.refused", of: fromNET, any: []string{"CONNECT failed: Refused"}, fail: proven(report.MQTTRefused).whole()},
	{id: "auth.unauthorized", of: fromNET, any: []string{"amqp:unauthorized-access", "UnauthorizedException"}, fail: narrowed(report.AuthRejected, report.AuthUnknownDevice, report.AuthClock, report.AuthExpired).whole()},
	{id: "link.stolen", of: fromNET, any: []string{"amqp:link:stolen", "due to link stealing", "ConnectionForcefullyClosedOnNewConnection"}, fail: Failure{Certainty: Suggests, Finding: report.IdentityDuplicate, Whole: true}},
	{id: "hold.heartbeat", of: fromNET, any: []string{"was inactive for more than the allowed", "The ping response wasn't received in"}, fail: suggested(report.HoldDropped)},
	{id: "amqp.forced", of: fromNET, any: []string{"amqp:connection:forced", "detach-forced"}, fail: narrowed(report.HoldReset, report.AMQPError)},
	{id: "amqp.http", of: fromNET, any: []string{"The requested protocol version", "ProtocolName"}, re: `(?:protocol version '|ProtocolName)(?P<a>[^'\s]{1,20})`, fail: proven(report.AMQPNotAMQP)},
	{id: "amqp.frame", of: fromNET, any: []string{"Invalid frame size:"}, fail: suggested(report.AMQPNotAMQP)},

	{id: "mqtt.channel", of: fromNET, any: []string{"MQTT channel open failed"}, fail: narrowed(report.TCPTimeout, report.TCPRefused, report.TCPUnreachable, report.TCPNoRoute, report.TLSReset)},
	{id: "mqtt.connect-timeout", of: fromNET, any: []string{"ConnectTimeoutException"}, fail: suggested(report.TCPTimeout)},
	{id: "mqtt.late", of: fromNET, any: []string{"Connection hasn't been established in time"}, fail: suggested(report.MQTTTimeout)},
	{id: "mqtt.closed", of: fromNET, any: []string{"ClosedChannelException", "MQTT is disconnected"}, fail: narrowed(report.MQTTClosed, report.TLSReset, report.HoldReset)},

	{id: "ws.not-upgraded", of: fromNET, any: []string{"Sec-WebSocket-Accept", "'Upgrade' header"}, fail: suggested(report.WSNotUpgraded)},
	{id: "ws.cut", of: fromNET, any: []string{"without completing the close handshake"}, fail: narrowed(report.HoldReset, report.WSClosed)},
	{id: "storage.full", of: fromAny, any: []string{"No space left on device", "no space left on device"}, fail: Failure{Certainty: Proves, Finding: report.StorageFull, Whole: true}},
	{id: "network.gone", of: fromAny, any: []string{" not found"}, re: `network \S+ not found`, fail: Failure{Certainty: Proves, Whole: true}, void: true},
}

// socketErrors are the errors of the kernel and of the resolver, in .NET's words.
var socketErrors = []errorRow{
	{id: "tcp.refused", of: fromNET, any: []string{"(111)", "(10061)", "Connection refused", "actively refused"}, re: `(?:refused(?: it)?\.?:? ?\(?\[?(?:::ffff:)?` + addrRE + `)?`, fail: proven(report.TCPRefused)},
	{id: "tcp.timeout", of: fromNET, any: []string{"(110)", "(10060)", "Connection timed out", "did not properly respond after a period of time"}, re: `(?:timed out:? ?\[?(?:::ffff:)?` + addrRE + `)?`, fail: suggested(report.TCPTimeout)},
	{id: "tcp.unreachable", of: fromNET, any: []string{"(113)", "(10065)", "No route to host", "unreachable host"}, re: `(?:to host:? ?\[?(?:::ffff:)?` + addrRE + `)?`, fail: suggested(report.TCPUnreachable, report.TCPNoRoute)},
	{id: "tcp.no-route", of: fromNET, any: []string{"(101)", "(10051)", "Network is unreachable", "Network unreachable", "unreachable network"}, fail: narrowed(report.TCPNoRoute, report.TCPUnreachable)},
	{id: "tls.reset", of: fromNET, any: []string{"(104)", "(10054)", "Connection reset by peer", "forcibly closed by the remote host"}, frame: "SslStream", fail: suggested(report.TLSReset)},
	{id: "tls.reset-amqp", of: fromNET, any: []string{"(104)", "(10054)", "Connection reset by peer", "forcibly closed by the remote host"}, frame: "TlsTransport", fail: suggested(report.TLSReset)},
	{id: "ws.reset", of: fromNET, any: []string{"(104)", "(10054)", "Connection reset by peer", "forcibly closed by the remote host"}, frame: "WebSocket", fail: suggested(report.WSClosed, report.HoldReset)},
	{id: "connect.reset", of: fromNET, any: []string{"(104)", "(10054)", "Connection reset by peer"}, frame: "EstablishProxyTunnel", fail: suggested(report.ConnectClosed)},
	{id: "some.reset", of: fromNET, any: []string{"(104)", "(10054)", "Connection reset by peer", "forcibly closed by the remote host"}, fail: narrowed(report.TLSReset, report.HoldReset, report.AMQPClosed, report.WSClosed, report.ConnectClosed)},
	{id: "hold.broken", of: fromNET, any: []string{"(32)", "(103)", "(10053)", "Broken pipe", "caused connection abort"}, fail: narrowed(report.HoldReset, report.HoldDropped)},
	{id: "tcp.denied", of: fromNET, any: []string{"(13)", "(1):", "(10013)", "Operation not permitted", "forbidden by its access permissions"}, also: "SocketException", fail: suggested(report.TCPLocalDenied)},
	{id: "host.address", of: fromNET, any: []string{"(99)", "Cannot assign requested address", "(98)"}, fail: Failure{Certainty: Narrows, Candidates: causes{report.TCPLocalDenied, report.TCPNoRoute}}},
	{id: "dns.again", of: fromNET, any: []string{"Resource temporarily unavailable", "00000001, 11", "(11002)", "temporary error during hostname resolution", "Temporary failure in name resolution", ": Try again", "Non-recoverable failure in name resolution"}, fail: Failure{Candidates: resolverFails, Certainty: Narrows}},
	{id: "dns.none", of: fromNET, any: []string{"Name or service not known", "Name does not resolve", "00000005, 0xFFFDFFFF", "(11001)", "No such host is known"}, fail: suggested(report.DNSNXDomain, report.DNSNoAddress)},

	{id: "timer.tcp", of: fromNET, any: []string{"for object tcp"}, fail: narrowed(report.TCPTimeout, report.TLSTimeout)},
	{id: "timer.tls", of: fromNET, any: []string{"for object tls"}, fail: suggested(report.TLSTimeout, report.TLSMTU)},
	{id: "timer.amqp", of: fromNET, any: []string{"for object cbs", "for object session"}, fail: suggested(report.AMQPTimeout)},
	{id: "timer", of: fromNET, any: []string{"did not complete within the allocated time", "Operation timeout expired", "TimeoutException", "TaskCanceledException", "OperationCanceledException", "operation has timed out"}, fail: Failure{Candidates: anyTimeout, Certainty: Narrows}},

	{id: "wrapper.consequence", of: fromNET, void: true, any: []string{"Amqp resource is disconnected", "Amqp connection is disconnected", " is closed", " is aborted", "ObjectDisposedException", "Operation canceled"}},
	{id: "wrapper", of: fromNET, void: true, any: []string{"Transient network error occurred", "IotHubCommunicationException", "TLS authentication error", "Unable to connect to the remote server", "see inner exception", "AggregateException", "TargetInvocationException",
		"RetryableException", "EdgeHubConnectionException", "HttpRequestException", "ModuleClientException", "One or more errors occurred", "EdgeletCommunicationException", "Authentication failed"}},
}
