package sidecar

import (
	"context"
	"fmt"
	"maps"
	"net"
	"sync"
	"time"

	"edgenet/internal/hop"
	"edgenet/internal/proxyurl"
	"edgenet/internal/sidecar/desired"
	"edgenet/internal/sidecar/machine"
	"edgenet/probe"
	"edgenet/proxy"
	"edgenet/report"
)

// endpoints tries the twin's endpoints by TCP and TLS, all at once: directly, and where
// that fails and a proxy is there that the runtime could use, through it. All that comes
// back is ok or a cause.
func (p *prober) endpoints(ctx context.Context, list []desired.Endpoint, w ways, env *hop.Env) (map[string]string,
	[]string) {
	if len(list) == 0 {
		return nil, nil
	}
	labels, refused := make([]string, len(list)), make([]string, len(list))
	var wg sync.WaitGroup
	for i, e := range list {
		wg.Go(func() {
			to, fault := p.resolve(ctx, env, report.HopTarget, e.Host, e.Port)
			switch {
			case fault != nil && fault.Stopped:
			case fault != nil:
				labels[i] = fault.Cause.Label(report.HopTarget)
			case !to.IsValid():
				refused[i] = fmt.Sprintf("endpoints[%d]: %s", i, unfit)
			default:
				own := *env
				own.ConnectTo = maps.Clone(w.connect)
				own.ConnectTo[hop.HostPort(e.Host, e.Port)] = to
				labels[i] = p.endpoint(ctx, &own, e, w.routes)
			}
		})
	}
	wg.Wait()
	out := map[string]string{}
	for i, e := range list {
		if labels[i] != "" {
			out[e.Name] = labels[i]
		}
	}
	var why []string
	for _, r := range refused {
		if r != "" {
			why = append(why, r)
		}
	}
	return out, why
}

// endpoint gives ok, or the cause of the direct way.
func (p *prober) endpoint(ctx context.Context, env *hop.Env, e desired.Endpoint, routes []probe.Route) string {
	label := p.reach(ctx, env, e, nil)
	if label == machine.OKLabel {
		return label
	}
	for _, r := range routes {
		if r.Proxy != nil && r.Proxy.Scheme == proxyurl.HTTP {
			if p.reach(ctx, env, e, r.Proxy) == machine.OKLabel {
				return machine.OKLabel
			}
			break
		}
	}
	return label
}

func (p *prober) reach(ctx context.Context, env *hop.Env, e desired.Endpoint, via *proxyurl.Proxy) string {
	timeout := p.o.Timeout
	if timeout <= 0 {
		timeout = probe.DefaultTimeout
	}
	step, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	t := hop.NewTrace(ctx, time.Now())
	defer t.Steps() // waits for what is left beside
	var conn net.Conn
	var fault *hop.Fault
	at := report.HopTarget
	if via != nil {
		at = report.HopProxy
		conn, fault = proxy.Dial(step, env, t, via, e.Host, e.Port)
	} else {
		conn, fault = hop.Dial(step, env, t, report.HopTarget, e.Host, e.Port)
	}
	if fault == nil {
		defer func() { _ = conn.Close() }()
		at = report.HopTarget
		var s *hop.Session
		s, fault = hop.Handshake(step, env, t, report.HopTarget, conn, hop.TLSOptions{ServerName: e.Host,
			Proxied: via != nil, HTTP: e.Port == 443})
		if s != nil {
			defer func() { _ = s.Close() }()
		}
	}
	switch {
	case fault == nil:
		return machine.OKLabel
	case fault.Stopped:
		return ""
	}
	return fault.Cause.Label(at)
}
