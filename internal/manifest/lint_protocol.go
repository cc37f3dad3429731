package manifest

import (
	"fmt"

	"edgenet/internal/edgeagent"
	"edgenet/internal/secret"
	"edgenet/report"
)

// protocol judges one module's own settings.
func (l *linter) protocol(x *Module) {
	found := x.Find(edgeagent.VarProtocol)
	for i, v := range found {
		if isPlaceholder(v.Value) {
			continue
		}
		l.protocolValue(x, v)
		for _, o := range found[i+1:] {
			if o.FromOptions != v.FromOptions && o.Value != v.Value && !isPlaceholder(o.Value) {
				l.add(RuleProtocol, report.SeverityError, o.at, x.Name,
					fmt.Sprintf("env says %s and createOptions.Env %s: %s", secret.Show(v.Value, 60),
						secret.Show(o.Value, 60), edgeagent.FactCreateEnv),
					"Take UpstreamProtocol out of createOptions.Env.")
			}
		}
	}
}

func (l *linter) protocolValue(x *Module, v Var) {
	p, reading := edgeagent.ParseUpstream(v.Value)
	shown := secret.Show(v.Value, 60)
	switch reading {
	case edgeagent.Unset:
		l.add(RuleProtocol, report.SeverityWarning, v.at, x.Name, "UpstreamProtocol is empty, which counts as unset",
			"Write "+meant(v.Value)+".")
	case edgeagent.Ignored:
		l.add(RuleProtocol, report.SeverityError, v.at, x.Name,
			fmt.Sprintf("UpstreamProtocol %q: %s", shown, edgeagent.FactSilent), "Write "+meant(v.Value)+".")
	case edgeagent.Breaks:
		l.add(RuleProtocol, report.SeverityError, v.at, x.Name,
			fmt.Sprintf("UpstreamProtocol %q is a number that no protocol has: the runtime accepts it and fails later",
				shown), "Write "+meant(v.Value)+".")
	case edgeagent.AsNumber, edgeagent.OddCase:
		l.add(RuleSpelling, report.SeverityWarning, v.at, x.Name,
			fmt.Sprintf("UpstreamProtocol %q is read as %s, and iotedge check does not know it", shown,
				p.RuntimeName()), "Write "+p.RuntimeName()+".")
	}
}

func meant(value string) string {
	if p, err := report.ParseProtocol(value); err == nil && p != report.HTTPS {
		return p.RuntimeName()
	}
	return "one of Amqp, AmqpWs, Mqtt, MqttWs"
}

// protocols compares both system modules.
func (l *linter) protocols(agent, hub *Module) {
	if agent.pending(edgeagent.VarProtocol) || hub.pending(edgeagent.VarProtocol) {
		return
	}
	p, agentSet := agent.Protocol()
	q, hubSet := hub.Protocol()
	switch {
	case agentSet && hubSet && p != q:
		l.add(RuleProtocol, report.SeverityError, place(hub, edgeagent.VarProtocol), "edgeHub",
			fmt.Sprintf("edgeAgent has %s and edgeHub %s", p.RuntimeName(),
				q.RuntimeName()), "Give both the same: edgenet manifest set FILE --protocol P.")
	case !hubSet && agentSet:
		l.add(RuleUnsetHub, report.SeverityWarning, hub.key.KeyStart, "edgeHub",
			fmt.Sprintf("edgeHub sets no UpstreamProtocol: it gets edgeAgent's %s only when it is created anew",
				p.RuntimeName()),
			"Set it explicitly: edgenet manifest set FILE --protocol "+p.RuntimeName()+".")
	case !hubSet:
		l.unset(hub)
	case !agentSet:
		l.add(RuleProtocol, report.SeverityError, agent.key.KeyStart, "edgeAgent",
			fmt.Sprintf("edgeHub has %s, and edgeAgent none: it tries Amqp and then AmqpWs",
				q.RuntimeName()), "Give both the same: edgenet manifest set FILE --protocol "+q.RuntimeName()+".")
	}
}

// unset: no protocol at all, which is what most manifests have, and all right where AMQP
// over TCP is open; beside a proxy it is the fault that the proxy is never used.
func (l *linter) unset(hub *Module) {
	if url, _ := hub.Spec().Merged().Lookup(edgeagent.VarProxy); url != "" {
		l.add(RuleNoProtocol, report.SeverityError, place(hub, edgeagent.VarProxy), "edgeHub",
			"edgeHub has a proxy and no UpstreamProtocol: it uses Amqp over TCP alone, which goes through no proxy, "+
				"so that the proxy is never used",
			"Set AmqpWs or MqttWs for both: edgenet manifest set FILE --protocol AmqpWs.")
		return
	}
	if url, _ := l.m.Agent.Spec().Merged().Lookup(edgeagent.VarProxy); url != "" {
		l.add(RuleNoProtocol, report.SeverityError, hub.key.KeyStart, "edgeHub",
			"edgeAgent has a proxy, and no UpstreamProtocol is set: edgeHub uses Amqp over TCP alone, which goes "+
				"through no proxy",
			"Set AmqpWs or MqttWs for both: edgenet manifest set FILE --protocol AmqpWs --proxy URL.")
		return
	}
	l.add(RuleUnsetHub, report.SeverityInfo, hub.key.KeyStart, "edgeHub",
		"UpstreamProtocol is set for neither: edgeAgent tries Amqp and then AmqpWs, edgeHub Amqp over TCP alone",
		"Where port 5671 is not open, set it for both: edgenet manifest set FILE --protocol P.")
}

// place is where a variable of a module stands, the one that wins.
func place(x *Module, name string) int {
	if found := x.Find(name); len(found) > 0 {
		return found[len(found)-1].at
	}
	return x.key.KeyStart
}
