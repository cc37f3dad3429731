package manifest

import (
	"path"
	"strings"

	"edgenet/internal/edgeagent"
	"edgenet/internal/jsonedit"
	"edgenet/report"
)

// ownName is the name of edgenet's module and of its image.
const ownName = "edgenet"

// maxOwn bounds how many of them are kept in step: a device has one.
const maxOwn = 16

// expectedKey is the module's desired property that repeats the deployment's
// UpstreamProtocol.
const expectedKey = "expected"

// own lists edgenet's own modules: by name, or by the image's.
func (m *Manifest) own() []*Module {
	var out []*Module
	for _, x := range m.Modules {
		image, _, _ := strings.Cut(x.Image, "@")
		name, _, _ := strings.Cut(path.Base(image), ":")
		if (x.Name == ownName || name == ownName) && len(out) < maxOwn {
			out = append(out, x)
		}
	}
	return out
}

// expected is what a module of ours expects, with its place; nil where it says nothing.
func (m *Manifest) expected(x *Module) *jsonedit.Node {
	path := m.properties(x.Name)
	if path == nil {
		return nil
	}
	n := path[len(path)-1].Get(expectedKey)
	if n == nil || n.Kind != jsonedit.String {
		return nil
	}
	return n
}

// setOwn keeps edgenet's own module in step: the proxy that it asks through, and the
// protocol that it holds the device to.
func (m *Manifest) setOwn(c Change) ([]jsonedit.Edit, error) {
	var edits []jsonedit.Edit
	for _, x := range m.own() {
		var vars []variable
		for _, v := range c.variables() {
			if v.name == edgeagent.VarProxy || len(x.Find(v.name)) > 0 { // edgeAgent passes the protocol on by itself
				vars = append(vars, v)
			}
		}
		e, err := x.write(m, vars)
		if err != nil {
			return nil, err
		}
		edits = append(edits, e...)
		n := m.expected(x)
		if n == nil || c.Protocol == "" {
			continue
		}
		if p, err := report.ParseProtocol(n.Text); err != nil || p != c.Protocol {
			edits = append(edits, jsonedit.Replace(n, jsonedit.Value{Str: c.Protocol.RuntimeName()}))
		}
	}
	return edits, nil
}
