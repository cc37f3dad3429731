package sidecar

import (
	"context"
	"crypto/x509"
	"errors"
	"slices"
	"sync"
	"time"

	"edgenet/internal/hop"
	"edgenet/internal/sidecar/desired"
	"edgenet/internal/sidecar/machine"
	"edgenet/probe"
	"edgenet/report"
)

// bundleWait bounds the question for the trust bundle before a check; without an answer
// the last one counts.
const bundleWait = 5 * time.Second

// prober does checks and watches.
type prober struct {
	o     Options
	meter *Meter

	mu     sync.Mutex
	bundle []*x509.Certificate
	trust  *hop.Trust // kept while the bundle stays: parsing the roots takes milliseconds
}

// environment is what the moves of one check or watch share.
func (p *prober) environment(ctx context.Context) *hop.Env {
	env := &hop.Env{DNS: p.o.Resolver, ConnectTo: p.o.ConnectTo, Trust: p.roots(ctx), Wrap: p.meter.Wrap}
	if env.DNS == nil {
		env.DNS = &hop.Resolver{}
	}
	return env
}

// roots are the public ones and the trust bundle, as a module has them.
func (p *prober) roots(ctx context.Context) *hop.Trust {
	ctx, cancel := context.WithTimeout(ctx, bundleWait)
	defer cancel()
	certs, err := p.o.Module.Bundle(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		p.o.Log.Debug("the trust bundle was not read: " + report.Clean(err.Error(), 200))
		certs = p.bundle
	}
	same := slices.EqualFunc(certs, p.bundle, (*x509.Certificate).Equal)
	if p.trust == nil || !same {
		p.bundle, p.trust = certs, &hop.Trust{Module: true, Bundle: certs}
	}
	return p.trust
}

// check is one full check: every path by every route, and the endpoints beside.
func (p *prober) check(ctx context.Context, e machine.StartCheck) (*report.Report, machine.Observation) {
	env := p.environment(ctx)
	defer env.DNS.Rest()
	w := p.ways(ctx, e.Settings, env)
	env.ConnectTo = w.connect
	plan := p.plan(e, w)
	r := probe.Check(ctx, plan, env, nil)
	found := machine.Distill(r)
	found.Deep = e.Deep
	found.Refused = w.refused
	for path, label := range w.labels {
		found.Labels[path] = label
	}
	endpoints, refused := p.endpoints(ctx, e.Settings.Endpoints, w, env)
	found.Endpoints, found.Refused = endpoints, append(found.Refused, refused...)
	return r, found
}

// plan is what a check tries. Plain AMQP and MQTT never go through a proxy in the
// runtime, and what it never does is not worth a connection.
func (p *prober) plan(e machine.StartCheck, w ways) probe.Plan {
	plan := probe.Plan{
		Host: p.o.Upstream, Source: "module-env", Routes: w.routes, Protocols: e.Settings.Protocols,
		Timeout: p.o.Timeout, NoProxy: p.o.NoProxy, Prefer: e.Settings.Prefer, Version: p.o.Version,
		Sparing: true,
		Skip:    func(n probe.PathName) bool { return n.Route != report.RouteDirect && !n.Protocol.Proxied() },
		Quiet: func(n probe.PathName) bool {
			return !e.Deep && !slices.Contains(e.Unanswered, n)
		},
	}
	plan.Expect, plan.ExpectSource = p.expected(e.Settings)
	return plan
}

// expected is the protocol that the deployment sets, and who says so.
func (p *prober) expected(s desired.Settings) (report.Protocol, string) {
	switch {
	case s.Expected != "":
		return s.Expected, "twin"
	case p.o.Configured != "":
		return p.o.Configured, "module-env"
	}
	return "", ""
}

// errNoRoute is a watch's outcome where its route is not there any more.
var errNoRoute = errors.New("its route is gone")

// watch looks at one path by TCP and TLS alone.
func (p *prober) watch(ctx context.Context, path probe.PathName, s desired.Settings) error {
	env := p.environment(ctx)
	defer env.DNS.Rest()
	routes := probe.Routes(true, nil)
	if path.Route != report.RouteDirect {
		w := p.ways(ctx, s, env)
		env.ConnectTo, routes = w.connect, w.routes
	}
	i := slices.IndexFunc(routes, func(r probe.Route) bool { return r.ID == path.Route })
	if i < 0 {
		return errNoRoute
	}
	timeout := p.o.Timeout
	if timeout <= 0 {
		timeout = probe.DefaultTimeout
	}
	x := &probe.Path{ID: "watch", Host: p.o.Upstream, Protocol: path.Protocol, Route: routes[i], Depth: probe.DepthTLS,
		Timeout: timeout, Attempts: 1}
	r := x.Run(ctx, env, time.Now())
	switch r.Status {
	case report.OK:
		return nil
	case report.Failed:
		return errors.New(r.Cause.Label(r.Hop))
	}
	return errors.New(r.SkipReason)
}
