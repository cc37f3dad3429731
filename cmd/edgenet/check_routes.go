package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"edgenet/internal/proxyurl"
	"edgenet/probe"
	"edgenet/report"
)

// routes finds the proxies: the flags, else this host's settings and the environment;
// the lab has its own.
func (a *app) routes(f *checkFlags, j *job) error {
	proxies, err := a.proxies(f, j)
	if err != nil {
		return err
	}
	if !f.lab {
		j.plan.NoProxy = a.getenv("no_proxy")
		if j.plan.NoProxy == "" {
			j.plan.NoProxy = a.getenv("NO_PROXY")
		}
	}
	for _, r := range f.routes {
		if r = strings.ToLower(strings.TrimSpace(r)); r != "direct" && r != "proxy" {
			return fmt.Errorf("--route %q: expected direct or proxy", report.Clean(r, 40))
		}
	}
	direct, proxied := f.wants("direct"), f.wants("proxy")
	if !direct && len(proxies) == 0 && !f.lab {
		return errors.New("--route proxy: no proxy is known, give one with --proxy URL")
	}
	if !proxied {
		proxies = nil
	}
	j.plan.Routes = probe.Routes(direct, proxies)
	return nil
}

// wants tells whether a kind of route is to be probed.
func (f *checkFlags) wants(route string) bool {
	return len(f.routes) == 0 || slices.ContainsFunc(f.routes, func(r string) bool { return strings.EqualFold(strings.TrimSpace(r), route) })
}

func (a *app) proxies(f *checkFlags, j *job) ([]*proxyurl.Proxy, error) {
	var out []*proxyurl.Proxy
	for _, raw := range f.proxies {
		p, err := proxyurl.Parse(raw, "flag")
		if err != nil {
			return nil, fmt.Errorf("--proxy: %w", err)
		}
		out = append(out, p)
	}
	if f.inside {
		return a.insideProxies()
	}
	if len(f.proxies) == 0 && !f.lab {
		found, err := proxyurl.FromEnvironment(a.getenv)
		if err != nil {
			return nil, err
		}
		out = j.settingsProxies(found)
	}
	if f.proxyCredentials == "" {
		return out, nil
	}
	file, err := a.open(f.proxyCredentials)
	if err != nil {
		return nil, fmt.Errorf("--proxy-credentials: %w", err)
	}
	defer func() { _ = file.Close() }()
	if err := proxyurl.ReadCredentials(file, out); err != nil {
		return nil, fmt.Errorf("--proxy-credentials %s: %w", f.proxyCredentials, err)
	}
	return out, nil
}

// closed reads --expect-closed against the routes of the plan.
func (f *checkFlags) closed(p *probe.Plan) error {
	for _, s := range f.expectClosed {
		name, route, ok := strings.Cut(s, "@")
		proto, err := report.ParseProtocol(name)
		if !ok || err != nil {
			return fmt.Errorf("--expect-closed %q: expected PROTOCOL@ROUTE, such as AMQP@direct", report.Clean(s, 60))
		}
		route = strings.ToLower(strings.TrimSpace(route))
		if !slices.ContainsFunc(p.Routes, func(r probe.Route) bool { return r.ID == route }) || len(p.Protocols) > 0 && !slices.Contains(p.Protocols, proto) {
			return fmt.Errorf("--expect-closed %s: that path is not probed in this run (see --route, --proxy, --protocol)", report.Clean(s, 60))
		}
		p.ExpectClosed = append(p.ExpectClosed, probe.PathName{Protocol: proto, Route: route})
	}
	return nil
}
