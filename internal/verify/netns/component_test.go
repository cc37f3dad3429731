//go:build netns && linux

package netns

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"edgenet/internal/verify/blackbox"
	"edgenet/report"
)

func TestComponents(t *testing.T) { runScenes(t, componentScenes()) }

// setFor writes a device of files alone: the daemon by one proxy, edgeAgent by another; empty is none.
func (n *network) setFor(daemon, agent string) {
	n.t.Helper()
	env, drop := "", "[Service]\n"
	if agent != "" {
		env = fmt.Sprintf("https_proxy = %q\n", agent)
	}
	if daemon != "" {
		drop += fmt.Sprintf("Environment=\"https_proxy=%s\"\n", daemon)
	}
	for name, text := range map[string]string{
		"etc/aziot/config.toml": "[provisioning]\nsource = \"manual\"\niothub_hostname = \"" + hubName +
			"\"\ndevice_id = \"gw\"\n[provisioning.authentication]\nmethod = \"sas\"\n[agent]\nname = \"edgeAgent\"\n" +
			"type = \"docker\"\n[agent.config]\nimage = \"agent:1.5\"\n[agent.env]\nUpstreamProtocol = \"AmqpWs\"\n" + env,
		"usr/lib/systemd/system/aziot-identityd.service":          "[Service]\nExecStart=/usr/libexec/aziot-identityd\n",
		"etc/systemd/system/aziot-identityd.service.d/proxy.conf": drop,
	} {
		p := filepath.Join(n.dir, "root", name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil { //nolint:gosec // as on a device
			n.t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil { //nolint:gosec // as on a device
			n.t.Fatal(err)
		}
	}
}

// componentScenes are sites where a way works, and part of the device is set for another one.
func componentScenes() []scene {
	const refusing = "http://" + siteAddress + ":3129"
	site := func(name string, exit int, says, daemon, agent string) scene {
		s := scene{name: "component: " + name, need: []string{"squid"}, exit: exit, upstream: report.AMQPWS, route: "proxy",
			args: []string{"--root", "ROOT", "--timeout", "4s"},
			setup: func(n *network) {
				n.names()
				n.lab()
				n.squid("dns_nameservers "+nameServer, "http_port "+siteAddress+":3129", "acl other localport 3129",
					"http_access deny other")
				n.firewall(`iifname "tocli" oifname "toisp" drop`)
				n.setFor(daemon, agent)
			},
			want: []blackbox.Want{works(report.HTTPS, "proxy"), works(report.AMQPWS, "proxy")},
			not:  []report.FindingCode{report.ProtocolMismatch, report.ProtocolNone, report.HTTPSRequired}}
		if says != "" {
			s.findings = []report.FindingCode{report.ProtocolInconsistent}
			s.says = map[report.FindingCode]string{report.ProtocolInconsistent: says}
			s.actors = map[report.FindingCode]report.Actor{report.ProtocolInconsistent: report.ActorHost}
		} else {
			s.not = append(s.not, report.ProtocolInconsistent)
		}
		return s
	}
	other := site("edgeAgent by a proxy that refuses it", 3, "Set https_proxy to "+proxyURL+" at ", proxyURL, refusing)
	other.route = "proxy2" // that of edgeAgent's setting comes first
	other.want = []blackbox.Want{works(report.AMQPWS, "proxy2"), atProxy(report.AMQPWS, report.StageConnect,
		report.ConnectForbidden, conFamily)}
	loopback := scene{name: "component: the proxy listens on this host's loopback", need: []string{"socat", "squid"}, exit: 1,
		args: []string{"--proxy", "http://127.0.0.1:3128", "--timeout", "4s"},
		setup: func(n *network) {
			n.names()
			n.lab()
			n.squid("dns_nameservers " + nameServer)
			n.firewall(`iifname "tocli" oifname "toisp" drop`)
			n.listens(n.start("cli", "socat", "TCP-LISTEN:3128,bind=127.0.0.1,reuseaddr,fork", "TCP:"+proxyAddress),
				"cli", "-t", "127.0.0.1:3128")
		},
		want:     []blackbox.Want{works(report.HTTPS, "proxy")},
		findings: []report.FindingCode{report.ProxyRuntimeLimits},
		says:     map[report.FindingCode]string{report.ProxyRuntimeLimits: "from this host alone"},
		actors:   map[report.FindingCode]report.Actor{report.ProxyRuntimeLimits: report.ActorHost},
		not:      []report.FindingCode{report.AddressStale}}
	hosts := func(name, line, says string, named func(*network), args ...string) scene {
		s := scene{name: "component: the hosts file " + name, upstream: report.AMQP, free: true,
			args:  append([]string{"--timeout", "4s"}, args...),
			setup: func(n *network) { named(n); n.lab(); n.etc("cli", "hosts", "127.0.0.1 localhost\n"+line+"\n") },
			want:  []blackbox.Want{works(report.HTTPS, "")}, not: []report.FindingCode{report.DNSResolverDisagrees}}
		if says != "" {
			s.findings = []report.FindingCode{report.AddressStale}
			s.says = map[report.FindingCode]string{report.AddressStale: says}
		} else {
			s.not = append(s.not, report.AddressStale)
		}
		return s
	}
	record := func(options ...string) func(*network) { return func(n *network) { n.dnsmasq(options...) } }
	proxied := hosts("alone knows the proxy", siteAddress+" proxy.corp", "Write the proxy's address", func(n *network) {
		n.names()
		n.squid("dns_nameservers " + nameServer)
		n.firewall(`iifname "tocli" oifname "toisp" drop`)
	}, "--proxy", "http://proxy.corp:3128")
	proxied.need, proxied.want = []string{"squid"}, []blackbox.Want{works(report.AMQPWS, "proxy")}
	return []scene{
		site("all by the proxy", 0, "", proxyURL, proxyURL),
		site("the daemon has no proxy", 3, "for aziot-identityd", "", proxyURL),
		site("edgeAgent has no proxy", 3, "in [agent.env]", proxyURL, ""),
		other, loopback, proxied,
		hosts("has another address than DNS", hubAddress+" "+hubName, "10.66.2.99",
			record("--host-record="+hubName+",10.66.2.99", "--address=/#/")),
		hosts("alone knows the hub", hubAddress+" "+hubName, "NXDOMAIN", record("--address=/#/")),
		hosts("and DNS say the same", hubAddress+" "+hubName, "", record("--host-record="+hubName+","+hubAddress,
			"--address=/#/")),
	}
}
