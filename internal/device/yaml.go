package device

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v4"
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
	defer func() {
		if recover() != nil { // a fault of the parser's costs the file, not the program
			out, err = nil, wrong(1, "this cannot be read")
		}
	}()
	docs, err := yamlDocs(text)
	if err != nil {
		if line, reason := yamlCause(text); line > 0 {
			return nil, wrong(line, reason)
		}
		line, reason := yamlFault(err)
		return nil, wrong(line, reason)
	}
	if len(docs) > 1 {
		return nil, wrong(docs[1].Line, "a second document begins here, and the daemon refuses more than one")
	}
	w := &yamlWalk{file: &yamlFile{entries: entries{}}}
	for _, d := range docs {
		w.node("", d, 0)
	}
	if w.nodes > maxYAMLNodes {
		return nil, wrong(1, "it has more than 20,000 values, aliases followed")
	}
	if len(w.file.entries) == 0 && len(docs) > 0 && docs[0].Kind != yaml.MappingNode && docs[0].Tag != "!!null" {
		return nil, wrong(1, "there is no key in it")
	}
	return w.file, nil
}

// yamlDocs are the contents of the documents in a text, those that hold nothing left out.
func yamlDocs(text []byte) ([]*yaml.Node, error) {
	var out []*yaml.Node
	for r := yaml.NewDecoder(bytes.NewReader(text)); ; {
		var doc yaml.Node
		switch err := r.Decode(&doc); {
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return nil, err
		}
		for _, n := range doc.Content {
			if n.Tag != "!!null" || n.Value != "" {
				out = append(out, n)
			}
		}
	}
}

// yamlFault is where the parser gave up, and why; it tells its faults apart by their words alone.
func yamlFault(err error) (line int, why string) {
	var le *yaml.LoadError
	if !errors.As(err, &le) {
		return 1, "this cannot be read"
	}
	line, said := le.Mark.Line, harmless(le.Message)
	missing, isMissing := strings.CutPrefix(said, "did not find expected ")
	switch {
	case said == "found unexpected end of stream" && le.ContextMark.Line > 0:
		return le.ContextMark.Line, "the text in quotes that begins here has no end"
	case missing == "key":
		return line, "a key is missing here, or the line is indented otherwise than its neighbours"
	case isMissing:
		return line, missing + " is missing here"
	}
	return line, said
}

// Bounds of what is looked at: the file has five levels and some hundred values, and an
// alias is how a small file becomes a large one.
const (
	maxYAMLDepth = 50
	maxYAMLNodes = 20_000
)

// yamlWalk goes through a document.
type yamlWalk struct {
	file  *yamlFile
	nodes int
}

func (w *yamlWalk) node(path string, n *yaml.Node, depth int) {
	if w.nodes++; depth > maxYAMLDepth || w.nodes > maxYAMLNodes {
		return
	}
	switch n.Kind {
	case yaml.MappingNode:
		w.mapping(path, n.Content, depth)
	case yaml.AliasNode:
		w.node(path, n.Alias, depth+1)
	case yaml.SequenceNode:
		w.file.entries[path] = entry{line: n.Line, kind: kindList}
		for i, x := range n.Content[:min(len(n.Content), maxItems)] {
			w.node(fmt.Sprintf("%s[%d]", path, i), x, depth+1)
		}
	case yaml.ScalarNode:
		w.file.entries[path] = scalar(n)
	}
}

func scalar(n *yaml.Node) entry {
	switch n.ShortTag() {
	case "!!null":
		return entry{"", n.Line, kindNull}
	case "!!bool", "!!int", "!!float":
		var v any
		if n.Decode(&v) == nil { // 0x10 is 16
			return entry{fmt.Sprint(v), n.Line, kindNumber}
		}
	}
	return entry{n.Value, n.Line, kindString}
}

// mapping reads keys and values, which stand in turn.
func (w *yamlWalk) mapping(path string, content []*yaml.Node, depth int) {
	seen := map[string]bool{}
	for i := 0; i+1 < len(content); i += 2 {
		k, v := content[i], content[i+1]
		if k.ShortTag() == "!!merge" {
			w.file.merges = append(w.file.merges, k.Line)
			continue
		}
		key := join(path, scalar(k).value)
		if seen[key] {
			w.file.twice = append(w.file.twice, entry{value: key, line: k.Line})
		}
		seen[key] = true
		w.node(key, v, depth+1)
	}
}
