package layers

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// sentences are fields for people. Nothing is decided by their words: whoever rewords one
// must not change what the program does.
var sentences = []string{"Summary", "Remedy", "Reason", "Text", "Why", "Do", "ForThem"}

// locals are variables that hold such a sentence; "text" is any text and left out.
var locals = []string{"summary", "remedy", "reason", "why"}

// readers are functions that look for something in a string. What only shapes a text
// (trimming, filling in) is not among them.
var readers = []string{
	"Contains", "ContainsAny", "ContainsRune", "ContainsFunc", "HasPrefix", "HasSuffix", "Index", "IndexAny",
	"IndexByte", "IndexFunc", "LastIndex",
	"Cut", "CutPrefix", "CutSuffix", "EqualFold", "Compare", "Count", "Replace", "ReplaceAll", "Split", "SplitN",
	"SplitSeq", "Fields",
	"MatchString", "Match", "FindString", "FindStringIndex", "FindStringSubmatch", "FindAllString", "ReplaceAllString",
}

// leftOut do not yet keep to it, but for blackbox, which tests what is said. A row without
// a hit fails the test.
var leftOut = []string{"internal/consistency/", "internal/manifest/", "internal/command/lint.go",
	"internal/verify/blackbox/"}

// TestNothingMatchesOnASentence reads all code that is no test.
func TestNothingMatchesOnASentence(t *testing.T) {
	root := filepath.Join("..", "..", "..")
	hits := map[string]int{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files := token.NewFileSet()
		f, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(strings.TrimPrefix(path, root+string(filepath.Separator)))
		for _, at := range matched(f) {
			i := slices.IndexFunc(leftOut, func(p string) bool { return strings.HasPrefix(name, p) })
			if i >= 0 {
				hits[leftOut[i]]++
				continue
			}
			t.Errorf("%s:%d matches on a sentence: decide by a code, a kind or a number", name, files.Position(at).Line)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range leftOut {
		if hits[p] == 0 {
			t.Errorf("%s keeps to it now: take it off the list", p)
		}
	}
}

// matched finds where a sentence is read, compared or switched on.
func matched(f *ast.File) []token.Pos {
	var out []token.Pos
	ast.Inspect(f, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.CallExpr:
			fun, ok := x.Fun.(*ast.SelectorExpr)
			if ok && reads(fun) && slices.ContainsFunc(x.Args, sentence) {
				out = append(out, x.Pos())
			}
		case *ast.BinaryExpr:
			if (x.Op == token.EQL || x.Op == token.NEQ) && (sentence(x.X) && !blank(x.Y) || sentence(x.Y) &&
				!blank(x.X)) {
				out = append(out, x.Pos())
			}
		case *ast.SwitchStmt:
			if x.Tag != nil && sentence(x.Tag) {
				out = append(out, x.Pos())
			}
		}
		return true
	})
	return out
}

// reads tells whether a function looks for something in a string: one of package strings,
// or a regular expression's. Bytes are documents, and a Replacer fills in.
func reads(fun *ast.SelectorExpr) bool {
	of, _ := fun.X.(*ast.Ident)
	switch {
	case !slices.Contains(readers, fun.Sel.Name) || of != nil && of.Name == "bytes":
		return false
	case strings.HasPrefix(fun.Sel.Name, "Replace") && fun.Sel.Name != "ReplaceAllString":
		return of != nil && of.Name == "strings"
	}
	return true
}

// sentence tells whether an expression is one, whatever is called on it first.
func sentence(e ast.Expr) bool {
	switch x := e.(type) {
	case *ast.SelectorExpr:
		return slices.Contains(sentences, x.Sel.Name) || slices.Contains(locals, x.Sel.Name)
	case *ast.Ident:
		return slices.Contains(locals, x.Name)
	case *ast.CallExpr:
		return slices.ContainsFunc(x.Args, sentence)
	case *ast.ParenExpr:
		return sentence(x.X)
	}
	return false
}

// blank tells whether an expression only asks whether there is a sentence at all.
func blank(e ast.Expr) bool {
	switch x := e.(type) {
	case *ast.BasicLit:
		return x.Value == `""` || x.Kind != token.STRING
	case *ast.Ident:
		return x.Name == "nil"
	}
	return false
}

func TestMatchedFindsWhatItIsFor(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]bool{
		`strings.Contains(f.Summary, "x")`: true, `strings.HasPrefix(p.clean(f.Remedy), "x")`: true,
		`f.Reason == "x"`: true, `a.Remedy != b.Remedy`: true,
		`re.MatchString(d.Reason)`: true, `remedy == other`: true, `f.Remedy == ""`: false,
		`strings.TrimSuffix(f.Summary, ".")`: false, `f.Code == "x"`: false,
		`strings.Contains(f.Title, "x")`: false, `len(f.Summary) == 3`: false,
	} {
		f, err := parser.ParseFile(token.NewFileSet(), "", "package p\nvar _ = "+code, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(matched(f)) > 0; got != want {
			t.Errorf("%s: %v", code, got)
		}
	}
}
