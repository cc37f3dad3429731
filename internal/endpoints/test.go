package endpoints

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"edgenet/internal/hop"
	"edgenet/internal/iothub"
	"edgenet/internal/manifest"
	"edgenet/internal/proxyurl"
	"edgenet/probe"
	"edgenet/proxy"
	"edgenet/report"
)

// parallel bounds how many endpoints are tested at once.
const parallel = 16

// TestOptions say how Test connects.
type TestOptions struct {
	Env     *hop.Env
	Timeout time.Duration     // of one endpoint; zero means probe.DefaultTimeout
	Proxies []*proxyurl.Proxy // those that Via names, with their passwords
	// Credentials log in to their own registry alone, to find out where it keeps layers.
	Credentials []manifest.Registry
	Images      []string // those of the device, to find a real layer
	Parent      string   // what $upstream stands for
}

// tester is one run of Test.
type tester struct {
	TestOptions
	base time.Time
	mu   sync.Mutex
	more []Endpoint // found on the way: where registries keep their layers
	seen []string   // registries whose redirects were followed
}

// Test probes every endpoint of the list at once and notes what came of it. Patterns are
// not tested; where a registry says by a redirect which host really keeps the layers, that
// host is added to the list and tested as well.
func Test(ctx context.Context, a *Allowlist, o TestOptions) {
	if o.Timeout <= 0 {
		o.Timeout = probe.DefaultTimeout
	}
	if o.Env.Trust == nil {
		o.Env.Trust = &hop.Trust{}
	}
	t := &tester{TestOptions: o, base: time.Now()}
	t.all(ctx, a.Endpoints)
	more := t.more
	t.all(ctx, more)
	for _, e := range more {
		if !slices.ContainsFunc(a.Endpoints, func(x Endpoint) bool { return x.Host == e.Host && x.Port == e.Port }) {
			a.Endpoints = append(a.Endpoints, e)
		}
	}
	for _, e := range a.Endpoints {
		if a.shown(e) {
			e.Test.Summary = "the host to which an image led is"
		}
	}
}

func (t *tester) all(ctx context.Context, list []Endpoint) {
	slots := make(chan struct{}, parallel)
	var wg sync.WaitGroup
	for i := range list {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			list[i].Test = t.one(ctx, list[i])
			list[i].privateLink()
		})
	}
	wg.Wait()
}

func (t *tester) one(round context.Context, e Endpoint) *Outcome {
	ctx, cancel := context.WithTimeout(round, t.Timeout)
	defer cancel()
	switch {
	case e.Pattern:
		return &Outcome{Status: report.Skipped, Summary: "which host it is, only an image that is pulled shows"}
	case e.Unknown:
		return &Outcome{Status: report.Skipped, Summary: "the host's name is not known"}
	case e.Transport == "udp":
		return t.ntp(ctx, e)
	case e.Role == report.EndpointIoTHub || e.Role == report.EndpointParent && e.Port != 443 ||
		e.Role == report.EndpointParent && strings.Contains(e.Protocol, "WebSocket"):
		return t.hub(ctx, e)
	}
	trace := hop.NewTrace(round, t.base) // an endpoint that is silent for so long has failed; the round goes on
	if e.Protocol == "CONNECT" {
		conn, fault := hop.Dial(ctx, t.Env, trace, report.HopProxy, e.Host, e.Port)
		if conn != nil {
			_ = conn.Close()
		}
		return outcome(trace.Steps(), fault, time.Since(t.base))
	}
	start := time.Now()
	session, fault := t.tls(ctx, trace, e)
	took := time.Since(start)
	if session != nil {
		_ = session.Close()
	}
	o := outcome(trace.Steps(), fault, took)
	if fault == nil && e.Role == report.EndpointRegistry && e.Host != dockerHubAuth {
		t.asRegistry(ctx, e, o)
		t.layers(ctx, e)
	}
	return o
}

// tls reaches an endpoint as the daemon and the engine would: this host's store judges.
func (t *tester) tls(ctx context.Context, trace *hop.Trace, e Endpoint) (net.Conn, *hop.Fault) {
	conn, fault := t.reach(ctx, trace, e)
	if fault != nil {
		return nil, fault
	}
	s, fault := hop.Handshake(ctx, t.Env, trace, report.HopTarget, conn,
		hop.TLSOptions{ServerName: e.Host, Consumer: hop.Daemon, Proxied: e.Via != "", HTTP: true})
	if fault != nil {
		if s != nil {
			_ = s.Close()
		}
		_ = conn.Close()
		return nil, fault
	}
	return s, nil
}

func (t *tester) reach(ctx context.Context, trace *hop.Trace, e Endpoint) (net.Conn, *hop.Fault) {
	if p := t.proxyOf(e); p != nil {
		return proxy.Dial(ctx, t.Env, trace, p, e.Host, e.Port)
	}
	return hop.Dial(ctx, t.Env, trace, report.HopTarget, e.Host, e.Port)
}

func (t *tester) proxyOf(e Endpoint) *proxyurl.Proxy {
	for _, p := range t.Proxies {
		if e.Via != "" && p.Address() == e.Via {
			return p
		}
	}
	return nil
}

// hub speaks each protocol of the line; the first that fails is its outcome.
func (t *tester) hub(ctx context.Context, e Endpoint) *Outcome {
	var last *Outcome
	for name := range strings.SplitSeq(e.Protocol, ", ") {
		proto := report.Protocol(name)
		if name == "WebSocket" {
			proto = report.AMQPWS
		}
		route := probe.Route{ID: report.RouteDirect}
		if p := t.proxyOf(e); p != nil {
			route = probe.Route{ID: "proxy", Proxy: p}
		}
		p := &probe.Path{Host: e.Host, Endpoint: e.Role, Protocol: proto, Route: route, Depth: probe.DepthProtocol,
			Timeout: t.Timeout, Attempts: 1}
		r := p.Run(ctx, t.Env, t.base)
		if last = ofResult(r); r.Status != report.OK {
			return last
		}
	}
	return last
}

// ofResult takes an outcome out of a result.
func ofResult(r report.Result) *Outcome {
	o := &Outcome{Status: r.Status, Summary: r.Summary, Actor: r.Actor, LatencyMs: r.DurationMs}
	if r.Status == report.Skipped {
		o.Summary = r.SkipReason
	}
	if r.Cause != "" {
		o.Cause = r.Cause.Label(r.Hop)
	}
	o.fromSteps(r.Steps)
	return o
}

func outcome(steps []report.Step, fault *hop.Fault, took time.Duration) *Outcome {
	o := &Outcome{Status: report.OK, LatencyMs: report.MillisOf(took)}
	if fault != nil {
		o.Status, o.Summary = report.Failed, fault.Summary
		for _, s := range steps {
			if s.Status == report.Failed {
				o.Cause, o.Actor = fault.Cause.Label(s.Hop), fault.Cause.ActorAt(s.Hop)
			}
		}
		if fault.Stopped {
			o.Status, o.Cause = report.Skipped, ""
		}
	}
	o.fromSteps(steps)
	return o
}

// fromSteps notes the addresses and when, for whoever looks in a firewall's log.
func (o *Outcome) fromSteps(steps []report.Step) {
	for _, s := range steps {
		switch d := s.Detail.(type) {
		case *report.DNSDetail:
			if s.Hop == report.HopTarget {
				o.Addresses = d.Addresses
				o.linked = slices.ContainsFunc(d.CNAME, func(name string) bool {
					return strings.Contains(strings.ToLower(name), ".privatelink.")
				})
			}
		case *report.TCPDetail:
			o.At = d.At.UTC().Format(time.RFC3339)
		}
	}
}

// privateLink says when a public name has a private address.
func (e *Endpoint) privateLink() {
	if !iothub.PublicName(e.Host) || e.Test == nil {
		return
	}
	for _, a := range e.Test.Addresses {
		if ip, err := netip.ParseAddr(a); err == nil && ip.IsPrivate() {
			e.Note = "the name has a private address here, " + a
			if e.Test.linked {
				e.Note += ": a private endpoint; allow that address, and keep the public name"
			} else {
				e.Note += ", and no privatelink name led to it: this site's DNS or a hosts file says so; allow that " +
					"address if it is meant"
			}
		}
	}
}
