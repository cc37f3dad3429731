package consistency

import (
	"edgenet/internal/device"
	"edgenet/internal/edgeagent"
	"edgenet/internal/manifest"
	"edgenet/internal/proxyurl"
)

// Outlook is what the containers will have after an event.
type Outlook struct {
	Event string       `json:"event"` // now, config apply, restart, docker rm -f edgeAgent, deployment
	Agent *Environment `json:"edgeAgent,omitempty"`
	Hub   *Environment `json:"edgeHub,omitempty"`
	Fact  string       `json:"fact,omitempty"`
}

// Environment is the part of a container's environment that matters on the way to the
// hub, in words; the proxy is masked.
type Environment struct {
	Protocol string `json:"protocol"`
	Proxy    string `json:"proxy"`
}

// state makes the model's state of what is known.
func state(d *device.Device) edgeagent.State {
	var s edgeagent.State
	if d.Old {
		s.Written = specOf(configured(d, device.ConfigYAML))
		s.Applied = s.Written
	} else {
		s.Written = written(d)
		s.Applied = s.Written
		if files := derived(d); len(files) > 0 {
			s.Applied = stack(files)
		}
		if !d.Super { // there is nothing to apply
			s.Written = s.Applied
		}
	}
	if c, ok := d.Container("edgeAgent"); ok {
		s.Agent = &edgeagent.Box{Env: boxEnv(c), Bootstrap: c.FromConfig, From: edgeagent.Spec{Image: c.Image}}
		if c.FromConfig {
			s.Agent.From = s.Applied
			s.Agent.From.Image = c.Image
		}
	}
	if c, ok := d.Container("edgeHub"); ok {
		s.Hub = &edgeagent.Box{Env: boxEnv(c), From: edgeagent.Spec{Image: c.Image}}
	}
	return s
}

func configured(d *device.Device, p device.Place) []device.Setting {
	var out []device.Setting
	for _, s := range d.Settings {
		if s.Place == p {
			out = append(out, s)
		}
	}
	return out
}

func boxEnv(c device.Container) edgeagent.Env {
	e := edgeagent.Env{}
	for _, n := range []string{edgeagent.VarProtocol, edgeagent.VarProxy} {
		if v, ok := c.Lookup(n); ok {
			e[n] = v
		}
	}
	return e
}

func outlook(d *device.Device, m *manifest.Manifest) []Outlook {
	if !d.Configured && len(d.Containers) == 0 || refuses(d) || unreadable(d, device.ConfigTOML) ||
		unreadable(d, device.ConfigYAML) {
		return nil // what is not known is not foretold
	}
	s := state(d)
	var out []Outlook
	if s.Agent != nil || s.Hub != nil {
		out = append(out, shape("now", s, ""))
	}
	if d.Super {
		out = append(out, shape("iotedge config apply", s.Apply(), edgeagent.FactCreateOnce))
	}
	if d.Configured {
		out = append(out, shape("restart", s.Restart(), edgeagent.FactRestart),
			shape("docker rm -f edgeAgent", s.RemoveAgent(), edgeagent.FactCreateOnce))
	}
	if then := shape("iotedge config apply, docker rm -f edgeAgent", s.Apply().RemoveAgent(),
		edgeagent.FactCreateOnce); d.Super && *then.Agent != *out[len(out)-1].Agent {
		out = append(out, then)
	}
	if m != nil && m.Agent != nil {
		out = append(out, shape("deployment", s.Deploy(m.Deployment()), edgeagent.FactRecreate))
	}
	return out
}

func shape(event string, s edgeagent.State, fact string) Outlook {
	o := Outlook{Event: event, Fact: fact}
	if s.Agent != nil {
		o.Agent = environment(s.Agent.Env, "unset: Amqp, then AmqpWs")
	}
	if s.Hub != nil {
		o.Hub = environment(s.Hub.Env, "unset: Amqp over TCP alone")
	}
	return o
}

func environment(e edgeagent.Env, unset string) *Environment {
	out := &Environment{Protocol: unset, Proxy: "none"}
	if p, ok := e.Protocol(); ok {
		out.Protocol = p.RuntimeName()
	}
	if p, ok := e.Lookup(edgeagent.VarProxy); ok && p != "" {
		out.Proxy = proxyurl.Mask(p)
	}
	return out
}
