package probe

import (
	"fmt"
	"slices"

	"edgenet/proxy"
	"edgenet/report"
)

// proxyOf gives the proxy of a route, nil for the direct one.
func (v view) proxyOf(route string) *proxy.Proxy {
	for _, r := range v.plan.Routes {
		if r.ID == route {
			return r.Proxy
		}
	}
	return nil
}

// proxyScheme: a setting without a scheme breaks .NET's reading of it; https:// is not
// usable by runtimes up to 1.4.
func proxyScheme(v view) []report.Finding {
	var out []report.Finding
	for _, r := range v.plan.Routes {
		p := r.Proxy
		rs := ids(v.matching(func(x *report.Result) bool { return x.Route == r.ID }))
		switch {
		case p == nil:
		case p.NoScheme:
			out = append(out, report.Finding{Code: report.ProxyScheme, Severity: report.SeverityError, Actor: report.ActorHost, Results: rs,
				Summary: fmt.Sprintf("the proxy setting %s lacks http:// before %s: edgeAgent and edgeHub cannot read it", p.Source, p.Address()),
				Remedy:  fmt.Sprintf("Write http://%s in every place where the proxy is set.", p.Address())})
		case p.Scheme == proxy.HTTPS:
			out = append(out, report.Finding{Code: report.ProxyScheme, Severity: report.SeverityWarning, Actor: report.ActorHost, Results: rs,
				Summary: fmt.Sprintf("%s is an https:// proxy: edgeAgent and edgeHub up to 1.4 cannot use one, and later ones are not known to", p),
				Remedy:  "Use the proxy's http:// port for IoT Edge."})
		}
	}
	return out
}

// proxyUnneeded is R10's other side.
func proxyUnneeded(v view) []report.Finding {
	bad := v.matching(func(r *report.Result) bool {
		if !direct(r) || r.Status != report.OK || !r.Protocol.WebSocket() {
			return false
		}
		tried, works := false, false
		for _, o := range v.results {
			if o.Protocol == r.Protocol && o.Route != r.Route && !known(o.RuntimeUsable, false) && o.Status != report.Skipped {
				tried, works = true, works || o.Status == report.OK
			}
		}
		return tried && !works
	})
	if len(bad) == 0 {
		return nil
	}
	return one(report.Finding{Code: report.ProxyUnneeded, Severity: report.SeverityWarning, Actor: report.ActorHost,
		Summary: fmt.Sprintf("%s works directly and not through the proxy that is configured", bad[0].Protocol),
		Remedy:  "Take the proxy setting away from the runtime (every place has to lose it), or have the proxy repaired.", Results: ids(bad)})
}

func proxyRequired(v view) []report.Finding {
	all := v.matching(direct)
	dead := v.matching(func(r *report.Result) bool { return direct(r) && failed(r) && !r.Reached() })
	works := v.proxiedOK()
	if len(all) == 0 || len(dead) != len(all) || len(works) == 0 {
		return nil
	}
	return one(report.Finding{Code: report.ProxyRequired, Severity: report.SeverityInfo, Actor: report.ActorHost,
		Summary: "only the route through the proxy works: the device needs the proxy setting and a WebSocket protocol",
		Remedy:  "Set https_proxy and UpstreamProtocol for edgeAgent and edgeHub, in the device's configuration and in every deployment that reaches it.", Results: ids(works)})
}

// proxyRuntimeLimits: what works through a proxy and is of no use to the runtime.
func proxyRuntimeLimits(v view) []report.Finding {
	bad := v.matching(func(r *report.Result) bool {
		p := v.proxyOf(r.Route)
		if p == nil || !known(r.RuntimeUsable, false) {
			return false
		}
		return r.Status == report.OK || p.Scheme == proxy.SOCKS5 || r.Protocol == v.plan.Expect
	})
	if len(bad) == 0 {
		return nil
	}
	why, remedy := "AMQP and MQTT without WebSocket never go through a proxy", "Through a proxy use AmqpWs or MqttWs"
	if p := v.proxyOf(bad[0].Route); p.Scheme == proxy.SOCKS5 {
		why = "it does not know SOCKS"
	}
	if slices.ContainsFunc(bad, func(r *report.Result) bool { return v.proxyOf(r.Route).Scheme != proxy.HTTP }) {
		remedy += " and an http:// proxy URL"
	}
	return one(report.Finding{Code: report.ProxyRuntimeLimits, Severity: report.SeverityWarning, Actor: report.ActorHost,
		Summary: fmt.Sprintf("%s by the route %s is of no use to the IoT Edge runtime: %s", bad[0].Protocol, bad[0].Route, why),
		Remedy:  remedy + ".", Results: ids(bad)})
}

func proxyNoProxyIgnored(v view) []report.Finding {
	proxied := v.matching(func(r *report.Result) bool { return v.proxyOf(r.Route) != nil })
	if len(proxied) == 0 || !proxy.Excluded(v.plan.NoProxy, v.plan.Host) {
		return nil
	}
	return one(report.Finding{Code: report.ProxyNoProxyIgnored, Severity: report.SeverityWarning, Actor: report.ActorHost,
		Summary: fmt.Sprintf("no_proxy takes %s out, and no component of IoT Edge on the way to the hub honours it", v.plan.Host),
		Remedy:  "Do not count on no_proxy: with https_proxy set, edgeAgent, edgeHub and the daemon send the hub's traffic to the proxy.", Results: ids(proxied)})
}
