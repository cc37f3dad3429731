package jsonedit

import (
	"encoding/json"
	"errors"
	"slices"
	"sort"
	"strings"
)

// Edit puts Text in place of the bytes Start up to End.
type Edit struct {
	Start, End int
	Text       string
}

// Apply gives the text with the edits made. Edits at the same place go in the order
// given; overlapping ones are an error.
func (d *Document) Apply(edits []Edit) ([]byte, error) {
	edits = slices.Clone(edits)
	sort.SliceStable(edits, func(i, j int) bool { return edits[i].Start < edits[j].Start })
	out := make([]byte, 0, len(d.Text)+256)
	at := 0
	for _, e := range edits {
		if e.Start < at || e.End < e.Start || e.End > len(d.Text) {
			return nil, errors.New("edits overlap")
		}
		out = append(append(out, d.Text[at:e.Start]...), e.Text...)
		at = e.End
	}
	return append(out, d.Text[at:]...), nil
}

// Replace puts a value of another text in place of a node.
func Replace(n *Node, v Value) Edit { return Edit{n.Start, n.End, v.line(": ", ", ")} }

// Value is what is put into a text: a string, or an object of pairs.
type Value struct {
	Str   string
	Pairs []Pair // not nil: an object
}

// Pair is a key and a value.
type Pair struct {
	Key   string
	Value Value
}

// Line is a pair as a member of an object in one line.
func (p Pair) Line() string { return Quote(p.Key) + ": " + p.Value.line(": ", ", ") }

// Quote gives a string as JSON, with no more escapes than JSON needs.
func Quote(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string always encodes
	return strings.TrimSuffix(b.String(), "\n")
}

// line writes a value in one line.
func (v Value) line(colon, comma string) string {
	if v.Pairs == nil {
		return Quote(v.Str)
	}
	parts := make([]string, len(v.Pairs))
	for i, p := range v.Pairs {
		parts[i] = Quote(p.Key) + colon + p.Value.line(colon, comma)
	}
	return "{" + strings.Join(parts, comma) + "}"
}

// write writes a value in the style of the objects around it, at the given indent.
func (v Value) write(s Style, indent string) string {
	if !s.Lines || len(v.Pairs) == 0 {
		return v.line(s.colon, s.comma)
	}
	in := indent + s.unit
	parts := make([]string, len(v.Pairs))
	for i, p := range v.Pairs {
		parts[i] = in + Quote(p.Key) + s.colon + p.Value.write(s, in)
	}
	return "{" + s.newline + strings.Join(parts, ","+s.newline) + s.newline + indent + "}"
}

// Add puts members behind the last one of an object, in the style in which the object
// is written.
func (d *Document) Add(path []*Node, pairs ...Pair) Edit {
	obj := path[len(path)-1]
	s := d.StyleOf(path)
	if len(obj.Members) == 0 {
		at, end := obj.Start, ""
		if s.Lines {
			end = s.indent[:max(0, len(s.indent)-len(s.unit))]
		}
		return Edit{at, obj.End, Value{Pairs: pairs}.write(s, end)}
	}
	var b strings.Builder
	for _, p := range pairs {
		if b.WriteString(s.comma); s.Lines {
			b.WriteString(s.newline + s.indent)
		}
		b.WriteString(Quote(p.Key) + s.colon + p.Value.write(d.within(path, s), s.indent))
	}
	at := obj.Members[len(obj.Members)-1].Value.End
	return Edit{at, at, b.String()}
}

// within is the style for new objects inside an object: that of the last object it
// holds, else its own.
func (d *Document) within(path []*Node, s Style) Style {
	obj := path[len(path)-1]
	for _, m := range slices.Backward(obj.Members) {
		if v := m.Value; v.Kind == Object && len(v.Members) > 0 {
			in := d.StyleOf(append(slices.Clone(path), v))
			s.Lines = s.Lines && in.Lines
			if !s.Lines {
				s.colon, s.comma = in.colon, in.comma
			}
			return s
		}
	}
	return s
}

// RemoveMembers takes the members of an object for which drop says so out, with the comma
// and the space that belong to each.
func RemoveMembers(obj *Node, drop func(Member) bool) []Edit {
	spans := make([]span, len(obj.Members))
	for i, m := range obj.Members {
		spans[i] = span{m.KeyStart, m.Value.End, drop(m)}
	}
	return remove(obj, spans)
}

// RemoveItems takes items out of an array.
func RemoveItems(arr *Node, drop func(*Node) bool) []Edit {
	spans := make([]span, len(arr.Items))
	for i, n := range arr.Items {
		spans[i] = span{n.Start, n.End, drop(n)}
	}
	return remove(arr, spans)
}

// span is a member or item, and whether it goes.
type span struct {
	start, end int
	drop       bool
}

func remove(n *Node, spans []span) []Edit {
	var out []Edit
	kept := -1 // the last one that stays
	for i := 0; i < len(spans); i++ {
		if !spans[i].drop {
			kept = i
			continue
		}
		last := i
		for last+1 < len(spans) && spans[last+1].drop {
			last++
		}
		switch {
		case kept >= 0: // with the comma before it
			out = append(out, Edit{spans[kept].end, spans[last].end, ""})
		case last+1 < len(spans): // with the comma behind it
			out = append(out, Edit{spans[i].start, spans[last+1].start, ""})
		default: // all of it
			out = append(out, Edit{n.Start + 1, n.End - 1, ""})
		}
		i = last
	}
	return out
}
