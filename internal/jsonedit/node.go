package jsonedit

import (
	"fmt"
	"sort"
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
		var next *Node
		for _, m := range n.Members {
			if m.Key == k {
				next = m.Value
			}
		}
		n = next
	}
	return n
}

// Document is a parsed text.
type Document struct {
	Text  []byte
	Root  *Node
	lines []int // where each line begins
}

// Line gives the line of a byte of the text, counted from 1.
func (d *Document) Line(at int) int {
	return sort.Search(len(d.lines), func(i int) bool { return d.lines[i] > at })
}

// Raw is the node as the text has it.
func (d *Document) Raw(n *Node) string { return string(d.Text[n.Start:n.End]) }

// SyntaxError says where a text stops being JSON and what was expected there. It quotes
// nothing of the text, which may hold secrets.
type SyntaxError struct {
	Line, Column int // from 1; columns count bytes
	Expected     string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: not JSON: expected %s", e.Line, e.Column, e.Expected)
}
