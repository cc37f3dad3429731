package probe_test

import (
	"context"
	"crypto/x509"
	"flag"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"edgenet/internal/hop"
	"edgenet/internal/lab"
	"edgenet/internal/proxyurl"
	"edgenet/probe"
	"edgenet/report"
)

// TestMain lets more tests run side by side than there are cores: most of them wait for
// a timeout.
func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", "16")
	goleak.VerifyTestMain(m)
}

// site is a lab with a plan and an environment to check it with.
type site struct {
	*lab.Lab
	info lab.Info
	plan probe.Plan
	env  *hop.Env
	// secrets are what no report may hold, beside those that none ever may.
	secrets []string
}

// patient is a timeout that a healthy path on a busy machine keeps.
const patient = 20 * time.Second

// start starts a lab with faults and makes a plan for its hub: directly, and through
// the proxies named.
func start(t testing.TB, faults []string, proxies ...string) *site {
	t.Helper()
	return startLab(t, lab.Options{Faults: parseFaults(t, faults)}, proxies...)
}

func parseFaults(t testing.TB, specs []string) []lab.Fault {
	t.Helper()
	var out []lab.Fault
	for _, s := range specs {
		f, err := lab.ParseFault(s)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, f)
	}
	return out
}

func startLab(t testing.TB, o lab.Options, proxies ...string) *site {
	t.Helper()
	l, err := lab.Start(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &site{Lab: l, info: l.Info()}
	s.env = s.environment(t)
	s.plan = probe.Plan{Host: s.info.Hub, Source: "lab", Timeout: patient,
		Routes: probe.Routes(true, s.proxies(t, proxies...))}
	return s
}

func (s *site) proxies(t testing.TB, names ...string) []*proxyurl.Proxy {
	t.Helper()
	var out []*proxyurl.Proxy
	for _, n := range names {
		raw := n
		if !strings.Contains(n, "://") {
			raw = s.info.Proxy(n)
		}
		p, err := proxyurl.Parse(raw, "flag")
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

// environment resolves by the lab's DNS and trusts its root as a host does that has it
// in both places.
func (s *site) environment(t testing.TB) *hop.Env {
	t.Helper()
	e := &hop.Env{
		DNS:      &hop.Resolver{Servers: []netip.AddrPort{netip.MustParseAddrPort(s.info.DNS)}, Hosts: "-"},
		Trust:    &hop.Trust{NoOS: true, Extra: []*x509.Certificate{s.CA()}},
		Redirect: map[netip.AddrPort]netip.AddrPort{},
	}
	p := s.info.Ports
	for _, x := range []struct {
		address string
		ports   [3]int
	}{{s.info.Addresses.Hub, [3]int{p.AMQPS, p.MQTTS, p.HTTPS}},
		{s.info.Addresses.Gateway, [3]int{p.EdgeAMQPS, p.EdgeMQTTS, p.EdgeHTTPS}}} {
		ip := netip.MustParseAddr(x.address)
		for i, official := range []uint16{5671, 8883, 443} {
			e.Redirect[netip.AddrPortFrom(ip, official)] = netip.AddrPortFrom(ip, uint16(x.ports[i]))
		}
	}
	return e
}

// check runs the plan and holds the report against everything that holds of any.
func (s *site) check(t testing.TB) *report.Report {
	t.Helper()
	r := probe.Check(context.Background(), s.plan, s.env, nil)
	inspect(t, r, s.plan, s.secrets...)
	return r
}

// only limits the plan to some protocols.
func (s *site) only(protocols ...report.Protocol) *site {
	s.plan.Protocols = protocols
	return s
}

// result is the row of a path such as AMQP@direct.
func result(t testing.TB, r *report.Report, path string) *report.Result {
	t.Helper()
	i := slices.IndexFunc(r.Results, func(x report.Result) bool { return string(x.Protocol)+"@"+x.Route == path })
	if i < 0 {
		t.Fatalf("no result for %s", path)
	}
	return &r.Results[i]
}

// words says a result in a line: ok, skipped, or hop, stage, cause and actor.
func words(r *report.Result) string {
	if r.Status != report.Failed {
		return string(r.Status)
	}
	return strings.Join([]string{string(r.Hop), string(r.Stage), string(r.Cause), string(r.Actor)}, " ")
}

// listen opens a port on loopback that ends with the test.
func listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}
