package twinsql

import (
	"strings"
	"unicode/utf8"
)

// function is one of the language's functions.
type function struct {
	least, most int
	twins       bool // taken in queries of twins, not in message routing alone
	apply       func(args []any) any
}

// functions by their names in capitals. Of those that queries of twins take, IS_DEFINED is
// documented, and STARTSWITH and ENDSWITH, in that spelling alone, are what a hub answers to.
var functions = map[string]function{
	"IS_DEFINED":  {1, 1, true, func(a []any) any { return defined(a[0]) }},
	"STARTSWITH":  {2, 2, true, texts(strings.HasPrefix)},
	"ENDSWITH":    {2, 2, true, texts(strings.HasSuffix)},
	"STARTS_WITH": {2, 2, false, texts(strings.HasPrefix)},
	"ENDS_WITH":   {2, 2, false, texts(strings.HasSuffix)},
	"CONTAINS":    {2, 2, false, texts(strings.Contains)},
	"IS_NULL":     {1, 1, false, func(a []any) any { return a[0] == nil }},
	"IS_STRING":   {1, 1, false, func(a []any) any { _, ok := a[0].(string); return ok }},
	"IS_BOOL":     {1, 1, false, func(a []any) any { _, ok := a[0].(bool); return ok }},
	"IS_NUMBER":   {1, 1, false, func(a []any) any { _, ok := a[0].(float64); return ok }},
	"IS_ARRAY":    {1, 1, false, func(a []any) any { _, ok := a[0].([]any); return ok }},
	"IS_OBJECT":   {1, 1, false, func(a []any) any { _, ok := a[0].(Object); return ok }},
	"IS_PRIMITIVE": {1, 1, false, func(a []any) any {
		switch a[0].(type) {
		case nil, string, bool, float64:
			return true
		}
		return false
	}},
	"LENGTH":    {1, 1, false, oneText(func(s string) any { return float64(utf8.RuneCountInString(s)) })},
	"LOWER":     {1, 1, false, oneText(func(s string) any { return strings.ToLower(s) })},
	"UPPER":     {1, 1, false, oneText(func(s string) any { return strings.ToUpper(s) })},
	"CONCAT":    {2, 32, false, concat},
	"SUBSTRING": {2, 3, false, substring},
	"INDEX_OF":  {2, 2, false, indexOf},
}

func texts(test func(a, b string) bool) func([]any) any {
	return func(args []any) any {
		a, ok := args[0].(string)
		b, also := args[1].(string)
		if !ok || !also {
			return Undefined{}
		}
		return test(a, b)
	}
}

func oneText(f func(string) any) func([]any) any {
	return func(args []any) any {
		if s, ok := args[0].(string); ok {
			return f(s)
		}
		return Undefined{}
	}
}

func concat(args []any) any {
	var b strings.Builder
	for _, a := range args {
		s, ok := a.(string)
		if !ok {
			return Undefined{}
		}
		b.WriteString(s)
	}
	return b.String()
}

func substring(args []any) any {
	s, ok := args[0].(string)
	from, also := args[1].(float64)
	if !ok || !also {
		return Undefined{}
	}
	runes := []rune(s)
	start := int(min(max(from, 0), float64(len(runes))))
	stop := len(runes)
	if len(args) == 3 {
		n, ok := args[2].(float64)
		if !ok {
			return Undefined{}
		}
		stop = start + int(min(max(n, 0), float64(len(runes)-start)))
	}
	return string(runes[start:stop])
}

func indexOf(args []any) any {
	s, ok := args[0].(string)
	part, also := args[1].(string)
	if !ok || !also {
		return Undefined{}
	}
	i := strings.Index(s, part)
	if i < 0 {
		return float64(-1)
	}
	return float64(utf8.RuneCountInString(s[:i]))
}

type call struct {
	f    function
	args []operand
}

func (c call) value(r Row) any {
	args := make([]any, len(c.args))
	for i, a := range c.args {
		args[i] = a.value(r)
	}
	return c.f.apply(args)
}

func (p *parser) function() (operand, error) {
	l := p.next()
	name := strings.ToUpper(l.text)
	f, known := functions[name]
	switch {
	case !known:
		return nil, bad(l.at, "no function %s", l.text)
	case !f.twins && !p.dialect.RoutingFunctions:
		return nil, bad(l.at, "%s is a function of message routing, not of twins", name)
	}
	if p.depth++; p.depth > maxNesting {
		return nil, bad(l.at, "nested more than %d times", maxNesting)
	}
	defer func() { p.depth-- }()
	p.next() // the bracket, which the caller saw
	var args []operand
	for !p.is(")") {
		if len(args) > 0 {
			if err := p.expect(","); err != nil {
				return nil, err
			}
		}
		a, err := p.operand()
		if err != nil {
			return nil, err
		}
		args = append(args, a)
	}
	if len(args) < f.least || len(args) > f.most {
		return nil, bad(l.at, "%s takes %d to %d arguments", name, f.least, f.most)
	}
	return call{f, args}, nil
}
