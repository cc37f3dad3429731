package device

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"edgenet/internal/infile"
)

// yamlFile is what was read of a YAML file.
type yamlFile struct {
	entries entries
	twice   []entry // keys that stand twice in one table: value is the path, line the later one's
	merges  []int   // the lines of merge keys, which the daemon's parser does not know (yaml-rust)
}

// parseYAML reads a file's values as the daemon of 1.1 does: of a repeated key the last
// counts (yaml-rust), anchors are followed within bounds.
func parseYAML(file string, place Place, text []byte) (out *yamlFile, err error) {
	wrong := func(line int, reason string) error {
		return &SyntaxError{File: file, Line: max(line, 1), Place: place,
			Expected: "YAML (key: value, indented by spaces); " + reason}
	}
	if len(text) > maxConfig {
		return nil, &SyntaxError{File: file, Line: 1, Place: place, Expected: tooLarge}
	}
	if isUTF16(text) { // the parser of the daemon knows UTF-8 alone
		return nil, &SyntaxError{File: file, Line: 1, Place: place, Expected: notUTF16}
	}
	if line, err := infile.BoundYAML(text); err != nil {
		return nil, &SyntaxError{File: file, Line: line, Place: place, Expected: err.Error()}
	}
	defer func() {
		if recover() != nil { // the parser is known to panic on some garbage
			out, err = nil, wrong(1, "this cannot be read")
		}
	}()
	f, err := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		if line, reason := yamlCause(text); line > 0 {
			return nil, wrong(line, reason)
		}
		line := 1
		var ye yaml.Error
		if errors.As(err, &ye) {
			if t := ye.GetToken(); t != nil && t.Position != nil {
				line = t.Position.Line
			}
			return nil, wrong(line, harmless(ye.GetMessage()))
		}
		return nil, wrong(line, "this cannot be read")
	}
	w := &yamlWalk{file: &yamlFile{entries: entries{}}, anchors: map[string]ast.Node{}}
	bodies := 0
	for _, d := range f.Docs {
		if d.Body != nil && d.Body.Type() != ast.CommentType {
			if bodies++; bodies > 1 {
				return nil, wrong(lineOf(d.Body), "a second document begins here, and the daemon refuses more than one")
			}
			w.node("", d.Body, 0)
		}
	}
	if w.nodes > maxYAMLNodes {
		return nil, wrong(1, "it has more than 20,000 values, aliases followed")
	}
	if len(w.file.entries) == 0 && bodies > 0 && !isMapping(f.Docs[0].Body) {
		return nil, wrong(1, "there is no key in it")
	}
	return w.file, nil
}

func isMapping(n ast.Node) bool {
	if n == nil {
		return true
	}
	t := n.Type()
	return t == ast.MappingType || t == ast.MappingValueType || t == ast.NullType || t == ast.CommentType
}

// Bounds of what is looked at: the file has five levels and some hundred values, and an
// alias is how a small file becomes a large one.
const (
	maxYAMLDepth = 50
	maxYAMLNodes = 20_000
)

// yamlWalk goes through a document.
type yamlWalk struct {
	file    *yamlFile
	anchors map[string]ast.Node
	nodes   int
}

func (w *yamlWalk) node(path string, n ast.Node, depth int) {
	if w.nodes++; depth > maxYAMLDepth || w.nodes > maxYAMLNodes {
		return
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		w.mapping(path, n.Values, depth)
	case *ast.MappingValueNode:
		w.mapping(path, []*ast.MappingValueNode{n}, depth)
	case *ast.TagNode:
		w.node(path, n.Value, depth+1)
	case *ast.AnchorNode:
		w.anchors[n.Name.String()] = n.Value
		w.node(path, n.Value, depth+1)
	case *ast.AliasNode:
		if to := w.anchors[n.Value.String()]; to != nil {
			w.node(path, to, depth+1)
		}
	case *ast.SequenceNode:
		w.file.entries[path] = entry{line: lineOf(n), kind: kindList}
		for i, x := range n.Values[:min(len(n.Values), maxItems)] {
			w.node(fmt.Sprintf("%s[%d]", path, i), x, depth+1)
		}
	case *ast.StringNode:
		w.file.entries[path] = entry{n.Value, lineOf(n), kindString}
	case *ast.LiteralNode:
		w.file.entries[path] = entry{n.Value.Value, lineOf(n), kindString}
	case *ast.NullNode:
		w.file.entries[path] = entry{"", lineOf(n), kindNull}
	case ast.ScalarNode:
		if v := n.GetValue(); v != nil {
			w.file.entries[path] = entry{fmt.Sprint(v), lineOf(n), kindNumber}
		}
	}
}

func (w *yamlWalk) mapping(path string, values []*ast.MappingValueNode, depth int) {
	seen := map[string]bool{}
	for _, v := range values {
		if v.Key.IsMergeKey() {
			w.file.merges = append(w.file.merges, lineOf(v.Key))
			continue
		}
		key := join(path, keyText(v.Key))
		if seen[key] {
			w.file.twice = append(w.file.twice, entry{value: key, line: lineOf(v.Key)})
		}
		seen[key] = true
		w.node(key, v.Value, depth+1)
	}
}

func keyText(k ast.MapKeyNode) string {
	if m, ok := k.(*ast.MappingKeyNode); ok { // behind a question mark
		if inner, ok := m.Value.(ast.MapKeyNode); ok {
			k = inner
		}
	}
	if s, ok := k.(ast.ScalarNode); ok {
		return fmt.Sprint(s.GetValue())
	}
	return k.String()
}

func lineOf(n ast.Node) int {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 0
}
