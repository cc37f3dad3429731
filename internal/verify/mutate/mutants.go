package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strconv"
)

// mutant is one change of one file, as a replacement of bytes.
type mutant struct {
	file       string
	line       int
	fn         string // the function or table it is in
	start, end int
	text       string
	what       string
}

func (m mutant) String() string { return fmt.Sprintf("%s:%d: %s: %s", m.file, m.line, m.fn, m.what) }

// apply gives the changed source.
func (m mutant) apply(src []byte) []byte {
	out := append([]byte(nil), src[:m.start]...)
	return append(append(out, m.text...), src[m.end:]...)
}

// flips are the operators and what they turn into.
var flips = map[token.Token]token.Token{
	token.EQL: token.NEQ, token.NEQ: token.EQL, token.LSS: token.GEQ, token.GEQ: token.LSS, token.GTR: token.LEQ,
	token.LEQ:  token.GTR,
	token.LAND: token.LOR, token.LOR: token.LAND, token.ADD: token.SUB, token.SUB: token.ADD,
}

// mutants lists the changes of one file, inside functions and tables whose names match.
func mutants(name string, funcs *regexp.Regexp) ([]mutant, error) {
	src, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	v := &visitor{fset: fset, src: src, name: name}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Body != nil && funcs.MatchString(d.Name.Name) {
				v.fn = d.Name.Name
				ast.Inspect(d.Body, v.visit)
			}
		case *ast.GenDecl:
			v.tables(d, funcs)
		}
	}
	return v.found, nil
}

type visitor struct {
	fset     *token.FileSet
	src      []byte
	name, fn string
	found    []mutant
}

func (v *visitor) offset(p token.Pos) int { return v.fset.Position(p).Offset }

func (v *visitor) add(from, to token.Pos, text, what string, args ...any) {
	v.found = append(v.found, mutant{file: v.name, line: v.fset.Position(from).Line, fn: v.fn, start: v.offset(from),
		end: v.offset(to), text: text, what: fmt.Sprintf(what, args...)})
}

// code is a node's source on one line, shortened.
func (v *visitor) code(n ast.Node) string {
	s := []rune(spaces.ReplaceAllString(string(v.src[v.offset(n.Pos()):v.offset(n.End())]), " "))
	if len(s) > 60 {
		return string(s[:60]) + "…"
	}
	return string(s)
}

var spaces = regexp.MustCompile(`\s+`)

func (v *visitor) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		if to, ok := flips[n.Op]; ok {
			v.add(n.OpPos, n.OpPos+token.Pos(len(n.Op.String())), to.String(), "%s becomes %s in %s", n.Op,
				to, v.code(n))
		}
	case *ast.IfStmt:
		v.condition(n.Cond)
	case *ast.BlockStmt:
		for _, s := range n.List {
			v.statement(s)
		}
	case *ast.CaseClause:
		v.clause(n)
		for _, s := range n.Body {
			v.statement(s)
		}
	case *ast.BasicLit:
		if i, err := strconv.ParseInt(n.Value, 0, 64); err == nil && n.Kind == token.INT {
			v.add(n.Pos(), n.End(), strconv.FormatInt(i+1, 10), "%s becomes %d", n.Value, i+1)
		}
	case *ast.KeyValueExpr:
		if k, ok := n.Key.(*ast.Ident); ok && k.Name == "Cause" {
			v.cause(n.Value)
		}
	case *ast.ReturnStmt:
		for _, r := range n.Results {
			v.cause(r)
		}
	case *ast.Ident:
		if n.Name == "true" || n.Name == "false" {
			v.add(n.Pos(), n.End(), strconv.FormatBool(n.Name == "false"), "%s flipped", n.Name)
		}
	}
	return true
}

// condition negates a condition that is no comparison: those are flipped by themselves.
func (v *visitor) condition(c ast.Expr) {
	if b, ok := c.(*ast.BinaryExpr); ok && flips[b.Op] != 0 {
		return
	}
	v.add(c.Pos(), c.End(), "!("+string(v.src[v.offset(c.Pos()):v.offset(c.End())])+")", "negated: if %s", v.code(c))
}

// statement deletes calls, assignments to what is declared elsewhere, counters and jumps.
func (v *visitor) statement(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.ExprStmt, *ast.IncDecStmt, *ast.BranchStmt:
		v.add(s.Pos(), s.End(), "", "deleted: %s", v.code(s))
	case *ast.AssignStmt:
		if s.Tok != token.DEFINE {
			v.add(s.Pos(), s.End(), "", "deleted: %s", v.code(s))
		}
	case *ast.IfStmt:
		if s.Init == nil && s.Else == nil {
			v.add(s.Pos(), s.End(), "", "deleted: if %s …", v.code(s.Cond))
		}
	}
}

func (v *visitor) clause(c *ast.CaseClause) {
	if c.List == nil {
		return // without default many a function does not compile
	}
	v.add(c.Pos(), c.End(), "", "deleted: case %s", v.code(c.List[0]))
}

// cause turns a cause of the table into unknown.
func (v *visitor) cause(e ast.Expr) {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return
	}
	if pkg, ok := s.X.(*ast.Ident); ok && pkg.Name == "report" && s.Sel.Name != "Unknown" {
		v.add(e.Pos(), e.End(), "report.Unknown", "%s becomes report.Unknown", v.code(e))
	}
}
