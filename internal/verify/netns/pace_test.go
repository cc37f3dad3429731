//go:build netns && linux

package netns

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"edgenet/internal/lab/pki"
	"edgenet/internal/verify/blackbox"
	"edgenet/report"
)

func TestPace(t *testing.T)    { runScenes(t, paceScenes()) }
func TestManners(t *testing.T) { runScenes(t, mannerScenes()) }

// rate limits the way between the firewall and the provider in both directions.
func (n *network) rate(rate string) {
	n.t.Helper()
	for _, end := range []struct{ role, dev string }{{"fw", "toisp"}, {"isp", "out"}} {
		n.must("ip", "netns", "exec", n.ns(end.role), "tc", "qdisc", "replace", "dev", end.dev, "root", "tbf", "rate",
			rate, "burst", "1600", "limit", "400000")
	}
}

// paceScenes: slow is not blocked. The verdict is that of a fast network, and nobody is
// accused.
func paceScenes() []scene {
	accusers := []report.FindingCode{report.FirewallProtocol, report.FirewallSNI, report.FirewallPortBlocked,
		report.FirewallAllBlocked, report.MTUBlackhole}
	all := []blackbox.Want{works(report.AMQP, ""), works(report.MQTT, ""), works(report.AMQPWS, ""),
		works(report.MQTTWS, ""), works(report.HTTPS, "")}
	var out []scene
	for _, rate := range []string{"16kbit", "32kbit", "64kbit"} {
		out = append(out, scene{name: "a link of " + rate + "/s", args: []string{"--timeout", "10s"},
			upstream: report.AMQP, route: report.RouteDirect,
			setup: func(n *network) { n.names(); n.lab(); n.rate(rate) }, want: all, not: accusers,
			findings: []report.FindingCode{report.NetworkSlow}})
	}
	trip := scene{name: "round trips of 1.3 s", args: []string{"--timeout", "10s"}, upstream: report.AMQP,
		route: report.RouteDirect,
		setup: func(n *network) { n.names(); n.lab(); n.delay(650*time.Millisecond, 0, 0) }, want: all,
		findings: []report.FindingCode{report.NetworkSlow}, not: accusers}
	short := scene{name: "round trips of 1.3 s, and little time", free: true,
		args:  []string{"--timeout", "2s", "--protocol", "AMQP"},
		setup: func(n *network) { n.names(); n.lab(); n.delay(650*time.Millisecond, 0, 0) },
		want: []blackbox.Want{{Protocol: report.AMQP, Stage: report.StageAMQP, Cause: report.PathSlow,
			Not: spoken}},
		findings: []report.FindingCode{report.NetworkSlow}, not: accusers}
	few := scene{name: "few descriptors", need: []string{"prlimit"}, free: true,
		setup: func(n *network) { n.names(); n.lab() }, env: []string{"prlimit", "--nofile=9"},
		causes: []report.Cause{report.HostLimit}, findings: []report.FindingCode{report.HostBusy},
		not: []report.FindingCode{report.FirewallAllBlocked}}
	return append(out, trip, short, few)
}

// mannerScenes are proxies and peers that treat the runtime unlike other clients.
func mannerScenes() []scene {
	const block = `server { listen %[1]s:443 ssl; listen %[1]s:5671 ssl; ssl_protocols TLSv1.2; ssl_ciphers ECDHE-RSA-AES256-SHA384; ssl_certificate %[2]s; ssl_certificate_key %[3]s; `
	agent := proxied("it wants a User-Agent", report.ConnectForbidden, "squid", func(n *network) {
		n.squid("acl named req_header User-Agent .", "http_access deny !named")
	})
	agent.findings = []report.FindingCode{report.ProxyNotAsRuntime}
	limit := scene{name: "proxy: two connections a client", need: []string{"squid"}, upstream: report.AMQPWS,
		args: []string{"--proxy", proxyURL, "--route", "proxy"},
		setup: func(n *network) {
			n.names()
			n.lab()
			n.delay(30*time.Millisecond, 0, 0)
			n.squid("acl many maxconn 2", "http_access deny many")
		},
		want: []blackbox.Want{works(report.AMQPWS, "proxy"), works(report.MQTTWS, "proxy"),
			works(report.HTTPS, "proxy")},
		findings: []report.FindingCode{report.LimitConnections}, not: []report.FindingCode{report.Loss,
			report.ProtocolNone, report.HTTPSRequired}}
	farm := scene{name: "proxy: two behind one address, of which one refuses", need: []string{"squid", "haproxy"},
		upstream: report.AMQPWS, args: []string{"--proxy", proxyURL, "--route", "proxy"},
		setup: func(n *network) {
			n.names()
			n.lab()
			n.squidIn("site", "127.0.0.1:3201", "http_port 127.0.0.1:3201")
			n.fakeProxy("haproxy", "-db", "-f", n.write("farm.cfg", "global\n maxconn 64\ndefaults\n timeout client 30s\n"+
				" timeout server 30s\n timeout connect 5s\nlisten farm\n mode tcp\n balance roundrobin\n bind "+proxyAddress+
				"\n server a 127.0.0.1:3201\n server b 127.0.0.1:3202\nlisten b\n mode http\n bind 127.0.0.1:3202\n"+
				" http-request deny deny_status 403\n"))
		},
		want: []blackbox.Want{works(report.AMQPWS, "proxy"), works(report.MQTTWS, "proxy"),
			works(report.HTTPS, "proxy")},
		findings: []report.FindingCode{report.Loss}, not: []report.FindingCode{report.LimitConnections,
			report.ProxyNotAsRuntime, report.ProtocolNone, report.HTTPSRequired}}
	typed := scene{name: "proxy: it names a page's type for a tunnel", need: []string{"socat"}, upstream: report.AMQPWS,
		args: []string{"--proxy", proxyURL, "--route", "proxy", "--protocol", "AMQPWS,HTTPS"},
		setup: func(n *network) {
			n.names()
			n.lab()
			head := n.write("head", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
			n.fakeProxy("socat", "TCP-LISTEN:3128,bind="+siteAddress+",reuseaddr,fork", "SYSTEM:while read -r x && "+
				"[ ${#x} -gt 1 ]; do true; done; cat "+head+"; socat - TCP\\:"+hubAddress+"\\:443")
		},
		want: []blackbox.Want{works(report.AMQPWS, "proxy"), works(report.HTTPS, "proxy")}}
	login := proxied("a login page", report.ConnectRedirect, "socat", func(n *network) {
		page := n.write("login", "HTTP/1.1 302 Found\r\nLocation: http://login.example.net/?u=1\r\nContent-Length: "+
			"0\r\n\r\n")
		n.fakeProxy("socat", "TCP-LISTEN:3128,bind="+siteAddress+",reuseaddr,fork", "SYSTEM:read x; cat "+page)
	})
	login.want[0].Says = []string{"http://login.example.net/?u=1"}
	hub := func(name string, c report.Cause, code string) scene {
		return scene{name: "hub: " + name, need: []string{"nginx"}, free: true, args: []string{"--protocol", "HTTPS"},
			findings: []report.FindingCode{report.ServiceUnwell},
			setup: func(n *network) {
				n.names()
				n.web(pki.Leaf{}, `location / { default_type application/json; add_header iothub-errorcode `+code+
					` always; return 403 "{}"; }`)
			},
			want: []blackbox.Want{fails(report.HTTPS, report.StageHTTP, c, spoken)}}
	}
	odd := func(name string, c report.Cause, keyAndCert func(n *network) (chain, key string), says string) scene {
		w := fails(report.HTTPS, report.StageTLS, c, []report.Cause{report.TLSAlert, report.TLSUntrusted,
			report.TLSNameMismatch, report.TLSIntercepted, report.TLSReset})
		w.Says = []string{says}
		return scene{name: "certificate: " + name, need: []string{"nginx", "openssl"}, free: true,
			args: []string{"--protocol", "HTTPS"}, want: []blackbox.Want{w},
			setup: func(n *network) {
				n.names()
				chain, key := keyAndCert(n)
				n.nginx("hub", hubAddress+":443", fmt.Sprintf(
					`server { listen %s:443 ssl; ssl_certificate %s; ssl_certificate_key %s; ssl_ciphers DEFAULT@SECLEVEL=0; `, hubAddress, chain, key)+asHub+" }")
			}}
	}
	old := scene{name: "a peer with CBC suites alone", need: []string{"nginx", "openssl"}, free: true,
		args: []string{"--protocol", "AMQP,HTTPS"},
		setup: func(n *network) {
			n.names()
			chain, key := n.odd("2048", "-addext", "subjectAltName=DNS:"+hubName)
			n.nginx("hub", hubAddress+":443", fmt.Sprintf(block, hubAddress, chain, key)+asHub+" }")
		},
		want: []blackbox.Want{{Protocol: report.HTTPS, Stage: report.StageTLS, Cause: report.TLSCipher,
			Says: []string{"ECDHE-RSA-AES256-SHA384"}, Not: []report.Cause{report.TLSAlert}},
			{Protocol: report.AMQP, Stage: report.StageTLS, Cause: report.TLSCipher}}}
	return []scene{agent, limit, farm, typed, login, hub("suspended", report.HTTPSuspended, "IotHubSuspended"),
		hub("its IP filter", report.HTTPForbidden, "IpFilterRejected"),
		odd("RSA of 1024 bits", report.TLSWeak, func(n *network) (string, string) {
			return n.odd("1024", "-addext", "subjectAltName=DNS:"+hubName)
		}, "1024 bits"),
		odd("a CN alone", report.TLSWeak, func(n *network) (string, string) { return n.odd("2048") }, "CN alone"),
		old}
}

// odd makes a self-signed certificate by openssl, RSA of so many bits, that the client trusts
// as a root of its own.
func (n *network) odd(bits string, more ...string) (chain, key string) {
	n.t.Helper()
	chain, key = filepath.Join(n.dir, "odd.pem"), filepath.Join(n.dir, "odd.key")
	n.must(append([]string{"openssl", "req", "-x509", "-newkey", "rsa:" + bits, "-nodes", "-keyout", key, "-out", chain,
		"-days", "30", "-subj", "/CN=" + hubName}, more...)...)
	n.ca = chain
	return chain, key
}
