package fleet

import (
	"encoding/json"
	"strings"

	"edgenet/internal/edgeagent"
	"edgenet/internal/secret"
	"edgenet/report"
)

// Device is what is known of one device when it is judged.
type Device struct {
	ID      string
	Report  *Report  // nil: its module never said anything
	Site    string   // its value of the site's tag
	Class   string   // that its tags give it
	Proxies []string // desired property proxies of its module
	Running *Running // nil: not looked at
}

// Running is what edgeAgent's twin says of the device: what it was given, and runs.
type Running struct {
	Protocol report.Protocol // of edgeHub; empty: not set
	Proxy    string          // https_proxy of edgeHub; empty: none
	Module   string          // https_proxy of the module edgenet
	Differ   bool            // edgeAgent and edgeHub are given different ways
	Known    bool            // the twin says what edgeHub was given
	Modules  map[string]ModuleSpec
	Code     int    // lastDesiredStatus
	Says     string // its description
	Current  bool   // what it was told last is what it acted on last
}

// ModuleSpec is what decides whether a container is made anew.
type ModuleSpec struct {
	Image, Options, Version, Status, Type string
	Env                                   string // canonical
}

// rawModule is a module in a manifest or in edgeAgent's twin.
type rawModule struct {
	Type     string                     `json:"type"`
	Version  string                     `json:"version"`
	Status   string                     `json:"status"`
	Settings map[string]json.RawMessage `json:"settings"`
	Env      map[string]struct {
		Value any `json:"value"`
	} `json:"env"`
}

func (m *rawModule) env(name string) string {
	for k, v := range m.Env {
		if s, ok := v.Value.(string); ok && strings.EqualFold(k, name) {
			return s
		}
	}
	return ""
}

func (m *rawModule) spec() ModuleSpec {
	env, _ := json.Marshal(m.Env) // maps are written in the order of their keys
	if len(m.Env) == 0 {
		env = nil
	}
	s := ModuleSpec{Version: m.Version, Status: m.Status, Type: m.Type, Env: string(env)}
	s.Image = scalar(m.Settings["image"])
	for i := range 100 {
		part, ok := m.Settings[optionsKey(i)]
		if !ok {
			break
		}
		s.Options += scalar(part)
	}
	if s.Options = strings.TrimSpace(s.Options); s.Options == "{}" {
		s.Options = ""
	}
	return s
}

func optionsKey(i int) string {
	const digits = "0123456789"
	if i == 0 {
		return "createOptions"
	}
	return "createOptions" + digits[i/10:i/10+1] + digits[i%10:i%10+1]
}

// agentSection is desired or reported of edgeAgent.
type agentSection struct {
	Version       json.Number           `json:"$version"`
	LastVersion   json.Number           `json:"lastDesiredVersion"`
	SystemModules map[string]*rawModule `json:"systemModules"`
	Modules       map[string]*rawModule `json:"modules"`
	LastStatus    *struct {
		Code        int    `json:"code"`
		Description string `json:"description"`
	} `json:"lastDesiredStatus"`
}

// ParseRunning reads edgeAgent's twin: what was desired of it, and what it reports.
func ParseRunning(desired, reported []byte) *Running {
	var want, have agentSection
	_ = json.Unmarshal(desired, &want)  // what cannot be read stays unknown
	_ = json.Unmarshal(reported, &have) // likewise
	r := &Running{Modules: map[string]ModuleSpec{}}
	for _, list := range []map[string]*rawModule{want.SystemModules, want.Modules} {
		for name, m := range list {
			if m != nil {
				r.Modules[name] = m.spec()
			}
		}
	}
	agent, hub := pick(have, want, "edgeAgent"), pick(have, want, "edgeHub")
	if hub != nil {
		r.Known = true
		r.Protocol, _ = edgeagent.ParseUpstream(hub.env(edgeagent.VarProtocol))
		r.Proxy = hub.env(edgeagent.VarProxy)
	}
	if hub != nil && agent != nil {
		p, _ := edgeagent.ParseUpstream(agent.env(edgeagent.VarProtocol))
		r.Differ = p != r.Protocol && p != "" && r.Protocol != ""
		if r.Protocol == "" {
			r.Protocol = p // edgeHub inherits it when it is made
		}
	}
	if m := pick(have, want, Module); m != nil {
		r.Module = m.env(edgeagent.VarProxy)
	}
	if have.LastStatus != nil {
		r.Code, r.Says = have.LastStatus.Code, report.Clean(secret.Within(have.LastStatus.Description), 200)
	}
	r.Current = want.Version != "" && want.Version == have.LastVersion || want.Version == "" && have.LastVersion == ""
	return r
}

// pick finds a module as it is reported; where no environment is, as it is desired.
func pick(have, want agentSection, name string) *rawModule {
	for _, s := range []agentSection{have, want} {
		for _, list := range []map[string]*rawModule{s.SystemModules, s.Modules} {
			if m := list[name]; m != nil && m.Env != nil {
				return m
			}
		}
	}
	if m := want.SystemModules[name]; m != nil {
		return m
	}
	return want.Modules[name]
}

// DesiredProxies reads the desired property of that name.
func DesiredProxies(desired []byte) []string {
	var d struct {
		Proxies []string `json:"proxies"`
	}
	_ = json.Unmarshal(desired, &d) // what cannot be read names no proxy
	return d.Proxies
}
