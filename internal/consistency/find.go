package consistency

import (
	"fmt"
	"slices"
	"strings"

	"edgenet/internal/device"
	"edgenet/internal/edgeagent"
	"edgenet/internal/proxyurl"
	"edgenet/internal/sorting"
	"edgenet/report"
)

// find draws the conclusions, errors first.
func (v *View) find() {
	v.outOfPlace = map[string]bool{}
	for _, rule := range []func(){v.faults, v.overridden, v.badProtocol, v.notApplied, v.protocolsDiffer,
		v.deploymentCuts, v.unsetHub, v.badUnits, v.badProxies, v.proxiesDiffer, v.proxyLimits, v.noProxy,
		v.hubsDiffer} {
		rule()
	}
	order := report.Severities()
	sorting.By(v.found, func(a, b found) int {
		return slices.Index(order, a.Severity) - slices.Index(order, b.Severity)
	})
	for _, f := range v.found {
		v.Findings = append(v.Findings, f.Finding)
	}
}

// add notes a finding, and whose settings it is about: the programs that would be mended by its remedy.
func (v *View) add(code report.FindingCode, s report.Severity, summary, remedy string, about ...string) {
	f := report.Finding{Code: code, Severity: s, Actor: report.ActorHost, Summary: summary, Remedy: remedy,
		Results: []string{}, Components: about}
	if !slices.ContainsFunc(v.found, func(o found) bool { return o.Code == code && o.Summary == summary }) {
		v.found = append(v.found, found{Finding: f})
	}
}

// compare notes that places differ, and no more than that.
func (v *View) compare(summary, remedy string) {
	n := len(v.found)
	v.add(report.ProtocolInconsistent, report.SeverityError, summary, remedy)
	for i := range v.found[n:] { // one at most
		v.found[n+i].compares = true
	}
}

// Worst is the gravest severity of the findings, empty where there are none.
func (v *View) Worst() report.Severity {
	if len(v.Findings) == 0 {
		return ""
	}
	return v.Findings[0].Severity
}

func list(rows []*Row) string {
	parts := make([]string, len(rows))
	for i, r := range rows {
		parts[i] = fmt.Sprintf("%s %s", place(r), r.Value)
	}
	return strings.Join(parts, ", ")
}

func place(r *Row) string {
	if r.File == "" && r.Key == "" {
		return string(r.Place)
	}
	return r.source.Where()
}

// badProtocol: what the runtime silently takes for unset.
func (v *View) badProtocol() {
	for i := range v.Rows {
		r := &v.Rows[i]
		if r.Setting != device.Protocol || r.State != Wrong {
			continue
		}
		want := "one of Amqp, AmqpWs, Mqtt, MqttWs"
		if p, err := report.ParseProtocol(r.source.Value.Reveal()); err == nil && p != report.HTTPS {
			want = p.RuntimeName()
		}
		v.add(report.ProtocolInconsistent, report.SeverityError,
			fmt.Sprintf("%s says %q: %s", place(r), r.Value,
				strings.Join(r.Notes, "; ")), fmt.Sprintf("Write %s there.", want), r.reader()...)
	}
}

func (v *View) protocolsDiffer() {
	rows := v.effective(device.Protocol)
	if v.outOfPlace[edgeagent.VarProtocol] { // of the configuration; the rest may differ all the same
		rows = slices.DeleteFunc(rows, func(r *Row) bool {
			return slices.Contains([]device.Place{device.ConfigTOML, device.ConfigD, device.ConfigYAML}, r.Place)
		})
	}
	if len(rows) == 0 || !slices.ContainsFunc(rows[1:],
		func(r *Row) bool { return !same(device.Protocol, rows[0], r) }) {
		return
	}
	v.compare("UpstreamProtocol differs: "+list(rows),
		"Set the same UpstreamProtocol in the device's configuration and for edgeAgent and edgeHub in every "+
			"deployment for it (edgenet config generate writes all of them).")
}

// notApplied: an edited configuration that nothing has yet.
func (v *View) notApplied() {
	if d := v.device; !d.Configured || v.refused() || v.meant(device.Protocol) || v.meant(device.Proxy) ||
		unreadable(d, device.ConfigTOML) || unreadable(d, device.ConfigYAML) {
		return // nothing is known of it
	}
	s := state(v.device)
	for _, name := range []string{edgeagent.VarProtocol, edgeagent.VarProxy} {
		written, _ := s.Written.Merged().Lookup(name)
		applied, _ := s.Applied.Merged().Lookup(name)
		if !equal(name, written, applied) {
			v.outOfPlace[name] = true
			v.add(report.ProtocolInconsistent, report.SeverityError,
				fmt.Sprintf("config.toml was edited and not applied: %s is %s there, and %s for the daemon", name,
					word(name, written), word(name, applied)),
				"Run iotedge config apply.", string(proxyurl.EdgeAgent))
		}
		if s.Agent == nil {
			continue
		}
		has, _ := s.Agent.Env.Lookup(name)
		if equal(name, applied, has) {
			continue
		}
		if s.Agent.Bootstrap {
			v.outOfPlace[name] = true
			v.add(report.ProtocolInconsistent, report.SeverityError,
				fmt.Sprintf("%s is %s in the configuration, and %s in the edgeAgent container: it was created "+
					"before, and neither config apply nor a restart changes it",
					name, word(name, applied), word(name, has)),
				"Run docker rm -f edgeAgent: the daemon makes a new one from the configuration within a minute. "+
					"Until then the device keeps to the old value.", string(proxyurl.EdgeAgent))
		} else if name == edgeagent.VarProxy || has != "" {
			v.outOfPlace[name] = true
			v.add(report.ProtocolInconsistent, report.SeverityError,
				fmt.Sprintf("%s is %s in the configuration, and %s in the edgeAgent that a deployment made: the "+
					"deployment wins",
					name, word(name, applied), word(name, has)),
				"Set it for edgeAgent and edgeHub in the deployment (edgenet manifest set), and the same in the "+
					"configuration.", string(proxyurl.EdgeAgent))
		}
	}
}

func equal(name, a, b string) bool {
	if name == edgeagent.VarProxy {
		return a == b || sameProxy(a, b)
	}
	p, x := edgeagent.ParseUpstream(a)
	q, y := edgeagent.ParseUpstream(b)
	return p == q && (p != "" || x == edgeagent.Unset && y == edgeagent.Unset || a == b)
}

func sameProxy(a, b string) bool {
	p, err := proxyurl.Assume(a, "")
	q, err2 := proxyurl.Assume(b, "")
	return err == nil && err2 == nil && p.Same(q)
}

func word(name, value string) string {
	switch {
	case value == "":
		return "not set"
	case name == edgeagent.VarProxy:
		return proxyurl.Mask(value)
	}
	return report.Clean(value, 60)
}

// deploymentCuts: what the manifest would take away.
func (v *View) deploymentCuts() {
	if v.manifest == nil || v.manifest.Agent == nil {
		return
	}
	before := state(v.device).Restart()
	after := before.Deploy(v.manifest.Deployment())
	old, _ := before.Agent.Env.Lookup(edgeagent.VarProxy)
	var bare []string
	for _, x := range []struct {
		name string
		box  *edgeagent.Box
	}{{"edgeAgent", after.Agent}, {"edgeHub", after.Hub}} {
		if has, _ := x.box.Env.Lookup(edgeagent.VarProxy); has == "" {
			bare = append(bare, x.name)
		}
	}
	if old != "" && len(bare) > 0 {
		source := "the configuration gives edgeAgent"
		if _, runs := v.device.Container("edgeAgent"); runs {
			source = "edgeAgent has now"
		}
		v.add(report.ProtocolInconsistent, report.SeverityError,
			fmt.Sprintf("%s drops the proxy: it leaves %s without the %s that %s", report.Clean(v.manifest.File, 100),
				strings.Join(bare, " and "), proxyurl.Mask(old), source),
			"Do not deploy it to this device; set https_proxy for edgeAgent and edgeHub first (edgenet manifest set "+
				"--proxy). What loses its way out so can only be repaired on the device.")
	}
	was, _ := before.Agent.Env.Protocol()
	if is, _ := after.Agent.Env.Protocol(); was != "" && is != was {
		v.add(report.ProtocolInconsistent, report.SeverityError,
			fmt.Sprintf("%s changes edgeAgent from %s to %s", report.Clean(v.manifest.File, 100), was.RuntimeName(),
				name(is)),
			"Set UpstreamProtocol for edgeAgent and edgeHub in the manifest to what works at this site (edgenet "+
				"check), and the same in the device's configuration.")
	}
}

func name(p report.Protocol) string {
	if p == "" {
		return "unset (Amqp, then AmqpWs)"
	}
	return p.RuntimeName()
}

// unsetHub: edgeHub has no fallback.
func (v *View) unsetHub() {
	const remedy = "Set UpstreamProtocol for edgeHub explicitly, to the same as edgeAgent's."
	if c, ok := v.device.Container("edgeHub"); ok {
		if _, set := boxEnv(c).Protocol(); !set {
			v.add(report.ProtocolUnsetHub, report.SeverityWarning,
				"the running edgeHub has no UpstreamProtocol: it uses Amqp over TCP alone, without the fallback that "+
					"edgeAgent has", remedy, string(proxyurl.EdgeHub))
			return
		}
	}
	if m := v.manifest; m != nil && m.Hub != nil {
		if _, set := m.Hub.Protocol(); !set {
			text := fmt.Sprintf("%s sets no UpstreamProtocol for edgeHub: unset means Amqp over TCP alone",
				report.Clean(m.File, 100))
			after := state(v.device).Deploy(m.Deployment())
			if p, ok := after.Agent.Env.Protocol(); ok {
				text = fmt.Sprintf("%s sets no UpstreamProtocol for edgeHub: it gets edgeAgent's %s only when it is "+
					"created anew",
					report.Clean(m.File, 100), p.RuntimeName())
			}
			v.add(report.ProtocolUnsetHub, report.SeverityWarning, text, remedy)
			return
		}
	}
	if d := v.device; d.Configured && len(d.Containers) == 0 && v.manifest == nil &&
		len(v.effective(device.Protocol)) == 0 && !v.misspelt() && !v.refused() && !v.meant(device.Protocol) &&
		!unreadable(d, device.ConfigTOML) && !unreadable(d, device.ConfigYAML) {
		v.add(report.ProtocolUnsetHub, report.SeverityWarning,
			"UpstreamProtocol is set nowhere on this device: edgeAgent tries Amqp and then AmqpWs, edgeHub Amqp over "+
				"TCP alone", "Set UpstreamProtocol to what works at this site (edgenet check says which): for "+
				"edgeAgent in [agent.env] of the device's configuration, for both in the deployment.")
	}
}

func (v *View) hubsDiffer() {
	for _, n := range []device.Name{device.Hub, device.Parent} {
		rows := v.effective(n)
		if slices.ContainsFunc(rows, func(r *Row) bool { return r.State == Differs }) {
			v.add(report.ProtocolInconsistent, report.SeverityError, fmt.Sprintf("the %s differs: %s", n, list(rows)),
				"Run iotedge config apply if the configuration was edited (iotedge system reprovision for DPS), and "+
					"see which one is meant.")
		}
	}
}

// refused tells whether the daemon refuses a file for the type of an entry in it, so that
// nothing follows from the others.
func (v *View) refused() bool { return refuses(v.device) }

func refuses(d *device.Device) bool {
	return slices.ContainsFunc(d.Faults, func(f device.Fault) bool {
		return f.Kind == device.FaultType &&
			f.Place != device.DaemonJSON
	})
}

// meant tells whether a setting was written and stands at a wrong place.
func (v *View) meant(n device.Name) bool {
	return slices.ContainsFunc(v.device.Faults, func(f device.Fault) bool { return f.Name == n })
}

// misspelt tells whether some place sets a protocol that the runtime does not take.
func (v *View) misspelt() bool {
	return slices.ContainsFunc(v.Rows, func(r Row) bool { return r.Setting == device.Protocol && r.State == Wrong })
}
