package pattern

import "edgenet/report"

// dpsClient is what identityd puts around an error of its way to DPS and around DPS's own answer.
const dpsClient = "DPS client error"

// byAddress is what to do where a certificate does not hold the address that was asked for.
const byAddress = "An IP address is configured in place of a name (parent_hostname, or an image's registry), " +
	"and the certificate that is shown does not hold it: write the name that the certificate has."

// SaidByDPS are the rows of DPS's own words.
var SaidByDPS = [...]string{"dps.certificate", "dps.unauthorized", "dps.not-found", "dps.ca"}

// Rows of what fails after the provisioning service answered.
const (
	TPMCredential    = "device.tpm-credential"
	TPMImport        = "device.tpm-import"
	CustomAllocation = "dps.allocation"
	NotAssigned      = "dps.not-assigned"
)

// AnsweredByDPS are the rows by which the provisioning service was reached, and answered without a refusal.
var AnsweredByDPS = [...]string{TPMCredential, TPMImport, CustomAllocation, NotAssigned}

// daemonErrors are the daemons', written in Rust: hyper, OpenSSL, the services' answers.
var daemonErrors = []errorRow{
	{id: "hub.not-found", of: fromRust, never: true, any: []string{"ErrorCode:IotHubNotFound"},
		fail: Failure{Cause: report.AuthUnknownDevice, Certainty: Proves, Finding: report.IdentityDeleted,
			Whole: true}},
	{id: "device.not-found", of: fromRust, never: true, any: []string{"ErrorCode:DeviceNotFound"},
		fail: Failure{Cause: report.AuthUnknownDevice, Certainty: Proves, Finding: report.IdentityDeleted,
			Whole: true}},
	{id: "hub.unauthorized", of: fromRust, never: true, any: []string{"ErrorCode:IotHubUnauthorizedAccess"},
		fail: Failure{Cause: report.AuthRejected, Certainty: Suggests, Candidates: rejected, Whole: true}},
	// as the identity service hands it on: quoted in another JSON
	{id: "hub.not-registered", of: fromRust, never: true, any: []string{" not registered"}, also: "IotHub",
		fail: Failure{Cause: report.AuthUnknownDevice, Certainty: Proves, Finding: report.IdentityDeleted,
			Whole: true}},
	{id: "hub.404001", of: fromRust, never: true, any: []string{`errorCode":404001`, `errorCode\":404001`},
		fail: Failure{Cause: report.AuthUnknownDevice, Certainty: Proves, Finding: report.IdentityDeleted,
			Whole: true}},
	{id: "dps.unknown", of: fromRust, never: true, any: []string{`"errorCode":404`, `errorCode:404`,
		`"errorCode": 404`, `errorCode\":404`}, fail: Failure{Cause: report.AuthUnknownDevice, Certainty: Proves,
		Whole: true}},
	{id: "dps.refused", of: fromRust, never: true, any: []string{`errorCode":401`, `errorCode\":401`,
		`errorCode:401`, `errorCode": 401`,
		`errorCode":403`, `errorCode:403`}, fail: Failure{Cause: report.AuthRejected, Certainty: Suggests,
		Candidates: causes{report.AuthRejected, report.AuthClock, report.AuthUnknownDevice}, Whole: true}},
	// identityd keeps of DPS's refusal its message alone (aziot-cloud-client-async, dps/schema.rs); #5847, #7304
	{id: "dps.certificate", of: fromRust, never: true, any: []string{"Invalid certificate", "invalid certificate"},
		under: dpsClient, fail: Failure{Cause: report.AuthRejected, Certainty: Suggests,
			Candidates: causes{report.AuthRejected, report.AuthExpired, report.AuthClock}, Whole: true,
			Actor: report.ActorCredentials,
			Do: "Compare the device's certificate with its enrolment in the provisioning service: the CA that " +
				"signed it (verified there?), its name (the registration id), its time; and look at this host's " +
				"clock."}},
	{id: "dps.unauthorized", of: fromRust, never: true, any: []string{"Unauthorized", "unauthorized"},
		under: dpsClient, fail: Failure{Cause: report.AuthRejected, Certainty: Suggests,
			Candidates: causes{report.AuthRejected, report.AuthClock, report.AuthUnknownDevice}, Whole: true,
			Actor: report.ActorCredentials,
			Do: "Compare scope id, registration id and key or certificate with the enrolment in the " +
				"provisioning service, and see that it is enabled; look at this host's clock, too."}},
	{id: "dps.ca", of: fromRust, never: true, any: []string{"CA certificate not found"}, under: dpsClient,
		fail: Failure{Cause: report.AuthUnknownDevice, Certainty: Suggests, Whole: true,
			Actor: report.ActorCredentials, Do: "The provisioning service does not know the CA that signed the " +
				"device's certificate: upload it there, verify it, and name it in the enrolment group; or give " +
				"identity_cert the whole chain, with the intermediate CA."}},
	{id: "dps.not-found", of: fromRust, never: true, any: []string{"not found", "Not Found"}, under: dpsClient,
		fail: Failure{Cause: report.AuthUnknownDevice, Certainty: Suggests, Whole: true,
			Actor: report.ActorCredentials, Do: "Look for the enrolment of this registration id in the " +
				"provisioning service, and compare the scope id."}},
	// DPS calls a function of the enrolment's owner to choose the hub
	{id: CustomAllocation, of: fromRust, never: true, any: []string{"error_code: Some(400207)", "errorCode\":400207",
		"errorCode:400207", "Custom allocation failed"}, fail: Failure{Certainty: Proves,
		Finding: report.ServiceUnwell, Whole: true, Actor: report.ActorService, Detail: "the function that the " +
			"enrolment names to choose the hub (custom allocation) failed (400207)", Do: "Read the log of that " +
			"function at this moment: it is called by the provisioning service, not by the device."}},
	{id: NotAssigned, of: fromRust, never: true, any: []string{"because the DPS operation is"}, // a console wraps here
		fail: Failure{Certainty: Suggests, Finding: report.ServiceUnwell, Actor: report.ActorService,
			Detail: "it assigned no hub", Do: "Ask whoever runs the provisioning service what became of this " +
				"registration; at the level debug the daemon prints the answer."}},
	{id: "dps.throttled", of: fromRust, never: true, any: []string{`errorCode":429`, `errorCode:429`,
		`errorCode": 429`}, fail: Failure{Cause: report.HTTPStatus, Certainty: Proves,
		Finding: report.ServiceUnwell, Whole: true}},
	{id: "tunnel.auth", of: fromRust, never: true, any: []string{"proxy authentication required",
		"Proxy Authentication Required"}, fail: Failure{Candidates: causes{report.ConnectAuthRequired,
		report.ConnectAuthRejected, report.ConnectAuthUnsupported}, Certainty: Narrows, Hop: report.HopProxy,
		Status: 407, Whole: true}},
	{id: "tunnel.status", of: fromRust, never: true, any: []string{"unsuccessful tunnel"},
		re: `unsuccessful tunnel\D{0,30}(?:HTTP/[\d.]+ )?(?P<status>\d{3})`, of407: true,
		fail: Failure{Whole: true}},
	{id: "tunnel", of: fromRust, never: true, any: []string{"unsuccessful tunnel"},
		fail: Failure{Candidates: noTunnel,
			Certainty: Narrows, Hop: report.HopProxy}},
	{id: "tunnel.closed", of: fromRust, never: true, any: []string{"EOF while tunnel", "eof while tunnel"},
		fail: Failure{Cause: report.ConnectClosed, Certainty: Suggests, Hop: report.HopProxy}},

	{id: "ssl.not-yet", of: fromRust, never: true, any: []string{"certificate is not yet valid"},
		fail: Failure{Cause: report.TLSNotYetValid, Certainty: Proves, Finding: report.ClockSkew}},
	{id: "ssl.expired", of: fromRust, never: true, any: []string{"certificate has expired"},
		fail: Failure{Cause: report.TLSExpired, Certainty: Proves}},
	{id: "ssl.address", of: fromRust, never: true, any: []string{"IP address mismatch"},
		fail: Failure{Cause: report.TLSNameMismatch, Certainty: Proves, Actor: report.ActorHost, Do: byAddress}},
	{id: "ssl.name", of: fromRust, never: true, any: []string{"Hostname mismatch", "hostname mismatch"},
		fail: Failure{Cause: report.TLSNameMismatch, Certainty: Proves}},
	{id: "ssl.untrusted", of: fromRust, never: true, any: []string{"certificate verify failed",
		"unable to get local issuer certificate", "self signed certificate", "self-signed certificate"},
		fail: Failure{Cause: report.TLSUntrusted, Certainty: Suggests, Candidates: causes{report.TLSUntrusted,
			report.TLSIntercepted}}},
	{id: "ssl.plain", of: fromRust, never: true, any: []string{"wrong version number",
		"SSL23_GET_SERVER_HELLO:unknown protocol", ":http request", "packet length too long"},
		fail: Failure{Cause: report.TLSNotTLS, Certainty: Proves}},
	{id: "ssl.alert", of: fromRust, never: true, any: []string{"tlsv1 alert ", "sslv3 alert ", "alert number ",
		"tlsv13 alert "}, fail: Failure{Cause: report.TLSAlert, Certainty: Proves}},

	{id: "dns.no-address", of: fromRust, never: true, any: []string{"No address associated with hostname"},
		fail: Failure{Cause: report.DNSNoAddress, Certainty: Proves}},
	{id: "dns.none", of: fromRust, never: true, any: []string{"Name or service not known", "Name does not resolve",
		"(os error 11001)"},
		fail: Failure{Cause: report.DNSNXDomain, Certainty: Suggests, Candidates: causes{report.DNSNXDomain,
			report.DNSNoAddress}}},
	{id: "dns.again", of: fromRust, never: true, any: []string{"Temporary failure in name resolution", "Try again",
		"Non-recoverable failure in name resolution", "Resource temporarily unavailable"},
		fail: Failure{Candidates: resolverFails, Certainty: Narrows}},
	{id: "dns", of: fromRust, never: true, any: []string{"dns error"},
		fail: Failure{Candidates: append(causes{report.DNSNXDomain, report.DNSNoAddress}, resolverFails...),
			Certainty: Narrows}},
	{id: "tcp.refused", of: fromRust, any: []string{"(os error 111)", "(os error 10061)", "Connection refused"},
		fail: Failure{Cause: report.TCPRefused, Certainty: Proves}},
	{id: "tcp.timeout", of: fromRust, any: []string{"(os error 110)", "(os error 10060)", "Connection timed out"},
		fail: Failure{Cause: report.TCPTimeout, Certainty: Suggests}},
	{id: "tcp.unreachable", of: fromRust, any: []string{"(os error 113)", "(os error 10065)", "No route to host"},
		fail: Failure{Cause: report.TCPUnreachable, Certainty: Suggests, Candidates: causes{report.TCPUnreachable,
			report.TCPNoRoute}}},
	{id: "tcp.no-route", of: fromRust, any: []string{"(os error 101)", "(os error 10051)", "Network is " +
		"unreachable"},
		fail: Failure{Cause: report.TCPNoRoute, Certainty: Suggests, Candidates: causes{report.TCPNoRoute,
			report.TCPUnreachable}}},
	{id: "tcp.denied", of: fromRust, any: []string{"(os error 1)", "Operation not permitted"},
		fail: Failure{Cause: report.TCPLocalDenied, Certainty: Suggests}},
	{id: "timer", of: fromRust, any: []string{"deadline has elapsed", "timed out"},
		fail: Failure{Candidates: anyTimeout, Certainty: Narrows}},
	{id: "http.407", of: fromRust, never: true, any: []string{"HTTP error 407", "got 407", "[407 "}, of407: true,
		re: `(?:HTTP error |got |\[)(?P<status>\d{3})`, fail: Failure{Whole: true}},
	{id: "http.status", of: fromRust, never: true, any: []string{"HTTP error ", ", got ", "HTTP request failed: ["},
		re: `(?:HTTP error |, got |failed: \[)(?P<status>\d{3})`, of401: true, fail: Failure{Whole: true}},
	{id: "http.page", of: fromRust, never: true, any: []string{"expected value at line 1 column 1",
		"EOF while parsing a value", "missing field `", "invalid type: "},
		fail: Failure{Cause: report.HTTPBlockPage, Certainty: Suggests, Candidates: causes{report.HTTPBlockPage,
			report.HTTPMalformed}}},
	{id: "some.reset", of: fromRust, any: []string{"(os error 104)", "Connection reset by peer", "unexpected EOF",
		"unexpected eof"}, fail: Failure{Candidates: causes{report.TLSReset, report.ConnectClosed,
		report.HTTPClosed}, Certainty: Narrows}},
	{id: "http.closed", of: fromRust, any: []string{"connection closed before message completed", "connection " +
		"error"},
		fail: Failure{Candidates: causes{report.HTTPClosed, report.TLSReset, report.ConnectClosed},
			Certainty: Narrows}},
	{id: "reason-lost", of: fromRust, any: []string{"client error (Connect)", "error trying to connect"},
		fail: Failure{Candidates: anyConnect, Certainty: Narrows}},
	{id: "wrapper", of: fromRust, void: true, any: []string{"DPS client error", "Hub client error",
		"Key client error",
		"internal error", "HTTP request error", "client error (SendRequest)", "A request to Azure IoT Hub failed",
		"Could not perform HTTP request", "Could not get identity", "Could not evaluate",
		"No such file or directory (os error 2)"}},
	// what the services answer each other in the ordinary course: a certificate that is not there yet is made next
	{id: "wrapper.answer", of: fromRust, void: true, any: []string{"has an invalid value", "not found",
		"invalid HTTP status code", "could not create cert"}},
}

// pullErrors are the engine's, written in Go.
var pullErrors = []errorRow{
	{id: "pull.limit", of: fromPull, any: []string{"toomanyrequests"},
		fail: Failure{Certainty: Proves, Finding: report.RegistryPull, Whole: true,
			Detail: "the registry answers that there were too many requests"}},
	{id: "pull.platform", of: fromPull, any: []string{"no matching manifest for"}, fail: Failure{Certainty: Proves,
		Finding: report.RegistryPull, Whole: true, Detail: "the registry has the image, and not for this host's " +
			"processor", Actor: report.ActorHost,
		Do: "Whoever writes the deployment: name a tag that there is for this architecture."}},
	{id: "pull.missing", of: fromPull, any: []string{"manifest unknown", "manifest for "},
		fail: Failure{Certainty: Proves, Finding: report.RegistryPull, Whole: true, Detail: "the registry " +
			"answers that there is no such image or tag", Actor: report.ActorHost,
			Do: "Whoever writes the deployment: compare the image's name and tag with what the registry has."}},
	{id: "pull.no-credentials", of: fromPull, any: []string{"no basic auth credentials"}, fail: Failure{
		Certainty: Proves, Finding: report.RegistryPull, Whole: true, Actor: report.ActorCredentials,
		Detail: "the registry asks for credentials, and the deployment has none for it", Do: "Add the " +
			"registry's user and password to the deployment (runtime.settings.registryCredentials)."}},
	{id: "pull.unauthorized", of: fromPull, any: []string{"unauthorized: "}, fail: Failure{Certainty: Proves,
		Finding: report.RegistryPull, Whole: true, Detail: "the registry answers, and does not accept the user " +
			"or the password (401)", Actor: report.ActorCredentials,
		Do: "Compare the registry's credentials in the deployment (runtime.settings.registryCredentials) with " +
			"the registry's own."}},
	{id: "pull.answered", of: fromPull, any: []string{"denied: ", "pull access denied"},
		fail: Failure{Certainty: Proves, Finding: report.RegistryPull, Whole: true, Detail: "the registry " +
			"answers, and refuses: there is no such image, or these credentials may not pull it",
			Actor: report.ActorCredentials, Do: "Compare the image's name, and the registry's credentials in " +
				"the deployment, with the registry's own."}},
	{id: "pull.https-proxy", of: fromPull, any: []string{"proxyconnect tcp: "},
		also: "first record does not look like a TLS handshake",
		fail: Failure{Certainty: Proves, Finding: report.ProxyScheme, Hop: report.HopProxy, Whole: true}},
	{id: "pull.http-proxy", of: fromPull, any: []string{"proxyconnect tcp: "},
		also: "server gave HTTP response to HTTPS client", fail: Failure{Certainty: Proves,
			Finding: report.ProxyScheme,
			Hop:     report.HopProxy, Whole: true}},
	{id: "pull.407", of: fromPull, any: []string{"Proxy Authentication Required", "status code 407"},
		fail: Failure{Candidates: causes{report.ConnectAuthRequired, report.ConnectAuthRejected,
			report.ConnectAuthUnsupported}, Certainty: Narrows, Hop: report.HopProxy, Status: 407,
			Finding: report.RegistryPull, Whole: true, Detail: "the proxy asks for a login (407)",
			Actor: report.ActorProxy,
			Do: "Give the engine's proxy setting a user and a password that the proxy takes, or let the proxy " +
				"pass this device without."}},
	// net/http's bare text of a CONNECT that was not opened; a server's own 403 reads "unexpected status"
	{id: "pull.data-forbidden", of: fromPull, any: []string{"pulling image configuration", "download failed after",
		"Download failed, retrying"}, also: ": Forbidden", fail: Failure{Cause: report.ConnectForbidden,
		Certainty: Suggests, Hop: report.HopProxy, Finding: report.RegistryPull, Whole: true,
		Detail: "the registry answers, and the way to the host that holds its data is forbidden, most likely by " +
			"the engine's proxy", Actor: report.ActorProxy,
		Do: "Let the proxy pass the registry's data endpoints, too: *.data.mcr.microsoft.com, and of an Azure " +
			"registry its data endpoint or *.blob.core.windows.net."}},
	{id: "pull.forbidden", of: fromPull, any: []string{": Forbidden"},
		re: `": Forbidden|connect: Forbidden|proxy.{0,20}Forbidden`, fail: Failure{Cause: report.ConnectForbidden,
			Certainty: Proves, Hop: report.HopProxy, Finding: report.RegistryPull, Whole: true}},
	{id: "pull.dns-refused", of: fromPull, any: []string{"connection refused"},
		re:   `lookup (?P<name>[\w.-]+) on (?P<resolver>[\w.\[\]:]+:53): .*connection refused`,
		fail: Failure{Cause: report.DNSUnreachable, Certainty: Proves, Finding: report.RegistryPull}},
	{id: "pull.dns-timeout", of: fromPull, any: []string{"i/o timeout"},
		re: `read udp \S*->(?P<resolver>[\w.\[\]:]+:53)`, fail: Failure{Cause: report.DNSTimeout, Certainty: Proves,
			Finding: report.RegistryPull}},
	{id: "pull.dns-none", of: fromPull, any: []string{"no such host"},
		re:   `lookup (?P<name>[\w.-]+)(?: on (?P<resolver>[\w.\[\]:]+:53))?`,
		fail: Failure{Cause: report.DNSNXDomain, Certainty: Proves, Finding: report.RegistryPull}},
	{id: "pull.dns-bad", of: fromPull, any: []string{"server misbehaving"},
		re: `lookup (?P<name>[\w.-]+)(?: on (?P<resolver>[\w.\[\]:]+:53))?`,
		fail: Failure{Candidates: causes{report.DNSServfail, report.DNSRefused}, Certainty: Narrows,
			Finding: report.RegistryPull}},
	{id: "pull.dns-again", of: fromPull, any: []string{"Temporary failure in name resolution"},
		fail: Failure{Candidates: resolverFails, Certainty: Narrows, Finding: report.RegistryPull}},
	{id: "pull.not-yet", of: fromPull, any: []string{"certificate has expired or is not yet valid"},
		re:   `current time (?P<a>\S+) is before (?P<b>[^\s"\\,]+)`,
		fail: Failure{Cause: report.TLSNotYetValid, Certainty: Proves, Finding: report.ClockSkew}},
	{id: "pull.expired", of: fromPull, any: []string{"certificate has expired or is not yet valid"},
		re:   `current time (?P<a>\S+) is after (?P<b>[^\s"\\,]+)|$`,
		fail: Failure{Cause: report.TLSExpired, Certainty: Proves, Finding: report.RegistryPull}},
	{id: "pull.untrusted", of: fromPull, any: []string{"certificate signed by unknown authority"},
		fail: Failure{Cause: report.TLSUntrusted, Certainty: Suggests, Candidates: causes{report.TLSUntrusted,
			report.TLSIntercepted}, Finding: report.RegistryPull}},
	{id: "pull.address", of: fromPull, any: []string{"doesn't contain any IP SANs"}, fail: Failure{
		Cause: report.TLSNameMismatch, Certainty: Proves, Finding: report.RegistryPull, Actor: report.ActorHost,
		Do: byAddress}},
	{id: "pull.name", of: fromPull, any: []string{"x509: certificate is valid for",
		"x509: certificate is not valid for any names"},
		fail: Failure{Cause: report.TLSNameMismatch, Certainty: Proves, Finding: report.RegistryPull}},
	{id: "pull.plain", of: fromPull, any: []string{"first record does not look like a TLS handshake",
		"malformed HTTP response", "server gave HTTP response to HTTPS client"},
		fail: Failure{Cause: report.TLSNotTLS, Certainty: Proves, Finding: report.RegistryPull}},
	{id: "pull.tls-timeout", of: fromPull, any: []string{"TLS handshake timeout"},
		fail: Failure{Cause: report.TLSTimeout, Certainty: Suggests, Candidates: causes{report.TLSTimeout,
			report.TLSMTU}, Finding: report.RegistryPull}},
	{id: "pull.data", of: fromPull, any: []string{"pulling image configuration", "download failed after"},
		re: `dial tcp ` + addrRE + `: i/o timeout`, fail: Failure{Cause: report.TCPTimeout, Certainty: Suggests,
			Finding: report.RegistryPull, Detail: "the registry answers, and the host that holds its data does not",
			Do: "Allow outbound TCP 443 to the registry's data endpoints, too: *.data.mcr.microsoft.com, and of " +
				"an Azure registry its data endpoint or *.blob.core.windows.net."}},
	{id: "pull.dial-timeout", of: fromPull, any: []string{"i/o timeout", "connection timed out"}, re: `dial tcp ` +
		addrRE, fail: Failure{Cause: report.TCPTimeout, Certainty: Suggests, Finding: report.RegistryPull}},
	{id: "pull.waiting", of: fromPull, any: []string{"while waiting for connection", "awaiting headers",
		"context deadline exceeded", "i/o timeout"}, fail: Failure{Cause: report.TCPTimeout, Certainty: Suggests,
		Candidates: causes{report.TCPTimeout, report.HTTPTimeout, report.TLSTimeout},
		Finding:    report.RegistryPull}},
	{id: "pull.refused", of: fromPull, any: []string{"connection refused"}, re: `dial tcp ` + addrRE + `|$`,
		fail: Failure{Cause: report.TCPRefused, Certainty: Proves, Finding: report.RegistryPull}},
	{id: "pull.ipv6", of: fromPull, any: []string{"network is unreachable", "no route to host"},
		re: `dial tcp \[(?P<a>[0-9a-fA-F]*:[0-9a-fA-F:.]+)\]:`, fail: Failure{Cause: report.TCPNoRoute,
			Certainty: Suggests, Candidates: causes{report.TCPNoRoute, report.TCPUnreachable},
			Finding: report.RegistryPull, Detail: "this host has no way to the registry's address of IPv6",
			Actor: report.ActorHost,
			Do: "Give this host a route for IPv6, or let names resolve to IPv4 first (/etc/gai.conf), or take " +
				"IPv6 off the interface. Of IPv4 these lines say nothing."}},
	{id: "pull.unreachable", of: fromPull, any: []string{"no route to host"}, re: `dial tcp ` + addrRE + `|$`,
		fail: Failure{Cause: report.TCPUnreachable, Certainty: Suggests, Candidates: causes{report.TCPUnreachable,
			report.TCPNoRoute}, Finding: report.RegistryPull}},
	{id: "pull.no-route", of: fromPull, any: []string{"network is unreachable"},
		fail: Failure{Cause: report.TCPNoRoute, Certainty: Suggests, Candidates: causes{report.TCPNoRoute,
			report.TCPUnreachable}, Finding: report.RegistryPull}},
	// moby's client of registries, of an answer that is none of a registry's own
	{id: "pull.status", of: fromPull, any: []string{"unexpected HTTP status: ", "unexpected status: ",
		"unexpected status code "},
		re: `unexpected (?:HTTP )?status(?: code|:) .{0,200}?(?P<a>[45]\d\d\b[A-Za-z ]*)`,
		fail: Failure{Certainty: Proves, Finding: report.RegistryPull, Detail: "the registry, or a server that " +
			"stands before it, answers", Actor: report.ActorUnknown, Do: "Whoever runs the registry, or the proxy " +
			"or gateway before it, has to look why it answers so: this device's way to it is open."}},
	{id: "pull.reset", of: fromPull, any: []string{": EOF", "connection reset by peer", "unexpected EOF"},
		fail: Failure{Candidates: causes{report.TLSReset, report.ConnectClosed, report.HTTPClosed},
			Certainty: Narrows, Finding: report.RegistryPull}},
	{id: "wrapper.pull", of: fromPull, void: true, any: []string{"container runtime error",
		"EdgeletCommunicationException", "pull image", "Error calling ", "AggregateException", "No such image",
		"Conflict"}},
}
