package manifest

import (
	"fmt"
	"slices"
	"strings"

	"edgenet/internal/jsonedit"
)

// Kind is the form of a manifest.
type Kind string

// The kinds.
const (
	Base Kind = "base" // {"modulesContent": …}
	// the same inside something else: {"content": …}, IoT Central's deploymentManifest, a template of resources
	Wrapped Kind = "wrapped"
	Bare    Kind = "bare"    // {"$edgeAgent": …} alone, as PowerShell's -ModulesContent takes it
	Twin    Kind = "twin"    // the desired properties of $edgeAgent, as a twin or an export has them
	Layered Kind = "layered" // keys such as properties.desired.modules.NAME
)

// found is a manifest inside a document: the nodes from the root down to what stands for
// modulesContent, or, of a twin, down to the desired properties.
type found struct {
	kind    Kind
	path    []*jsonedit.Node
	content *jsonedit.Node // what holds $edgeAgent, nil in a twin
	key     *jsonedit.Member
}

// maxForms bounds how many places are looked at, and how deep.
const (
	maxForms     = 200_000
	maxFormDepth = 16
)

// search goes through a document for what may be a manifest.
type search struct {
	found []found
	seen  int
}

// locate finds the one manifest of a document. Where there is none, or more than one, the
// error says what was found instead.
func locate(file string, doc *jsonedit.Document) (*found, *Error) {
	s := &search{}
	s.node(doc.Root, nil)
	fail := func(at int, text string) *Error { return newError(file, doc, at, text) }
	switch len(s.found) {
	case 1:
		return &s.found[0], nil
	case 0:
		s.seen = 0
		if n := s.quoted(doc.Root, 0); n != nil {
			return nil, fail(n.Start, "no deployment manifest as JSON: found one inside a string, as "+
				"resource templates, Terraform and Kubernetes hold it: take the text out first (jq -r), "+
				"and put it back afterwards")
		}
		return nil, fail(0, nothing(doc.Root))
	}
	lines := make([]string, 0, 4)
	for _, f := range s.found[:min(len(s.found), 4)] {
		lines = append(lines, fmt.Sprint(doc.Line(f.path[len(f.path)-1].Start)))
	}
	return nil, fail(s.found[1].path[len(s.found[1].path)-1].Start,
		fmt.Sprintf("%d deployment manifests in one file (lines %s): expected one, put each into a file of its own",
			len(s.found), strings.Join(lines, ", ")))
}

// contentKeys are the names of what holds the modules: today's, and that of 2018.
var contentKeys = []string{"modulesContent", "moduleContent"}

func (s *search) node(n *jsonedit.Node, path []*jsonedit.Node) {
	if s.seen++; s.seen > maxForms || len(path) > maxFormDepth {
		return
	}
	path = append(path[:len(path):len(path)], n)
	switch n.Kind {
	case jsonedit.Array:
		for _, i := range n.Items {
			s.node(i, path)
		}
	case jsonedit.Object:
		if s.here(n, path) {
			return
		}
		for _, m := range n.Members {
			if slices.Contains(contentKeys, m.Key) && n.Member(m.Key).Value != m.Value {
				continue // the key is repeated, and nobody reads this one
			}
			s.node(m.Value, path)
		}
	}
}

// here notes a manifest that begins in an object.
func (s *search) here(n *jsonedit.Node, path []*jsonedit.Node) bool {
	for _, k := range contentKeys {
		m := n.Member(k)
		if m == nil || m.Value.Kind != jsonedit.Object {
			continue
		}
		kind := Base
		if len(path) > 1 {
			kind = Wrapped
		}
		s.found = append(s.found, found{kind, append(path, m.Value), m.Value, m})
		return true
	}
	if a := n.Get("$edgeAgent"); a != nil && a.Kind == jsonedit.Object {
		s.found = append(s.found, found{Bare, path, n, nil})
		return true
	}
	if m := n.Get("systemModules"); m != nil && m.Kind == jsonedit.Object && isDesired(path) {
		s.found = append(s.found, found{Twin, path, nil, nil})
		return true
	}
	return false
}

// quoted finds a text that holds a manifest.
func (s *search) quoted(n *jsonedit.Node, depth int) *jsonedit.Node {
	if s.seen++; s.seen > maxForms || depth > maxFormDepth {
		return nil
	}
	if n.Kind == jsonedit.String && strings.Contains(n.Text, "$edgeAgent") && strings.Contains(n.Text, "{") {
		return n
	}
	for _, i := range n.Items {
		if found := s.quoted(i, depth+1); found != nil {
			return found
		}
	}
	for _, m := range n.Members {
		if found := s.quoted(m.Value, depth+1); found != nil {
			return found
		}
	}
	return nil
}

// isDesired tells desired properties from reported ones, which look alike.
func isDesired(path []*jsonedit.Node) bool {
	n := path[len(path)-1]
	if len(path) < 2 {
		return n.Get("lastDesiredVersion") == nil
	}
	outer := path[len(path)-2]
	for _, m := range outer.Members {
		if m.Value == n {
			return m.Key == "desired" || m.Key == "properties.desired" || m.Key == "modulesContent"
		}
	}
	return false
}

// nothing says what a document is that holds no manifest.
func nothing(root *jsonedit.Node) string {
	const want = `expected {"modulesContent": {"$edgeAgent": …}}, also inside {"content": …} or another document`
	switch {
	case root.Kind != jsonedit.Object && root.Kind != jsonedit.Array:
		return "no deployment manifest: " + want + "; found " + root.Kind.String()
	case root.Fold("modulesContent") != nil || root.Fold("moduleContent") != nil:
		m := root.FoldMember("modulesContent")
		if m == nil {
			m = root.FoldMember("moduleContent")
		}
		if m.Key == "modulesContent" || m.Key == "moduleContent" {
			return "no deployment manifest: expected " + m.Key + " to be an object; found " + m.Value.Kind.String()
		}
		return "no deployment manifest: expected the key modulesContent in this spelling"
	case root.Get("capabilityModel") != nil || root.Get("@context") != nil:
		return "no deployment manifest: found a device template of IoT Central; " + want
	case root.Get("routes") != nil:
		return "no deployment manifest: found the desired properties of $edgeHub alone; " + want
	case root.Kind == jsonedit.Array && len(root.Items) == 0, root.Kind == jsonedit.Object && len(root.Members) == 0:
		return "no deployment manifest: " + want + "; found nothing in it"
	}
	return "no deployment manifest: " + want
}

// desired finds the desired properties of $edgeAgent: under the key properties.desired,
// or, as twins have it, under two keys.
func desired(agent *jsonedit.Node) (path []*jsonedit.Node, nested bool) {
	if d := agent.Get("properties.desired"); d != nil && d.Kind == jsonedit.Object {
		return []*jsonedit.Node{d}, false
	}
	p := agent.Get("properties")
	if d := agent.Get("properties", "desired"); d != nil && d.Kind == jsonedit.Object {
		return []*jsonedit.Node{p, d}, true
	}
	return nil, false
}
