//go:build netns && linux

package netns

import (
	"os"
	"slices"
	"testing"
	"time"

	"edgenet/internal/lab/pki"
	"edgenet/internal/verify/blackbox"
	"edgenet/report"
)

func TestFindings(t *testing.T) { runScenes(t, slices.Concat(findingScenes(), shownScenes())) }

// found is a case about one finding.
func found(name string, code report.FindingCode, actor report.Actor, setup func(*network), args ...string) scene {
	return scene{name: "finding: " + name, free: true, setup: setup, args: args, findings: []report.FindingCode{code},
		actors: map[report.FindingCode]report.Actor{code: actor}}
}

func findingScenes() []scene {
	ok := func(n *network) { n.names(); n.lab() }
	loss := found("every third connection is refused", report.Loss, report.ActorNetwork, func(n *network) {
		ok(n)
		n.firewall("tcp dport 443 tcp flags & (syn|ack) == syn numgen inc mod 3 == 2 reject with tcp reset")
	}, "--attempts", "6", "--protocol", "HTTPS")
	loss.says = map[report.FindingCode]string{report.Loss: "HTTPS direct 2 of 6 (2 × tcp.refused)"}
	slow := found("a slow line", report.LatencyHigh, report.ActorNetwork,
		func(n *network) { ok(n); n.delay(700*time.Millisecond, 0, 0) }, "--attempts", "3", "--protocol", "HTTPS",
		"--timeout", "15s")
	slow.says = map[report.FindingCode]string{report.LatencyHigh: "s to answer (least "}
	other := found("resolvers disagree", report.DNSResolverDisagrees, report.ActorDNS, func(n *network) {
		ok(n)
		n.dnsmasqAt(nameServer2, "--host-record="+hubName+",10.66.2.99")
		n.etc("cli", "resolv.conf", "nameserver "+nameServer+"\nnameserver "+nameServer2+"\n")
	})
	other.says = map[report.FindingCode]string{report.DNSResolverDisagrees: nameServer2}
	return []scene{
		loss, slow, other,
		func() scene {
			s := found("private link", report.DNSPrivateLink, report.ActorDNS, func(n *network) {
				n.dnsmasq("--cname="+azureName+",x.privatelink.azure-devices.net",
					"--host-record=x.privatelink.azure-devices.net,"+hubAddress, "--address=/#/")
				n.web(pki.Leaf{}, asHub)
			}, "--hub", azureName, "--protocol", "HTTPS")
			s.need = []string{"nginx"}
			return s
		}(),
		found("names are not needed", report.DNSNotNeeded, report.ActorDNS, func(n *network) {
			ok(n)
			n.squid("dns_nameservers " + nameServer)
			n.firewall(`iifname "tocli" meta l4proto { tcp, udp } th dport 53 drop`)
		}, "--proxy", proxyURL),
		found("a proxy that is not needed", report.ProxyUnneeded, report.ActorHost, func(n *network) { ok(n) },
			"--proxy", proxyURL),
		found("an https:// proxy", report.ProxyScheme, report.ActorHost, func(n *network) { ok(n); n.squid() },
			"--proxy", "https://"+proxyAddress),
		func() scene {
			s := found("no_proxy", report.ProxyNoProxyIgnored, report.ActorHost, func(n *network) { ok(n); n.squid() })
			s.env = []string{"https_proxy=" + proxyURL, "no_proxy=" + hubName}
			return s
		}(),
		found("AMQP asked of a proxy", report.ProxyRuntimeLimits, report.ActorHost,
			func(n *network) { ok(n); n.squid("http_access allow CONNECT") }, "--proxy", proxyURL, "--route", "proxy"),
		func() scene {
			s := found("a portal in the hub's place", report.CaptivePortal, report.ActorNetwork, func(n *network) {
				ok(n)
				n.nginx("site", siteAddress+":8080", "server { listen "+siteAddress+
					":8080; return 302 http://portal.example.net/login; }")
				for _, p := range []int{443, 5671, 8883} {
					n.redirect(p, siteAddress+":8080")
				}
			})
			s.need = []string{"nginx"}
			s.want = []blackbox.Want{fails(report.HTTPS, report.StageTLS, report.TLSNotTLS, tlsFamily),
				fails(report.AMQP, report.StageTLS, report.TLSNotTLS, tlsFamily)}
			return s
		}(),
		found("the clock is 10 minutes behind", report.ClockSkew, report.ActorHost,
			func(n *network) { n.names(); n.lab("https=skew:600") }),
		found("the service is unwell", report.ServiceUnwell, report.ActorService,
			func(n *network) { n.names(); n.lab("https=status:429") }),
		func() scene {
			s := held("forgotten", "drop", report.HoldDropped)
			return s
		}(),
		held("reset", "reset", report.HoldReset),
		{name: "hold: nothing is lost", free: true, setup: ok, args: []string{"--hold", "4s", "--protocol", "HTTPS"},
			only: true, want: []blackbox.Want{works(report.HTTPS, "")}},
		{name: "hold: a server's own clean close", free: true, need: []string{"nginx"},
			args: []string{"--hold", "6s", "--protocol", "HTTPS"}, only: true,
			setup: func(n *network) { n.names(); n.web(pki.Leaf{}, "keepalive_timeout 2s; "+asHub) },
			want: []blackbox.Want{{Protocol: report.HTTPS, Proof: report.StageHold,
				Evidence: func(d report.Detail) error {
					if h, is := d.(*report.HoldDetail); !is || !h.ServerIdle || h.LostSec != 0 {
						return os.ErrInvalid
					}
					return nil
				}}}},
	}
}

// shownScenes are about whose certificate is shown, and who trusts it.
func shownScenes() []scene {
	store := func(n *network) string { // the host's store, which ip netns exec mounts over /etc/ssl
		n.public()
		n.web(pki.Leaf{}, asHub)
		n.ca = ""
		return string(bench.authority.PEM())
	}
	return []scene{
		func() scene {
			s := found("inspection by squid", report.TLSInspection, report.ActorProxy, func(n *network) {
				n.public()
				n.web(pki.Leaf{}, asHub)
				n.bump()
				n.ca = ""
			}, "--hub", azureName, "--proxy", proxyURL, "--route", "proxy")
			s.need, s.says = []string{"squid", "nginx", "openssl"},
				map[report.FindingCode]string{report.TLSInspection: "Example Corp TLS Inspection CA"}
			s.want = []blackbox.Want{{Protocol: report.HTTPS, Route: "proxy", Stage: report.StageTLS,
				Cause: report.TLSIntercepted}}
			return s
		}(),
		func() scene { // its CA is installed in both places, and squid passes no upgrade on
			s := found("inspection takes the WebSocket upgrade out", report.TLSInspection, report.ActorProxy,
				func(n *network) {
					n.public()
					n.web(pki.Leaf{}, asHub)
					n.ca = n.bump()
				}, "--hub", azureName, "--proxy", proxyURL, "--route", "proxy")
			s.need, s.says = []string{"squid", "nginx", "openssl"},
				map[report.FindingCode]string{report.TLSInspection: azureName + ":443 from TLS inspection"}
			s.want = []blackbox.Want{works(report.HTTPS, "proxy"), {Protocol: report.AMQPWS, Route: "proxy",
				Stage: report.StageWebSocket, Cause: report.WSStatus}}
			return s
		}(),
		func() scene { // and does not trust the hub
			s := found("inspection does not trust the hub", report.TLSInspection, report.ActorProxy,
				func(n *network) {
					n.public()
					n.web(pki.Leaf{}, asHub)
					n.ca = n.write("none.pem", "")
					n.ca = n.bump()
				}, "--hub", azureName, "--proxy", proxyURL, "--route", "proxy")
			s.need, s.not = []string{"squid", "nginx", "openssl"}, []report.FindingCode{report.CaptivePortal}
			s.says = map[report.FindingCode]string{report.TLSInspection: "does not trust the certificate"}
			s.want = []blackbox.Want{{Protocol: report.HTTPS, Route: "proxy", Stage: report.StageHTTP,
				Cause: report.HTTPBlockPage}}
			return s
		}(),
		func() scene {
			s := found("inspection by mitmproxy", report.TLSInspection, report.ActorProxy, func(n *network) {
				n.public()
				n.web(pki.Leaf{}, asHub)
				n.ca = ""
				n.fakeProxy("env", "HOME="+n.dir, "mitmdump", "-q", "--listen-host", siteAddress, "-p", "3128",
					"--ssl-insecure", "--set", "confdir="+n.dir+"/mitm")
			}, "--hub", azureName, "--proxy", proxyURL, "--route", "proxy", "--timeout", "10s", "--protocol",
				"HTTPS,MQTTWS")
			s.need, s.says = []string{"mitmdump", "nginx"},
				map[report.FindingCode]string{report.TLSInspection: "mitmproxy"}
			s.want = []blackbox.Want{{Protocol: report.HTTPS, Route: "proxy", Stage: report.StageTLS,
				Cause: report.TLSIntercepted}}
			return s
		}(),
		func() scene {
			s := found("its CA is in the host's store alone", report.TLSCAMissingInBundle, report.ActorHost,
				func(n *network) { n.etc("cli", "ssl/certs/ca-certificates.crt", store(n)) }, "--hub", azureName)
			s.need = []string{"nginx"}
			return s
		}(),
		func() scene {
			s := found("its CA is in the trust bundle alone", report.TLSCAMissingInOS, report.ActorHost,
				func(n *network) { n.write("bundle.pem", store(n)) }, "--hub", azureName, "--trust-bundle", "BUNDLE")
			s.need = []string{"nginx"}
			return s
		}(),
	}
}

// held is a NAT that forgets idle connections after 3 s.
func held(name, how string, c report.Cause) scene {
	s := found("a NAT that forgets: "+name, report.HoldShort, report.ActorNetwork,
		func(n *network) { n.names(); n.lab(); n.natIdle(3, how) }, "--hold", "8s", "--protocol", "HTTPS")
	s.causes = []report.Cause{c}
	s.says = map[report.FindingCode]string{report.HoldShort: "every 2 s"}
	s.want = []blackbox.Want{{Protocol: report.HTTPS}}
	return s
}
