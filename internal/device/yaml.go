package device

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"edgenet/internal/infile"
)

// parseYAML reads a file's scalars. Aliases are not followed: none is needed, and
// following them is how a small file becomes a large one.
func parseYAML(file string, place Place, text []byte) (out entries, err error) {
	wrong := func(line int, reason string) error {
		return &SyntaxError{File: file, Line: max(line, 1), Place: place, Expected: "YAML (key: value, indented by spaces); " + harmless(reason)}
	}
	if len(text) > maxConfig {
		return nil, &SyntaxError{File: file, Line: 1, Place: place, Expected: tooLarge}
	}
	if line, err := infile.BoundYAML(text); err != nil {
		return nil, &SyntaxError{File: file, Line: line, Place: place, Expected: err.Error()}
	}
	defer func() {
		if recover() != nil { // the parser is known to panic on some garbage
			out, err = nil, wrong(1, "this cannot be read")
		}
	}()
	f, err := parser.ParseBytes(text, 0)
	if err != nil {
		line := 1
		var ye yaml.Error
		if errors.As(err, &ye) {
			if t := ye.GetToken(); t != nil && t.Position != nil {
				line = t.Position.Line
			}
			return nil, wrong(line, ye.GetMessage())
		}
		return nil, wrong(line, "this cannot be read")
	}
	out = entries{}
	for _, d := range f.Docs {
		if d.Body != nil {
			yamlEntries(out, "", d.Body, 0)
		}
	}
	if len(out) == 0 && len(f.Docs) > 0 && f.Docs[0].Body != nil && f.Docs[0].Body.Type() != ast.MappingType && f.Docs[0].Body.Type() != ast.MappingValueType && f.Docs[0].Body.Type() != ast.NullType && f.Docs[0].Body.Type() != ast.CommentType {
		return nil, wrong(1, "there is no key in it")
	}
	return out, nil
}

// maxYAMLDepth bounds the nesting that is looked at; the file has five levels.
const maxYAMLDepth = 50

func yamlEntries(out entries, prefix string, n ast.Node, depth int) {
	if depth > maxYAMLDepth {
		return
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		for _, v := range n.Values {
			yamlEntries(out, prefix, v, depth+1)
		}
	case *ast.MappingValueNode:
		yamlEntries(out, join(prefix, keyText(n.Key)), n.Value, depth+1)
	case *ast.TagNode:
		yamlEntries(out, prefix, n.Value, depth+1)
	case *ast.AnchorNode:
		yamlEntries(out, prefix, n.Value, depth+1)
	case *ast.StringNode:
		out[prefix] = entry{n.Value, lineOf(n)}
	case *ast.LiteralNode:
		out[prefix] = entry{n.Value.Value, lineOf(n)}
	case ast.ScalarNode:
		if v := n.GetValue(); v != nil {
			out[prefix] = entry{fmt.Sprint(v), lineOf(n)}
		}
	}
}

func keyText(k ast.MapKeyNode) string {
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
