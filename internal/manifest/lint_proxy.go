package manifest

import (
	"fmt"
	"strings"

	"edgenet/internal/edgeagent"
	"edgenet/internal/proxyurl"
	"edgenet/report"
)

func (l *linter) proxy(x *Module, reader proxyurl.Component) {
	found := x.Find(edgeagent.VarProxy)
	for i, v := range found {
		if isPlaceholder(v.Value) {
			continue
		}
		for _, t := range reader.Trouble(v.Value) {
			rule := RuleProxyURL
			if t.Kind == proxyurl.TroubleSOCKS || t.Kind == proxyurl.TroubleLoopback {
				rule = RuleProxyLimits
			}
			l.add(rule, t.Severity, v.at, x.Name, fmt.Sprintf("%s (%s): %s", v.Name, proxyurl.Mask(v.Value), t.Text),
				t.Remedy)
		}
		for _, o := range found[i+1:] {
			if o.FromOptions != v.FromOptions && o.Value != v.Value && !isPlaceholder(o.Value) {
				l.add(RuleProtocol, report.SeverityError, o.at, x.Name,
					"env and createOptions.Env name different proxies: "+edgeagent.FactCreateEnv,
					"Take https_proxy out of createOptions.Env.")
			}
		}
	}
	url, _ := x.Spec().Merged().Lookup(edgeagent.VarProxy)
	if url == "" || isPlaceholder(url) {
		return
	}
	if p, ok := x.Protocol(); ok && !p.Proxied() && !x.pending(edgeagent.VarProtocol) {
		l.add(RuleProxyLimits, report.SeverityWarning, place(x, edgeagent.VarProxy), x.Name,
			fmt.Sprintf("%s never goes through a proxy, and one is set beside it", p.RuntimeName()),
			"Use AmqpWs or MqttWs where the way out is the proxy; remove the proxy where it is not.")
	}
	l.besideProxy(x)
}

// besideProxy judges the variables that mean something else where there is a proxy.
func (l *linter) besideProxy(x *Module) {
	for _, v := range x.Find("UseOfflineCheck") {
		if strings.EqualFold(strings.TrimSpace(v.Value), "true") {
			l.add(RuleProxyLimits, report.SeverityWarning, v.at, x.Name,
				"UseOfflineCheck dials the hub directly, whatever the proxy (Agent.cs): behind one edgeAgent takes "+
					"itself for offline", "Leave UseOfflineCheck out where there is a proxy.")
		}
	}
	for _, v := range x.Find("no_proxy") {
		if v.Value != "" {
			l.add(RuleNoProxy, report.SeverityWarning, v.at, x.Name,
				x.Name+" does not honour no_proxy: with https_proxy set, everything that it sends by WebSocket goes "+
					"to the proxy", "Do not count on it.")
		}
	}
}

// proxies compares both system modules.
func (l *linter) proxies(agent, hub *Module) {
	if agent.pending(edgeagent.VarProxy) || hub.pending(edgeagent.VarProxy) {
		return
	}
	a, _ := agent.Spec().Merged().Lookup(edgeagent.VarProxy)
	h, _ := hub.Spec().Merged().Lookup(edgeagent.VarProxy)
	switch {
	case a == h:
	case h == "":
		l.add(RuleProxyMissing, report.SeverityError, hub.key.KeyStart, "edgeHub",
			"edgeAgent has a proxy and edgeHub none: "+edgeagent.FactNoProxy,
			"Give both the same: edgenet manifest set FILE --proxy URL.")
	case a == "":
		l.add(RuleProxyMissing, report.SeverityError, agent.key.KeyStart, "edgeAgent",
			"edgeHub has a proxy and edgeAgent none: "+edgeagent.FactRecreate,
			"Give both the same: edgenet manifest set FILE --proxy URL.")
	case !sameProxy(a, h):
		l.add(RuleProtocol, report.SeverityError, place(hub, edgeagent.VarProxy), "edgeHub",
			fmt.Sprintf("edgeAgent has the proxy %s and edgeHub %s", proxyurl.Mask(a),
				proxyurl.Mask(h)), "Give both the same: edgenet manifest set FILE --proxy URL.")
	}
}

func sameProxy(a, b string) bool {
	p, err := proxyurl.Assume(a, "")
	q, err2 := proxyurl.Assume(b, "")
	return err == nil && err2 == nil && p.Same(q)
}
