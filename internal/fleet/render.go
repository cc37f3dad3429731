package fleet

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"edgenet/internal/edgeagent"
	"edgenet/internal/manifest"
	"edgenet/internal/secret"
	"edgenet/report"
)

// Rendered is a class's deployment: the template with the class's protocol and proxy for
// both system modules, and for edgenet itself, which is to say whether they work.
type Rendered struct {
	Class   Class
	Content json.RawMessage // modulesContent
	Hash    string          // of the content: what tells one rendering from another
	Modules map[string]ModuleSpec
	Edgenet bool // the template holds edgenet
	URL     string
}

// ID is the deployment's id: the same for the same content.
func (r *Rendered) ID() string { return "edgenet-" + r.Class.Name() + "-" + r.Hash }

// Condition is its target condition. The hash keeps a new content from reaching devices
// of the class that were not moved to it.
func (r *Rendered) Condition() string {
	return "tags.edgenet.class='" + r.Class.Name() + "' AND tags.edgenet.base='" + r.Hash + "'"
}

// Render makes the deployment of a class from a template (F5). It refuses a template that
// lint finds an error in, and a result that no twin holds.
func Render(file string, template []byte, class Class, proxies *Classes) (*Rendered, error) {
	m, err := manifest.Parse(file, template)
	if err != nil {
		return nil, err
	}
	change := manifest.Change{Protocol: class.Protocol}
	r := &Rendered{Class: class}
	if class.Proxy != "" {
		n := proxies.Named(class.Proxy)
		if n == nil {
			return nil, fmt.Errorf("the classes file names no proxy %s", class.Proxy)
		}
		change.Proxy, r.URL = n.Proxy, n.Proxy.URL()
	}
	text, err := m.Set(change)
	if err != nil {
		return nil, err
	}
	if err := linted(file, text); err != nil { // as it is written: a map forgets what stands there twice
		return nil, err
	}
	if r.Content, err = r.finish(text); err != nil {
		return nil, err
	}
	if err := linted(file, wrapped(r.Content)); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(r.Content)
	r.Hash = hex.EncodeToString(sum[:4])
	return r, fits(r.Content)
}

// finish sets what manifest set leaves: no proxy where the class has none, and edgenet's
// own expectation, by which its twin says what is configured.
func (r *Rendered) finish(text []byte) (json.RawMessage, error) {
	root := map[string]any{}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&root); err != nil {
		return nil, err
	}
	if inner, ok := root["content"].(map[string]any); ok {
		root = inner
	}
	content := object(root, "modulesContent")
	desired := object(content, "$edgeAgent", "properties.desired")
	if r.URL == "" {
		for _, name := range []string{"edgeAgent", "edgeHub"} {
			if err := direct(name, object(desired, "systemModules", name)); err != nil {
				return nil, err
			}
		}
	}
	if own := object(desired, "modules", Module); own != nil {
		r.Edgenet = true
		if r.URL != "" { // else it would try its site's proxy no more, and prove nothing by it
			setEnv(own, edgeagent.VarProxy, r.URL)
		}
	}
	if object(content, Module) == nil && r.Edgenet {
		content[Module] = map[string]any{}
	}
	if own := object(content, Module); own != nil {
		if object(own, "properties.desired") == nil {
			own["properties.desired"] = map[string]any{}
		}
		object(own, "properties.desired")["expected"] = r.Class.Protocol.RuntimeName()
	}
	out, err := json.Marshal(content)
	if err != nil {
		return nil, err
	}
	r.Modules = specs(out)
	return out, nil
}

// direct takes the proxy out of a system module, whose class goes without.
func direct(name string, module map[string]any) error {
	env := object(module, "env")
	for k := range env {
		if strings.EqualFold(k, edgeagent.VarProxy) {
			delete(env, k)
		}
	}
	settings := object(module, "settings")
	for k, v := range settings {
		if s, ok := v.(string); ok && strings.HasPrefix(k, "createOptions") && strings.Contains(strings.ToLower(s),
			edgeagent.VarProxy+"=") {
			return fmt.Errorf("createOptions.Env of %s sets https_proxy, and the class goes without a proxy: take "+
				"it out "+
				"of the template's createOptions", name)
		}
	}
	return nil
}

// setEnv sets a module's variable, whatever the case of the one that is there.
func setEnv(module map[string]any, name, value string) {
	env := object(module, "env")
	if env == nil {
		env = map[string]any{}
		module["env"] = env
	}
	for k := range env {
		if strings.EqualFold(k, name) {
			delete(env, k)
		}
	}
	env[name] = map[string]any{"value": value}
}

// object follows keys through objects, nil where there is none.
func object(m map[string]any, keys ...string) map[string]any {
	for _, k := range keys {
		next, ok := m[k].(map[string]any)
		if !ok {
			return nil
		}
		m = next
	}
	return m
}

// wrapped is a content as a manifest.
func wrapped(content []byte) []byte {
	return append(append([]byte(`{"modulesContent":`), content...), '}')
}

// linted refuses what lint finds an error in.
func linted(file string, text []byte) error {
	m, err := manifest.Parse(file, text)
	if err != nil {
		return err
	}
	for _, p := range manifest.Lint(m) {
		if p.Severity == report.SeverityError {
			where := p.Module
			if where != "" {
				where += ": "
			}
			return fmt.Errorf("manifest lint refuses it: %s (%s%s). %s", p.Rule, where, p.Summary, p.Remedy)
		}
	}
	return nil
}

// The limits of twins (Azure documentation, "Understand and use device twins").
const (
	maxDesired = 32 << 10
	maxValue   = 4 << 10
)

// fits refuses what a twin cannot hold.
func fits(content []byte) error {
	var modules map[string]map[string]json.RawMessage
	if err := json.Unmarshal(content, &modules); err != nil {
		return errors.New("modulesContent is no object of modules")
	}
	for _, name := range sortedKeys(modules) {
		size := 0
		for key, section := range modules[name] {
			size += len(key) + len(section)
			if long := longest(section, "createOptions"); long > maxValue {
				return fmt.Errorf("a value in %s has %d bytes: a twin holds %d", secret.Name(name, 60), long, maxValue)
			}
		}
		if size > maxDesired {
			return fmt.Errorf("the desired properties of %s have %d bytes: a twin holds %d. Fewer modules, or shorter "+
				"createOptions", secret.Name(name, 60), size, maxDesired)
		}
	}
	return nil
}

// longest is the length of the longest string, but for those of keys that the hub splits.
func longest(raw json.RawMessage, but string) int {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return 0
	}
	var walk func(key string, v any) int
	walk = func(key string, v any) int {
		n := 0
		switch v := v.(type) {
		case string:
			if !strings.HasPrefix(key, but) {
				n = len(v)
			}
		case map[string]any:
			for k, x := range v {
				n = max(n, walk(k, x))
			}
		case []any:
			for _, x := range v {
				n = max(n, walk(key, x))
			}
		}
		return n
	}
	return walk("", v)
}

// specs reads the modules of a deployment's content.
func specs(content []byte) map[string]ModuleSpec {
	var c struct {
		Agent struct {
			Desired json.RawMessage `json:"properties.desired"`
		} `json:"$edgeAgent"`
	}
	_ = json.Unmarshal(content, &c) // it was written here, or is no base deployment
	return ParseRunning(c.Agent.Desired, nil).Modules
}

// Layered lists the modules that a layered deployment brings; layered tells whether it is
// one.
func Layered(content []byte) (modules []string, layered bool) {
	var c struct {
		Agent map[string]json.RawMessage `json:"$edgeAgent"`
	}
	_ = json.Unmarshal(content, &c) // what cannot be read brings nothing
	if _, base := c.Agent["properties.desired"]; base {
		return nil, false
	}
	for key := range c.Agent {
		if name, ok := strings.CutPrefix(key, "properties.desired.modules."); ok && !strings.Contains(name, ".") {
			modules = append(modules, name)
		}
	}
	return modules, true
}
