package main

import (
	"go/ast"
	"go/token"
	"regexp"
	"strings"
)

// tables are the read-only variables of a package: each row, each entry of a list in it and
// each field that is no sentence is deleted by itself, and each severity becomes another.
func (v *visitor) tables(d *ast.GenDecl, names *regexp.Regexp) {
	if d.Tok != token.VAR {
		return
	}
	for _, s := range d.Specs {
		s, ok := s.(*ast.ValueSpec)
		if !ok || !names.MatchString(s.Names[0].Name) {
			continue
		}
		v.fn = s.Names[0].Name
		for _, value := range s.Values {
			ast.Inspect(value, v.table)
		}
	}
}

func (v *visitor) table(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.FuncLit:
		return false // such code is changed where it has a name
	case *ast.CompositeLit:
		_, list := n.Type.(*ast.ArrayType)
		for _, e := range n.Elts {
			if list || structured(e) {
				v.add(e.Pos(), v.afterComma(e.End()), "", "deleted: %s", v.code(e))
			}
		}
	case *ast.Ident:
		if to := otherSeverity(n.Name); to != "" {
			v.add(n.Pos(), n.End(), to, "%s becomes %s", n.Name, to)
		}
	}
	return true
}

// structured tells a field that decides something from one that people read.
func structured(e ast.Expr) bool {
	kv, ok := e.(*ast.KeyValueExpr)
	if !ok {
		return false
	}
	switch x := kv.Value.(type) {
	case *ast.BasicLit:
		return x.Kind != token.STRING
	case *ast.BinaryExpr:
		return false // a sentence in pieces
	}
	k, ok := kv.Key.(*ast.Ident)
	return ok && k.Name != "Code" // without it a row is none: rows are deleted whole
}

// afterComma takes along the comma behind an element, where there is one.
func (v *visitor) afterComma(end token.Pos) token.Pos {
	rest := string(v.src[v.offset(end):])
	if i := strings.IndexFunc(rest, func(r rune) bool { return !strings.ContainsRune(" \t", r) }); i >= 0 &&
		rest[i] == ',' {
		return end + token.Pos(i+1)
	}
	return end
}

func otherSeverity(name string) string {
	switch name {
	case "SeverityError", "SeverityInfo":
		return "SeverityWarning"
	case "SeverityWarning":
		return "SeverityInfo"
	}
	return ""
}
