package sidecar

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"time"

	"edgenet/internal/hop"
	"edgenet/internal/proxyurl"
	"edgenet/internal/sidecar/desired"
	"edgenet/probe"
	"edgenet/report"
)

// ways are the routes of one check, after the fence.
type ways struct {
	routes  []probe.Route
	connect map[string]netip.AddrPort // where the twin's proxies were resolved to: nobody resolves them again
	labels  map[probe.PathName]string // of routes that could not be tried
	refused []string
}

// ways gives the direct route, the environment's proxies, and those of the twin that the
// fence lets through. A route keeps its id whether it can be tried or not.
func (p *prober) ways(ctx context.Context, s desired.Settings, env *hop.Env) ways {
	w := ways{routes: probe.Routes(true, p.o.Proxies), connect: maps.Clone(env.ConnectTo),
		labels: map[probe.PathName]string{}}
	if w.connect == nil {
		w.connect = map[string]netip.AddrPort{}
	}
	n := len(p.o.Proxies)
	for i, raw := range s.Proxies {
		x, err := proxyurl.Parse(raw, "twin")
		if err != nil || p.own(x) {
			continue // it was read before; what the environment has too is tried as the environment's
		}
		for _, b := range p.o.Bound {
			b.Give(x)
		}
		n++
		id := "proxy"
		if n > 1 {
			id = fmt.Sprintf("proxy%d", n)
		}
		to, fault := p.resolve(ctx, env, report.HopProxy, x.Host, x.Port)
		switch {
		case fault != nil && fault.Stopped:
		case fault != nil:
			for _, proto := range report.Protocols() {
				if proto.Proxied() {
					w.labels[probe.PathName{Protocol: proto, Route: id}] = fault.Cause.Label(report.HopProxy)
				}
			}
		case !to.IsValid():
			w.refused = append(w.refused, fmt.Sprintf("proxies[%d]: %s", i, unfit))
		default:
			w.connect[hop.HostPort(x.Host, x.Port)] = to
			w.routes = append(w.routes, probe.Route{ID: id, Proxy: x})
		}
	}
	return w
}

// unfit does not say the address: whoever writes the twin could map the site's names.
const unfit = "resolves to a loopback, link-local or private address that EDGENET_ALLOW does not name"

// own tells whether the environment has that proxy.
func (p *prober) own(x *proxyurl.Proxy) bool {
	for _, o := range p.o.Proxies {
		if o.Scheme == x.Scheme && o.Address() == x.Address() {
			return true
		}
	}
	return false
}

// resolveWait bounds the resolution of what the twin names.
const resolveWait = 10 * time.Second

// resolve gives the first address of a host that may be dialled; invalid where none may.
// What EDGENET_CONNECT_TO leads elsewhere is the manifest's own.
func (p *prober) resolve(ctx context.Context, env *hop.Env, h report.Hop, host string, port int) (netip.AddrPort,
	*hop.Fault) {
	if to, ok := p.o.ConnectTo[hop.HostPort(host, port)]; ok {
		return to, nil
	}
	ctx, cancel := context.WithTimeout(ctx, resolveWait)
	defer cancel()
	addrs, fault := hop.Resolve(ctx, env, hop.NewTrace(ctx, time.Now()), h, host, port)
	if fault != nil {
		return netip.AddrPort{}, fault
	}
	for _, a := range addrs {
		if p.o.Allow.Address(a.Addr(), port) {
			return a, nil
		}
	}
	return netip.AddrPort{}, nil
}
