package gather

import (
	"encoding/json"
	"maps"
	"path"
	"slices"
	"strings"

	"edgenet/internal/engine"
	"edgenet/internal/ready"
)

// agentText is what is looked at of edgeAgent's desired properties.
type agentText struct {
	System  map[string]moduleText `json:"systemModules"`
	Modules map[string]moduleText `json:"modules"`
}

// moduleText is what is looked at of a module in a manifest.
type moduleText struct {
	Settings map[string]json.RawMessage `json:"settings"`
	Env      map[string]struct {
		Value any `json:"value"`
	} `json:"env"`
}

// planned takes the containers from the deployment where the engine's cannot be seen: what
// is going to run is judged by the same rules.
func (g *gatherer) planned() {
	f := g.facts
	if f.Containers.Known() {
		return
	}
	var in agentText
	if json.Unmarshal(desired(g.Deployment, "$edgeAgent"), &in) != nil {
		return
	}
	out := []ready.Container{}
	for _, list := range []map[string]moduleText{in.System, in.Modules} {
		for _, name := range slices.Sorted(maps.Keys(list)) {
			if len(out) < maxPlanned {
				out = append(out, g.plan(name, list[name]))
			}
		}
	}
	f.Containers = ready.Seen(out, g.DeploymentFile)
	for _, c := range out {
		switch c.Name {
		case "edgeAgent":
			f.Runtime.Agent = ready.Seen(c.Image, g.DeploymentFile)
		case "edgeHub":
			f.Runtime.Hub = ready.Seen(c.Image, g.DeploymentFile)
		}
	}
}

// maxPlanned bounds a deployment; the hub takes fifty modules.
const maxPlanned = 200

// plan is the container that a module is going to be.
func (g *gatherer) plan(name string, m moduleText) ready.Container {
	var in engine.Inspected
	options := createOptions(m.Settings)
	// One that cannot be read says nothing here: lint says what is wrong with it.
	var top struct {
		Env        []string
		User       string
		HostConfig json.RawMessage
	}
	_ = json.Unmarshal([]byte(options), &top)
	_ = json.Unmarshal(top.HostConfig, &in.HostConfig)
	in.Name, in.Config.User = name, top.User
	_ = json.Unmarshal(m.Settings["image"], &in.Config.Image)
	for k, v := range m.Env {
		if s, ok := v.Value.(string); ok {
			in.Config.Env = append(in.Config.Env, k+"="+s)
		}
	}
	in.Config.Env = append(in.Config.Env, top.Env...) // these win
	c := g.container(in)
	c.Planned, c.State = true, ""
	c.Mounts = append(c.Mounts, plannedMounts(top.HostConfig)...)
	return c
}

// plannedMounts reads Binds and Mounts of createOptions.
func plannedMounts(host json.RawMessage) []ready.Mount {
	var h struct {
		Binds  []string
		Mounts []struct{ Type, Source, Target string }
	}
	if json.Unmarshal(host, &h) != nil {
		return nil
	}
	var out []ready.Mount
	for _, b := range h.Binds {
		p := strings.Split(b, ":")
		if len(p) < 2 {
			continue
		}
		m := ready.Mount{Type: "volume", Source: p[0], Destination: path.Clean(p[1])}
		if strings.HasPrefix(p[0], "/") {
			m.Type = "bind"
		}
		out = append(out, m)
	}
	for _, x := range h.Mounts {
		out = append(
			out,
			ready.Mount{
				Type:        x.Type,
				Source:      x.Source,
				Destination: path.Clean(x.Target),
				Anonymous:   x.Type == "volume" && x.Source == "",
			},
		)
	}
	return out
}
