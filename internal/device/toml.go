package device

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"edgenet/internal/sorting"
)

// maxConfig bounds TOML and YAML, of which the parser of TOML takes time that grows with the square of
// the number of keys; the longest template has 20 KiB.
const maxConfig = 256 << 10

const tooLarge = "at most 256 KiB"

// kind is the type of an entry, as far as readers care. Zero means that there is none.
type kind byte

const (
	kindString kind = iota + 1
	kindNumber      // a number, a truth value, a date: no text
	kindList
	kindTable // of arrays of tables alone: other tables have no entry of their own
	kindNull  // of YAML alone
)

var kindWords = map[kind]string{kindString: "a text", kindNumber: "a number or truth value without quotes",
	kindList: "a list", kindTable: "a list of tables", kindNull: "empty"}

// entry is a value of a configuration file.
type entry struct {
	value string
	line  int
	kind  kind
}

// entries are the values of a file by their dotted paths, as written; the items of a
// list stand beside it as path[0], path[1] …
type entries map[string]entry

// under lists the entries directly below a path, sorted by line.
func (e entries) under(prefix string) []string {
	keys := slices.DeleteFunc(slices.Collect(maps.Keys(e)), func(k string) bool {
		rest, ok := strings.CutPrefix(k, prefix+".")
		return !ok || rest == "" || strings.HasSuffix(rest, "]")
	})
	sorting.By(keys, func(a, b string) int {
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
	if len(text) > maxConfig {
		return nil, &SyntaxError{File: file, Line: 1, Place: place, Expected: tooLarge}
	}
	if isUTF16(text) {
		return nil, &SyntaxError{File: file, Line: 1, Place: place, Expected: notUTF16}
	}
	var all map[string]any
	if err := decodeTOML(text, &all); errors.Is(err, errSections) {
		return nil, &SyntaxError{File: file, Line: 1, Place: place, Expected: err.Error()}
	} else if err != nil {
		line, col := 1, 1
		var de *toml.DecodeError
		if errors.As(err, &de) {
			line, col = de.Position()
		}
		return nil, &SyntaxError{File: file, Line: line, Place: place,
			Expected: fmt.Sprintf("TOML (key = \"value\" under [section] headings); at column %d %s", col,
				tomlCause(text, line, col, err))}
	}
	lines := tomlLines(text)
	out := entries{}
	flatten(out, lines, "", all, 0)
	return out, nil
}

// notUTF16 is what is expected in place of what PowerShell's redirection and Notepad may write.
const notUTF16 = "UTF-8; the file is UTF-16, which the daemons do not read: save it as UTF-8"

func isUTF16(text []byte) bool {
	return len(text) > 1 && (text[0] == 0xff && text[1] == 0xfe || text[0] == 0xfe && text[1] == 0xff)
}

// maxSections bounds the [section] headings of a file: the decoder's work grows with their
// square. A config.toml has some twenty.
const maxSections = 2000

var errSections = fmt.Errorf("at most %d [section] headings", maxSections)

// decodeTOML decodes a file that has no more headings than a file may.
func decodeTOML(text []byte, into any) error {
	sections := bytes.Count(text, []byte("\n["))
	if sections > maxSections {
		return errSections
	}
	return toml.Unmarshal(text, into)
}

// maxTables bounds the tables in each other that are looked at: paths are texts, and grow
// with each.
const maxTables = 50

func flatten(out entries, lines map[string]int, prefix string, v any, depth int) {
	if depth > maxTables {
		return
	}
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			flatten(out, lines, join(prefix, k), x, depth+1)
		}
	case []any:
		out[prefix] = entry{line: lines[prefix], kind: kindList}
		for i, x := range v[:min(len(v), maxItems)] {
			if s, ok := x.(string); ok {
				out[fmt.Sprintf("%s[%d]", prefix, i)] = entry{s, lines[prefix], kindString}
			} else if _, ok := x.(map[string]any); ok {
				out[prefix] = entry{line: lines[prefix], kind: kindTable}
			}
		}
	case string:
		out[prefix] = entry{v, lines[prefix], kindString}
	default:
		out[prefix] = entry{fmt.Sprint(v), lines[prefix], kindNumber}
	}
}

// maxItems bounds the items of a list that are looked at.
const maxItems = 200

func join(prefix, key string) string {
	if prefix == "" {
		return key
	}
	return prefix + "." + key
}

// tomlLines finds the line of every key, in inline tables too.
func tomlLines(text []byte) map[string]int {
	at := &liner{line: 1, text: text, lines: map[string]int{}}
	p := &unstable.Parser{}
	p.Reset(text)
	section := ""
	for p.NextExpression() {
		switch e := p.Expression(); e.Kind {
		case unstable.Table, unstable.ArrayTable:
			section = dotted("", e.Key())
			at.heading(section, e)
		case unstable.KeyValue:
			at.keys(section, e)
		}
	}
	return at.lines
}

// liner counts lines as far as the keys come, each byte once.
type liner struct {
	text  []byte
	at    int
	line  int
	lines map[string]int
}

// heading notes the line of a table, for entries that are one where they should not be.
func (l *liner) heading(name string, e *unstable.Node) {
	for it := e.Key(); it.Next(); {
		if r := it.Node().Raw; r.Length > 0 && int(r.Offset) >= l.at && int(r.Offset) <= len(l.text) {
			l.line += bytes.Count(l.text[l.at:r.Offset], []byte("\n"))
			l.at = int(r.Offset)
		}
	}
	if _, ok := l.lines[name]; !ok {
		l.lines[name] = l.line
	}
}

func (l *liner) keys(prefix string, e *unstable.Node) {
	name := dotted(prefix, e.Key())
	for it := e.Key(); it.Next(); {
		if r := it.Node().Raw; r.Length > 0 && int(r.Offset) >= l.at && int(r.Offset) <= len(l.text) {
			l.line += bytes.Count(l.text[l.at:r.Offset], []byte("\n"))
			l.at = int(r.Offset)
			l.lines[name] = l.line
		}
	}
	if v := e.Value(); v.Kind == unstable.InlineTable && strings.Count(name, ".") <= maxTables {
		for c := v.Children(); c.Next(); {
			l.keys(name, c.Node())
		}
	}
}

func dotted(prefix string, it unstable.Iterator) string {
	for n := 0; it.Next() && n <= maxTables; n++ {
		prefix = join(prefix, string(it.Node().Data))
	}
	return prefix
}
