package manifest

import (
	"fmt"
	"strings"
	"unicode/utf16"

	"edgenet/internal/jsonedit"
	"edgenet/internal/secret"
)

// writeOptions changes the variables that createOptions.Env sets, and takes out those that
// go. What the runtime refuses anyway, or nobody has filled in, is left as it is and said:
// nothing can be promised of it.
func (x *Module) writeOptions(m *Manifest, vars []variable) ([]jsonedit.Edit, error) {
	o := x.options
	if o == nil {
		return nil, nil
	}
	if o.fault != "" {
		return nil, m.fail(o.faultAt, fmt.Sprintf("createOptions of %s could not be changed: %s",
			secret.Show(x.Name, 60), o.fault))
	}
	lists, bad := o.envs()
	if bad != nil {
		return nil, m.fail(o.origin(bad.Start), fmt.Sprintf("createOptions of %s could not be changed: Env is %s, and "+
			"the runtime wants an array", secret.Show(x.Name, 60), bad.Kind))
	}
	var inner []jsonedit.Edit
	gone := map[string]bool{}
	for _, v := range vars {
		if v.gone {
			gone[strings.ToLower(v.name)] = true
			continue
		}
		for _, old := range x.Find(v.name) {
			if old.FromOptions && old.Value != v.value {
				inner = append(inner, jsonedit.Edit{Start: old.node.Start, End: old.node.End,
					Text: jsonedit.Quote(old.Name + "=" + v.value)})
			}
		}
	}
	for _, env := range lists {
		inner = append(inner, jsonedit.RemoveItems(env, func(n *jsonedit.Node) bool {
			name, _, _ := strings.Cut(n.Text, "=")
			return n.Kind == jsonedit.String && gone[strings.ToLower(name)]
		})...)
	}
	if len(inner) == 0 {
		return nil, nil
	}
	if edits, ok := o.inPlace(inner); ok {
		return edits, nil
	}
	return x.split(m, inner)
}

// inPlace maps edits of the options' text into the manifest. It fails where an edit spans
// two parts, or makes a part too long that was not.
func (o *optionsText) inPlace(inner []jsonedit.Edit) ([]jsonedit.Edit, bool) {
	var out []jsonedit.Edit
	grown := map[int]int{}
	for _, e := range inner {
		i := o.partOf(e)
		if i < 0 {
			return nil, false
		}
		text := e.Text
		if !o.parts[i].raw() {
			text = jsonedit.Quote(text)
			text = text[1 : len(text)-1]
		}
		grown[i] += units(e.Text) - units(string(o.text[e.Start:e.End]))
		out = append(out, jsonedit.Edit{Start: o.start[e.Start], End: o.end[e.End-1], Text: text})
	}
	for i, by := range grown {
		p := o.parts[i]
		if was := units(string(o.text[p.from:p.to])); !p.raw() && by > 0 && was <= maxValue && was+by > maxValue {
			return nil, false
		}
	}
	return out, true
}

// partOf finds the part that holds all of an edit, -1 where there is none.
func (o *optionsText) partOf(e jsonedit.Edit) int {
	for i, p := range o.parts {
		if p.from <= e.Start && e.End <= p.to && e.Start < e.End {
			return i
		}
	}
	return -1
}

// split writes createOptions anew in parts of the length that a twin takes.
func (x *Module) split(m *Manifest, inner []jsonedit.Edit) ([]jsonedit.Edit, error) {
	o := x.options
	cannot := func(why string) ([]jsonedit.Edit, error) {
		return nil, m.fail(o.parts[0].member.KeyStart, fmt.Sprintf("createOptions of %s could not be changed: %s",
			secret.Show(x.Name, 60), why))
	}
	for _, p := range o.parts {
		if p.raw() && p.member.Value.Kind != jsonedit.Null {
			return cannot("a part of it is an object")
		}
	}
	text, err := o.doc.Apply(inner)
	if err != nil {
		return nil, err
	}
	chunks := chunk(string(text), maxValue)
	if len(chunks) > maxParts {
		return cannot(fmt.Sprintf("it would need more than %d parts", maxParts))
	}
	var edits []jsonedit.Edit
	for i, p := range o.parts {
		part := ""
		if i < len(chunks) {
			part = chunks[i]
		}
		if p.member.Value.Kind != jsonedit.String || p.member.Value.Text != part {
			edits = append(edits, jsonedit.Replace(p.member.Value, jsonedit.Value{Str: part}))
		}
	}
	var more []jsonedit.Pair
	for i := len(o.parts); i < len(chunks); i++ {
		more = append(more, jsonedit.Pair{Key: fmt.Sprintf("createOptions%02d", i),
			Value: jsonedit.Value{Str: chunks[i]}})
	}
	if len(more) > 0 {
		edits = append(edits, m.Doc.Add(append(x.path[:len(x.path):len(x.path)], x.node().Fold("settings")), more...))
	}
	return edits, nil
}

// units counts characters as the twin and the runtime do, in UTF-16.
func units(s string) int { return len(utf16.Encode([]rune(s))) }

// chunk cuts a text into pieces of at most size units, never inside a character.
func chunk(s string, size int) []string {
	var out []string
	from, have := 0, 0
	for i, r := range s {
		n := utf16.RuneLen(r)
		if n < 0 {
			n = 1
		}
		if have+n > size {
			out = append(out, s[from:i])
			from, have = i, 0
		}
		have += n
	}
	if from < len(s) || len(out) == 0 {
		out = append(out, s[from:])
	}
	return out
}
