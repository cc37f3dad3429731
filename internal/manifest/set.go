package manifest

import (
	"fmt"
	"strings"
	"unicode/utf16"

	"edgenet/internal/edgeagent"
	"edgenet/internal/jsonedit"
	"edgenet/internal/proxyurl"
	"edgenet/internal/secret"
	"edgenet/report"
)

// LayeredError refuses a layered manifest.
type LayeredError struct{ File string }

func (e *LayeredError) Error() string {
	return fmt.Sprintf("%s: a layered deployment cannot hold system modules: "+
		"set protocol and proxy in the base deployment below it, or for this device alone (az iot edge set-modules)",
		secret.Show(e.File,
			200))
}

// Change is what Set is to write for edgeAgent and edgeHub.
type Change struct {
	Protocol report.Protocol // empty leaves it
	Proxy    *proxyurl.Proxy // nil leaves it
	NoProxy  bool            // takes the proxy out
}

// maxValue is how long a text of a twin may be for all that read it (Constants.cs,
// TwinValueMaxSize): createOptions is cut into parts of that length, nothing else can be.
const maxValue = 512

// Set gives the manifest's text with the change made for both system modules, and with
// edgenet's own module kept in step. Every other byte stays. Where createOptions.Env sets
// the same variable, that is changed as well, as it would win.
func (m *Manifest) Set(c Change) ([]byte, error) {
	if m.Kind == Layered {
		return nil, &LayeredError{m.File}
	}
	var edits []jsonedit.Edit
	for _, x := range []struct {
		name   string
		module *Module
	}{{"edgeAgent", m.Agent}, {"edgeHub", m.Hub}} {
		if x.module == nil {
			return nil, m.fail(m.path[len(m.path)-1].Start,
				fmt.Sprintf("expected %q in systemModules: a base deployment names both system modules", x.name))
		}
		e, err := x.module.set(m, c)
		if err != nil {
			return nil, err
		}
		edits = append(edits, e...)
	}
	own, err := m.setOwn(c)
	if err != nil {
		return nil, err
	}
	out, err := m.Doc.Apply(append(edits, own...))
	if err != nil {
		return nil, err
	}
	return m.encoding.encode(out), nil
}

// variable is a name and the value that it gets; gone takes it out.
type variable struct {
	name  string
	value string
	gone  bool
}

func (c Change) variables() []variable {
	var out []variable
	if c.Protocol != "" {
		out = append(out, variable{name: edgeagent.VarProtocol, value: c.Protocol.RuntimeName()})
	}
	if c.Proxy != nil {
		out = append(out, variable{name: edgeagent.VarProxy, value: c.Proxy.URL()})
	} else if c.NoProxy {
		out = append(out, variable{name: edgeagent.VarProxy, gone: true})
	}
	return out
}

func (x *Module) set(m *Manifest, c Change) ([]jsonedit.Edit, error) {
	return x.write(m, c.variables())
}

// write makes the edits that give a module's variables their values.
func (x *Module) write(m *Manifest, vars []variable) ([]jsonedit.Edit, error) {
	var edits []jsonedit.Edit
	var add []jsonedit.Pair
	gone := map[string]bool{}
	for _, v := range vars {
		if n := len(utf16.Encode([]rune(v.value))); n > maxValue {
			return nil, m.fail(x.key.KeyStart,
				fmt.Sprintf("the value of %s has %d characters, and a variable of a deployment has at most %d", v.name,
					n, maxValue))
		}
		if v.gone {
			gone[strings.ToLower(v.name)] = true
			continue
		}
		found := false
		for _, old := range x.Find(v.name) {
			if old.FromOptions {
				continue
			}
			found = true
			e, err := x.replace(m, old, v.value)
			if err != nil {
				return nil, err
			}
			edits = append(edits, e...)
		}
		if !found {
			add = append(add, jsonedit.Pair{Key: v.name, Value: valueOf(v.value)})
		}
	}
	options, err := x.writeOptions(m, vars)
	if err != nil {
		return nil, err
	}
	env, err := x.env(m, gone, add)
	return append(append(edits, options...), env...), err
}

// valueOf is {"value": …}.
func valueOf(text string) jsonedit.Value {
	return jsonedit.Value{Pairs: []jsonedit.Pair{{Key: "value", Value: jsonedit.Value{Str: text}}}}
}

// env takes variables out of a module's env, and adds others.
func (x *Module) env(m *Manifest, gone map[string]bool, add []jsonedit.Pair) ([]jsonedit.Edit, error) {
	env := x.node().Fold("env")
	switch {
	case env == nil && len(add) == 0:
		return nil, nil
	case env == nil:
		return []jsonedit.Edit{m.Doc.Add(x.path, jsonedit.Pair{Key: "env", Value: jsonedit.Value{Pairs: add}})}, nil
	case env.Kind == jsonedit.Null && len(add) == 0:
		return nil, nil
	case env.Kind == jsonedit.Null:
		return []jsonedit.Edit{jsonedit.Replace(env, jsonedit.Value{Pairs: add})}, nil
	case env.Kind != jsonedit.Object:
		return nil, m.fail(env.Start, fmt.Sprintf("expected %s's env to be an object", secret.Show(x.Name, 60)))
	}
	left := 0
	for _, v := range env.Members {
		if !gone[strings.ToLower(v.Key)] {
			left++
		}
	}
	if left == 0 && len(env.Members) > 0 && len(add) > 0 { // the new ones take the place of the old
		parts := make([]string, len(add))
		for i, p := range add {
			parts[i] = p.Line()
		}
		return []jsonedit.Edit{{Start: env.Members[0].KeyStart, End: env.Members[len(env.Members)-1].Value.End,
			Text: strings.Join(parts, ", ")}}, nil
	}
	edits := jsonedit.RemoveMembers(env, func(v jsonedit.Member) bool { return gone[strings.ToLower(v.Key)] })
	if len(add) > 0 {
		edits = append(edits, m.Doc.Add(append(x.path[:len(x.path):len(x.path)], env), add...))
	}
	return edits, nil
}

// replace changes a variable of env that is there; no edits where it has the value
// already. One that the runtime cannot read for its form gets the right one.
func (x *Module) replace(m *Manifest, old Var, value string) ([]jsonedit.Edit, error) {
	switch h, n := old.holder, old.node; {
	case h.Kind == jsonedit.Array, n != nil && (n.Kind == jsonedit.Array || n.Kind == jsonedit.Object):
		return nil, m.fail(old.at, fmt.Sprintf("expected %s of %s to be {\"value\": …}", secret.Show(old.Name, 60),
			secret.Show(x.Name, 60)))
	case h.Kind != jsonedit.Object:
		return []jsonedit.Edit{jsonedit.Replace(h, valueOf(value))}, nil
	case n == nil:
		path := append(x.path[:len(x.path):len(x.path)], x.node().Fold("env"), h)
		return []jsonedit.Edit{m.Doc.Add(path, jsonedit.Pair{Key: "value", Value: jsonedit.Value{Str: value}})}, nil
	case n.Kind == jsonedit.String && n.Text == value:
		return nil, nil
	default:
		return []jsonedit.Edit{jsonedit.Replace(n, jsonedit.Value{Str: value})}, nil
	}
}
