//go:build netns && linux

package netns

import (
	"crypto/x509/pkix"
	"testing"
	"time"

	"edgenet/internal/lab/pki"
	"edgenet/internal/verify/blackbox"
	"edgenet/report"
)

func TestCauses(t *testing.T)       { runScenes(t, causeScenes()) }
func TestProxies(t *testing.T)      { runScenes(t, proxyScenes()) }
func TestCertificates(t *testing.T) { runScenes(t, certificateScenes()) }

// spoken are the causes of what is spoken inside TLS.
var spoken = []report.Cause{report.WSStatus, report.WSBlockPage, report.WSNotUpgraded, report.WSClosed,
	report.WSTimeout, report.AMQPNotAMQP, report.AMQPVersion, report.AMQPSASL, report.AMQPClosed,
	report.AMQPTimeout, report.AMQPError, report.MQTTNotMQTT, report.MQTTClosed, report.MQTTTimeout, report.MQTTRefused,
	report.HTTPBlockPage, report.HTTPStatus, report.HTTPTimeout, report.HTTPClosed, report.HTTPMalformed}

// three puts a fault on each port, and wants what each protocol says of it.
func three(name string, amqp, mqtt, https, upgrade string, a, m, ws, h report.Cause) scene {
	s := scene{name: name, free: true, setup: func(n *network) {
		n.names()
		n.lab("amqps="+amqp, "mqtts="+mqtt,
			"https="+https, "https="+upgrade)
	}}
	at := func(p report.Protocol, stage report.Stage, c report.Cause) {
		if c != "" {
			s.want = append(s.want, fails(p, stage, c, spoken))
		}
	}
	at(report.AMQP, report.StageAMQP, a)
	at(report.MQTT, report.StageMQTT, m)
	at(report.MQTTWS, report.StageWebSocket, ws)
	at(report.HTTPS, report.StageHTTP, h)
	return s
}

func causeScenes() []scene {
	return []scene{
		three("what is spoken: refused", "amqp-error", "mqtt-connack:3", "status:503", "ws-status:403",
			report.AMQPError, report.MQTTRefused, report.WSStatus, report.HTTPStatus),
		three("what is spoken: silence", "amqp-silent", "mqtt-silent", "http-silent", "ws-silent", report.AMQPTimeout,
			report.MQTTTimeout, report.WSTimeout, report.HTTPTimeout),
		three("what is spoken: cut", "amqp-close", "mqtt-close", "http-close", "ws-close", report.AMQPClosed,
			report.MQTTClosed, report.WSClosed, report.HTTPClosed),
		three("what is spoken: something else", "amqp-not-amqp", "mqtt-not-mqtt", "block-page:302", "ws-block-page:302",
			report.AMQPNotAMQP, report.MQTTNotMQTT, report.WSBlockPage, report.HTTPBlockPage),
		three("what is spoken: wrong version, garbage", "amqp-version", "mqtt-silent", "http-garbage", "ws-reset",
			report.AMQPVersion, "", "", report.HTTPMalformed),
		three("what is spoken: no login, no upgrade", "amqp-no-mechanisms", "mqtt-close", "http-endless-header",
			"ws-no-accept", report.AMQPSASL, "", report.WSNotUpgraded, ""),
		{name: "a frame that no cause covers", free: true, args: []string{"--protocol", "AMQP"},
			setup: func(n *network) { n.names(); n.lab(); n.unexpected() },
			want:  []blackbox.Want{fails(report.AMQP, report.StageAMQP, report.Unknown, spoken)}},
		{name: "credentials", free: true, setup: func(n *network) { n.names(); n.lab() },
			args: []string{"--depth", "auth", "--identity-not-in-use", "--connection-string-file", "DEVICE-WRONG"},
			want: []blackbox.Want{fails(report.HTTPS, report.StageAuth, report.AuthRejected, authFamily),
				fails(report.AMQP, report.StageAuth, report.AuthRejected, authFamily)}},
		{name: "credentials past their time", free: true, setup: func(n *network) { n.names(); n.lab() },
			args: []string{"--depth", "auth", "--identity-not-in-use", "--connection-string-file", "DEVICE-EXPIRED"},
			want: []blackbox.Want{fails(report.HTTPS, report.StageAuth, report.AuthExpired, authFamily)}},
		{name: "a device that nobody knows", free: true, setup: func(n *network) { n.names(); n.knowsNobody() },
			args: []string{"--depth", "auth", "--identity-not-in-use", "--protocol", "HTTPS",
				"--connection-string-file", "DEVICE-ANY"},
			want: []blackbox.Want{fails(report.HTTPS, report.StageAuth, report.AuthUnknownDevice, authFamily)}},
		{name: "credentials and a wrong clock", free: true,
			setup: func(n *network) { n.names(); n.lab("https=skew:3600") },
			args:  []string{"--depth", "auth", "--identity-not-in-use", "--connection-string-file", "DEVICE-WRONG"},
			want:  []blackbox.Want{{Protocol: report.HTTPS, Stage: report.StageAuth, Cause: report.AuthClock}}},
		named("garbage for DNS", report.DNSMalformed, func(n *network) {
			n.listens(n.start("site", "socat", "UDP-LISTEN:53,bind="+nameServer+",reuseaddr,fork",
				"SYSTEM:echo this is no DNS at all"), "site", "-u", nameServer+":53")
		}),
	}
}

var authFamily = []report.Cause{report.AuthRejected, report.AuthExpired, report.AuthUnknownDevice, report.AuthClock}

// proxied is a case about a proxy that answers CONNECT in its own way.
func proxied(name string, c report.Cause, need string, setup func(*network), url ...string) scene {
	to := proxyURL
	if len(url) > 0 {
		to = url[0]
	}
	return scene{name: "proxy: " + name, need: []string{need}, free: true, args: []string{"--proxy", to, "--route",
		"proxy", "--protocol", "HTTPS,AMQPWS"},
		setup: func(n *network) { n.names(); n.lab(); setup(n) },
		want: []blackbox.Want{atProxy(report.HTTPS, report.StageConnect, c, conFamily),
			atProxy(report.AMQPWS, report.StageConnect, c, conFamily)}}
}

func proxyScenes() []scene {
	const with = "http://edge:wrong@" + proxyAddress
	basic := func(n *network) {
		n.squid(login("basic", "auth_param basic program /usr/lib/squid/basic_ncsa_auth "+n.passwords())...)
	}
	right := scene{name: "proxy: squid with the right password", need: []string{"squid", "openssl"},
		upstream: report.AMQPWS, args: []string{"--proxy", "http://edge:x@" + proxyAddress, "--route", "proxy"},
		setup: func(n *network) { n.names(); n.lab(); basic(n) }, want: []blackbox.Want{works(report.AMQPWS, "proxy"),
			works(report.MQTTWS, "proxy"), works(report.HTTPS, "proxy")}}
	socks := proxied("dante's rule", report.ConnectSOCKS, "danted", (*network).dante, "socks5://"+proxyAddress)
	socks.args = []string{"--proxy", "socks5://" + proxyAddress, "--route", "proxy", "--protocol", "AMQP,HTTPS"}
	socks.want = []blackbox.Want{atProxy(report.AMQP, report.StageConnect, report.ConnectSOCKS, conFamily),
		works(report.HTTPS, "proxy")}
	socks.findings = []report.FindingCode{report.ProxyRuntimeLimits}
	return []scene{
		right, socks,
		proxied("squid wants Basic", report.ConnectAuthRequired, "squid", basic),
		proxied("squid knows another password", report.ConnectAuthRejected, "squid", basic, with),
		proxied("squid wants Digest", report.ConnectAuthUnsupported, "squid", func(n *network) {
			n.squid(login("digest", "auth_param digest program /usr/lib/squid/digest_file_auth "+n.passwords(),
				"auth_param digest realm x")...)
		}, with),
		proxied("squid wants NTLM", report.ConnectAuthUnsupported, "squid", func(n *network) {
			n.squid(login("ntlm", "auth_param ntlm program /usr/lib/squid/ntlm_fake_auth")...)
		}, with),
		proxied("squid wants Kerberos", report.ConnectAuthUnsupported, "squid", func(n *network) {
			n.squid(login("negotiate", "auth_param negotiate program /bin/cat")...)
		}),
		proxied("squid's policy", report.ConnectForbidden, "squid",
			func(n *network) { n.squid("acl hub dstdomain "+hubName, "http_access deny hub") }),
		proxied("tinyproxy's ports", report.ConnectForbidden, "tinyproxy",
			func(n *network) { n.tinyproxy("ConnectPort 80") }),
		proxied("tinyproxy wants Basic", report.ConnectAuthRequired, "tinyproxy",
			func(n *network) { n.tinyproxy("BasicAuth edge x") }),
		proxied("haproxy without a server", report.ConnectUpstream, "haproxy",
			func(n *network) { n.haproxy("  mode http") }),
		proxied("haproxy denies with 429", report.ConnectStatus, "haproxy",
			func(n *network) { n.haproxy("  mode http\n  http-request deny deny_status 429") }),
		proxied("haproxy closes", report.ConnectClosed, "haproxy",
			func(n *network) { n.haproxy("  mode http\n  tcp-request content reject") }),
		proxied("a web server", report.ConnectUnsupported, "nginx", func(n *network) {
			n.nginx("site", proxyAddress, "server { listen "+proxyAddress+"; return 200 hello; }")
		}),
		proxied("an SSH banner", report.ConnectNotHTTP, "socat", func(n *network) {
			n.fakeProxy("socat", "TCP-LISTEN:3128,bind="+siteAddress+",reuseaddr,fork",
				"SYSTEM:echo SSH-2.0-OpenSSH_9.2p1; sleep 1")
		}),
		proxied("a SOCKS port", report.ConnectNotHTTP, "microsocks",
			func(n *network) { n.fakeProxy("microsocks", "-i", siteAddress, "-p", "3128") }),
		proxied("apache whose name server does not know the hub", report.ConnectUpstreamDNS, "apache2",
			func(n *network) {
				n.apache()
			}),
		{name: "proxy: TLS asked of a plain port", need: []string{"squid"}, free: true,
			args:     []string{"--proxy", "https://" + proxyAddress, "--route", "proxy", "--protocol", "HTTPS"},
			setup:    func(n *network) { n.names(); n.lab(); n.squid() },
			want:     []blackbox.Want{atProxy(report.HTTPS, report.StageTLS, report.TLSNotTLS, tlsFamily)},
			findings: []report.FindingCode{report.ProxyScheme}},
	}
}

// shown is a case about the certificate that nginx shows in the hub's place.
func shown(name string, c report.Cause, host string, web func(*network)) scene {
	family := []report.Cause{report.TLSUntrusted, report.TLSIntercepted, report.TLSExpired, report.TLSNotYetValid,
		report.TLSNameMismatch, report.TLSAlert, report.TLSNotTLS, report.TLSClientAuth, report.HTTPBlockPage}
	return scene{name: "certificate: " + name, need: []string{"nginx"}, free: true,
		args: []string{"--hub", host, "--protocol", "HTTPS"}, setup: func(n *network) { n.public(); web(n) },
		want: []blackbox.Want{fails(report.HTTPS, report.StageTLS, c, family)}}
}

func certificateScenes() []scene {
	day := 24 * time.Hour
	corp := func(l pki.Leaf, name pkix.Name) func(*network) {
		return func(n *network) {
			a, err := pki.NewAuthority(name)
			if err != nil {
				n.t.Fatal(err)
			}
			n.webOf(a, l, asHub)
			n.ca = ""
		}
	}
	box := pkix.Name{CommonName: "FGT60E4Q16000000", Organization: []string{"Fortinet"}}
	named := shown("a box of Fortinet's for a public name", report.TLSIntercepted, azureName, corp(pki.Leaf{}, box))
	named.findings, named.says = []report.FindingCode{report.TLSInspection},
		map[report.FindingCode]string{report.TLSInspection: "Fortinet FortiGate"}
	return []scene{
		named,
		shown("a company's CA for a private name", report.TLSUntrusted, parentName,
			corp(pki.Leaf{Names: []string{parentName}}, pkix.Name{CommonName: "Example Corp CA"})),
		shown("expired", report.TLSExpired, hubName, func(n *network) {
			n.web(pki.Leaf{NotBefore: time.Now().Add(-30 * day), NotAfter: time.Now().Add(-day)}, asHub)
		}),
		shown("not yet valid", report.TLSNotYetValid, hubName, func(n *network) {
			n.web(pki.Leaf{NotBefore: time.Now().Add(day), NotAfter: time.Now().Add(30 * day)}, asHub)
		}),
		shown("another name", report.TLSNameMismatch, hubName,
			func(n *network) { n.web(pki.Leaf{Names: []string{"portal.example.net"}}, asHub) }),
		shown("TLS 1.0 and 1.1 alone", report.TLSAlert, hubName, func(n *network) {
			n.web(pki.Leaf{}, "ssl_protocols TLSv1 TLSv1.1; ssl_ciphers DEFAULT@SECLEVEL=0; "+asHub)
		}),
		shown("none but to clients that have one", report.TLSClientAuth, hubName, func(n *network) {
			n.web(pki.Leaf{}, "ssl_client_certificate "+n.write("clients.pem", string(bench.authority.PEM()))+
				"; ssl_verify_client on; "+asHub)
		}),
		shown("none: plain HTTP in place of TLS", report.TLSNotTLS, hubName, func(n *network) {
			n.nginx("hub", hubAddress+":443", "server { listen "+hubAddress+
				":443; return 302 http://portal.example.net/; }")
		}),
	}
}
