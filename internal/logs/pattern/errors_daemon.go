package pattern

import "edgenet/report"

// dpsClient is what identityd puts around an error of its way to DPS and around DPS's own answer.
const dpsClient = "DPS client error"

// SaidByDPS are the rows of DPS's own words.
var SaidByDPS = [...]string{"dps.certificate", "dps.unauthorized", "dps.not-found"}

// daemonErrors are the daemons', written in Rust: hyper, OpenSSL, the services' answers.
var daemonErrors = []errorRow{
	{id: "hub.not-found", of: fromRust, never: true, any: []string{"ErrorCode:IotHubNotFound"},
		fail: proven(report.AuthUnknownDevice).with(report.IdentityDeleted).whole()},
	{id: "device.not-found", of: fromRust, never: true, any: []string{"ErrorCode:DeviceNotFound"},
		fail: proven(report.AuthUnknownDevice).with(report.IdentityDeleted).whole()},
	{id: "hub.unauthorized", of: fromRust, never: true, any: []string{"ErrorCode:IotHubUnauthorizedAccess"},
		fail: suggested(report.AuthRejected, refusedLogin...).whole()},
	// as the identity service hands it on: quoted in another JSON
	{id: "hub.not-registered", of: fromRust, never: true, any: []string{" not registered"}, also: "IotHub",
		fail: proven(report.AuthUnknownDevice).with(report.IdentityDeleted).whole()},
	{id: "dps.unknown", of: fromRust, never: true, any: []string{`"errorCode":404`, `errorCode:404`,
		`"errorCode": 404`, `errorCode\":404`}, fail: proven(report.AuthUnknownDevice).whole()},
	{id: "dps.refused", of: fromRust, never: true, any: []string{`errorCode":401`, `errorCode\":401`, `errorCode:401`, `errorCode": 401`,
		`errorCode":403`, `errorCode:403`}, fail: suggested(report.AuthRejected, report.AuthClock,
		report.AuthUnknownDevice).whole()},
	// identityd keeps of DPS's refusal its message alone (aziot-cloud-client-async, dps/schema.rs); #5847, #7304
	{id: "dps.certificate", of: fromRust, never: true, any: []string{"Invalid certificate", "invalid certificate"},
		under: dpsClient, fail: suggested(report.AuthRejected, report.AuthExpired, report.AuthClock).whole().to(
			report.ActorCredentials, "Compare the device's certificate with its enrolment in the provisioning "+
				"service: "+
				"the CA that signed it (verified there?), its name (the registration id), its time; and look at this "+
				"host's clock.")},
	{id: "dps.unauthorized", of: fromRust, never: true, any: []string{"Unauthorized", "unauthorized"},
		under: dpsClient, fail: suggested(report.AuthRejected, report.AuthClock, report.AuthUnknownDevice).whole().to(
			report.ActorCredentials, "Compare scope id, registration id and key or certificate with the enrolment "+
				"in the "+
				"provisioning service, and see that it is enabled; look at this host's clock, too.")},
	{id: "dps.not-found", of: fromRust, never: true, any: []string{"not found", "Not Found"}, under: dpsClient,
		fail: suggested(report.AuthUnknownDevice).whole().to(report.ActorCredentials, "Look for the enrolment of this "+
			"registration id in the provisioning service, and compare the scope id.")},
	{id: "dps.throttled", of: fromRust, never: true, any: []string{`errorCode":429`, `errorCode:429`,
		`errorCode": 429`}, fail: proven(report.HTTPStatus).with(report.ServiceUnwell).whole()},
	{id: "tunnel.auth", of: fromRust, never: true, any: []string{"proxy authentication required",
		"Proxy Authentication Required"}, fail: Failure{Candidates: causes{report.ConnectAuthRequired,
		report.ConnectAuthRejected, report.ConnectAuthUnsupported}, Certainty: Narrows, Hop: report.HopProxy,
		Status: 407, Whole: true}},
	{id: "tunnel.status", of: fromRust, never: true, any: []string{"unsuccessful tunnel"},
		re: `unsuccessful tunnel\D{0,30}(?:HTTP/[\d.]+ )?(?P<status>\d{3})`, of407: true, fail: Failure{Whole: true}},
	{id: "tunnel", of: fromRust, never: true, any: []string{"unsuccessful tunnel"}, fail: Failure{Candidates: noTunnel,
		Certainty: Narrows, Hop: report.HopProxy}},
	{id: "tunnel.closed", of: fromRust, never: true, any: []string{"EOF while tunnel", "eof while tunnel"},
		fail: Failure{Cause: report.ConnectClosed, Certainty: Suggests, Hop: report.HopProxy}},

	{id: "ssl.not-yet", of: fromRust, never: true, any: []string{"certificate is not yet valid"},
		fail: proven(report.TLSNotYetValid).with(report.ClockSkew)},
	{id: "ssl.expired", of: fromRust, never: true, any: []string{"certificate has expired"},
		fail: proven(report.TLSExpired)},
	{id: "ssl.name", of: fromRust, never: true, any: []string{"Hostname mismatch", "hostname mismatch",
		"IP address mismatch"}, fail: proven(report.TLSNameMismatch)},
	{id: "ssl.untrusted", of: fromRust, never: true, any: []string{"certificate verify failed",
		"unable to get local issuer certificate", "self signed certificate", "self-signed certificate"},
		fail: suggested(report.TLSUntrusted, report.TLSIntercepted)},
	{id: "ssl.plain", of: fromRust, never: true, any: []string{"wrong version number",
		"SSL23_GET_SERVER_HELLO:unknown protocol", ":http request", "packet length too long"},
		fail: proven(report.TLSNotTLS)},
	{id: "ssl.alert", of: fromRust, never: true, any: []string{"tlsv1 alert ", "sslv3 alert ", "alert number ",
		"tlsv13 alert "}, fail: proven(report.TLSAlert)},

	{id: "dns.no-address", of: fromRust, never: true, any: []string{"No address associated with hostname"},
		fail: proven(report.DNSNoAddress)},
	{id: "dns.none", of: fromRust, never: true, any: []string{"Name or service not known", "Name does not resolve",
		"(os error 11001)"},
		fail: suggested(report.DNSNXDomain, report.DNSNoAddress)},
	{id: "dns.again", of: fromRust, never: true, any: []string{"Temporary failure in name resolution", "Try again",
		"Non-recoverable failure in name resolution", "Resource temporarily unavailable"},
		fail: Failure{Candidates: resolverFails, Certainty: Narrows}},
	{id: "dns", of: fromRust, never: true, any: []string{"dns error"},
		fail: Failure{Candidates: append(causes{report.DNSNXDomain, report.DNSNoAddress}, resolverFails...),
			Certainty: Narrows}},
	{id: "tcp.refused", of: fromRust, any: []string{"(os error 111)", "(os error 10061)", "Connection refused"},
		fail: proven(report.TCPRefused)},
	{id: "tcp.timeout", of: fromRust, any: []string{"(os error 110)", "(os error 10060)", "Connection timed out"},
		fail: suggested(report.TCPTimeout)},
	{id: "tcp.unreachable", of: fromRust, any: []string{"(os error 113)", "(os error 10065)", "No route to host"},
		fail: suggested(report.TCPUnreachable, report.TCPNoRoute)},
	{id: "tcp.no-route", of: fromRust, any: []string{"(os error 101)", "(os error 10051)", "Network is unreachable"},
		fail: suggested(report.TCPNoRoute, report.TCPUnreachable)},
	{id: "tcp.denied", of: fromRust, any: []string{"(os error 1)", "Operation not permitted"},
		fail: suggested(report.TCPLocalDenied)},
	{id: "timer", of: fromRust, any: []string{"deadline has elapsed", "operation timed out"},
		fail: Failure{Candidates: anyTimeout, Certainty: Narrows}},
	{id: "http.407", of: fromRust, never: true, any: []string{"HTTP error 407", "got 407", "[407 "}, of407: true,
		re: `(?:HTTP error |got |\[)(?P<status>\d{3})`, fail: Failure{Whole: true}},
	{id: "http.status", of: fromRust, never: true, any: []string{"HTTP error ", ", got ", "HTTP request failed: ["},
		re: `(?:HTTP error |, got |failed: \[)(?P<status>\d{3})`, of401: true, fail: Failure{Whole: true}},
	{id: "http.page", of: fromRust, never: true, any: []string{"expected value at line 1 column 1",
		"EOF while parsing a value", "missing field `", "invalid type: "}, fail: suggested(report.HTTPBlockPage,
		report.HTTPMalformed)},
	{id: "some.reset", of: fromRust, any: []string{"(os error 104)", "Connection reset by peer", "unexpected EOF",
		"unexpected eof"}, fail: narrowed(report.TLSReset, report.ConnectClosed, report.HTTPClosed)},
	{id: "http.closed", of: fromRust, any: []string{"connection closed before message completed", "connection error"},
		fail: narrowed(report.HTTPClosed, report.TLSReset, report.ConnectClosed)},
	{id: "reason-lost", of: fromRust, any: []string{"client error (Connect)", "error trying to connect"},
		fail: Failure{Candidates: anyConnect, Certainty: Narrows}},
	{id: "wrapper", of: fromRust, void: true, any: []string{"DPS client error", "Hub client error", "Key client error",
		"internal error", "HTTP request error", "client error (SendRequest)", "A request to Azure IoT Hub failed",
		"Could not perform HTTP request", "Could not get identity", "Could not evaluate",
		"No such file or directory (os error 2)"}},
	// what the services answer each other in the ordinary course: a certificate that is not there yet is made next
	{id: "wrapper.answer", of: fromRust, void: true, any: []string{"has an invalid value", "not found",
		"invalid HTTP status code", "could not create cert"}},
}

// pulled is what a registry that was reached answers.
func pulled(what string, who report.Actor, do string) Failure {
	return Failure{Certainty: Proves, Finding: report.RegistryPull, Whole: true, Detail: what, Actor: who, Do: do}
}

// pullErrors are the engine's, written in Go.
var pullErrors = []errorRow{
	{id: "pull.limit", of: fromPull, any: []string{"toomanyrequests"},
		fail: Failure{Certainty: Proves, Finding: report.RegistryPull, Whole: true,
			Detail: "the registry answers that there were too many requests"}},
	{id: "pull.platform", of: fromPull, any: []string{"no matching manifest for"}, fail: pulled("the registry has the "+
		"image, and not for this host's processor", report.ActorHost, "Whoever writes the deployment: name a tag that "+
		"there is for this architecture.")},
	{id: "pull.missing", of: fromPull, any: []string{"manifest unknown", "manifest for "}, fail: pulled("the registry "+
		"answers that there is no such image or tag", report.ActorHost, "Whoever writes the deployment: compare the "+
		"image's name and tag with what the registry has.")},
	{id: "pull.unauthorized", of: fromPull, any: []string{"unauthorized: "}, fail: pulled("the registry answers, "+
		"and does "+
		"not accept the user or the password (401)", report.ActorCredentials, "Compare the registry's credentials "+
		"in the "+
		"deployment (runtime.settings.registryCredentials) with the registry's own.")},
	{id: "pull.answered", of: fromPull, any: []string{"denied: ", "pull access denied"}, fail: pulled("the "+
		"registry answers, "+
		"and refuses: there is no such image, or these credentials may not pull "+
		"it", report.ActorCredentials, "Compare the "+
		"image's name, and the registry's credentials in the deployment, with the registry's own.")},
	{id: "pull.https-proxy", of: fromPull, any: []string{"proxyconnect tcp: "},
		also: "first record does not look like a TLS handshake",
		fail: Failure{Certainty: Proves, Finding: report.ProxyScheme, Hop: report.HopProxy, Whole: true}},
	{id: "pull.http-proxy", of: fromPull, any: []string{"proxyconnect tcp: "},
		also: "server gave HTTP response to HTTPS client", fail: Failure{Certainty: Proves, Finding: report.ProxyScheme,
			Hop: report.HopProxy, Whole: true}},
	{id: "pull.407", of: fromPull, any: []string{"Proxy Authentication Required", "status code 407"},
		fail: Failure{Candidates: causes{report.ConnectAuthRequired, report.ConnectAuthRejected,
			report.ConnectAuthUnsupported}, Certainty: Narrows, Hop: report.HopProxy, Status: 407,
			Finding: report.RegistryPull, Whole: true}},
	{id: "pull.forbidden", of: fromPull, any: []string{": Forbidden"},
		re: `": Forbidden|connect: Forbidden|proxy.{0,20}Forbidden`, fail: Failure{Cause: report.ConnectForbidden,
			Certainty: Proves, Hop: report.HopProxy, Finding: report.RegistryPull, Whole: true}},
	{id: "pull.dns-refused", of: fromPull, any: []string{"connection refused"},
		re:   `lookup (?P<name>[\w.-]+) on (?P<resolver>[\w.\[\]:]+:53): .*connection refused`,
		fail: proven(report.DNSUnreachable).with(report.RegistryPull)},
	{id: "pull.dns-timeout", of: fromPull, any: []string{"i/o timeout"},
		re: `read udp \S*->(?P<resolver>[\w.\[\]:]+:53)`, fail: proven(report.DNSTimeout).with(report.RegistryPull)},
	{id: "pull.dns-none", of: fromPull, any: []string{"no such host"},
		re:   `lookup (?P<name>[\w.-]+)(?: on (?P<resolver>[\w.\[\]:]+:53))?`,
		fail: proven(report.DNSNXDomain).with(report.RegistryPull)},
	{id: "pull.dns-bad", of: fromPull, any: []string{"server misbehaving"},
		re: `lookup (?P<name>[\w.-]+)(?: on (?P<resolver>[\w.\[\]:]+:53))?`, fail: narrowed(report.DNSServfail,
			report.DNSRefused).with(report.RegistryPull)},
	{id: "pull.dns-again", of: fromPull, any: []string{"Temporary failure in name resolution"},
		fail: Failure{Candidates: resolverFails, Certainty: Narrows, Finding: report.RegistryPull}},
	{id: "pull.not-yet", of: fromPull, any: []string{"certificate has expired or is not yet valid"},
		re:   `current time (?P<a>\S+) is before (?P<b>[^\s"\\,]+)`,
		fail: proven(report.TLSNotYetValid).with(report.ClockSkew)},
	{id: "pull.expired", of: fromPull, any: []string{"certificate has expired or is not yet valid"},
		re:   `(?:current time (?P<a>\S+) is after (?P<b>[^\s"\\,]+))?`,
		fail: proven(report.TLSExpired).with(report.RegistryPull)},
	{id: "pull.untrusted", of: fromPull, any: []string{"certificate signed by unknown authority"},
		fail: suggested(report.TLSUntrusted, report.TLSIntercepted).with(report.RegistryPull)},
	{id: "pull.name", of: fromPull, any: []string{"x509: certificate is valid for", "doesn't contain any IP SANs",
		"x509: certificate is not valid for any names"},
		fail: proven(report.TLSNameMismatch).with(report.RegistryPull)},
	{id: "pull.plain", of: fromPull, any: []string{"first record does not look like a TLS handshake",
		"malformed HTTP response", "server gave HTTP response to HTTPS client"},
		fail: proven(report.TLSNotTLS).with(report.RegistryPull)},
	{id: "pull.tls-timeout", of: fromPull, any: []string{"TLS handshake timeout"}, fail: suggested(report.TLSTimeout,
		report.TLSMTU).with(report.RegistryPull)},
	{id: "pull.dial-timeout", of: fromPull, any: []string{"i/o timeout", "connection timed out"}, re: `dial tcp ` +
		addrRE, fail: suggested(report.TCPTimeout).with(report.RegistryPull)},
	{id: "pull.waiting", of: fromPull, any: []string{"while waiting for connection", "awaiting headers",
		"context deadline exceeded", "i/o timeout"}, fail: suggested(report.TCPTimeout, report.HTTPTimeout,
		report.TLSTimeout).with(report.RegistryPull)},
	{id: "pull.refused", of: fromPull, any: []string{"connection refused"}, re: `(?:dial tcp ` + addrRE + `)?`,
		fail: proven(report.TCPRefused).with(report.RegistryPull)},
	{id: "pull.ipv6", of: fromPull, any: []string{"network is unreachable", "no route to host"},
		re: `dial tcp \[(?P<a>[0-9a-fA-F]*:[0-9a-fA-F:.]+)\]:`, fail: suggested(report.TCPNoRoute,
			report.TCPUnreachable).with(report.RegistryPull).being("this host has no way to the registry's address of "+
			"IPv6").to(report.ActorHost, "Give this host a route for IPv6, or let names resolve to IPv4 first "+
			"(/etc/gai.conf), or take IPv6 off the interface. Of IPv4 these lines say nothing.")},
	{id: "pull.unreachable", of: fromPull, any: []string{"no route to host"}, re: `(?:dial tcp ` + addrRE + `)?`,
		fail: suggested(report.TCPUnreachable, report.TCPNoRoute).with(report.RegistryPull)},
	{id: "pull.no-route", of: fromPull, any: []string{"network is unreachable"}, fail: suggested(report.TCPNoRoute,
		report.TCPUnreachable).with(report.RegistryPull)},
	{id: "pull.reset", of: fromPull, any: []string{": EOF", "connection reset by peer", "unexpected EOF"},
		fail: narrowed(report.TLSReset, report.ConnectClosed, report.HTTPClosed).with(report.RegistryPull)},
	{id: "wrapper.pull", of: fromPull, void: true, any: []string{"container runtime error",
		"EdgeletCommunicationException", "pull image", "Error calling ", "AggregateException", "No such image",
		"Conflict"}},
}
