package devicelog

import (
	"fmt"
	"strings"

	"edgenet/report"
)

// tunnel is a proxy that refuses the CONNECT. The frameworks before 5 do not name it.
func tunnel(status int) func(*Device, leg) []exc {
	return onWS(func(d *Device, l leg) []exc {
		if d.NET < 5 && d.rnd.IntN(2) == 0 {
			return transient(exc{unableWS, fmt.Sprintf("The server returned status code '%d' when status code "+
				"'101' was expected.", status)})
		}
		if d.NET < 5 {
			return transient(exc{unableWS, "Unable to connect to the remote server"}, exc{httpKind,
				fmt.Sprintf("Response status code does not indicate success: %d (Refused).", status)})
		}
		return transient(exc{unableWS, "Unable to connect to the remote server"}, exc{httpKind, fmt.Sprintf(
			"The proxy tunnel request to proxy 'http://%s/' failed with status code '%d'.\"", d.Proxy, status)})
	})
}

func viaProxy(name string, c report.Cause, status int, same ...report.Cause) Fault {
	return Fault{Name: name, Setup: throughProxy, Truth: Truth{Cause: c, Hop: report.HopProxy, Same: same, Proved: true,
		Hidden: before5},
		Net: Network{bad: tunnel(status), calls: connecting("unsuccessful tunnel"), agentToo: true}}
}

func proxyFaults() []Fault {
	wantsLogin := viaProxy("the proxy wants a login", report.ConnectAuthRejected, 407, report.ConnectAuthRequired,
		report.ConnectAuthUnsupported)
	wantsLogin.Hidden = always // which of the three is not printed
	return []Fault{
		{Name: "the proxy refuses connections", Setup: throughProxy, Truth: Truth{Cause: report.TCPRefused,
			Hop: report.HopProxy, Proved: true}, Net: Network{bad: onWS(socket("111", "Connection refused")),
			agentToo: true,
			calls:    connecting("tcp connect error", "Connection refused (os error 111)")}},
		{Name: "the proxy is dropped on the way", Setup: mqttProxy, Truth: Truth{Cause: report.TCPTimeout,
			Hop: report.HopProxy}, Net: Network{bad: onWS(socket("110", "Connection timed out")), agentToo: true,
			timesOut: true, calls: connecting("tcp connect error", "Connection timed out (os error 110)")}},
		{Name: "the proxy has no address", Setup: throughProxy, Truth: Truth{Cause: report.DNSNXDomain,
			Hop:  report.HopProxy,
			Same: []report.Cause{report.DNSNoAddress}}, Net: Network{bad: onWS(unresolved), agentToo: true,
			calls: connecting(
				"dns error", "failed to lookup address information: Name or service not known")}},
		viaProxy("the proxy forbids", report.ConnectForbidden, 403),
		viaProxy("the proxy's way out is broken", report.ConnectUpstream, 503, report.ConnectUpstreamDNS,
			report.ConnectUpstreamRefused, report.ConnectUpstreamTimeout),
		viaProxy("no proxy at all behind the address", report.ConnectUnsupported, 405),
		wantsLogin,
		{Name: "an https proxy", Setup: throughProxy, Truth: Truth{Findings: []report.FindingCode{report.ProxyScheme}},
			Not: func(r Release) bool { return r.NET < 3 || r.NET >= 8 }, OnlyStart: true,
			Net: Network{agentToo: true, bad: onWS(func(d *Device, _ leg) []exc {
				text := "Only the 'http' scheme is allowed for proxies."
				if d.NET > 5 {
					text = "Only the 'http', 'socks4', 'socks4a' and 'socks5' schemes are allowed for proxies."
				}
				return transient(exc{unableWS, "Unable to connect to the remote server"},
					exc{"System.NotSupportedException", text})
			})}},
	}
}

func portFaults() []Fault {
	blocked := []report.FindingCode{report.FirewallPortBlocked, report.ProtocolUnsetHub, report.ProtocolMismatch}
	return []Fault{
		{Name: "5671 refused, the agent by WebSocket", Setup: hubUnset, Truth: Truth{Cause: report.TCPRefused,
			Proved:   true,
			Findings: []report.FindingCode{report.ProtocolUnsetHub}, Also: blocked},
			Net: Network{bad: on(AMQP, socket("111", "Connection refused"))}},
		{Name: "5671 dropped, nothing set", Setup: unset, Truth: Truth{Cause: report.TCPTimeout, Also: blocked,
			Findings: []report.FindingCode{report.ProtocolUnsetHub}},
			Net: Network{bad: on(AMQP, socket("110", "Connection timed out")), timesOut: true, agentToo: true}},
		{Name: "5671 unreachable", Setup: directAMQP, Truth: Truth{Cause: report.TCPUnreachable, Also: blocked,
			Same: []report.Cause{report.TCPNoRoute}},
			Net: Network{bad: on(AMQP, socket("113", "No route to host")), agentToo: true}},
		{Name: "no network at all", Setup: directAMQP, Truth: Truth{Cause: report.TCPNoRoute, Hidden: always,
			Same: []report.Cause{report.TCPUnreachable}},
			Net: Network{bad: socket("101", "Network is unreachable"), agentToo: true,
				calls: connecting("tcp connect error",
					"Network is unreachable (os error 101)")}},
		{Name: "8883 dropped", Setup: directMQTT, Truth: Truth{Cause: report.TCPTimeout, Also: blocked, Hidden: never},
			Net: Network{agentToo: true, timesOut: true, bad: on(MQTT, func(*Device, leg) []exc {
				return transient(exc{"DotNetty.Transport.Channels.ConnectTimeoutException",
					"Exception of type 'DotNetty.Transport.Channels.ConnectTimeoutException' was thrown."})
			})}},
		{Name: "8883 refused", Setup: directMQTT, Truth: Truth{Cause: report.TCPRefused, Hidden: always, Also: blocked,
			Same: []report.Cause{report.TCPTimeout, report.TCPUnreachable, report.TCPNoRoute}},
			Net: Network{agentToo: true, bad: on(MQTT, socket("111", "Connection refused"))}},
		{Name: "this host denies", Setup: directAMQP, Truth: Truth{Cause: report.TCPLocalDenied, Also: blocked},
			Net: Network{agentToo: true, bad: on(AMQP, socket("13", "Permission denied")), calls: nil}},
	}
}

// unresolved is a name without an answer, in the words of each C library and edition.
func unresolved(d *Device, l leg) []exc {
	text, number := "Name or service not known", "00000005, 0xFFFDFFFF"
	switch {
	case d.NET <= 3:
		text, number = "No such device or address", "00000005, 6"
	case d.NET >= 10:
		text = "Name does not resolve"
	}
	return d.named(l, number, text)
}

func (d *Device) named(l leg, number, text string) []exc {
	s := exc{"System.Net.Sockets.SocketException (" + number + ")", text}
	if d.NET <= 3 {
		s.kind = "System.Net.Internals.SocketExceptionFactory+ExtendedSocketException (" + number + ")"
	}
	if l.t.webSocket() {
		return d.viaHTTP(l.t, text, s)
	}
	return transient(s)
}

func nameFaults() []Fault {
	group := []report.Cause{report.DNSServfail, report.DNSRefused, report.DNSUnreachable}
	again := func(d *Device, l leg) []exc { return d.named(l, "00000001, 11", "Resource temporarily unavailable") }
	return []Fault{
		{Name: "containers have no resolver", Setup: directAMQP, Truth: Truth{Cause: report.DNSTimeout, Same: group,
			Hidden: always, Findings: []report.FindingCode{report.EngineDNS}},
			Net: Network{bad: again, agentToo: true}},
		{Name: "nothing resolves", Setup: directWS, Truth: Truth{Cause: report.DNSTimeout, Same: group, Hidden: always},
			Net: Network{bad: again, agentToo: true, calls: connecting("dns error",
				"failed to lookup address information: Temporary failure in name resolution")}},
		{Name: "the hub's name is wrong", Setup: Setup{Agent: AMQPWS, Hub: AMQPWS, Manual: true}, OnlyStart: true,
			Truth: Truth{Cause: report.DNSNXDomain, Same: []report.Cause{report.DNSNoAddress}},
			Net: Network{bad: unresolved, agentToo: true, calls: connecting("dns error",
				"failed to lookup address information: Name or service not known")}},
	}
}

// brokenTLS is a handshake that ends with this text, on ways that dial 443 by WebSocket or the protocol's port.
func brokenTLS(kind, text string, deeper ...exc) func(*Device, leg) []exc {
	return func(d *Device, l leg) []exc {
		inner := append([]exc{{kind, text}}, deeper...)
		if !l.t.webSocket() {
			return transient(inner...)
		}
		chain := []exc{{unableWS, "Unable to connect to the remote server"}}
		if d.NET > 2 {
			chain = append(chain, exc{httpKind, handshakeOver})
		}
		return transient(append(chain, inner...)...)
	}
}

func openssl(reason string) func(*Device) []string {
	return connecting("error:0A000086:SSL routines:tls_post_process_server_certificate:certificate verify failed:" +
		"../ssl/statem/statem_clnt.c:1889: " + reason)
}

func tlsFaults() []Fault {
	inspection := []report.FindingCode{report.TLSInspection, report.TLSCAMissingInBundle, report.TLSCAMissingInOS}
	faces := []report.Cause{report.TLSIntercepted, report.TLSExpired, report.TLSNotYetValid, report.TLSNameMismatch}
	inspected := Truth{Cause: report.TLSUntrusted, Same: faces[:1], Proved: true, Also: inspection, Hidden: before5}
	hidden := Truth{Cause: report.TLSUntrusted, Same: faces, Hidden: always, Also: inspection}
	return []Fault{
		{Name: "inspection, by WebSocket", Setup: directWS, Truth: inspected, Net: Network{agentToo: true,
			bad: certificate("PartialChain", ""), calls: openssl("unable to get local issuer certificate")}},
		{Name: "inspection, by MQTT", Setup: directMQTT, Truth: inspected, Net: Network{agentToo: true,
			bad: certificate("UntrustedRoot", "")}},
		{Name: "inspection, by AMQP", Setup: directAMQP, Truth: hidden, Net: Network{agentToo: true,
			bad: certificate("PartialChain", "")}},
		{Name: "another name in the certificate", Setup: directWS, Truth: Truth{Cause: report.TLSNameMismatch,
			Proved: true,
			Hidden: before5}, Net: Network{agentToo: true, bad: certificate("", "RemoteCertificateNameMismatch")}},
		{Name: "a date in the certificate, or the clock", Setup: directWS, Truth: Truth{Cause: report.TLSExpired,
			Same: []report.Cause{report.TLSNotYetValid, report.AuthClock}, Hidden: always,
			Also: []report.FindingCode{report.ClockSkew}},
			Net: Network{agentToo: true, bad: certificate("NotTimeValid", "")}},
		{Name: "the hello is reset", Setup: directAMQP, Truth: Truth{Cause: report.TLSReset,
			Same: []report.Cause{report.AMQPClosed}}, Net: Network{agentToo: true, bad: brokenTLS(authKind,
			"Authentication failed, see inner exception.", exc{"System.IO.IOException",
				"Unable to read data from the transport connection: Connection reset by peer."},
			exc{"System.Net.Sockets.SocketException (104)", "Connection reset by peer"})}},
		{Name: "no TLS on the port", Setup: directWS, Truth: Truth{Cause: report.TLSNotTLS, Proved: true},
			Net: Network{agentToo: true,
				bad: brokenTLS(authKind, "Cannot determine the frame size or a corrupted frame was received."),
				calls: connecting("error:0A00010B:SSL routines:ssl3_get_record:wrong version " +
					"number:../ssl/record/ssl3_record.c:331:")}},
		{Name: "TLS settings do not meet", Setup: directWS, Truth: Truth{Cause: report.TLSAlert, Proved: true},
			Net: Network{agentToo: true, bad: brokenTLS(authKind,
				"Authentication failed because the remote party sent a TLS alert: 'HandshakeFailure'."),
				calls: connecting("error:0A000410:SSL routines:ssl3_read_bytes:sslv3 alert handshake failure:" +
					"../ssl/record/rec_layer_s3.c:1584:SSL alert number 40")}},
		{Name: "a filter answers the upgrade", Setup: directWS, Truth: Truth{Cause: report.WSStatus, Proved: true,
			Same: []report.Cause{report.WSBlockPage, report.HTTPBlockPage}}, Net: Network{agentToo: true,
			bad: onWS(func(*Device, leg) []exc {
				return transient(exc{unableWS, "The server returned status code '502' when status code '101' was " +
					"expected."})
			})}},
		{Name: "a timer and no word", Setup: directWS, Truth: Truth{Cause: report.TLSTimeout, Hidden: always,
			Same: []report.Cause{report.TCPTimeout, report.TLSMTU, report.WSTimeout, report.AMQPTimeout}},
			Net: Network{agentToo: true, timesOut: true, bad: func(*Device, leg) []exc {
				return []exc{{timedKind, "The operation did not complete within the allocated time 00:00:20 for " +
					"object session1."}}
			}, calls: plain("deadline has elapsed")}},
		{Name: "something else than AMQP answers", Setup: directAMQP, Truth: Truth{Cause: report.AMQPNotAMQP,
			Proved: true},
			Net: Network{agentToo: true, bad: func(*Device, leg) []exc {
				return transient(exc{"Microsoft.Azure.Amqp.AmqpException",
					strings.Join([]string{"The requested protocol version",
						"'ProtocolName48545450' is not supported. The supported version is 'AMQP 0 1.0.0'."}, " ")})
			}}},
	}
}
