package manifest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"edgenet/internal/jsonedit"
)

// maxParts is how many parts createOptions may come in: createOptions, createOptions01 …
// createOptions99, each at most 512 characters in a twin.
const maxParts = 100

// optionsText is createOptions: a JSON document inside strings of the manifest. Offsets
// lead from its bytes back to the manifest's.
type optionsText struct {
	text  []byte
	start []int // of each byte: where its encoding begins in the manifest
	end   []int // and ends
	doc   *jsonedit.Document
	plain bool // it is an object in the manifest itself, as templates have it
}

func (x *Module) readOptions(doc *jsonedit.Document, settings *jsonedit.Node) {
	if settings == nil {
		return
	}
	first := settings.Get("createOptions")
	if first != nil && first.Kind == jsonedit.Object {
		x.CreateOptions = doc.Raw(first)
		x.options = &optionsText{plain: true, doc: &jsonedit.Document{Text: doc.Text, Root: first}}
		x.optionsEnv(doc)
		return
	}
	o := &optionsText{}
	for i := range maxParts {
		key := "createOptions"
		if i > 0 {
			key += fmt.Sprintf("%02d", i)
		}
		part := settings.Get(key)
		if part == nil || part.Kind != jsonedit.String {
			break
		}
		o.decode(doc.Text, part)
	}
	x.CreateOptions = string(o.text)
	if strings.TrimSpace(x.CreateOptions) == "" {
		return
	}
	var err error
	if o.doc, err = jsonedit.Parse(o.text); err != nil {
		var se *jsonedit.SyntaxError
		errors.As(err, &se)
		x.CreateOptionsError = fmt.Sprintf("not JSON: at character %d expected %s", se.Column, se.Expected)
		return
	}
	x.options = o
	x.optionsEnv(doc)
}

// optionsEnv reads Env of createOptions: an array of NAME=value.
func (x *Module) optionsEnv(doc *jsonedit.Document) {
	env := x.options.doc.Root.Get("Env")
	if env == nil || env.Kind != jsonedit.Array {
		return
	}
	for _, e := range env.Items {
		name, value, ok := strings.Cut(e.Text, "=")
		if e.Kind != jsonedit.String || !ok {
			continue
		}
		at := e.Start
		if !x.options.plain {
			at = x.options.start[e.Start]
		}
		x.Vars = append(x.Vars, Var{Name: name, Value: value, Line: doc.Line(at), FromOptions: true, node: e})
	}
}

// decode appends a string's value and notes where each of its bytes came from.
func (o *optionsText) decode(text []byte, n *jsonedit.Node) {
	for i := n.Start + 1; i < n.End-1; {
		width := 1
		if text[i] == '\\' {
			if width = 2; text[i+1] == 'u' {
				width = 6
				if r, err := strconv.ParseUint(string(text[i+2:i+6]), 16, 32); err == nil && r >= 0xd800 && r < 0xdc00 && i+12 < n.End && text[i+6] == '\\' && text[i+7] == 'u' {
					width = 12 // a surrogate pair
				}
			}
		} else if r, size := utf8.DecodeRune(text[i:]); r != utf8.RuneError {
			width = size
		}
		var s string
		if json.Unmarshal([]byte(`"`+string(text[i:i+width])+`"`), &s) != nil {
			s = string(utf8.RuneError)
		}
		for range len(s) {
			o.start, o.end = append(o.start, i), append(o.end, i+width)
		}
		o.text = append(o.text, s...)
		i += width
	}
}

// errAcrossParts is an entry that createOptions's parts cut in two.
var errAcrossParts = errors.New("the entry is split between two parts of createOptions")

// replace makes the edit of the manifest that puts a string in place of a node of
// createOptions.
func (o *optionsText) replace(n *jsonedit.Node, value string) (jsonedit.Edit, error) {
	quoted := jsonedit.Quote(value)
	if o.plain {
		return jsonedit.Edit{Start: n.Start, End: n.End, Text: quoted}, nil
	}
	for i := n.Start + 1; i < n.End; i++ {
		if o.start[i] != o.start[i-1] && o.start[i] != o.end[i-1] {
			return jsonedit.Edit{}, errAcrossParts
		}
	}
	inner := jsonedit.Quote(quoted)
	return jsonedit.Edit{Start: o.start[n.Start], End: o.end[n.End-1], Text: inner[1 : len(inner)-1]}, nil
}
