package jsonedit

import (
	"bytes"
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"
)

// Kind is the type of a JSON value.
type Kind byte

// The kinds.
const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
)

var kindWords = [...]string{"null", "true or false", "a number", "a string", "an array", "an object"}

func (k Kind) String() string { return kindWords[k] }

// Node is a value and the bytes that it takes in the text, Start up to End.
type Node struct {
	Kind       Kind
	Start, End int
	Text       string   // of a string: its value; of numbers, true, false, null: as written
	Members    []Member // of an object, in the text's order, repeated keys included
	Items      []*Node  // of an array
}

// Member is a key of an object and its value.
type Member struct {
	Key      string
	KeyStart int
	KeyEnd   int
	Value    *Node
}

// Get follows keys through objects; nil where there is none. Of a repeated key the last
// counts, as it does for the readers of the cloud and the runtime.
func (n *Node) Get(keys ...string) *Node {
	for _, k := range keys {
		if n == nil || n.Kind != Object {
			return nil
		}
		m := n.Member(k)
		if m == nil {
			return nil
		}
		n = m.Value
	}
	return n
}

// Member is the member that Get follows, nil where there is none.
func (n *Node) Member(key string) *Member {
	for i := len(n.Members) - 1; i >= 0; i-- {
		if n.Members[i].Key == key {
			return &n.Members[i]
		}
	}
	return nil
}

// Fold follows one key through an object as Newtonsoft's readers do: as it is written,
// else in another case; the last one counts.
func (n *Node) Fold(key string) *Node {
	if v := n.Get(key); v != nil {
		return v
	}
	if m := n.FoldMember(key); m != nil {
		return m.Value
	}
	return nil
}

// FoldMember is the member that Fold finds, nil where there is none.
func (n *Node) FoldMember(key string) *Member {
	if n == nil || n.Kind != Object {
		return nil
	}
	var exact, fold *Member
	for i := range n.Members {
		switch m := &n.Members[i]; {
		case m.Key == key:
			exact = m
		case strings.EqualFold(m.Key, key):
			fold = m
		}
	}
	if exact != nil {
		return exact
	}
	return fold
}

// Document is a parsed text.
type Document struct {
	Text  []byte
	Root  *Node
	Loose *Looseness // of a text that ParseLoose took and that is no JSON; nil: it is JSON
	lines []uint32   // where each line begins
}

// Looseness is the first thing in a text that only lenient readers take.
type Looseness struct {
	At   int
	What string // in words
}

// Line gives the line of a byte of the text, counted from 1.
func (d *Document) Line(at int) int {
	return sort.Search(len(d.lines), func(i int) bool { return int(d.lines[i]) > at })
}

// Position gives line and column of a byte, both from 1; columns count characters.
func (d *Document) Position(at int) (line, column int) {
	at = min(max(at, 0), len(d.Text))
	line = max(d.Line(at), 1)
	start := int(d.lines[line-1])
	if line == 1 && bytes.HasPrefix(d.Text, bom) {
		start = min(len(bom), at)
	}
	return line, 1 + utf8.RuneCount(d.Text[start:at])
}

// Place is a line and a column, both from 1.
type Place struct{ Line, Column int }

// Places gives the places of many bytes in one walk, in the order given.
func (d *Document) Places(at []int) []Place {
	order := make([]int, len(at))
	for i := range order {
		order[i] = i
	}
	sort.Slice(order, func(i, j int) bool { return at[order[i]] < at[order[j]] })
	out := make([]Place, len(at))
	from, last := 0, Place{}
	for _, i := range order {
		end := min(max(at[i], 0), len(d.Text))
		if line := max(d.Line(end), 1); line == last.Line && from >= len(bom) {
			last.Column += utf8.RuneCount(d.Text[from:end])
		} else {
			last.Line, last.Column = d.Position(end)
		}
		from, out[i] = end, last
	}
	return out
}

// lineStarts finds where lines begin: behind LF, CRLF, and CR alone, as editors show
// them. They are counted first, for a text may be nothing but ends of lines; none that is read
// comes near four gigabytes.
func lineStarts(text []byte) []uint32 {
	ends := func(i int) bool {
		return text[i] == '\n' || text[i] == '\r' && (i+1 == len(text) || text[i+1] != '\n')
	}
	n := 1
	for i := range text {
		if ends(i) {
			n++
		}
	}
	out := make([]uint32, 1, n)
	for i := range text {
		if ends(i) {
			out = append(out, uint32(i)+1) //nolint:gosec // see above
		}
	}
	return out
}

// Raw is the node as the text has it.
func (d *Document) Raw(n *Node) string { return string(d.Text[n.Start:n.End]) }

// SyntaxError says where a text stops being JSON and what was expected there. It quotes
// nothing of the text, which may hold secrets.
type SyntaxError struct {
	Line, Column int // from 1; columns count characters
	Expected     string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: not JSON: expected %s", e.Line, e.Column, e.Expected)
}
