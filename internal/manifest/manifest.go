package manifest

import (
	"errors"
	"fmt"
	"strings"

	"edgenet/internal/edgeagent"
	"edgenet/internal/jsonedit"
	"edgenet/internal/placeholder"
	"edgenet/internal/secret"
)

// Manifest is a deployment manifest with the place of everything in its text.
type Manifest struct {
	File       string
	Kind       Kind
	Doc        *jsonedit.Document // of the text as UTF-8
	Agent      *Module            // nil in layered ones, and where it is missing
	Hub        *Module
	Modules    []*Module  // all others, in the text's order
	Registries []Registry // of runtime.settings.registryCredentials

	encoding encoding
	form     *found
	nested   bool             // desired properties under two keys
	path     []*jsonedit.Node // down to systemModules, or as far as there is one
	desired  *jsonedit.Node   // the desired properties of $edgeAgent; nil in layered ones
	agent    *jsonedit.Node   // $edgeAgent; nil in a twin
}

// Registry is an entry of registryCredentials.
type Registry struct {
	Address  string
	User     string
	Password secret.Value
}

// Error is a text that is no manifest: where, and what was expected.
type Error struct {
	File         string
	Line, Column int // from 1; columns count characters
	Expected     string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d: %s", secret.Show(e.File, 200), e.Line, e.Expected)
}

func newError(file string, doc *jsonedit.Document, at int, text string) *Error {
	line, column := doc.Position(at)
	return &Error{file, line, column, text}
}

func (m *Manifest) fail(at int, text string) *Error { return newError(m.File, m.Doc, at, text) }

// Parse reads a manifest. Its errors are *Error.
func Parse(file string, text []byte) (*Manifest, error) {
	plain, enc := decode(text)
	if len(strings.TrimSpace(string(plain))) == 0 {
		return nil, &Error{file, 1, 1, "not JSON: the file is empty"}
	}
	doc, err := jsonedit.Parse(plain)
	if err != nil {
		var se *jsonedit.SyntaxError
		errors.As(err, &se)
		return nil, &Error{file, se.Line, se.Column, fmt.Sprintf("not JSON: at column %d expected %s", se.Column,
			se.Expected)}
	}
	form, bad := locate(file, doc)
	if bad != nil {
		return nil, bad
	}
	m := &Manifest{File: file, Kind: form.kind, Doc: doc, encoding: enc, form: form, path: form.path}
	if bad := m.read(); bad != nil {
		return nil, bad
	}
	return m, nil
}

// read finds the modules.
func (m *Manifest) read() *Error {
	if m.Kind == Twin {
		m.desired = m.path[len(m.path)-1]
	} else {
		m.agent = m.form.content.Get("$edgeAgent")
		if m.agent == nil || m.agent.Kind != jsonedit.Object {
			if !dotted(m.form.content) {
				return m.fail(m.form.content.Start, fmt.Sprintf("no deployment manifest: expected \"$edgeAgent\" in %s",
					m.contentName()))
			}
			m.Kind = Layered
			return nil
		}
		m.path = append(m.path, m.agent)
		path, nested := desired(m.agent)
		if path == nil {
			m.Kind = Layered
			m.layered(m.agent)
			return nil
		}
		m.nested, m.desired = nested, path[len(path)-1]
		m.path = append(m.path, path...)
		m.layered(m.agent)
	}
	m.readRegistries(m.desired)
	m.readModules(m.desired)
	return nil
}

func (m *Manifest) contentName() string {
	if m.form.key != nil {
		return m.form.key.Key
	}
	return "the document"
}

// dotted tells whether some module's section has dotted keys, as layered deployments do.
func dotted(content *jsonedit.Node) bool {
	for _, x := range content.Members {
		for _, y := range x.Value.Members {
			if strings.HasPrefix(y.Key, "properties.desired.") {
				return true
			}
		}
	}
	return false
}

// readModules reads what names both system modules, and the others. Newtonsoft finds the
// members of an object in any case; the modules are keys of a table, and have one.
func (m *Manifest) readModules(desired *jsonedit.Node) {
	outer := m.path
	if system := desired.Fold("systemModules"); system != nil && system.Kind == jsonedit.Object {
		path := append(outer[:len(outer):len(outer)], system)
		m.path = path
		for _, x := range []struct {
			name string
			to   **Module
		}{{"edgeAgent", &m.Agent}, {"edgeHub", &m.Hub}} {
			if n := system.FoldMember(x.name); n != nil && n.Value.Kind == jsonedit.Object {
				*x.to = m.module(x.name, path, n)
			}
		}
	}
	if mods := desired.Fold("modules"); mods != nil && mods.Kind == jsonedit.Object {
		path := append(outer[:len(outer):len(outer)], mods)
		for i := range mods.Members {
			if x := &mods.Members[i]; x.Value.Kind == jsonedit.Object {
				m.Modules = append(m.Modules, m.module(x.Key, path, x))
			}
		}
	}
}

// layered reads the modules of dotted keys.
func (m *Manifest) layered(agent *jsonedit.Node) {
	for i := range agent.Members {
		x := &agent.Members[i]
		name, ok := strings.CutPrefix(x.Key, "properties.desired.modules.")
		if ok && !strings.Contains(name, ".") && x.Value.Kind == jsonedit.Object {
			module := m.module(name, m.path, x)
			module.layered = true
			m.Modules = append(m.Modules, module)
		}
	}
}

func (m *Manifest) readRegistries(desired *jsonedit.Node) {
	creds := desired.Fold("runtime").Fold("settings").Fold("registryCredentials")
	if creds == nil {
		return
	}
	for _, c := range creds.Members {
		text := func(key string) string {
			if n := c.Value.Fold(key); n != nil && n.Kind == jsonedit.String {
				return n.Text
			}
			return ""
		}
		if a := text("address"); a != "" {
			m.Registries = append(m.Registries, Registry{a, text("username"), secret.New(text("password"))})
		}
	}
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

// all lists every module that is there, the system's first.
func (m *Manifest) all() []*Module {
	var out []*Module
	for _, x := range append([]*Module{m.Agent, m.Hub}, m.Modules...) {
		if x != nil {
			out = append(out, x)
		}
	}
	return out
}

// properties finds the desired properties of a module in the manifest, nil where there
// are none: under the key properties.desired, as twins have it, or as a whole.
func (m *Manifest) properties(module string) []*jsonedit.Node {
	if m.form.content == nil {
		return nil
	}
	n := m.form.content.Get(module)
	if n == nil || n.Kind != jsonedit.Object {
		return nil
	}
	path, _ := desired(n)
	if path == nil {
		return nil
	}
	return append(append(m.form.path[:len(m.form.path):len(m.form.path)], n), path...)
}

// isPlaceholder tells of a text that nobody has filled in.
func isPlaceholder(text string) bool { return placeholder.In(text) }
