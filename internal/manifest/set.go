package manifest

import (
	"fmt"
	"strings"

	"edgenet/internal/edgeagent"
	"edgenet/internal/jsonedit"
	"edgenet/internal/proxyurl"
	"edgenet/internal/secret"
	"edgenet/report"
)

// LayeredError refuses a layered manifest.
type LayeredError struct{ File string }

func (e *LayeredError) Error() string {
	return fmt.Sprintf("%s: a layered deployment cannot hold system modules: set protocol and proxy in the base deployment below it, or for this device alone (az iot edge set-modules)", report.Clean(e.File, 200))
}

// Change is what Set is to write for edgeAgent and edgeHub.
type Change struct {
	Protocol report.Protocol // empty leaves it
	Proxy    *proxyurl.Proxy // nil leaves it
}

// Set gives the manifest's text with the change made for both system modules. Every
// other byte stays. Where createOptions.Env sets the same variable, that is changed as
// well, as it would win.
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
			return nil, &Error{m.File, m.Doc.Line(m.path[len(m.path)-1].Start), fmt.Sprintf("expected %q in systemModules: a base deployment names both system modules", x.name)}
		}
		e, err := x.module.set(m, c)
		if err != nil {
			return nil, err
		}
		edits = append(edits, e...)
	}
	return m.Doc.Apply(edits)
}

// variable is a name and the value that it gets.
type variable struct {
	name  string
	value string
}

func (c Change) variables() []variable {
	var out []variable
	if c.Protocol != "" {
		out = append(out, variable{edgeagent.VarProtocol, c.Protocol.RuntimeName()})
	}
	if c.Proxy != nil {
		out = append(out, variable{edgeagent.VarProxy, c.Proxy.URL()})
	}
	return out
}

func (x *Module) set(m *Manifest, c Change) ([]jsonedit.Edit, error) {
	var edits []jsonedit.Edit
	var add []jsonedit.Pair
	for _, v := range c.variables() {
		found := false
		for _, old := range x.Find(v.name) {
			found = found || !old.FromOptions
			e, err := x.replace(m, old, v.value)
			if err != nil {
				return nil, err
			}
			if e != nil {
				edits = append(edits, *e)
			}
		}
		if !found {
			add = append(add, jsonedit.Pair{Key: v.name, Value: jsonedit.Value{Pairs: []jsonedit.Pair{{Key: "value", Value: jsonedit.Value{Str: v.value}}}}})
		}
	}
	if len(add) == 0 {
		return edits, nil
	}
	module := x.path[len(x.path)-1]
	env := module.Get("env")
	switch {
	case env == nil:
		edits = append(edits, m.Doc.Add(x.path, jsonedit.Pair{Key: "env", Value: jsonedit.Value{Pairs: add}}))
	case env.Kind != jsonedit.Object:
		return nil, &Error{m.File, m.Doc.Line(env.Start), fmt.Sprintf("expected %s's env to be an object", x.Name)}
	default:
		edits = append(edits, m.Doc.Add(append(x.path[:len(x.path):len(x.path)], env), add...))
	}
	return edits, nil
}

// replace changes a variable that is there, nil where it has the value already.
func (x *Module) replace(m *Manifest, old Var, value string) (*jsonedit.Edit, error) {
	if old.Value == value && (old.FromOptions || old.node.Kind == jsonedit.String) {
		return nil, nil
	}
	if !old.FromOptions {
		if old.node.Kind == jsonedit.Object || old.node.Kind == jsonedit.Array {
			return nil, &Error{m.File, old.Line, fmt.Sprintf("expected %s of %s to be {\"value\": …}", report.Clean(old.Name, 60), x.Name)}
		}
		e := jsonedit.Replace(old.node, jsonedit.Value{Str: value})
		return &e, nil
	}
	e, err := x.options.replace(old.node, old.Name+"="+value)
	if err != nil {
		return nil, &Error{m.File, old.Line, fmt.Sprintf("%s of %s: %s: write createOptions.Env without it", report.Clean(old.Name, 60), x.Name, err)}
	}
	return &e, nil
}

// Masked is the manifest's text with everything secret masked, for a difference that
// people paste somewhere: passwords of registries and proxies, keys. Lines stay lines.
func Masked(text []byte) []byte {
	doc, err := jsonedit.Parse(text)
	if err != nil {
		return nil
	}
	var edits []jsonedit.Edit
	mask(doc.Root, "", &edits)
	out, err := doc.Apply(edits)
	if err != nil {
		return nil
	}
	return out
}

func mask(n *jsonedit.Node, key string, edits *[]jsonedit.Edit) {
	switch n.Kind {
	case jsonedit.Object:
		for _, m := range n.Members {
			if shown := secret.Path(m.Key); shown != m.Key {
				*edits = append(*edits, jsonedit.Edit{Start: m.KeyStart, End: m.KeyEnd, Text: jsonedit.Quote(shown)})
			}
			under := m.Key
			if strings.EqualFold(under, "value") && key != "" { // of a variable, whose name says what it is
				under = key
			}
			mask(m.Value, under, edits)
		}
	case jsonedit.Array:
		for _, i := range n.Items {
			mask(i, key, edits)
		}
	case jsonedit.String:
		if shown := MaskText(key, n.Text); shown != n.Text {
			*edits = append(*edits, jsonedit.Replace(n, jsonedit.Value{Str: shown}))
		}
	}
}

// secretNames are parts of keys whose values are nobody's business.
var secretNames = []string{"password", "secret", "accesskey", "token", "sas", "connectionstring", "apikey", "credential"}

// MaskText gives what may be shown of a text that stands under a key.
func MaskText(key, text string) string {
	k := strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(key))
	for _, s := range secretNames {
		if strings.Contains(k, s) && text != "" {
			return secret.Mask
		}
	}
	if strings.Contains(text, "SharedAccess") || strings.Contains(text, "AccountKey=") {
		return secret.Mask
	}
	if strings.Contains(k, "proxy") {
		if len(secret.Hidden(text)) > 0 {
			return proxyurl.Mask(text)
		}
		return text
	}
	return secret.Within(text)
}
