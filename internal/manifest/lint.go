package manifest

import (
	"fmt"
	"slices"
	"strings"

	"edgenet/internal/edgeagent"
	"edgenet/internal/jsonedit"
	"edgenet/internal/proxyurl"
	"edgenet/internal/secret"
	"edgenet/report"
)

// Rule names a check of Lint. Those that are findings of a report have their codes.
type Rule string

// The rules.
const (
	RuleProtocol     Rule = "protocol.inconsistent" // edgeAgent, edgeHub, env and createOptions differ, or a value is ignored
	RuleUnsetHub     Rule = "protocol.unset-hub"
	RuleSpelling     Rule = "protocol.spelling" // accepted by the runtime, unknown to iotedge check
	RuleProxyURL     Rule = "proxy.scheme"      // what a component cannot read
	RuleProxyMissing Rule = "proxy.missing"     // one system module has a proxy, the other has none
	RuleProxyLimits  Rule = "proxy.runtime-limits"
	RuleNoProxy      Rule = "proxy.no-proxy-ignored"
	RuleDuplicate    Rule = "manifest.duplicate-key"
	RuleOptions      Rule = "manifest.create-options"
	RuleSystem       Rule = "manifest.system-module" // missing, or where it cannot be
)

// Problem is one thing that Lint finds.
type Problem struct {
	Rule     Rule            `json:"rule"`
	Severity report.Severity `json:"severity"`
	File     string          `json:"file"`
	Line     int             `json:"line"`
	Module   string          `json:"module,omitempty"`
	Summary  string          `json:"summary"`
	Remedy   string          `json:"remedy"`
}

type linter struct {
	m   *Manifest
	out []Problem
}

// Lint judges what the manifest says of the way to the hub, by the runtime's own rules.
// Errors first, then by line.
func Lint(m *Manifest) []Problem {
	l := &linter{m: m, out: []Problem{}}
	if m.Kind == Layered {
		l.layered()
	} else {
		l.system()
	}
	l.options()
	l.duplicates(m.Doc.Root, "")
	order := []report.Severity{report.SeverityError, report.SeverityWarning, report.SeverityInfo}
	slices.SortStableFunc(l.out, func(a, b Problem) int {
		if d := slices.Index(order, a.Severity) - slices.Index(order, b.Severity); d != 0 {
			return d
		}
		return a.Line - b.Line
	})
	return l.out
}

func (l *linter) add(r Rule, s report.Severity, line int, module, summary, remedy string) {
	l.out = append(l.out, Problem{r, s, l.m.File, line, module, summary, remedy})
}

// layered manifests must not name system modules at all.
func (l *linter) layered() {
	for _, x := range l.m.path[len(l.m.path)-1].Members {
		if strings.HasPrefix(x.Key, "properties.desired.systemModules") {
			l.add(RuleSystem, report.SeverityError, l.m.Doc.Line(x.KeyStart), "", "a layered deployment cannot hold system modules", "Move them to the base deployment.")
		}
	}
}

func (l *linter) system() {
	line := l.m.Doc.Line(l.m.path[len(l.m.path)-1].Start)
	for _, x := range []struct {
		name   string
		module *Module
		reader proxyurl.Component
	}{{"edgeAgent", l.m.Agent, proxyurl.EdgeAgent}, {"edgeHub", l.m.Hub, proxyurl.EdgeHub}} {
		if x.module == nil {
			l.add(RuleSystem, report.SeverityError, line, x.name, "systemModules has no "+x.name, "Add it: a base deployment names both system modules.")
			continue
		}
		l.protocol(x.module)
		l.proxy(x.module, x.reader)
	}
	if l.m.Agent != nil && l.m.Hub != nil {
		l.agreement(l.m.Agent, l.m.Hub)
	}
}

// protocol judges one module's own settings.
func (l *linter) protocol(x *Module) {
	found := x.Find(edgeagent.VarProtocol)
	for i, v := range found {
		p, reading := edgeagent.ParseUpstream(v.Value)
		shown := secret.Show(v.Value, 60)
		switch reading {
		case edgeagent.Ignored, edgeagent.Unset:
			l.add(RuleProtocol, report.SeverityError, v.Line, x.Name, fmt.Sprintf("UpstreamProtocol %q: %s", shown, edgeagent.FactSilent), "Write "+meant(v.Value)+".")
		case edgeagent.Breaks:
			l.add(RuleProtocol, report.SeverityError, v.Line, x.Name, fmt.Sprintf("UpstreamProtocol %q is a number that no protocol has: the runtime accepts it and fails later", shown), "Write "+meant(v.Value)+".")
		case edgeagent.AsNumber, edgeagent.OddCase:
			l.add(RuleSpelling, report.SeverityWarning, v.Line, x.Name, fmt.Sprintf("UpstreamProtocol %q is read as %s, and iotedge check does not know it", shown, p.RuntimeName()), "Write "+p.RuntimeName()+".")
		}
		for _, o := range found[i+1:] {
			if o.FromOptions != v.FromOptions && o.Value != v.Value {
				l.add(RuleProtocol, report.SeverityError, o.Line, x.Name, fmt.Sprintf("env says %s and createOptions.Env %s: %s", shown, secret.Show(o.Value, 60), edgeagent.FactCreateEnv), "Take UpstreamProtocol out of createOptions.Env.")
			}
		}
	}
}

func meant(value string) string {
	if p, err := report.ParseProtocol(value); err == nil && p != report.HTTPS {
		return p.RuntimeName()
	}
	return "one of Amqp, AmqpWs, Mqtt, MqttWs"
}

func (l *linter) proxy(x *Module, reader proxyurl.Component) {
	found := x.Find(edgeagent.VarProxy)
	for i, v := range found {
		for _, t := range reader.Trouble(v.Value) {
			rule := RuleProxyURL
			if t.Kind == proxyurl.TroubleSOCKS {
				rule = RuleProxyLimits
			}
			l.add(rule, t.Severity, v.Line, x.Name, fmt.Sprintf("%s (%s): %s", v.Name, proxyurl.Mask(v.Value), t.Text), t.Remedy)
		}
		for _, o := range found[i+1:] {
			if o.FromOptions != v.FromOptions && o.Value != v.Value {
				l.add(RuleProtocol, report.SeverityError, o.Line, x.Name, "env and createOptions.Env name different proxies: "+edgeagent.FactCreateEnv, "Take https_proxy out of createOptions.Env.")
			}
		}
	}
	if p, ok := x.Protocol(); ok && len(found) > 0 && !p.Proxied() {
		l.add(RuleProxyLimits, report.SeverityWarning, found[0].Line, x.Name, fmt.Sprintf("%s never goes through a proxy, and one is set beside it", p.RuntimeName()), "Use AmqpWs or MqttWs where the way out is the proxy; remove the proxy where it is not.")
	}
	for _, v := range x.Find("UseOfflineCheck") {
		if len(found) > 0 && strings.EqualFold(strings.TrimSpace(v.Value), "true") {
			l.add(RuleProxyLimits, report.SeverityWarning, v.Line, x.Name, "UseOfflineCheck dials the hub directly, whatever the proxy (Agent.cs): behind one edgeAgent takes itself for offline", "Leave UseOfflineCheck out where there is a proxy.")
		}
	}
	for _, v := range x.Find("no_proxy") {
		if len(found) > 0 && v.Value != "" {
			l.add(RuleNoProxy, report.SeverityWarning, v.Line, x.Name, x.Name+" does not honour no_proxy: with https_proxy set, everything that it sends by WebSocket goes to the proxy", "Do not count on it.")
		}
	}
}

// agreement compares both system modules.
func (l *linter) agreement(agent, hub *Module) {
	p, agentSet := agent.Protocol()
	q, hubSet := hub.Protocol()
	switch {
	case agentSet && hubSet && p != q:
		l.add(RuleProtocol, report.SeverityError, line(hub, edgeagent.VarProtocol), "edgeHub", fmt.Sprintf("edgeAgent has %s and edgeHub %s", p.RuntimeName(), q.RuntimeName()), "Give both the same: edgenet manifest set FILE --protocol P.")
	case !hubSet && agentSet:
		l.add(RuleUnsetHub, report.SeverityWarning, hub.Line, "edgeHub", fmt.Sprintf("edgeHub sets no UpstreamProtocol: it gets edgeAgent's %s only when it is created anew", p.RuntimeName()), "Set it explicitly: edgenet manifest set FILE --protocol "+p.RuntimeName()+".")
	case !hubSet:
		l.add(RuleUnsetHub, report.SeverityWarning, hub.Line, "edgeHub", "UpstreamProtocol is set for neither: edgeAgent tries Amqp and then AmqpWs, edgeHub Amqp over TCP alone", "Set it explicitly for both: edgenet manifest set FILE --protocol P.")
	case !agentSet:
		l.add(RuleProtocol, report.SeverityError, agent.Line, "edgeAgent", fmt.Sprintf("edgeHub has %s, and edgeAgent none: it tries Amqp and then AmqpWs", q.RuntimeName()), "Give both the same: edgenet manifest set FILE --protocol "+q.RuntimeName()+".")
	}
	a, _ := agent.Spec().Merged().Lookup(edgeagent.VarProxy)
	h, _ := hub.Spec().Merged().Lookup(edgeagent.VarProxy)
	switch {
	case a == h:
	case h == "":
		l.add(RuleProxyMissing, report.SeverityError, hub.Line, "edgeHub", "edgeAgent has a proxy and edgeHub none: "+edgeagent.FactNoProxy, "Give both the same: edgenet manifest set FILE --proxy URL.")
	case a == "":
		l.add(RuleProxyMissing, report.SeverityError, agent.Line, "edgeAgent", "edgeHub has a proxy and edgeAgent none: "+edgeagent.FactRecreate, "Give both the same: edgenet manifest set FILE --proxy URL.")
	case !sameProxy(a, h):
		l.add(RuleProtocol, report.SeverityError, line(hub, edgeagent.VarProxy), "edgeHub", fmt.Sprintf("edgeAgent has the proxy %s and edgeHub %s", proxyurl.Mask(a), proxyurl.Mask(h)), "Give both the same: edgenet manifest set FILE --proxy URL.")
	}
}

func sameProxy(a, b string) bool {
	p, err := proxyurl.Assume(a, "")
	q, err2 := proxyurl.Assume(b, "")
	return err == nil && err2 == nil && p.Same(q)
}

func line(x *Module, name string) int {
	if found := x.Find(name); len(found) > 0 {
		return found[len(found)-1].Line
	}
	return x.Line
}

func (l *linter) options() {
	all := append([]*Module{l.m.Agent, l.m.Hub}, l.m.Modules...)
	for _, x := range all {
		if x != nil && x.CreateOptionsError != "" {
			l.add(RuleOptions, report.SeverityError, x.Line, report.Clean(x.Name, 60), "createOptions is "+x.CreateOptionsError, "Write createOptions as a JSON document in a string; 512 characters and more go on in createOptions01 …")
		}
	}
}

// duplicates: of a repeated key most readers take the last, some the first.
func (l *linter) duplicates(n *jsonedit.Node, path string) {
	seen := map[string]bool{}
	for _, m := range n.Members {
		if seen[m.Key] {
			l.add(RuleDuplicate, report.SeverityError, l.m.Doc.Line(m.KeyStart), "", fmt.Sprintf("the key %q is there twice in %s", secret.Show(m.Key, 60), report.Clean(path+"{}", 120)), "Leave one.")
		}
		seen[m.Key] = true
		l.duplicates(m.Value, path+m.Key+".")
	}
	for _, i := range n.Items {
		l.duplicates(i, path)
	}
}
