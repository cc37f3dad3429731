package edgeagent

import (
	"maps"
	"strings"

	"edgenet/report"
)

// Env is an environment by the names as written.
type Env map[string]string

// Lookup finds a variable in any case.
func (e Env) Lookup(name string) (string, bool) {
	if v, ok := e[name]; ok {
		return v, true
	}
	for k, v := range e {
		if strings.EqualFold(k, name) {
			return v, true
		}
	}
	return "", false
}

// Protocol is the protocol that a process with this environment would use, as far as it
// is set; false means that the process goes by its own default.
func (e Env) Protocol() (report.Protocol, bool) {
	v, _ := e.Lookup(VarProtocol)
	p, _ := ParseUpstream(v)
	return p, p != ""
}

// Spec describes a system module in a deployment, or edgeAgent in the daemon's
// configuration.
type Spec struct {
	Image         string
	Env           Env
	CreateEnv     Env    // createOptions.Env
	CreateOptions string // as text; empty and {} are the same
}

// Merged is the environment that the daemon gives to the container. See FactCreateEnv.
func (s Spec) Merged() Env {
	out := maps.Clone(s.Env)
	if out == nil {
		out = Env{}
	}
	for k, v := range s.CreateEnv {
		if strings.EqualFold(k, VarProtocol) || strings.EqualFold(k, VarProxy) {
			maps.DeleteFunc(out, func(old, _ string) bool { return strings.EqualFold(old, k) })
		}
		out[k] = v
	}
	return out
}

func (s Spec) equal(o Spec) bool {
	return s.Image == o.Image && maps.Equal(s.Env, o.Env) && maps.Equal(s.CreateEnv, o.CreateEnv) &&
		bare(s.CreateOptions) == bare(o.CreateOptions)
}

func bare(options string) string {
	if o := strings.TrimSpace(options); o != "{}" {
		return o
	}
	return ""
}

// Box is a container: the environment it was created with, and what it was created from.
type Box struct {
	Env       Env
	From      Spec
	Bootstrap bool // created by the daemon: its label claims an empty environment
}

// State is a device. Boxes that do not exist are nil.
type State struct {
	Written Spec // [agent] of config.toml
	Applied Spec // [agent] as the daemon has it
	Agent   *Box
	Hub     *Box
}

// Apply is `iotedge config apply`. See FactCreateOnce.
func (s State) Apply() State {
	s.Applied = s.Written
	return s.Restart()
}

// Restart is a restart of the daemon, of the containers or of the device. See
// FactRestart; a missing edgeAgent is created.
func (s State) Restart() State {
	if s.Agent == nil {
		s.Agent = &Box{Env: s.Applied.Merged(), From: s.Applied, Bootstrap: true}
	}
	return s
}

// RemoveAgent is `docker rm -f edgeAgent`: the daemon makes a new one within a minute.
func (s State) RemoveAgent() State {
	s.Agent = nil
	return s.Restart()
}

// Deployment is what a manifest says of the system modules.
type Deployment struct{ Agent, Hub Spec }

// Deploy is a deployment that reaches the device: edgeAgent sees to itself first, and
// then, as the one it has become, to edgeHub.
func (s State) Deploy(d Deployment) State {
	if s = s.Restart(); s.agentChanges(d.Agent) {
		s.Agent = &Box{Env: d.Agent.Merged(), From: d.Agent}
	}
	if s.Hub == nil || !s.Hub.From.equal(d.Hub) {
		s.Hub = &Box{Env: s.given(d.Hub), From: d.Hub}
	}
	return s
}

// agentChanges tells whether edgeAgent re-creates itself. See FactEmptyLabel.
func (s State) agentChanges(want Spec) bool {
	if !s.Agent.Bootstrap {
		return !s.Agent.From.equal(want)
	}
	return len(want.Env) > 0 || len(want.CreateEnv) > 0 ||
		bare(want.CreateOptions) != bare(s.Agent.From.CreateOptions) || want.Image != s.Agent.From.Image
}

// given is the environment of a module that edgeAgent creates. See FactInherit and
// FactNoProxy. The test looks at env alone, the merge comes after it.
func (s State) given(module Spec) Env {
	env := maps.Clone(module.Env)
	if env == nil {
		env = Env{}
	}
	if _, has := env.Lookup(VarProtocol); !has {
		if p, ok := s.Agent.Env.Protocol(); ok {
			env[VarProtocol] = p.RuntimeName()
		}
	}
	module.Env = env
	return module.Merged()
}
