package device

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// entry is a scalar of a configuration file.
type entry struct {
	value string
	line  int
}

// entries are the scalars of a file by their dotted paths, as written.
type entries map[string]entry

// under lists the entries directly below a path, sorted by line.
func (e entries) under(prefix string) []string {
	keys := slices.DeleteFunc(slices.Collect(maps.Keys(e)), func(k string) bool {
		rest, ok := strings.CutPrefix(k, prefix+".")
		return !ok || rest == ""
	})
	slices.SortFunc(keys, func(a, b string) int {
		if d := e[a].line - e[b].line; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return keys
}

// parseTOML reads a file's scalars. The grammar is judged by the decoder, the lines come
// from the parser below it.
func parseTOML(file string, place Place, text []byte) (entries, error) {
	var all map[string]any
	if err := toml.Unmarshal(text, &all); err != nil {
		line, col := 1, 1
		var de *toml.DecodeError
		if errors.As(err, &de) {
			line, col = de.Position()
		}
		return nil, &SyntaxError{File: file, Line: line, Place: place,
			Expected: fmt.Sprintf("TOML (key = \"value\" under [section] headings); at column %d %s", col, harmless(err.Error()))}
	}
	lines := tomlLines(text)
	out := entries{}
	flatten(out, lines, "", all)
	return out, nil
}

func flatten(out entries, lines map[string]int, prefix string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			flatten(out, lines, join(prefix, k), x)
		}
	case []any: // none of the settings is in an array
	default:
		out[prefix] = entry{fmt.Sprint(v), lines[prefix]}
	}
}

func join(prefix, key string) string {
	if prefix == "" {
		return key
	}
	return prefix + "." + key
}

// tomlLines finds the line of every key, in inline tables too.
func tomlLines(text []byte) map[string]int {
	lines := map[string]int{}
	p := &unstable.Parser{}
	p.Reset(text)
	section := ""
	for p.NextExpression() {
		switch e := p.Expression(); e.Kind {
		case unstable.Table, unstable.ArrayTable:
			section = dotted("", e.Key())
		case unstable.KeyValue:
			keyLines(p, lines, section, e)
		}
	}
	return lines
}

func keyLines(p *unstable.Parser, lines map[string]int, prefix string, e *unstable.Node) {
	name := dotted(prefix, e.Key())
	it := e.Key()
	for it.Next() {
		if r := it.Node().Raw; r.Length > 0 {
			lines[name] = p.Shape(r).Start.Line
		}
	}
	if v := e.Value(); v.Kind == unstable.InlineTable {
		for c := v.Children(); c.Next(); {
			keyLines(p, lines, name, c.Node())
		}
	}
}

func dotted(prefix string, it unstable.Iterator) string {
	for it.Next() {
		prefix = join(prefix, string(it.Node().Data))
	}
	return prefix
}

var quoted = regexp.MustCompile("[\"'`].*|U\\+.*")

// signs are the single characters that parsers quote and that hold nothing.
var signs = strings.NewReplacer("','", "a comma", "'}'", "}", "']'", "]", "':'", "a colon")

// harmless is a parser's reason without what it quotes, which may be half a key.
func harmless(reason string) string {
	reason = signs.Replace(strings.TrimPrefix(reason, "toml: "))
	reason, _, _ = strings.Cut(reason, "\n")
	return strings.TrimSpace(strings.TrimRight(quoted.ReplaceAllString(reason, ""), ": "))
}
