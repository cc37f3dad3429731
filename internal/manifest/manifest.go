package manifest

import (
	"errors"
	"fmt"
	"strings"

	"edgenet/internal/edgeagent"
	"edgenet/internal/jsonedit"
	"edgenet/internal/secret"
	"edgenet/report"
)

// Kind is the form of a manifest.
type Kind string

// The kinds.
const (
	Base    Kind = "base"    // {"modulesContent": …}
	Wrapped Kind = "wrapped" // {"content": {"modulesContent": …}}
	Layered Kind = "layered" // keys such as properties.desired.modules.NAME
)

// Manifest is a deployment manifest with the place of everything in its text.
type Manifest struct {
	File       string
	Kind       Kind
	Doc        *jsonedit.Document
	Agent      *Module // nil in layered ones, and where it is missing
	Hub        *Module
	Modules    []*Module  // all others, in the text's order
	Registries []Registry // of runtime.settings.registryCredentials

	path []*jsonedit.Node // down to systemModules
}

// Registry is an entry of registryCredentials.
type Registry struct {
	Address  string
	User     string
	Password secret.Value
}

// Module is one module of a manifest.
type Module struct {
	Name  string
	Image string
	Line  int
	// Vars are its environment variables, those of env first.
	Vars []Var
	// CreateOptions is the text of createOptions with its further parts joined.
	CreateOptions string
	// CreateOptionsError says why createOptions is no JSON; empty means that it is.
	CreateOptionsError string

	path    []*jsonedit.Node // down to the module
	options *optionsText
}

// Var is a variable of a module.
type Var struct {
	Name, Value string
	Line        int
	FromOptions bool // of createOptions.Env, which wins over env

	node *jsonedit.Node // the value: of env in the manifest, of createOptions in its text
}

// Error is a text that is no manifest: where, and what was expected.
type Error struct {
	File     string
	Line     int
	Expected string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d: %s", report.Clean(e.File, 200), e.Line, e.Expected)
}

// Parse reads a manifest. Its errors are *Error.
func Parse(file string, text []byte) (*Manifest, error) {
	doc, err := jsonedit.Parse(text)
	if err != nil {
		var se *jsonedit.SyntaxError
		errors.As(err, &se)
		return nil, &Error{file, se.Line, fmt.Sprintf("not JSON: at column %d expected %s", se.Column, se.Expected)}
	}
	m := &Manifest{File: file, Doc: doc, Kind: Base, path: []*jsonedit.Node{doc.Root}}
	root := doc.Root
	if c := root.Get("content"); c != nil {
		m.Kind = Wrapped
		m.path = append(m.path, c)
		root = c
	}
	content := root.Get("modulesContent")
	if content == nil || content.Kind != jsonedit.Object {
		return nil, &Error{file, 1, `no deployment manifest: expected {"modulesContent": {"$edgeAgent": …}} or the same inside {"content": …}`}
	}
	agent := content.Get("$edgeAgent")
	if agent == nil || agent.Kind != jsonedit.Object {
		return nil, &Error{file, doc.Line(content.Start), `no deployment manifest: expected "$edgeAgent" in modulesContent`}
	}
	m.path = append(m.path, content, agent)
	desired := agent.Get("properties.desired")
	if desired == nil {
		m.Kind = Layered
		m.layered(agent)
		return m, nil
	}
	m.path = append(m.path, desired)
	m.readRegistries(desired)
	return m, m.readModules(desired)
}

func (m *Manifest) readModules(desired *jsonedit.Node) error {
	system := desired.Get("systemModules")
	if system == nil || system.Kind != jsonedit.Object {
		return &Error{m.File, m.Doc.Line(desired.Start), `no deployment manifest: expected "systemModules" in $edgeAgent's properties.desired`}
	}
	path := append(m.path[:len(m.path):len(m.path)], system)
	if n := system.Get("edgeAgent"); n != nil && n.Kind == jsonedit.Object {
		m.Agent = m.module("edgeAgent", path, n)
	}
	if n := system.Get("edgeHub"); n != nil && n.Kind == jsonedit.Object {
		m.Hub = m.module("edgeHub", path, n)
	}
	m.path = path
	if mods := desired.Get("modules"); mods != nil && mods.Kind == jsonedit.Object {
		for _, x := range mods.Members {
			if x.Value.Kind == jsonedit.Object {
				m.Modules = append(m.Modules, m.module(x.Key, append(m.path[:len(m.path)-1:len(m.path)-1], mods), x.Value))
			}
		}
	}
	return nil
}

// layered reads the modules of dotted keys.
func (m *Manifest) layered(agent *jsonedit.Node) {
	for _, x := range agent.Members {
		name, ok := strings.CutPrefix(x.Key, "properties.desired.modules.")
		if ok && !strings.Contains(name, ".") && x.Value.Kind == jsonedit.Object {
			m.Modules = append(m.Modules, m.module(name, m.path, x.Value))
		}
	}
}

func (m *Manifest) readRegistries(desired *jsonedit.Node) {
	creds := desired.Get("runtime", "settings", "registryCredentials")
	if creds == nil {
		return
	}
	for _, c := range creds.Members {
		text := func(key string) string {
			if n := c.Value.Get(key); n != nil && n.Kind == jsonedit.String {
				return n.Text
			}
			return ""
		}
		if a := text("address"); a != "" {
			m.Registries = append(m.Registries, Registry{a, text("username"), secret.New(text("password"))})
		}
	}
}

func (m *Manifest) module(name string, path []*jsonedit.Node, n *jsonedit.Node) *Module {
	x := &Module{Name: name, Line: m.Doc.Line(n.Start), path: append(path[:len(path):len(path)], n)}
	if i := n.Get("settings", "image"); i != nil && i.Kind == jsonedit.String {
		x.Image = i.Text
	}
	if env := n.Get("env"); env != nil && env.Kind == jsonedit.Object {
		for _, v := range env.Members {
			value := v.Value.Get("value")
			if value == nil {
				value = v.Value
			}
			text := value.Text
			x.Vars = append(x.Vars, Var{Name: v.Key, Value: text, Line: m.Doc.Line(v.KeyStart), node: value})
		}
	}
	x.readOptions(m.Doc, n.Get("settings"))
	return x
}

// Spec is the module as the model of the runtime takes it.
func (x *Module) Spec() edgeagent.Spec {
	s := edgeagent.Spec{Image: x.Image, Env: edgeagent.Env{}, CreateEnv: edgeagent.Env{}, CreateOptions: x.CreateOptions}
	for _, v := range x.Vars {
		if v.FromOptions {
			s.CreateEnv[v.Name] = v.Value
		} else {
			s.Env[v.Name] = v.Value
		}
	}
	return s
}

// Deployment is the manifest as the model of the runtime takes it; a module that is
// missing is empty.
func (m *Manifest) Deployment() edgeagent.Deployment {
	var d edgeagent.Deployment
	if m.Agent != nil {
		d.Agent = m.Agent.Spec()
	}
	if m.Hub != nil {
		d.Hub = m.Hub.Spec()
	}
	return d
}

// Find lists the variables of a name in any case.
func (x *Module) Find(name string) []Var {
	var out []Var
	for _, v := range x.Vars {
		if strings.EqualFold(v.Name, name) {
			out = append(out, v)
		}
	}
	return out
}

// Protocol is the UpstreamProtocol that the module's own settings give it; false means
// that they give none.
func (x *Module) Protocol() (report.Protocol, bool) {
	if x == nil {
		return "", false
	}
	return x.Spec().Merged().Protocol()
}
