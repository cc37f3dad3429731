//go:build netns && linux

package netns

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"edgenet/internal/verify/blackbox"
	"edgenet/internal/verify/testkit"
	"edgenet/report"
)

// broken is one thing that is wrong, and whose it is.
type broken struct {
	name  string
	whose report.Actor
	lab   string // a fault of the hub's
	do    func(*network)
	args  []string
}

// faults are things that go wrong independently of each other.
func faults() []broken {
	return []broken{
		{name: "5671 dropped", whose: report.ActorFirewall, do: func(n *network) { n.firewall("tcp dport 5671 drop") }},
		{name: "443 reset", whose: report.ActorFirewall,
			do: func(n *network) { n.firewall("tcp dport 443 reject with tcp reset") }},
		{name: "8883 killed at the hello", whose: report.ActorFirewall,
			do: func(n *network) { n.firewall("tcp dport 8883 " + hello + "reject with tcp reset") }},
		{name: "8883 dropped by this host", whose: report.ActorHost,
			do: func(n *network) { n.localFirewall("tcp dport 8883 drop") }},
		{name: "this host's clock", whose: report.ActorHost, lab: "https=skew:900"},
		{name: "no route to the hub", whose: report.ActorHost,
			do: func(n *network) { n.must("ip", "-n", n.ns("cli"), "route", "add", "unreachable", hubAddress) }},
		{name: "the hub is unwell", whose: report.ActorService, lab: "https=status:503"},
		{name: "the hub refuses AMQP", whose: report.ActorService, lab: "amqps=amqp-error"},
		{name: "a black hole", whose: report.ActorNetwork, do: func(n *network) { n.mtu(700, true) }},
		{name: "a second resolver lies", whose: report.ActorDNS, do: func(n *network) {
			n.dnsmasqAt(nameServer2, "--host-record="+hubName+",10.66.2.99")
			n.etc("cli", "resolv.conf", "nameserver "+nameServer+"\nnameserver "+nameServer2+"\n")
		}},
		{name: "the proxy forbids the hub", whose: report.ActorProxy,
			do:   func(n *network) { n.squid("acl hub dstdomain "+hubName, "http_access deny hub") },
			args: []string{"--proxy", proxyURL}},
	}
}

// settings are findings about what is set where, which blame nobody's network.
var settings = []report.FindingCode{report.ProxyUnneeded, report.ProxyRequired, report.ProxyRuntimeLimits,
	report.ProxyNoProxyIgnored, report.ProxyScheme, report.ProtocolMismatch, report.ProtocolUnsetHub}

// TestPairs breaks two things at a time: whoever a finding blames must be one whose thing
// is broken.
func TestPairs(t *testing.T) {
	t.Parallel()
	all := faults()
	for i, a := range all {
		for _, b := range all[i+1:] {
			if https(a) && https(b) {
				continue // one answer cannot be both
			}
			t.Run(a.name+", and "+b.name, func(t *testing.T) {
				t.Parallel()
				if bench.why != "" {
					blackbox.Miss(t, bench.why)
				}
				blackbox.Need(t, "squid")
				pair(t, a, b)
			})
		}
	}
}

// https tells whether a fault is the hub's answer by HTTPS.
func https(b broken) bool { return strings.HasPrefix(b.lab, "https=") }

func pair(t *testing.T, a, b broken) {
	t.Helper()
	n := newNetwork(t)
	n.names()
	var at []string
	for _, x := range []broken{a, b} {
		if x.lab != "" {
			at = append(at, x.lab)
		}
	}
	n.lab(at...)
	args := []string{"--hub", hubName, "--timeout", timeout.String()}
	for _, x := range []broken{a, b} {
		if x.do != nil {
			x.do(n)
		}
		args = append(args, x.args...)
	}
	o := n.check(testkit.Within(t, 60*time.Second), args...)
	blamed := map[string]bool{}
	for _, f := range o.Report.Findings {
		blamed[string(f.Actor)] = true
		if slices.Contains(settings, f.Code) {
			continue
		}
		if f.Actor != a.whose && f.Actor != b.whose {
			t.Errorf("%s blames %s: %s | %s", f.Code, f.Actor, f.Summary, f.Remedy)
		}
	}
	for _, r := range o.Report.Results {
		if r.Status == report.Failed && r.Actor != a.whose && r.Actor != b.whose {
			t.Errorf("%s", blackbox.Describe(r))
		}
	}
	if len(blamed) == 0 {
		t.Errorf("two things are broken, and nobody is to act: %s", fmt.Sprint(o.Report.Findings))
	}
	if t.Failed() {
		t.Log(o.All())
	}
}
