package twinsql

import (
	"slices"
	"strconv"
	"strings"
)

// truth has three values: what compares with something that is not there, or not of its
// kind, is neither true nor false.
type truth int

const (
	unknown truth = iota
	no
	yes
)

func of(b bool) truth {
	if b {
		return yes
	}
	return no
}

// Condition is what stands behind WHERE.
type Condition interface{ truth(r Row) truth }

// True tells whether a condition holds for a row.
func True(c Condition, r Row) bool { return c.truth(r) == yes }

type both struct{ a, b Condition }

func (c both) truth(r Row) truth {
	a := c.a.truth(r)
	if a == no {
		return no
	}
	if b := c.b.truth(r); b == no || a == yes {
		return b
	}
	return unknown
}

type either struct{ a, b Condition }

func (c either) truth(r Row) truth {
	a := c.a.truth(r)
	if a == yes {
		return yes
	}
	if b := c.b.truth(r); b == yes || a == no {
		return b
	}
	return unknown
}

type negation struct{ c Condition }

func (c negation) truth(r Row) truth {
	switch c.c.truth(r) {
	case yes:
		return no
	case no:
		return yes
	}
	return unknown
}

// alone is a value that has to be true by itself.
type alone struct{ v operand }

func (c alone) truth(r Row) truth {
	if b, ok := c.v.value(r).(bool); ok {
		return of(b)
	}
	return unknown
}

type comparison struct {
	op   string
	a, b operand
}

func (c comparison) truth(r Row) truth { return compare(c.op, c.a.value(r), c.b.value(r)) }

// compare compares primitives of one kind, and null with anything.
func compare(op string, a, b any) truth {
	if !defined(a) || !defined(b) {
		return unknown
	}
	order, comparable := 0, false
	switch a := a.(type) {
	case string:
		if b, ok := b.(string); ok {
			order, comparable = strings.Compare(a, b), true
		}
	case float64:
		if b, ok := b.(float64); ok {
			comparable = true
			switch {
			case a < b:
				order = -1
			case a > b:
				order = 1
			}
		}
	case bool:
		if b, ok := b.(bool); ok && (op == "=" || op == "!=") {
			comparable = true
			if a != b {
				order = 1
			}
		}
	}
	if a == nil || b == nil {
		if op != "=" && op != "!=" {
			return unknown
		}
		comparable = true
		if !(a == nil && b == nil) {
			order = 1
		}
	}
	if !comparable {
		return unknown
	}
	return ordered(op, order)
}

func ordered(op string, order int) truth {
	switch op {
	case "=":
		return of(order == 0)
	case "!=":
		return of(order != 0)
	case "<":
		return of(order < 0)
	case "<=":
		return of(order <= 0)
	case ">":
		return of(order > 0)
	}
	return of(order >= 0)
}

func defined(v any) bool { _, none := v.(Undefined); return !none }

type membership struct {
	a    operand
	list []operand
	not  bool
}

func (c membership) truth(r Row) truth {
	a, found := c.a.value(r), unknown
	for _, o := range c.list {
		switch compare("=", a, o.value(r)) {
		case yes:
			return of(!c.not)
		case no:
			found = no
		}
	}
	if found == no {
		return of(c.not)
	}
	return unknown
}

// operand is one side of a comparison.
type operand interface{ value(r Row) any }

type literal struct{ v any }

func (l literal) value(Row) any { return l.v }

type property struct{ path []string }

func (p property) value(r Row) any { return r.Get(p.path) }

func (p *parser) or() (Condition, error) {
	if p.depth++; p.depth > maxNesting {
		return nil, bad(p.peek().at, "nested more than %d times", maxNesting)
	}
	defer func() { p.depth-- }()
	a, err := p.and()
	for err == nil && p.is("OR") {
		var b Condition
		if b, err = p.and(); err == nil {
			a = either{a, b}
		}
	}
	return a, err
}

func (p *parser) and() (Condition, error) {
	a, err := p.not()
	for err == nil && p.is("AND") {
		var b Condition
		if b, err = p.not(); err == nil {
			a = both{a, b}
		}
	}
	return a, err
}

func (p *parser) not() (Condition, error) {
	if p.is("NOT") {
		if p.depth++; p.depth > maxNesting {
			return nil, bad(p.peek().at, "nested more than %d times", maxNesting)
		}
		defer func() { p.depth-- }()
		c, err := p.not()
		return negation{c}, err
	}
	if p.is("(") {
		c, err := p.or()
		if err != nil {
			return nil, err
		}
		return c, p.expect(")")
	}
	return p.term()
}

// term is a comparison, a membership, or a function that is true or not.
func (p *parser) term() (Condition, error) {
	if p.terms++; p.terms > maxTerms {
		return nil, bad(p.peek().at, "more than %d comparisons", maxTerms)
	}
	a, err := p.operand()
	if err != nil {
		return nil, err
	}
	l := p.peek()
	switch {
	case l.kind == symbol && slices.Contains([]string{"=", "!=", "<>", "<", "<=", ">", ">="}, l.text):
		op := p.next().text
		if op == "<>" {
			op = "!="
		}
		b, err := p.operand()
		return comparison{op, a, b}, err
	case p.is("IN"):
		list, err := p.list()
		return membership{a, list, false}, err
	case p.is("NIN"):
		list, err := p.list()
		return membership{a, list, true}, err
	case p.is("NOT"):
		if err := p.expect("IN"); err != nil {
			return nil, err
		}
		list, err := p.list()
		return membership{a, list, true}, err
	}
	if v, constant := a.(literal); constant {
		if _, ok := v.v.(bool); !ok {
			return nil, bad(l.at, "expected a comparison")
		}
	}
	return alone{a}, nil
}

func (p *parser) list() ([]operand, error) {
	if err := p.expect("["); err != nil {
		return nil, err
	}
	var out []operand
	for !p.is("]") {
		if len(out) > 0 {
			if err := p.expect(","); err != nil {
				return nil, err
			}
		}
		l := p.peek()
		o, err := p.operand()
		if err != nil {
			return nil, err
		}
		if _, constant := o.(literal); !constant {
			return nil, bad(l.at, "a list holds strings, numbers, truth values and null")
		}
		out = append(out, o)
	}
	return out, nil
}

func (p *parser) operand() (operand, error) {
	l := p.peek()
	switch {
	case l.kind == text:
		p.next()
		return literal{l.text}, nil
	case l.kind == number || l.kind == symbol && l.text == "-":
		return p.number()
	case l.kind == word:
		switch strings.ToLower(l.text) {
		case "true", "false":
			p.next()
			return literal{strings.EqualFold(l.text, "true")}, nil
		case "null":
			p.next()
			return literal{nil}, nil
		}
		if p.lexemes[1].kind == symbol && p.lexemes[1].text == "(" {
			return p.function()
		}
	}
	path, err := p.path()
	return property{path}, err
}

func (p *parser) number() (operand, error) {
	sign := ""
	if p.is("-") {
		sign = "-"
	}
	l := p.next()
	n, err := strconv.ParseFloat(sign+l.text, 64)
	if err != nil || l.kind != number {
		return nil, bad(l.at, "%q is no number", sign+l.text)
	}
	return literal{n}, nil
}
