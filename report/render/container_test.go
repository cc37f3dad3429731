package render

import (
	"strings"
	"testing"

	"edgenet/internal/verify/sample"
	"edgenet/report"
)

// besides is a host on which all works, and a container whose name server does not.
func besides() *report.Report {
	yes := true
	amqpws := report.AMQPWS
	ok := report.Result{ID: "r1", Endpoint: report.EndpointIoTHub, Host: "contoso.azure-devices.net", Port: 443,
		Protocol: report.AMQPWS, Route: report.RouteDirect, Status: report.OK, RuntimeUsable: &yes, Attempts: 1,
		Latency: &report.Latency{MinMs: 42, MedianMs: 42, MaxMs: 42}}
	https := ok
	https.ID, https.Protocol = "r2", report.HTTPS
	failed := ok
	failed.Status, failed.Hop, failed.Stage, failed.Cause, failed.Latency = report.Failed, report.HopTarget,
		report.StageDNS, report.DNSTimeout, nil
	skipped := https
	skipped.Status, skipped.SkipReason = report.Skipped, "the deadline was over"
	inside := &report.Report{Schema: report.Schema, Results: []report.Result{failed, skipped}, Vantage: &report.Vantage{
		Resolvers: []string{"127.0.0.11"}, Gateways: []string{"172.18.0.1 eth0"},
		Interfaces: []report.Interface{{Name: "eth0", MTU: 1500, Addresses: []string{"172.18.0.2/16"}}}}}
	return &report.Report{
		Schema: report.Schema, Target: report.Target{Hub: "contoso.azure-devices.net", Source: "flag"},
		Routes: []report.Route{{ID: report.RouteDirect}}, Results: []report.Result{ok, https},
		Verdict: report.Verdict{UpstreamProtocol: &amqpws,
			Reason:   "Works on the host, and not from a container on azure-iot-edge: no name server answers.",
			ExitCode: 1},
		Vantage: &report.Vantage{Resolvers: []string{"192.0.2.53", "192.0.2.54"}, Gateways: []string{"192.0.2.1 eth0"},
			Interfaces: []report.Interface{{Name: "eth0", MTU: 1400, Addresses: []string{"192.0.2.7/24"}}}},
		Container: &report.Container{Engine: "/var/run/docker.sock", Network: "azure-iot-edge",
			NetworkSource: "default", Subnets: []string{"172.18.0.0/16"}, Report: inside,
			Differences: []report.Difference{
				{Result: "r1", Protocol: report.AMQPWS, Route: report.RouteDirect, Host: "ok", Container: "dns.timeout",
					Actor: report.ActorHost,
					Why: "The container asks 127.0.0.11, the engine's own, which asks whom daemon.json names; this " +
						"host asks 192.0.2.53, 192.0.2.54.",
					Remedy: `Set "dns" in /etc/docker/daemon.json to name servers that answer a container, and restart the engine.`}}},
	}
}

func TestContainerGolden(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, o := range []TextOptions{{Width: 100, Unicode: true}, {Width: 60}} {
		p := newPen(o)
		b.WriteString(p.join([][]line{p.container(besides())}) + "\n----\n")
	}
	golden(t, "testdata/container.golden", b.String())
}

// TestContainerWords: what is special about the container's side is said.
func TestContainerWords(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*report.Report){
		"No path goes otherwise":       func(r *report.Report) { r.Container.Differences = nil },
		"the engine's default network": func(r *report.Report) { r.Container.NetworkSource = "fallback" },
		"by config.toml":               func(r *report.Report) { r.Container.NetworkSource = "config.toml" },
		"it did not start .[31m": func(r *report.Report) {
			r.Container.Report, r.Container.Error = nil,
				"it did not start \x1b[31m"
		},
		"name servers": func(*report.Report) {},
	} {
		r := besides()
		change(r)
		got := text(t, r, TextOptions{Width: 100})
		if !strings.Contains(strings.ReplaceAll(got, "\n", " "), want) || strings.ContainsRune(got, 0x1b) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// TestMarkdownTellsOfTheContainer: its section is there with a check from a container
// alone, and no row of it is without its reason.
func TestMarkdownTellsOfTheContainer(t *testing.T) {
	t.Parallel()
	if got := encoded(t, Markdown, sample.AllOK()); strings.Contains(got, "ontainer on") {
		t.Errorf("a container without one:\n%s", got)
	}
	same := sample.InContainer()
	same.Container.Differences, same.Vantage = nil, nil
	if got := encoded(t, Markdown, same); !strings.Contains(got, "No path goes otherwise") ||
		strings.Contains(got, "| Host |") {
		t.Errorf("nothing differs:\n%s", got)
	}
	other := sample.InContainer()
	other.Container.Differences[2].Why = other.Container.Differences[0].Why
	got := encoded(t, Markdown, other)
	for _, d := range other.Container.Differences {
		if !strings.Contains(got, mark(d.Remedy)) {
			t.Errorf("the remedy %q is lost where another has the same reason", d.Remedy)
		}
	}
}

func TestSideNamesTheProxy(t *testing.T) {
	t.Parallel()
	results := []report.Result{{ID: "r1", Status: report.Failed, Hop: report.HopProxy, Stage: report.StageTCP,
		Cause: report.TCPTimeout}}
	if got := side(results, "r1", "tcp.timeout"); got.Code != "proxy/tcp.timeout" || got.Tone != Bad {
		t.Errorf("%+v", got)
	}
	if got := side(results, "r9", "tcp.timeout"); got.Code != "tcp.timeout" {
		t.Errorf("%+v", got)
	}
}
