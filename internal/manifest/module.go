package manifest

import (
	"strings"

	"edgenet/internal/edgeagent"
	"edgenet/internal/jsonedit"
	"edgenet/report"
)

// Module is one module of a manifest.
type Module struct {
	Name  string
	Image string
	Line  int
	// Vars are its environment variables, those of env first.
	Vars []Var
	// CreateOptions is the text of createOptions with its further parts joined.
	CreateOptions string

	key     *jsonedit.Member
	path    []*jsonedit.Node // down to the module
	layered bool             // under a dotted key: what it lacks may come from below
	options *optionsText     // nil where there is no createOptions
}

// Var is a variable of a module.
type Var struct {
	Name, Value string
	Line        int
	FromOptions bool // of createOptions.Env, which wins over env

	at     int            // its place in the manifest
	holder *jsonedit.Node // of env: what stands under the name
	node   *jsonedit.Node // the value: of env in the manifest, of createOptions in its text; nil: there is none
}

func (m *Manifest) module(name string, path []*jsonedit.Node, key *jsonedit.Member) *Module {
	n := key.Value
	x := &Module{Name: name, Line: m.Doc.Line(key.KeyStart), key: key, path: append(path[:len(path):len(path)], n)}
	settings := n.Fold("settings")
	if i := settings.Fold("image"); i != nil && i.Kind == jsonedit.String {
		x.Image = i.Text
	}
	if env := n.Fold("env"); env != nil && env.Kind == jsonedit.Object {
		for _, v := range env.Members {
			x.Vars = append(x.Vars, m.variable(v))
		}
	}
	x.readOptions(m.Doc, settings)
	return x
}

// variable reads NAME: {"value": …}. What stands there without an object is no value to
// the runtime, but tells what was meant.
func (m *Manifest) variable(v jsonedit.Member) Var {
	out := Var{Name: v.Key, Line: m.Doc.Line(v.KeyStart), at: v.KeyStart, holder: v.Value, node: v.Value}
	if v.Value.Kind == jsonedit.Object {
		out.node = v.Value.Fold("value")
	}
	if n := out.node; n != nil && n.Kind != jsonedit.Null {
		out.Value = n.Text
	}
	return out
}

// node is the module's own object.
func (x *Module) node() *jsonedit.Node { return x.path[len(x.path)-1] }

// Spec is the module as the model of the runtime takes it.
func (x *Module) Spec() edgeagent.Spec {
	s := edgeagent.Spec{Image: x.Image, Env: edgeagent.Env{}, CreateEnv: edgeagent.Env{},
		CreateOptions: x.CreateOptions}
	for _, v := range x.Vars {
		if v.FromOptions {
			s.CreateEnv[v.Name] = v.Value
		} else {
			s.Env[v.Name] = v.Value
		}
	}
	return s
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

// pending tells whether a variable holds a placeholder, so that its value is not known.
func (x *Module) pending(name string) bool {
	if x == nil {
		return false
	}
	for _, v := range x.Find(name) {
		if isPlaceholder(v.Value) {
			return true
		}
	}
	return x.options != nil && x.options.doc == nil && isPlaceholder(strings.TrimSpace(x.CreateOptions))
}

// Protocol is the UpstreamProtocol that the module's own settings give it; false means
// that they give none.
func (x *Module) Protocol() (report.Protocol, bool) {
	if x == nil {
		return "", false
	}
	return x.Spec().Merged().Protocol()
}
