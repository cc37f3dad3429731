package consistency

import (
	"slices"
	"strings"

	"edgenet/internal/device"
	"edgenet/internal/edgeagent"
	"edgenet/internal/judge"
	"edgenet/internal/proxyurl"
	"edgenet/report"
)

// User is a program of the device, and the way that its own settings lead it.
type User struct {
	judge.User
	To *proxyurl.Proxy // nil: none, or none that can be read
}

// deployed is who a container is once the manifest has reached the device.
const deployed = " after the deployment"

// reader is who reads a row, as Users names it.
func (r Row) reader() []string {
	c, ok := r.component()
	switch {
	case !ok:
		return nil
	case r.Place == ManifestAgent || r.Place == ManifestHub:
		return []string{string(c) + deployed}
	}
	return []string{string(c)}
}

// Users lists the programs that have to get out and whose own settings are known: the service that talks
// to the hub, edgeAgent, edgeHub, and the container engine.
func (v *View) Users() []*User {
	var out []*User
	for _, p := range []device.Place{device.IdentityUnit, device.OldUnit} {
		if r := v.reads(p); r != nil {
			unit, _ := p.Unit()
			out = append(out, r.user(unit, []report.Protocol{report.HTTPS}, v.inUnit(r, unit)))
		}
	}
	out = append(out, v.containers()...)
	engine, json := v.reads(device.EngineUnit), v.reads(device.DaemonJSON)
	switch {
	case json != nil && (engine == nil || engine.State == Unset || same(device.Proxy, engine, json)):
		out = append(out, json.user("docker", nil, "for the container engine in "+json.File+", then restart it"))
	case json == nil && engine != nil && engine.State != Unset:
		out = append(out, engine.user("docker", nil,
			"for the container engine at "+place(engine)+", then systemctl daemon-reload and restart it"))
	}
	return out
}

// inUnit is how a service's proxy is set: where it stands, else in a drop-in.
func (v *View) inUnit(r *Row, unit string) string {
	file, restart := unit, "iotedge system restart"
	switch {
	case v.device.Old:
		restart = "systemctl restart iotedge"
	case strings.HasPrefix(v.device.ConfigPath(), "/var/snap/"):
		file, restart = "snap.azure-iot-identity.identityd", "snap restart azure-iot-identity azure-iot-edge"
	}
	where := " by systemctl edit " + file + " (edgenet config generate has the text)"
	if r.State != Unset {
		where = " at " + place(r)
	}
	return "for " + unit + where + ", then systemctl daemon-reload and " + restart
}

// reads is the row of the proxy that a place's reader goes by; nil where that is not known.
func (v *View) reads(p device.Place) *Row {
	var out *Row
	for i := range v.Rows {
		if r := &v.Rows[i]; r.Setting == device.Proxy && r.Place == p && r.State != Lost {
			out = r
		}
	}
	if out != nil && out.State == Unset && slices.ContainsFunc(v.device.Unread, mayBeUnits) {
		return nil
	}
	return out
}

// mayBeUnits tells whether what could not be read may be part of a service's environment.
func mayBeUnits(u device.Unread) bool {
	for _, elsewhere := range []string{"/etc/aziot/", "/etc/iotedge/", "/var/lib/", "/etc/docker/"} {
		if strings.HasPrefix(u.File, elsewhere) {
			return false
		}
	}
	return !strings.HasSuffix(u.File, ".sock")
}

// user makes the program of a row.
func (r *Row) user(name string, protocols []report.Protocol, set string) *User {
	c, _ := r.component()
	return makeUser(c, judge.User{Name: name, Place: place(r), Protocols: protocols, Set: set}, r.source.Value.Reveal())
}

// makeUser reads the proxy as its component does.
func makeUser(c proxyurl.Component, u judge.User, raw string) *User {
	out := &User{User: u}
	if raw = strings.TrimSpace(raw); raw == "" {
		return out
	}
	out.Proxy = proxyurl.Mask(raw)
	out.To, _ = proxyurl.Assume(raw, u.Place)
	for _, t := range c.Trouble(raw) {
		if t.Severity == report.SeverityError && t.Kind != proxyurl.TroubleAt && usesProxy(u.Protocols) {
			out.Loss = t.Text
		}
	}
	return out
}

// usesProxy tells whether any of the protocols goes through a proxy; an engine has none of them, and does.
func usesProxy(protocols []report.Protocol) bool {
	return len(protocols) == 0 || slices.ContainsFunc(protocols, report.Protocol.Proxied)
}

// containers are edgeAgent and edgeHub: as they are, else as the daemon would make edgeAgent; and as a
// manifest would.
func (v *View) containers() []*User {
	d := v.device
	var out []*User
	s := state(d)
	_, runs := d.Container("edgeAgent")
	known := d.Configured && !v.refused() && !unreadable(d, device.ConfigTOML) && !unreadable(d, device.ConfigYAML)
	if runs || known {
		place, set := "container:edgeAgent", inDeployment("edgeAgent")
		if !runs {
			place, set = v.configured()
		}
		if runs && s.Agent.Bootstrap {
			_, set = v.configured()
		}
		out = append(out, boxUser(proxyurl.EdgeAgent, "", place, set, s.Restart().Agent.Env))
	}
	if s.Hub != nil {
		out = append(out, boxUser(proxyurl.EdgeHub, "", "container:edgeHub", inDeployment("edgeHub"), s.Hub.Env))
	}
	if m := v.manifest; m != nil && m.Agent != nil && (runs || known) {
		then, file := s.Deploy(m.Deployment()), report.Clean(m.File, 100)
		out = append(out, boxUser(proxyurl.EdgeAgent, deployed, file, inDeployment("edgeAgent"), then.Agent.Env))
		if m.Hub != nil {
			out = append(out, boxUser(proxyurl.EdgeHub, deployed, file, inDeployment("edgeHub"), then.Hub.Env))
		}
	}
	return out
}

func inDeployment(name string) string {
	return "for " + name + " in the deployment (edgenet manifest set)"
}

// configured is where the configuration sets the proxy of edgeAgent, or would, and how it is set there.
func (v *View) configured() (where, set string) {
	file, table := v.device.ConfigPath(), "[agent.env]"
	apply := "iotedge config apply"
	switch {
	case v.device.Old:
		file, table, apply = "/etc/iotedge/config.yaml", "agent.env", "systemctl restart iotedge"
	case !v.device.Super:
		apply = "systemctl restart aziot-edged"
	}
	apply = ", then run " + apply + " and docker rm -f edgeAgent"
	where, set = file, "in "+table+" of "+file+apply
	for _, f := range v.device.Faults {
		if f.Name == device.Proxy {
			where = f.Where() + " does not count"
		}
	}
	for _, p := range []device.Place{device.ConfigTOML, device.ConfigD, device.ConfigYAML} {
		if r := v.reads(p); r != nil && r.State != Unset {
			return place(r), "at " + place(r) + apply
		}
	}
	return where, set
}

// boxUser is a container by its environment. Unset, edgeAgent tries Amqp and then AmqpWs, edgeHub Amqp alone.
func boxUser(c proxyurl.Component, when, place, set string, env edgeagent.Env) *User {
	protocols := []report.Protocol{report.AMQP}
	if c == proxyurl.EdgeAgent {
		protocols = append(protocols, report.AMQPWS)
	}
	if p, ok := env.Protocol(); ok {
		protocols = []report.Protocol{p}
	}
	raw, _ := env.Lookup(edgeagent.VarProxy)
	return makeUser(c, judge.User{Name: string(c) + when, Place: place, Protocols: protocols, Set: set}, raw)
}
