package vantage

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"edgenet/probe"
	"edgenet/report"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func yes(b bool) *bool { return &b }

// hostPlace and insidePlace are what a device with Docker usually looks like.
func hostPlace() *report.Vantage {
	return &report.Vantage{
		Resolvers: []string{"192.0.2.53"}, Gateways: []string{"192.0.2.1 eth0"},
		Interfaces: []report.Interface{{Name: "eth0", MTU: 1500, Addresses: []string{"192.0.2.7/24", "2001:db8::7/64"}},
			{Name: "br0", MTU: 1500, Addresses: []string{"172.18.0.1/16"}, Forwarding: yes(true)}},
	}
}

func insidePlace() *report.Vantage {
	return &report.Vantage{
		Resolvers: []string{"127.0.0.11"}, Gateways: []string{"172.18.0.1 eth0"},
		Interfaces: []report.Interface{{Name: "eth0", MTU: 1500, Addresses: []string{"172.18.0.2/16"}}},
	}
}

// plan is AMQP and HTTPS, directly.
func plan() probe.Plan {
	return probe.Plan{Host: "hub.test", Source: "config.toml", Routes: probe.Routes(true, nil),
		Protocols: []report.Protocol{report.AMQP, report.HTTPS}}
}

func step(stage report.Stage, status report.Status, d report.Detail) report.Step {
	return report.Step{Hop: report.HopTarget, Stage: stage, Status: status, Detail: d}
}

// path is one result; cause "" means that it works.
func path(id string, p report.Protocol, cause report.Cause, stage report.Stage, steps ...report.Step) report.Result {
	r := report.Result{ID: id, Endpoint: report.EndpointIoTHub, Host: "hub.test", Port: p.Port(), Protocol: p,
		Route: report.RouteDirect, Status: report.OK, RuntimeUsable: yes(true), Attempts: 1, Steps: steps}
	if cause != "" {
		r.Status, r.Cause, r.Stage, r.Hop = report.Failed, cause, stage, report.HopTarget
		i := slices.IndexFunc(report.Causes(), func(x report.CauseInfo) bool { return x.Code == cause })
		r.Actor = report.Causes()[i].Actor
	}
	return r
}

// concluded is a report of the plan, as a check leaves it.
func concluded(v *report.Vantage, results ...report.Result) *report.Report {
	r := &report.Report{Schema: report.Schema, Target: report.Target{Hub: "hub.test", Source: "config.toml"},
		Routes: []report.Route{{ID: report.RouteDirect}}, Results: results, Vantage: v}
	probe.Conclude(r, plan(), false)
	return r
}

func working(v *report.Vantage) *report.Report {
	dns := step(report.StageDNS, report.OK, &report.DNSDetail{Addresses: []string{"203.0.113.9"}})
	tcp := step(report.StageTCP, report.OK, &report.TCPDetail{Remote: "203.0.113.9:5671"})
	tls := step(report.StageTLS, report.OK, &report.TLSDetail{Chain: []report.Certificate{{Issuer: "CN=Corp"}},
		Trust: map[string]report.Trust{"os": {OK: true, Root: "CN=Corp root"}}})
	return concluded(v, path("r1", report.AMQP, "", "", dns, tcp, tls), path("r2", report.HTTPS, "", "", dns, tcp, tls))
}

func network() *report.Container {
	return &report.Container{Engine: "/var/run/docker.sock", Network: "azure-iot-edge", NetworkSource: "default",
		Subnets: []string{"172.18.0.0/16"}}
}

// TestWhy: each rule holds where its evidence is there, and not where it is not.
func TestWhy(t *testing.T) {
	t.Parallel()
	asked := step(report.StageDNS, report.Failed,
		&report.DNSDetail{Resolvers: []report.ResolverAnswer{{Resolver: "127.0.0.11:53"}}})
	found := step(report.StageDNS, report.OK, &report.DNSDetail{Addresses: []string{"203.0.113.9"}})
	dialled := step(report.StageTCP, report.Failed, &report.TCPDetail{Remote: "203.0.113.9:5671"})
	shook := step(report.StageTLS, report.Failed, &report.TLSDetail{Chain: []report.Certificate{{Issuer: "CN=Corp"}},
		Trust: map[string]report.Trust{"public": {}, "bundle": {}}})
	other := step(report.StageTLS, report.Failed, &report.TLSDetail{Chain: []report.Certificate{{Issuer: "CN=Box"}},
		Trust: map[string]report.Trust{"public": {}}})
	timeout := path("r1", report.AMQP, report.TCPTimeout, report.StageTCP, found, dialled)
	for name, c := range map[string]struct {
		in     report.Result
		change func(host *report.Report, inside *report.Report, c *report.Container)
		want   string
		actor  report.Actor
	}{
		"internal": {timeout, func(_, _ *report.Report, c *report.Container) { c.Internal = true }, "is internal",
			report.ActorHost},
		"no route": {timeout, func(_, in *report.Report, _ *report.Container) { in.Vantage.Gateways = nil },
			"no default route", report.ActorHost},
		"forwarding": {timeout, func(h, _ *report.Report,
			_ *report.Container) {
			h.Vantage.Interfaces[1].Forwarding = yes(false)
		},
			"net.ipv4.conf.br0.forwarding = 0", report.ActorHost},
		"forwarding unknown": {timeout, func(h, _ *report.Report,
			_ *report.Container) {
			h.Vantage.Interfaces[1].Forwarding = nil
		}, "get no answer", report.ActorHost},
		"overlap": {timeout, func(_, _ *report.Report, c *report.Container) { c.Subnets = []string{"203.0.113.0/24"} },
			"203.0.113.9 lies inside the container network's own subnet 203.0.113.0/24", report.ActorHost},
		"name servers": {path("r1", report.AMQP, report.DNSTimeout, report.StageDNS, asked), nil,
			"The container asks 127.0.0.11, the engine's own", report.ActorHost},
		"the same name servers": {path("r1", report.AMQP, report.DNSTimeout, report.StageDNS, asked),
			func(h, in *report.Report, _ *report.Container) {
				in.Vantage.Resolvers = h.Vantage.Resolvers
			}, "answer this host and not a container", report.ActorHost},
		"no name server": {path("r1", report.AMQP, report.DNSUnreachable, report.StageDNS, asked),
			func(_, in *report.Report, _ *report.Container) { in.Vantage.Resolvers = nil },
			"has no name server", report.ActorHost},
		"answers": {path("r1", report.AMQP, report.TCPRefused, report.StageTCP,
			step(report.StageDNS, report.OK, &report.DNSDetail{Addresses: []string{"198.51.100.1"}}), dialled), nil,
			"leads this host to 203.0.113.9 and the container to 198.51.100.1", report.ActorDNS},
		"trust": {path("r1", report.AMQP, report.TLSIntercepted, report.StageTLS, found, shook), nil,
			"CN=Corp root, which this host's certificate store trusts", report.ActorHost},
		"another certificate": {path("r1", report.AMQP, report.TLSIntercepted, report.StageTLS, found, other),
			func(h, _ *report.Report, _ *report.Container) {
				h.Results[0].Steps[2].Detail = &report.TLSDetail{Chain: []report.Certificate{{Issuer: "CN=Public"}},
					Trust: map[string]report.Trust{"public": {OK: true}}}
			}, "certificate of CN=Box, this host one of CN=Public", report.ActorFirewall},
		"mtu": {path("r1", report.AMQP, report.TLSTimeout, report.StageTLS, found),
			func(h, _ *report.Report, _ *report.Container) { h.Vantage.Interfaces[0].MTU = 1400 },
			"has an MTU of 1500, this host's way out (eth0) one of 1400", report.ActorHost},
		"no mtu": {path("r1", report.AMQP, report.TLSTimeout, report.StageTLS, found), nil,
			"Neither name servers nor routes", report.ActorUnknown},
		"family": {path("r1", report.AMQP, report.TCPNoRoute, report.StageTCP, found, dialled),
			func(h, _ *report.Report, _ *report.Container) {
				h.Results[0].Steps[1].Detail = &report.TCPDetail{Remote: "[2001:db8::9]:5671"}
			}, "goes by IPv6 (2001:db8::9)", report.ActorHost},
		"no answer": {timeout, nil, "Packets from the container's network (172.18.0.0/16) get no answer",
			report.ActorHost},
		"nothing fits": {path("r1", report.AMQP, report.AMQPClosed, report.StageAMQP, found), nil,
			"Neither name servers nor routes", report.ActorUnknown},
	} {
		host, inside, box := working(hostPlace()), working(insidePlace()), network()
		inside.Results[0] = c.in
		if c.change != nil {
			c.change(host, inside, box)
		}
		box.Report = inside
		Join(host, box, plan(), false)
		if len(box.Differences) != 1 {
			t.Errorf("%s: %d differences, %s", name, len(box.Differences), box.Error)
			continue
		}
		d := box.Differences[0]
		if !strings.Contains(d.Why, c.want) || d.Actor != c.actor || d.Host != "ok" ||
			d.Container != string(c.in.Cause) {
			t.Errorf("%s: %+v, want …%s… by %s", name, d, c.want, c.actor)
		}
	}
}

// TestVerdictIsOfBoth: AMQP counts where the containers are, HTTPS where the daemon is.
func TestVerdictIsOfBoth(t *testing.T) {
	t.Parallel()
	bad := func(i int, v *report.Vantage) *report.Report {
		r := working(v)
		p := report.AMQP
		if i == 1 {
			p = report.HTTPS
		}
		r.Results[i] = path(r.Results[i].ID, p, report.TCPTimeout, report.StageTCP)
		probe.Conclude(r, plan(), false)
		return r
	}
	for name, c := range map[string]struct {
		host, inside *report.Report
		exit         int
		reason       string
	}{
		"both work": {working(hostPlace()), working(insidePlace()), 0, ""},
		"AMQP on the host only": {working(hostPlace()), bad(0, insidePlace()), 1,
			"not from a container on azure-iot-edge: Packets from"},
		"AMQP in the container": {bad(0, hostPlace()), working(insidePlace()), 0, "where it counts"},
		"HTTPS on the host":     {working(hostPlace()), bad(1, insidePlace()), 0, ""},
		"HTTPS inside only":     {bad(1, hostPlace()), working(insidePlace()), 1, ""},
	} {
		box := network()
		box.Report = c.inside
		Join(c.host, box, plan(), false)
		if c.host.Verdict.ExitCode != c.exit || !strings.Contains(c.host.Verdict.Reason, c.reason) {
			t.Errorf("%s: exit %d, %s", name, c.host.Verdict.ExitCode, c.host.Verdict.Reason)
		}
	}
}

// TestForeignReports: what is no report of this check does not count for one.
func TestForeignReports(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*report.Report){
		"another schema": func(r *report.Report) { r.Schema = "x" },
		"fewer paths":    func(r *report.Report) { r.Results = r.Results[:1] },
		"another path":   func(r *report.Report) { r.Results[1].Protocol = report.MQTT },
		"another host":   func(r *report.Report) { r.Results[0].Host = "evil.test" },
	} {
		host, box := working(hostPlace()), network()
		box.Report = working(insidePlace())
		change(box.Report)
		Join(host, box, plan(), false)
		if box.Report != nil || box.Error == "" || host.Verdict.ExitCode != 1 || !strings.Contains(host.Verdict.Reason,
			"nothing is known") {
			t.Errorf("%s: %+v, %+v", name, box, host.Verdict)
		}
	}
}

// TestLook reads a place from files as Linux writes them.
func TestLook(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for name, text := range map[string]string{
		"etc/resolv.conf": "search corp.test\nnameserver 192.0.2.53\nnameserver 2001:db8::53\n",
		"proc/net/route": "Iface\tDestination\tGateway " +
			"\tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\neth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\neth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n",
		"proc/net/ipv6_route": "00000000000000000000000000000000 00 00000000000000000000000000000000 00 " +
			"fe800000000000000000000000000001 00000400 00000001 00000000 00000003 " +
			"eth0\n00000000000000000000000000000000 00 00000000000000000000000000000000 00 " +
			"00000000000000000000000000000000 ffffffff 00000001 00000000 00200200 lo\n",
	} {
		full := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	v := Look(root)
	if !slices.Equal(v.Resolvers, []string{"192.0.2.53", "2001:db8::53"}) {
		t.Errorf("%+v", v)
	}
	if want := []string{"192.0.2.1 eth0", "fe80::1 eth0"}; !slices.Equal(v.Gateways, want) {
		t.Errorf("gateways %v, want %v", v.Gateways, want)
	}
	if empty := Look(t.TempDir()); len(empty.Resolvers) != 0 || empty.Resolvers == nil {
		t.Errorf("nothing there: %+v", empty)
	}
}

// FuzzJoin: whatever comes out of a container, the host's report survives it.
func FuzzJoin(f *testing.F) {
	good, err := json.Marshal(working(insidePlace()))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"schema":"edgenet.report/1","results":[{"id":"r1"},{"id":"r2"}]}`))
	f.Add(bytes.ReplaceAll(good, []byte(`"status":"ok"`),
		[]byte(`"status":"failed","hop":"target","stage":"tls","cause":"tls.untrusted"`)))
	f.Fuzz(func(t *testing.T, b []byte) {
		var r report.Report
		if json.Unmarshal(b, &r) != nil {
			return
		}
		host, box := working(hostPlace()), network()
		box.Report = &r
		Join(host, box, plan(), false)
		if host.Container != box || host.Verdict.Reason == "" {
			t.Errorf("%+v", host.Verdict)
		}
	})
}

func FuzzGateways(f *testing.F) {
	f.Add("eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n")
	f.Fuzz(func(_ *testing.T, text string) { _, _ = gateways(text), gateways6(text) })
}
