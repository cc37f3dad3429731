package check

import (
	"context"
	"slices"
	"strings"

	"edgenet/internal/device"
	"edgenet/internal/exit"
	"edgenet/internal/inputs"
	"edgenet/internal/proxyurl"
	"edgenet/probe"
	"edgenet/report"
)

// routes finds the proxies: the options, else this host's settings and the environment;
// the lab has its own.
func (j *job) routes(ctx context.Context) error {
	proxies, err := j.proxies(ctx)
	if err != nil {
		return err
	}
	if !j.o.Lab {
		j.plan.NoProxy = j.con.Getenv("no_proxy")
		if j.plan.NoProxy == "" {
			j.plan.NoProxy = j.con.Getenv("NO_PROXY")
		}
	}
	for _, r := range j.o.Routes {
		if r = strings.ToLower(strings.TrimSpace(r)); r != "direct" && r != "proxy" {
			return exit.Usagef("--route %q: expected direct or proxy", report.Clean(r, 40))
		}
	}
	direct, proxied := j.o.wants("direct"), j.o.wants("proxy")
	if !direct && len(proxies) == 0 && !j.o.Lab {
		return exit.Usagef("--route proxy: no proxy is known, give one with --proxy URL")
	}
	if !proxied {
		proxies = nil
	}
	j.plan.Routes = probe.Routes(direct, proxies)
	j.ways()
	return nil
}

// ways finds for each program of the device the route that its own settings lead it.
func (j *job) ways() {
	j.plan.Users = nil
	for _, u := range j.users {
		u.Route = ""
		for _, r := range j.plan.Routes {
			if r.Proxy == nil && u.Proxy == "" || r.Proxy != nil && u.To != nil && r.Proxy.Same(u.To) {
				u.Route = r.ID
			}
		}
		j.plan.Users = append(j.plan.Users, &u.User)
	}
}

// wants tells whether a kind of route is to be probed.
func (o Options) wants(route string) bool {
	return len(o.Routes) == 0 ||
		slices.ContainsFunc(o.Routes, func(r string) bool { return strings.EqualFold(strings.TrimSpace(r), route) })
}

func (j *job) proxies(ctx context.Context) ([]*proxyurl.Proxy, error) {
	if j.o.Inside {
		return j.proxiesFromHost(ctx)
	}
	out, err := inputs.Proxies(j.o.Proxies)
	if err != nil {
		return nil, err
	}
	if len(j.o.Proxies) == 0 && !j.o.Lab {
		found, err := proxyurl.FromEnvironment(j.con.Getenv)
		if err != nil {
			return nil, exit.Input(err)
		}
		out = j.settingsProxies(found)
	}
	return out, inputs.Credentials(ctx, j.con, j.o.ProxyCredentials, out)
}

// maxProxies bounds how many proxies of the settings are tried.
const maxProxies = 8

// settingsProxies adds the proxies of this host's settings before those of the
// environment, each once. One that cannot be read is a finding, and no route.
func (j *job) settingsProxies(env []*proxyurl.Proxy) []*proxyurl.Proxy {
	var out []*proxyurl.Proxy
	add := func(p *proxyurl.Proxy) {
		if len(out) < maxProxies && !slices.ContainsFunc(out, p.Same) {
			out = append(out, p)
		}
	}
	if j.device == nil {
		return env
	}
	for _, s := range j.device.Of(device.Proxy) {
		_, box := s.Place.Container()
		other := box && s.Place != device.EdgeAgent && s.Place != device.EdgeHub // a module's own affair
		if s.Lost != "" || s.Place == device.ProcessEnv || s.Place == device.ModuleEnv || other {
			continue
		}
		if p, err := proxyurl.Assume(s.Value.Reveal(), routeSource(s.Place)); err == nil {
			add(p)
		}
	}
	for _, u := range j.users { // of a manifest, that no place of this host has
		if u.To != nil {
			add(u.To)
		}
	}
	for _, p := range env {
		add(p)
	}
	return out
}

func routeSource(p device.Place) string {
	if p == device.ConfigD {
		return sources[p]
	}
	return string(p)
}
