package fleet

import (
	"fmt"
	"slices"
	"strings"

	"edgenet/internal/edgeagent"
	"edgenet/internal/lab/twinsql"
)

type object = twinsql.Object

func member(name string, value any) twinsql.Member { return twinsql.Member{Name: name, Value: value} }

// manifest is a deployment's content as edgeAgent reads it. Never changed once it is read.
type manifest struct {
	agent   object // the desired properties of $edgeAgent
	hub     object // of $edgeHub; nil leaves them
	edgenet object // of edgenet; nil leaves them
	system  edgeagent.Deployment
	module  bool   // edgenet is among the modules
	env     string // https_proxy of that module
	spec    string // its specification as text
	keeps   bool   // it has somewhere to keep its state
	code    int    // of lastDesiredStatus
	reason  string
}

// desiredOf finds a module's desired properties in a content.
func desiredOf(content object, module string) (object, bool) {
	m, ok := content.Get(module).(object)
	if !ok {
		return nil, false
	}
	d, ok := m.Get("properties.desired").(object)
	return d, ok
}

// manifest is readManifest, of which the same text gives the same manifest, however many
// devices it is applied to.
func (f *Fleet) manifest(content object) (*manifest, error) {
	key := string(twinsql.Append(nil, content))
	if m := f.read[key]; m != nil {
		return m, nil
	}
	m, err := readManifest(content)
	if err == nil {
		f.read[key] = m
	}
	return m, err
}

// readManifest reads modulesContent. What edgeAgent would refuse gives a manifest that
// says so; an error is what the hub refuses.
func readManifest(content object) (*manifest, error) {
	m := &manifest{code: 200}
	agent, ok := desiredOf(content, "$edgeAgent")
	if !ok {
		return nil, fmt.Errorf("modulesContent has no $edgeAgent with properties.desired")
	}
	m.agent = agent
	m.hub, _ = desiredOf(content, "$edgeHub")
	m.edgenet, _ = desiredOf(content, "edgenet")
	m.judge()
	if m.code != 200 {
		return m, nil
	}
	m.system = edgeagent.Deployment{Agent: specOf(agent, "edgeAgent"), Hub: specOf(agent, "edgeHub")}
	if module, has := twinsql.At(agent, []string{"modules", "edgenet"}).(object); has {
		m.module = text(module.Get("status")) != "stopped"
		m.env, _ = envOf(module).Lookup(edgeagent.VarProxy)
		m.spec = string(twinsql.Append(nil, module.Without("status")))
		options := text(twinsql.At(module, []string{"settings", "createOptions"}))
		m.keeps = strings.Contains(options, `"Binds"`) || strings.Contains(options, `"Mounts"`)
	}
	return m, nil
}

// judge is what edgeAgent says of a configuration, by the codes of DeploymentStatusCode.
func (m *manifest) judge() {
	version := text(m.agent.Get("schemaVersion"))
	_, system := m.agent.Get("systemModules").(object)
	switch {
	case len(m.agent) == 0:
		m.code, m.reason = 417, "Empty configuration"
	case version == "":
		m.code, m.reason = 400, "The configuration has no schemaVersion"
	case !slices.Contains([]string{"1", "1.0", "1.0.0", "1.1", "1.1.0"}, version):
		m.code, m.reason = 412, "The deployment's schema version "+version+" is not supported"
	case !system || len(specOf(m.agent, "edgeHub").Image) == 0 || len(specOf(m.agent, "edgeAgent").Image) == 0:
		m.code, m.reason = 400, "The configuration has no edgeAgent or no edgeHub"
	}
}

func text(v any) string { s, _ := v.(string); return s }

// specOf is a system module as the rules of edgeagent take it.
func specOf(agent object, name string) edgeagent.Spec {
	o, _ := twinsql.At(agent, []string{"systemModules", name}).(object)
	settings, _ := o.Get("settings").(object)
	s := edgeagent.Spec{Image: text(settings.Get("image")), Env: envOf(o),
		CreateOptions: text(settings.Get("createOptions"))}
	for i := 1; i < 100; i++ { // what is too long for one property goes on in others
		s.CreateOptions += text(settings.Get(fmt.Sprintf("createOptions%02d", i)))
	}
	options, err := twinsql.DecodeObject([]byte(s.CreateOptions))
	if err != nil {
		return s
	}
	lines, _ := options.Get("Env").([]any)
	for _, l := range lines {
		if name, value, ok := strings.Cut(text(l), "="); ok {
			if s.CreateEnv == nil {
				s.CreateEnv = edgeagent.Env{}
			}
			s.CreateEnv[name] = value
		}
	}
	return s
}

// envOf is a module's env: a name and {"value": …} each.
func envOf(module object) edgeagent.Env {
	env, _ := module.Get("env").(object)
	if len(env) == 0 {
		return nil
	}
	out := edgeagent.Env{}
	for _, m := range env {
		o, _ := m.Value.(object)
		switch v := o.Get("value").(type) {
		case string:
			out[m.Name] = v
		case float64, bool:
			out[m.Name] = string(twinsql.Append(nil, v))
		}
	}
	return out
}

// layered tells whether a content adds to a base, by dotted names.
func layered(content object) bool {
	for _, m := range content {
		sections, _ := m.Value.(object)
		for _, s := range sections {
			if strings.HasPrefix(s.Name, "properties.desired.") {
				return true
			}
		}
	}
	return false
}

// overlay puts a layer's members onto a base's content.
func overlay(base, layer object) object {
	for _, m := range layer {
		sections, _ := m.Value.(object)
		for _, s := range sections {
			path, ok := strings.CutPrefix(s.Name, "properties.desired")
			if !ok {
				continue
			}
			under, _ := base.Get(m.Name).(object)
			desired, _ := under.Get("properties.desired").(object)
			desired = put(desired, strings.FieldsFunc(path, func(r rune) bool { return r == '.' }), s.Value)
			base = base.Set(m.Name, under.Set("properties.desired", desired))
		}
	}
	return base
}

// put gives a copy of o with the value at the path.
func put(o object, path []string, value any) object {
	if len(path) == 0 {
		if whole, ok := value.(object); ok {
			return whole
		}
		return o
	}
	if len(path) == 1 {
		return o.Set(path[0], value)
	}
	below, _ := o.Get(path[0]).(object)
	return o.Set(path[0], put(below, path[1:], value))
}
