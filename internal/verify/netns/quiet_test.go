//go:build netns && linux

package netns

import (
	"testing"
	"time"

	"edgenet/internal/lab/pki"
	"edgenet/internal/verify/blackbox"
	"edgenet/report"
)

func TestNoFalseAlarm(t *testing.T) { runScenes(t, quietScenes()) }
func TestAmbiguous(t *testing.T)    { runScenes(t, ambiguousScenes()) }

// quiet is a network that is odd and not broken: all works, and nothing is said but what
// is listed.
func quiet(name string, setup func(*network), allowed []report.FindingCode, args ...string) scene {
	return scene{name: "quiet: " + name, upstream: report.AMQP, setup: setup, args: append([]string{"--timeout", "15s"},
		args...), only: true, findings: allowed,
		want: []blackbox.Want{works(report.AMQP, ""), works(report.MQTT, ""), works(report.AMQPWS, ""),
			works(report.MQTTWS, ""), works(report.HTTPS, "")}}
}

func quietScenes() []scene {
	ok := func(n *network) { n.names(); n.lab() }
	parent := quiet("a parent's private CA, given",
		func(n *network) { n.public(); n.web(pki.Leaf{Names: []string{parentName}}, asHub) }, nil, "--hub", parentName,
		"--protocol", "HTTPS")
	parent.need, parent.upstream, parent.want = []string{"nginx"}, "", []blackbox.Want{works(report.HTTPS, "")}
	return []scene{
		parent,
		quiet("120 ms, jitter and 3 % loss",
			func(n *network) { ok(n); n.delay(120*time.Millisecond, 20*time.Millisecond, 3) }, nil),
		quiet("the same three times", func(n *network) { ok(n); n.delay(120*time.Millisecond, 20*time.Millisecond, 3) },
			nil, "--attempts", "3"),
		quiet("a working path MTU of 1280", func(n *network) { ok(n); n.mtu(1280, false) }, nil),
		quiet("a hub on IPv4 only", ok, nil),
		quiet("a hub on both, and IPv6 works", func(n *network) { n.names6(); n.lab() }, nil, "-4"),
		quiet("private link addresses", func(n *network) {
			n.dnsmasq("--cname="+hubName+",lab.privatelink.azure-devices.test",
				"--host-record=lab.privatelink.azure-devices.test,"+hubAddress, "--address=/#/")
			n.lab()
		}, nil),
		quiet("5 s of clock skew", func(n *network) { n.names(); n.lab("https=skew:5") }, nil),
		quiet("a limit on new connections", func(n *network) {
			ok(n)
			n.firewall("tcp dport { 443, 5671, 8883 } tcp flags & (syn|ack) == syn limit rate over 3/second burst 3 " +
				"packets drop")
		}, nil),
		quiet("a limit of one new connection a second", func(n *network) {
			ok(n)
			n.firewall("tcp dport { 443, 5671, 8883 } tcp flags & (syn|ack) == syn limit rate over 1/second burst 5 " +
				"packets drop")
		}, nil),
		quiet("a second resolver that is silent", func(n *network) {
			ok(n)
			n.etc("cli", "resolv.conf", "nameserver "+nameServer+"\nnameserver 10.66.3.99\n")
		}, nil),
	}
}

// ambiguousScenes are cases that two explanations fit: both are named.
func ambiguousScenes() []scene {
	cut := scene{name: "ambiguous: every hello is cut, by a firewall or by the service", exit: 1,
		setup:    func(n *network) { n.names(); n.lab("amqps=tls-reset", "mqtts=tls-reset", "https=tls-reset") },
		want:     []blackbox.Want{fails(report.HTTPS, report.StageTLS, report.TLSReset, tlsFamily)},
		findings: []report.FindingCode{report.FirewallProtocol}, not: []report.FindingCode{report.FirewallSNI},
		says: map[report.FindingCode]string{report.FirewallProtocol: "no path shows that the service itself is up"}}
	near := scene{name: "ambiguous: lost before the first hop answers, here or there", setup: func(n *network) {
		n.names()
		n.lab()
		n.nft("fw", "add table inet p\nadd chain inet p pre { type filter hook prerouting priority -300; }\nadd rule "+
			"inet p pre tcp dport 5671 drop")
	}, args: both, upstream: report.MQTT, findings: []report.FindingCode{report.FirewallWhere},
		says: map[report.FindingCode]string{report.FirewallWhere: "this host's own firewall, or that hop"}}
	muted := scene{name: "ambiguous: a proxy that answers nothing", need: []string{"squid"}, free: true,
		args: []string{"--proxy", proxyURL, "--route", "proxy", "--protocol", "HTTPS", "--timeout", "4s"},
		setup: func(n *network) {
			n.names()
			n.lab()
			n.fakeProxy("socat", "TCP-LISTEN:3128,bind="+siteAddress+",reuseaddr,fork", "SYSTEM:sleep 20")
		},
		want: []blackbox.Want{{Protocol: report.HTTPS, Route: "proxy", Hop: report.HopProxy, Stage: report.StageConnect,
			Cause: report.ConnectTimeout, Says: []string{"slow or stuck"}}}}
	closed := scene{name: "ambiguous: MQTT closed before its answer", free: true,
		setup: func(n *network) { n.names(); n.lab("mqtts=mqtt-close") },
		want: []blackbox.Want{{Protocol: report.MQTT, Stage: report.StageMQTT, Cause: report.MQTTClosed,
			Says: []string{"by a middlebox, or by the service"}}}}
	login := scene{name: "ambiguous: a 401 of a proxy that was given a password", need: []string{"tinyproxy"},
		free: true, args: []string{"--proxy", "http://edge:y@" + proxyAddress, "--route", "proxy",
			"--protocol", "HTTPS"},
		setup: func(n *network) { n.names(); n.lab(); n.tinyproxy("BasicAuth edge x") },
		want: []blackbox.Want{{Protocol: report.HTTPS, Route: "proxy", Hop: report.HopProxy,
			Stage: report.StageConnect, Cause: report.ConnectForbidden, Says: []string{"wrong user or password"}}}}
	return []scene{cut, near, muted, closed, login}
}
