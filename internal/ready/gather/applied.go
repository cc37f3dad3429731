package gather

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"edgenet/internal/ready"
	"edgenet/internal/sorting"
)

// same are settings of config.toml and where apply writes them: a scalar, or a table whose
// scalars are written as they are.
var same = []struct{ super, service, made string }{
	{"hostname", "identityd", "hostname"}, {"hostname", "edged", "hostname"},
	// Seen with iotedge config apply 1.5.21 and 1.6.0; aziot-edged gets it from the identity service.
	{"parent_hostname", "identityd", "provisioning.local_gateway_hostname"},
	{"local_gateway_hostname", "identityd", "provisioning.local_gateway_hostname"},
	{"cloud_timeout_sec", "identityd", "cloud_timeout_sec"},
	{"provisioning.source", "identityd", "provisioning.source"},
	{"provisioning.iothub_hostname", "identityd", "provisioning.iothub_hostname"},
	{"provisioning.device_id", "identityd", "provisioning.device_id"},
	{"provisioning.global_endpoint", "identityd", "provisioning.global_endpoint"},
	{"provisioning.id_scope", "identityd", "provisioning.scope_id"},
	{"auto_reprovisioning_mode", "edged", "auto_reprovisioning_mode"},
	{"allow_elevated_docker_permissions", "edged", "allow_elevated_docker_permissions"},
	{"moby_runtime.uri", "edged", "moby_runtime.uri"},
	{"agent.config.image", "edged", "agent.config.image"},
	{"agent.env", "edged", "agent.env"},
}

// applied compares config.toml with what was made of it, by content.
func (g *gatherer) applied() {
	s := g.config
	if s.super.err != nil {
		if g.facts.Config.Present && !g.device.Old && !isMissing(s.super.err) {
			g.facts.Config.Applied = ready.Unseen[ready.Applied](s.super.path, s.super.needs())
		}
		return
	}
	a := ready.Applied{}
	super := flat(s.super.all)
	for _, name := range services {
		t := s.made[name]
		switch {
		case errors.Is(t.err, fs.ErrNotExist) && name != "tpmd":
			a.Missing = append(a.Missing, name)
		case t.err != nil && name != "tpmd" && !errors.Is(t.err, fs.ErrNotExist):
			g.facts.Config.Applied = ready.Unseen[ready.Applied](t.path, t.needs())
			return
		case t.err == nil:
			made := flat(t.all)
			for _, x := range same {
				if key, differs := differ(super, made, x.super, x.made); x.service == name && differs {
					a.Newer = append(a.Newer, fmt.Sprintf("%s (%s)", key, s.super.at(key)))
				}
			}
		}
	}
	for _, d := range s.drops {
		a.Overrides = append(a.Overrides, d.file+" "+d.key)
	}
	slices.Sort(a.Newer)
	a.Newer = slices.Compact(a.Newer)
	g.facts.Config.Applied = ready.Seen(a, s.super.path)
}

// differ tells which key of config.toml says something else than what was made of it. What
// config.toml leaves out has a default, which is no difference; but for a table that is
// copied as it is.
func differ(super, made map[string]string, from, to string) (string, bool) {
	if v, ok := super[from]; ok { // a URL is written with a slash at its end
		return from, strings.TrimSuffix(made[to], "/") != strings.TrimSuffix(v, "/")
	}
	for k, v := range super {
		if rest, ok := strings.CutPrefix(k, from+"."); ok && made[to+"."+rest] != v {
			return k, true
		}
	}
	if from != "agent.env" {
		return "", false
	}
	for k := range made {
		if rest, ok := strings.CutPrefix(k, to+"."); ok && super[from+"."+rest] == "" {
			return from, true
		}
	}
	return "", false
}

// agentEnv compares the environment of an edgeAgent that the daemon made, and no
// deployment, with config.toml.
func (g *gatherer) agentEnv() {
	c := g.facts.Containers
	t := g.config.super
	if !c.Known() || t.err != nil {
		if c.Looked() && !c.Known() {
			g.facts.Config.AgentEnv = not[[]ready.EnvDifference](c.Source, c.Needs, c.Left)
		}
		return
	}
	box, ok := g.agentFromConfig()
	if !ok {
		return
	}
	diff := []ready.EnvDifference{}
	for k, v := range flat(t.all) {
		if name, ok := strings.CutPrefix(k, "agent.env."); ok {
			if got, set := lookup(box, name); !set || got != v {
				diff = append(diff, ready.EnvDifference{Name: name})
			}
		}
	}
	sorting.By(diff, func(a, b ready.EnvDifference) int { return strings.Compare(a.Name, b.Name) })
	g.facts.Config.AgentEnv = ready.Seen(diff, c.Source)
}

func lookup(env []string, name string) (string, bool) {
	for _, kv := range slices.Backward(env) {
		if k, v, _ := strings.Cut(kv, "="); strings.EqualFold(k, name) {
			return v, true
		}
	}
	return "", false
}
