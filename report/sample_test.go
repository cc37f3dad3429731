package report

import "time"

func at(ms int) time.Time {
	return time.Date(2026, 1, 2, 3, 4, 5, ms*1e6, time.UTC)
}

func ptr[T any](v T) *T { return &v }

// fullDetails gives one detail of every stage with every field set.
func fullDetails() map[Stage]Detail {
	now := at(11)
	return map[Stage]Detail{
		StageDNS: &DNSDetail{Name: "hub.test", Line: 3, Rotate: true, Answered: "hub.test.site.test.",
			Addresses: []string{"203.0.113.9"}, CNAME: []string{"x.test."},
			TTLSec: ptr(uint32(60)), Resolver: "192.0.2.53:53",
			Resolvers: []ResolverAnswer{{Resolver: "192.0.2.53:53", Answer: "NOERROR",
				Addresses: []string{"203.0.113.9"}, CNAME: []string{"x.test."}, TTLSec: ptr(uint32(60)),
				Transport: "udp", TCP: "timeout", WithoutEDNS: true, Unvalidated: true, Extended: "EDE 9",
				Neighbour: &Neighbour{Address: "192.0.2.1", Link: "eth0", State: "failed"}, DurationMs: 1.5, Error: "e"}},
			At: &now, Errno: "ECONNREFUSED", Ndots: 5, NoRoute: true, HostAddress: "169.254.7.7"},
		StageTCP: &TCPDetail{Local: "192.0.2.7:50212", Remote: "203.0.113.9:5671", Interface: "eth0", At: now,
			Errno: "ETIMEDOUT", Neighbour: &Neighbour{Address: "192.0.2.1", Gateway: true, Link: "eth0",
				State: "failed", Bridge: "Docker or Moby"},
			Resent: 1, OtherFamily: "IPv4", HostAddress: "none", Tried: []TCPAttempt{{Local: "192.0.2.7:50212", Remote: "203.0.113.9:5671", Status: Failed,
				Hop: HopTarget, Stage: StageTLS, Summary: "s", Resent: 1, Walked: true, Cause: TCPTimeout,
				Errno: "ETIMEDOUT", DurationMs: 9992}}},
		StageTLS: &TLSDetail{ServerName: "hub.test", Version: "TLS 1.3", Cipher: "TLS_AES_128_GCM_SHA256",
			Chain: []Certificate{{Subject: "CN=hub.test", Issuer: "CN=Box", NotBefore: now, NotAfter: now,
				SHA256: "ab"}}, Names: []string{"hub.test"},
			Trust: map[string]Trust{"public": {OK: false, Reason: "unknown authority"},
				"os": {OK: true, Root: "CN=Box"}}, Consumer: "containers", CertAsked: true,
			Weak: &Weakness{What: "w", Certificate: "CN=hub.test", OpenSSL: true, Here: true, Halfway: true}, Vendor: "V",
			VendorBy: "CN=Box", Impostor: "CN=Root", Renewed: "CN=Own", Sibling: "CN=Root,O=Own", Unfit: true, Legacy: true, RootEnded: &now,
			Acknowledged: new(bool), Alert: &Alert{Number: 40, Name: "handshake_failure"}, FirstBytes: "HTTP", Reason: "r", Told: "t",
			Date: &now, SkewMs: ptr(Millis(-1500)), At: &now, Local: "a", Remote: "b"},
		StageConnect: &ConnectDetail{Target: "hub.test:443", StatusLine: "HTTP/1.1 407 No", Status: 407,
			AuthSchemes: []string{"Basic"}, Realm: "r", Credentials: "none", Via: "v", Server: "squid",
			Vendor: "squid", Headers: []string{"X-Cache: MISS"}, ProxyError: "ERR_ACCESS_DENIED", NoNextHop: true, Body: "denied",
			SOCKSReply: "s", FirstBytes: "f", Speaks: SpeaksTLS, Port443: "allowed",
			Date: &now, At: &now, Local: "a", Remote: "b",
			Location: "l", UserAgent: true, First: &ConnectFirst{Status: 407, StatusLine: "HTTP/1.1 407 No",
				Credentials: "none"}, SideBySide: &ConnectFirst{Status: 403, StatusLine: "HTTP/1.1 403 No",
				Credentials: "none"}, Otherwise: &ConnectFirst{Status: 403, StatusLine: "HTTP/1.1 403 No",
				Credentials: "none", Realm: "r", Headers: []string{"X-Cache: MISS"}}},
		StageWebSocket: &WebSocketDetail{URL: "wss://hub.test/$iothub/websocket", Status: 101, Server: "s",
			Subprotocol: "mqtt", HubHeaders: []string{"h"}, Location: "l", Title: "t", Headers: []string{"X: y"}, Vendor: "v",
			Error: "e", At: &now},
		StageAMQP: &AMQPDetail{Mechanisms: []string{"ANONYMOUS"}, ContainerID: "c",
			IdleTimeMs: ptr(Millis(240000)), MaxFrame: 65536, Reached: "open", Condition: "c", Description: "d",
			FirstBytes: "f", Error: "e", At: &now},
		StageMQTT: &MQTTDetail{ReturnCode: ptr(0), Meaning: "accepted", FirstBytes: "f", Error: "e", At: &now},
		StageHTTP: &HTTPDetail{Request: "GET /", Status: 401, PaddedBytes: 1500, Server: "s",
			HubHeaders: []string{"iothub-errorcode"}, ErrorCode: "e", Location: "l", Title: "t", Headers: []string{"X: y"}, RetryAfter: "5",
			Date: &now, SkewMs: ptr(Millis(-3)), FirstBytes: "f", Vendor: "v", Error: "e", At: &now},
		StageAuth: &AuthDetail{Identity: "d/m", Method: "sas", Status: 401, Condition: "c", Message: "m",
			Expiry: &now, At: &now},
		StageHold: &HoldDetail{HeldSec: 61.5, LimitSec: 300, ServerIdle: true, LostSec: 120, KeepAliveSec: 30,
			Busy:   &HoldTrial{IdleSec: 5, Outcome: HoldCut, EndSec: 60},
			Trials: []HoldTrial{{IdleSec: 60, Outcome: HoldAlive, EndSec: 60.1, Error: "e", Local: "l"}}, At: &now},
	}
}

// sample is a report with a working path, a failed one and a skipped one.
func sample() *Report {
	amqp := AMQP
	return &Report{Schema: Schema, Tool: Tool{Name: "edgenet", Version: "0", OS: "linux", Arch: "arm64"},
		StartedAt: at(0), DurationMs: 812,
		Target: Target{Hub: "hub.test", Source: "flag"}, Routes: []Route{{ID: RouteDirect},
			{ID: "proxy", URL: "http://edge:****@proxy.test:3128", Source: "env:https_proxy"}},
		Results: []Result{
			{ID: "r1", Endpoint: EndpointIoTHub, Host: "hub.test", Port: 5671, Protocol: AMQP, Route: RouteDirect,
				Status: OK, DurationMs: 80, Attempts: 2, Failures: 1,
				FailureCauses: map[Cause]int{TCPTimeout: 1}, Latency: &Latency{1, 2, 3}, RuntimeUsable: ptr(true),
				Steps: []Step{{Hop: HopTarget, Stage: StageTCP, Status: OK, DurationMs: 5,
					Detail: &TCPDetail{At: at(1)}}}},
			{ID: "r2", Endpoint: EndpointIoTHub, Host: "hub.test", Port: 443, Protocol: HTTPS, Route: "proxy",
				Status: Failed, Hop: HopProxy, Stage: StageConnect, Cause: ConnectForbidden, Summary: "s", Remedy: "r",
				Actor: ActorProxy, Attempts: 1, Failures: 1,
				Steps: []Step{{Hop: HopProxy, Stage: StageConnect, Status: Failed, Cause: ConnectForbidden,
					Detail: &ConnectDetail{Target: "hub.test:443"}}},
				Experiments: []Experiment{{Name: Where, Outcome: Answered, Summary: "s", StartMs: 1, DurationMs: 2,
					Steps: []Step{{Hop: HopTarget, Stage: StageTCP, Status: OK}},
					Travels: []Travel{{Address: "203.0.113.9", Port: 5671, LocalDrops: true, Filtered: 4, Gateway: "192.0.2.1",
						Hops: []Hit{{TTL: 1, Answer: HitExpired, From: "192.0.2.1", DurationMs: 1}}}}}}},
			{ID: "r3", Endpoint: EndpointIoTHub, Host: "hub.test", Port: 8883, Protocol: MQTT, Route: RouteDirect,
				Status: Skipped, SkipReason: "the deadline was over"},
		},
		Verdict: Verdict{UpstreamProtocol: &amqp, Route: RouteDirect, HTTPSOK: ptr(false), Reason: "because",
			Working: []Working{{AMQP, RouteDirect, "r1", 80}}, Expected: AMQP, ExpectedSource: "flag",
			Consistent: ptr(true), ExitCode: 1},
		Findings: []Finding{{Code: HTTPSRequired, Severity: SeverityError, Actor: ActorProxy, Summary: "s", Remedy: "r",
			Results: []string{"r2"}}},
	}
}
