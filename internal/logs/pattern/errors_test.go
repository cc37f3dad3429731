package pattern

import (
	"slices"
	"strings"
	"testing"

	"edgenet/report"
)

// said is an error as it is printed, and what it says: a cause or, with a question mark, one
// that is left open; then the certainty. A finding stands for what has no cause.
var said = []struct {
	of    family
	text  string
	cause string
	sure  Certainty
	hop   report.Hop
}{
	{fromNET, "System.Net.Sockets.SocketException (111): Connection refused", "tcp.refused", Proves, ""},
	{fromNET, "System.Net.Internals.SocketExceptionFactory+ExtendedSocketException (111): Connection refused " +
		"192.0.2.7:5671", "tcp.refused", Proves, ""},
	{fromNET, "System.Net.Sockets.SocketException (10061): No connection could be made because the target machine " +
		"actively refused it.", "tcp.refused", Proves, ""},
	{fromNET, "System.Net.Sockets.SocketException: Connection refused", "tcp.refused", Proves, ""},
	{fromNET, "System.Net.Sockets.SocketException (110): Connection timed out", "tcp.timeout", Suggests, ""},
	{fromNET, "System.Net.Sockets.SocketException (10060): A connection attempt failed because the connected party " +
		"did not properly respond after a period of time", "tcp.timeout", Suggests, ""},
	{fromNET, "System.Net.Sockets.SocketException (113): No route to host", "tcp.unreachable", Suggests, ""},
	{fromNET, "System.Net.Sockets.SocketException (101): Network is unreachable", "?tcp.no-route", Narrows, ""},
	{fromNET, "System.Net.Sockets.SocketException (104): Connection reset by peer", "?tls.reset", Narrows, ""},
	{fromNET, "System.Net.Sockets.SocketException (104): Connection reset by peer\n   at " +
		"System.Net.Security.SslStream.ForceAuthenticationAsync()", "tls.reset", Suggests, ""},
	{fromNET, "System.Net.Sockets.SocketException (32): Broken pipe", "?hold.reset", Narrows, ""},
	{fromNET, "System.Net.Sockets.SocketException (13): Permission denied", "tcp.local-denied", Suggests, ""},
	{fromNET, "System.Net.Internals.SocketExceptionFactory+ExtendedSocketException (00000005, 0xFFFDFFFF): Name or " +
		"service not known", "dns.nxdomain", Suggests, ""},
	{fromNET, "System.Net.Sockets.SocketException (00000005, 0xFFFDFFFF): Name does not resolve", "dns.nxdomain",
		Suggests, ""},
	{fromNET, "System.Net.Sockets.SocketException (00000001, 11): Resource temporarily unavailable", "?dns.timeout",
		Narrows, ""},
	{fromNET, "System.Net.Sockets.SocketException (10051): a socket operation was attempted to an unreachable network",
		"?tcp.no-route", Narrows, ""},
	{fromNET, "System.Net.Http.HttpRequestException: The proxy tunnel request to proxy 'http://proxy.corp:3128/' " +
		"failed with status code '407'.", "?connect.auth-required", Narrows, report.HopProxy},
	{fromNET, "System.Net.Http.HttpRequestException: The proxy tunnel request to proxy 'http://proxy.corp:3128/' " +
		"failed with status code '403'.", "connect.forbidden", Proves, report.HopProxy},
	{fromNET, "System.Net.Http.HttpRequestException: The proxy tunnel request to proxy 'http://proxy.corp:3128/' " +
		"failed with status code '503'.", "connect.upstream", Suggests, report.HopProxy},
	{fromNET, "System.Net.Http.HttpRequestException: The proxy tunnel request to proxy 'http://proxy.corp:3128/' " +
		"failed with status code '405'.", "connect.unsupported", Proves, report.HopProxy},
	{fromNET, "System.NotSupportedException: Only the 'http', 'socks4', 'socks4a' and 'socks5' schemes are allowed " +
		"for proxies.", "proxy.scheme", Proves, ""},
	{fromNET, "System.UriFormatException: Invalid URI: The format of the URI could not be determined.", "proxy.scheme",
		Suggests, ""},
	{fromNET, "System.Security.Authentication.AuthenticationException: The remote certificate is invalid because of " +
		"errors in the certificate chain: UntrustedRoot", "tls.untrusted", Suggests, ""},
	{fromNET, "System.Security.Authentication.AuthenticationException: The remote certificate is invalid because of " +
		"errors in the certificate chain: NotTimeValid", "?tls.expired", Narrows, ""},
	{fromNET, "System.Security.Authentication.AuthenticationException: The remote certificate is invalid according " +
		"to the validation procedure: RemoteCertificateNameMismatch", "tls.name-mismatch", Proves, ""},
	{fromNET, "System.Security.Authentication.AuthenticationException: The remote certificate is invalid according " +
		"to the validation procedure.", "?tls.intercepted", Narrows, ""},
	{fromNET, "System.Security.Authentication.AuthenticationException: The remote certificate was rejected by the " +
		"provided RemoteCertificateValidationCallback.", "?tls.expired", Narrows, ""},
	{fromNET, "System.Security.Authentication.AuthenticationException: Authentication failed because the remote " +
		"party sent a TLS alert: 'HandshakeFailure'.", "tls.alert", Proves, ""},
	{fromNET, "System.IO.IOException: Authentication failed because the remote party has closed the transport stream.",
		"tls.reset", Suggests, ""},
	{fromNET, "System.IO.IOException: Cannot determine the frame size or a corrupted frame was received.",
		"tls.not-tls", Suggests, ""},
	{fromNET, "System.Net.WebSockets.WebSocketException: The server returned status code '503' when status code " +
		"'101' was expected.", "ws.status", Proves, ""},
	{fromNET, "System.Net.WebSockets.WebSocketException: The server returned status code '403' when status code " +
		"'101' was expected.", "?ws.block-page", Narrows, ""},
	{fromNET, "System.Net.WebSockets.WebSocketException: The server returned status code '407' when status code " +
		"'101' was expected.", "?connect.auth-rejected", Narrows, report.HopProxy},
	{fromNET, "System.Net.WebSockets.WebSocketException: The remote party closed the WebSocket connection without " +
		"completing the close handshake.", "?ws.closed", Narrows, ""},
	{fromNET, "Microsoft.Azure.Devices.Client.Exceptions.UnauthorizedException: Put token failed. status-code: 401, " +
		"status-description: Unauthorized.", "auth.rejected", Suggests, ""},
	{fromNET, "Microsoft.Azure.Devices.Client.Exceptions.UnauthorizedException: Put token failed. status-code: 401, " +
		"status-description: The specified SAS token is expired.", "auth.expired", Suggests, ""},
	{fromNET, "Microsoft.Azure.Devices.Client.Exceptions.DeviceNotFoundException: Put token failed. status-code: " +
		"404, status-description: Device dev1 at IotHub contoso not registered.", "auth.unknown-device", Proves, ""},
	{fromNET, "Microsoft.Azure.Devices.Client.Exceptions.UnauthorizedException: " +
		"error(condition:amqp:unauthorized-access,description:Unauthorized)", "?auth.clock", Narrows, ""},
	{fromNET, "Microsoft.Azure.Amqp.AmqpException: The connection was inactive for more than the allowed 60000 " +
		"milliseconds and is closed by container 'x'.", "hold.dropped", Suggests, ""},
	{fromNET, "Microsoft.Azure.Amqp.AmqpException: The link with identifier x was closed due to link stealing",
		"identity.duplicate", Suggests, ""},
	{fromNET, "Microsoft.Azure.Amqp.AmqpException: ProtocolName48545450 was unexpected", "amqp.not-amqp", Proves, ""},
	{fromNET, "System.TimeoutException: The operation did not complete within the allocated time 00:00:29 for " +
		"object tls9.", "tls.timeout", Suggests, ""},
	{fromNET, "System.TimeoutException: Operation timeout expired.", "?tcp.timeout", Narrows, ""},
	{fromNET, "Microsoft.Azure.Devices.Client.Exceptions.IotHubCommunicationException: MQTT channel open failed.",
		"?tcp.refused", Narrows, ""},
	{fromNET, "DotNetty.Transport.Channels.ConnectTimeoutException: The operation has timed out", "tcp.timeout",
		Suggests, ""},
	{fromNET, "Microsoft.Azure.Devices.Client.Exceptions.UnauthorizedException: CONNECT failed: RefusedNotAuthorized",
		"auth.rejected", Suggests, ""},
	{fromNET, "Microsoft.Azure.Devices.Client.Exceptions.IotHubException: CONNECT failed: RefusedServerUnavailable",
		"mqtt.refused", Proves, ""},
	{fromNET, "System.AggregateException: One or more errors occurred. (Connection refused)\n ---> " +
		"System.Net.Sockets.SocketException (110): Connection timed out", "tcp.timeout", Suggests, ""},

	{fromRust, "error trying to connect: dns error: failed to lookup address information: Name or service not known",
		"dns.nxdomain", Suggests, ""},
	{fromRust, "error trying to connect: dns error: failed to lookup address information: Temporary failure in name " +
		"resolution", "?dns.servfail", Narrows, ""},
	{fromRust, "error trying to connect: dns error: failed to lookup address information: No address associated with " +
		"hostname", "dns.no-address", Proves, ""},
	{fromRust, "error trying to connect: tcp connect error: Connection timed out (os error 110)", "tcp.timeout",
		Suggests, ""},
	{fromRust, "error trying to connect: tcp connect error: No route to host (os error 113)", "tcp.unreachable",
		Suggests, ""},
	{fromRust, "error trying to connect: tcp connect error: Network is unreachable (os error 101)", "tcp.no-route",
		Suggests, ""},
	{fromRust, "deadline has elapsed", "?tcp.timeout", Narrows, ""},
	// The daemon prints the first sixteen bytes of the proxy's answer.
	{fromRust, "unsuccessful tunnel (HTTP/1.1 403 For)", "connect.forbidden", Proves, report.HopProxy},
	{fromRust, "unsuccessful tunnel (HTTP/1.0 501 Not)", "connect.unsupported", Proves, report.HopProxy},
	{fromRust, "unsuccessful tunnel (HTTP/1.1 407 Pro)", "?connect.auth-required", Narrows, report.HopProxy},
	{fromRust, "error trying to connect: unsuccessful tunnel", "?connect.upstream", Narrows, report.HopProxy},
	{fromRust, "error trying to connect: proxy authentication required", "?connect.auth-rejected", Narrows,
		report.HopProxy},
	{fromRust, "error trying to connect: unexpected EOF while tunnel reading", "connect.closed", Suggests,
		report.HopProxy},
	{fromRust, "error trying to connect: error:0A000086:SSL routines:tls_post_process_server_certificate:certificate " +
		"verify failed:../ssl/statem/statem_clnt.c:1890:: unable to get local issuer certificate", "tls.untrusted",
		Suggests, ""},
	{fromRust, "error trying to connect: error:1416F086:SSL routines:tls_process_server_certificate:certificate " +
		"verify failed:ssl/statem/statem_clnt.c:1919: certificate has expired", "tls.expired", Proves, ""},
	{fromRust, "error trying to connect: error:1416F086:SSL routines:tls_process_server_certificate:certificate " +
		"verify failed:ssl/statem/statem_clnt.c:1919: certificate is not yet valid", "tls.not-yet-valid", Proves, ""},
	{fromRust, "error trying to connect: error:1408F10B:SSL routines:ssl3_get_record:wrong version " +
		"number:ssl/record/ssl3_record.c:332:", "tls.not-tls", Proves, ""},
	{fromRust, "error trying to connect: error:14094410:SSL routines:ssl3_read_bytes:sslv3 alert handshake " +
		"failure:ssl/record/rec_layer_s3.c:1544:SSL alert number 40", "tls.alert", Proves, ""},
	{fromRust, "Connection reset by peer (os error 104)", "?tls.reset", Narrows, ""},
	{fromRust, "expected value at line 1 column 1", "http.block-page", Suggests, ""},
	{fromRust, `{"errorCode":401002,"trackingId":"x","message":"Unauthorized"}`, "auth.rejected", Suggests, ""},
	{fromRust, `{"errorCode":404201,"message":"Unable to find registration"}`, "auth.unknown-device", Proves, ""},
	{fromRust, `{"Message":"ErrorCode:IotHubUnauthorizedAccess;Unauthorized"}`, "auth.rejected", Suggests, ""},
	{fromRust, "client error (Connect)", "?tcp.refused", Narrows, ""},

	{fromPull, `Get "https://mcr.microsoft.com/v2/": net/http: TLS handshake timeout`, "tls.timeout", Suggests, ""},
	{fromPull, `Get "https://mcr.microsoft.com/v2/": dial tcp 192.0.2.7:443: i/o timeout`, "tcp.timeout", Suggests, ""},
	{fromPull, `Get "https://mcr.microsoft.com/v2/": dial tcp: lookup mcr.microsoft.com on 192.0.2.53:53: no such host`,
		"dns.nxdomain", Proves, ""},
	{fromPull, `Get "https://mcr.microsoft.com/v2/": dial tcp: lookup mcr.microsoft.com on 192.0.2.53:53: server misbehaving`, "?dns.servfail", Narrows, ""},
	{fromPull, `Get "https://mcr.microsoft.com/v2/": dial tcp: lookup mcr.microsoft.com on 192.0.2.53:53: read udp 192.0.2.9:40000->192.0.2.53:53: i/o timeout`, "dns.timeout", Proves, ""},
	{fromPull, `Get "https://mcr.microsoft.com/v2/": dial tcp: lookup mcr.microsoft.com on 127.0.0.53:53: read udp 127.0.0.1:40000->127.0.0.53:53: read: connection refused`, "dns.unreachable", Proves, ""},
	{fromPull, `Get "https://mcr.microsoft.com/v2/": proxyconnect tcp: dial tcp 192.0.2.8:3128: connect: connection refused`, "tcp.refused", Proves, report.HopProxy},
	{fromPull, `Get "https://mcr.microsoft.com/v2/": proxyconnect tcp: tls: first record does not look like a TLS handshake`, "proxy.scheme", Proves, report.HopProxy},
	{fromPull, `Get "https://mcr.microsoft.com/v2/": Proxy Authentication Required`, "?connect.auth-required", Narrows,
		report.HopProxy},
	{fromPull, `Get "https://mcr.microsoft.com/v2/": Forbidden`, "connect.forbidden", Proves, report.HopProxy},
	{fromPull, `Get "https://mcr.microsoft.com/v2/": x509: certificate signed by unknown authority`, "tls.untrusted",
		Suggests, ""},
	{fromPull, `Get "https://mcr.microsoft.com/v2/": x509: certificate has expired or is not yet valid: current time 2018-01-01T00:00:00Z is before 2024-01-01T00:00:00Z`, "tls.not-yet-valid", Proves, ""},
	{fromPull, `Get "https://mcr.microsoft.com/v2/": x509: certificate is valid for a.example, not mcr.microsoft.com`,
		"tls.name-mismatch", Proves, ""},
	{fromPull, `Get "https://mcr.microsoft.com/v2/": EOF`, "?tls.reset", Narrows, ""},
	{fromPull, "toomanyrequests: You have reached your pull rate limit", "registry.pull", Proves, ""},
	{fromPull, "pull access denied for contoso/x, repository does not exist", "registry.pull", Proves, ""},
	{fromPull, "write /var/lib/docker/tmp/x: no space left on device", "storage.full", Proves, ""},
}

func TestErrors(t *testing.T) {
	t.Parallel()
	m := NewMatcher()
	for _, c := range said {
		first, rest, _ := strings.Cut(c.text, "\n")
		list, _ := m.read(c.of, false, first, strings.Split(rest, "\n"))
		if len(list) != 1 {
			t.Errorf("%q: %d failures", c.text, len(list))
			continue
		}
		f := list[0]
		got := string(f.Cause)
		if want, open := strings.CutPrefix(c.cause, "?"); open {
			if f.Cause != "" || !slices.Contains(f.Candidates, report.Cause(want)) {
				t.Errorf("%q: %q, %v, want one of several with %s (%s)", c.text, got, f.Candidates, want, f.Row)
			}
		} else if got == "" && string(f.Finding) != c.cause || got != "" && got != c.cause {
			t.Errorf("%q: %q %q, want %s (%s)", c.text, got, f.Finding, c.cause, f.Row)
		}
		if f.Certainty != c.sure || f.Hop != c.hop {
			t.Errorf("%q: %s at %q, want %s at %q (%s)", c.text, f.Certainty, f.Hop, c.sure, c.hop, f.Row)
		}
	}
}

// TestLocalSockets: the same texts say nothing of the cloud where they are about a socket on
// this host.
func TestLocalSockets(t *testing.T) {
	t.Parallel()
	m := NewMatcher()
	for _, text := range []string{"connection error: Connection reset by peer (os error 104)",
		"error trying to connect: tcp connect error: Connection refused (os error 111)",
		"No such file or directory (os error 2)", "connection closed before message completed"} {
		if list, _ := m.read(fromRust, true, text, nil); len(list) > 0 && list[0].Cause != "" {
			t.Errorf("%q names %s", text, list[0].Cause)
		}
	}
}
