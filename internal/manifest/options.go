package manifest

import (
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"edgenet/internal/jsonedit"
)

// maxParts is how many parts createOptions may come in: createOptions, createOptions01 …
// createOptions99; those behind are not read (DockerConfig.cs).
const maxParts = 100

// optionsText is createOptions: a JSON document inside strings of the manifest, or, as
// templates have it, an object there. Offsets lead from its bytes back to the manifest's.
type optionsText struct {
	parts []optionsPart
	text  []byte
	start []int // of each byte: where its encoding begins in the manifest
	end   []int // and ends
	doc   *jsonedit.Document
	// fault says why the runtime refuses it, and where in the manifest; empty: it does not.
	fault   string
	faultAt int
}

// optionsPart is one member of settings that the runtime takes for a part.
type optionsPart struct {
	member   jsonedit.Member
	from, to int // of the text
}

// raw tells whether a part is no string, but the options themselves.
func (p optionsPart) raw() bool { return p.member.Value.Kind != jsonedit.String }

const optionsKey = "createoptions"

// readOptions joins the parts as the runtime does (JsonEx.cs, ChunkedProperty): every key
// that holds the name in any case, in the order of the keys, numbered without a gap.
func (x *Module) readOptions(doc *jsonedit.Document, settings *jsonedit.Node) {
	if settings == nil || settings.Kind != jsonedit.Object {
		return
	}
	o := &optionsText{}
	for _, m := range settings.Members {
		if strings.Contains(strings.ToLower(m.Key), optionsKey) {
			o.parts = append(o.parts, optionsPart{member: m})
		}
	}
	if len(o.parts) == 0 {
		return
	}
	sort.SliceStable(o.parts, func(i, j int) bool {
		return strings.ToUpper(o.parts[i].member.Key) < strings.ToUpper(o.parts[j].member.Key)
	})
	x.options = o
	o.number()
	if o.fault != "" {
		return
	}
	for i := range o.parts[:min(len(o.parts), maxParts)] {
		o.join(doc.Text, &o.parts[i])
	}
	x.CreateOptions = string(o.text)
	o.parse()
	x.optionsEnv(doc)
}

// number checks the parts' numbers: none for the first, then 1, 2 …
func (o *optionsText) number() {
	for i, p := range o.parts[:min(len(o.parts), maxParts)] {
		digits := p.member.Key[strings.Index(strings.ToLower(p.member.Key), optionsKey)+len(optionsKey):]
		if n := strings.IndexFunc(digits, func(r rune) bool { return r < '0' || r > '9' }); n >= 0 {
			digits = digits[:n]
		}
		n, err := strconv.Atoi(digits)
		switch {
		case i == 0 && digits == "":
		case i == 0:
			o.refuse(p, "the runtime finds a part of createOptions and no createOptions before it")
		case err != nil || n != i:
			o.refuse(p, fmt.Sprintf("the runtime expects part %02d of createOptions here: every key that holds the "+
				"name is one, and none may be missing",
				i))
		default:
			continue
		}
		if o.fault != "" {
			return
		}
	}
}

func (o *optionsText) refuse(p optionsPart, why string) {
	o.fault, o.faultAt = why, p.member.KeyStart
}

// join appends a part: a string's value, anything else as it is written; null is nothing.
func (o *optionsText) join(text []byte, p *optionsPart) {
	p.from = len(o.text)
	switch n := p.member.Value; n.Kind {
	case jsonedit.String:
		o.decode(text, n)
	case jsonedit.Null:
	default:
		for i := n.Start; i < n.End; i++ {
			o.start, o.end = append(o.start, i), append(o.end, i+1)
		}
		o.text = append(o.text, text[n.Start:n.End]...)
	}
	p.to = len(o.text)
}

// parse reads the joined text as the runtime does. Empty text and null are no options.
func (o *optionsText) parse() {
	if t := strings.TrimSpace(string(o.text)); t == "" || strings.EqualFold(t, "null") {
		return
	}
	if t := strings.TrimSpace(string(o.text)); t[0] != '{' && isPlaceholder(t) {
		return
	}
	doc, err := jsonedit.ParseLoose(o.text)
	if err != nil {
		var se *jsonedit.SyntaxError
		errors.As(err, &se)
		what := "createOptions"
		if len(o.parts) > 1 {
			what = fmt.Sprintf("createOptions, with its %d parts joined,", len(o.parts))
		}
		o.fault = fmt.Sprintf("%s is not JSON, even as the runtime reads it: at character %d expected %s", what,
			se.Column, se.Expected)
		o.faultAt = o.origin(lineColumn(o.text, se.Line, se.Column))
		return
	}
	if doc.Root.Kind != jsonedit.Object {
		if doc.Root.Kind != jsonedit.Null {
			o.fault, o.faultAt = "createOptions is "+doc.Root.Kind.String()+", and the runtime wants an object",
				o.origin(doc.Root.Start)
		}
		return
	}
	o.doc = doc
}

// lineColumn is the byte of a line and column.
func lineColumn(text []byte, line, column int) int {
	at := 0
	for n := 1; n < line && at < len(text); at++ {
		if text[at] == '\n' || text[at] == '\r' && (at+1 == len(text) || text[at+1] != '\n') {
			n++
		}
	}
	for n := 1; n < column && at < len(text); n++ {
		_, size := utf8.DecodeRune(text[at:])
		at += size
	}
	return at
}

// origin is the place in the manifest of a byte of the text.
func (o *optionsText) origin(at int) int {
	switch {
	case at < len(o.start):
		return o.start[at]
	case len(o.end) > 0:
		return o.end[len(o.end)-1]
	}
	return o.parts[0].member.KeyStart
}

// envs are the lists of Env. Where there are several, also in another case, the runtime puts
// them together: Newtonsoft.Json adds to a list that is there already. Bad is a value that
// is none.
func (o *optionsText) envs() (lists []*jsonedit.Node, bad *jsonedit.Node) {
	if o == nil || o.doc == nil || o.doc.Root.Kind != jsonedit.Object {
		return nil, nil
	}
	for _, m := range o.doc.Root.Members {
		switch {
		case !strings.EqualFold(m.Key, "Env") || m.Value.Kind == jsonedit.Null:
		case m.Value.Kind == jsonedit.Array:
			lists = append(lists, m.Value)
		default:
			bad = m.Value
		}
	}
	return lists, bad
}

// optionsEnv reads Env of createOptions: an array of NAME=value.
func (x *Module) optionsEnv(doc *jsonedit.Document) {
	lists, _ := x.options.envs()
	var items []*jsonedit.Node
	for _, env := range lists {
		items = append(items, env.Items...)
	}
	for _, e := range items {
		name, value, ok := strings.Cut(e.Text, "=")
		if e.Kind != jsonedit.String || !ok {
			continue
		}
		at := x.options.origin(e.Start)
		x.Vars = append(x.Vars, Var{Name: name, Value: value, Line: doc.Line(at), FromOptions: true, at: at, node: e})
	}
}

// decode appends a string's value and notes where each of its bytes came from.
func (o *optionsText) decode(text []byte, n *jsonedit.Node) {
	for i := n.Start + 1; i < n.End-1; {
		width := 1
		if text[i] == '\\' {
			if width = 2; text[i+1] == 'u' {
				width = 6
				if r, err := strconv.ParseUint(string(text[i+2:i+6]), 16, 32); err == nil && r >= 0xd800 &&
					r < 0xdc00 &&
					i+12 < n.End && text[i+6] == '\\' && text[i+7] == 'u' {
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
