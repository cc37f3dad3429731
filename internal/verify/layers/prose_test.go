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

// leftOut are the places where such a name is read, and why nothing is decided by a sentence
// there. A row without a hit fails the test.
var leftOut = []struct{ path, names, why string }{
	{"internal/manifest/", "Text", "the text of a JSON document's node: what the deployment says, no sentence of ours"},
	{"internal/consistency/find.go", "Summary summary", "two findings that are alike word for word are one"},
	{"internal/command/lint.go", "summary",
		"only drawing: a module's name is not put before a sentence that begins with it"},
	{"internal/verify/blackbox/", "Summary", "it tests what is said"},
}

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
		for _, m := range matched(f) {
			i := slices.IndexFunc(leftOut, func(l struct{ path, names, why string }) bool {
				return strings.HasPrefix(name, l.path) && slices.Contains(strings.Fields(l.names), m.name)
			})
			if i >= 0 {
				hits[leftOut[i].path]++
				continue
			}
			t.Errorf("%s:%d matches on a sentence (%s): decide by a code, a kind or a number", name,
				files.Position(m.at).Line, m.name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range leftOut {
		if hits[l.path] == 0 {
			t.Errorf("%s keeps to it now: take it off the list", l.path)
		}
	}
}

// match is a place where a sentence is read, and the sentence's name.
type match struct {
	at   token.Pos
	name string
}

// matched finds where a sentence is read, compared or switched on.
func matched(f *ast.File) []match {
	var out []match
	add := func(at token.Pos, name string) {
		if name != "" {
			out = append(out, match{at, name})
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.CallExpr:
			if fun, ok := x.Fun.(*ast.SelectorExpr); ok && reads(fun) {
				for _, a := range x.Args {
					add(x.Pos(), sentence(a))
				}
			}
		case *ast.BinaryExpr:
			if x.Op != token.EQL && x.Op != token.NEQ {
				break
			}
			if left := sentence(x.X); left != "" && !blank(x.Y) {
				add(x.Pos(), left)
			} else if !blank(x.X) {
				add(x.Pos(), sentence(x.Y))
			}
		case *ast.SwitchStmt:
			if x.Tag != nil {
				add(x.Pos(), sentence(x.Tag))
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

// sentence is the name of one that an expression reads, whatever is called on it first;
// empty where it reads none.
func sentence(e ast.Expr) string {
	switch x := e.(type) {
	case *ast.SelectorExpr:
		if slices.Contains(sentences, x.Sel.Name) || slices.Contains(locals, x.Sel.Name) {
			return x.Sel.Name
		}
	case *ast.Ident:
		if slices.Contains(locals, x.Name) {
			return x.Name
		}
	case *ast.CallExpr:
		for _, a := range x.Args {
			if name := sentence(a); name != "" {
				return name
			}
		}
	case *ast.ParenExpr:
		return sentence(x.X)
	}
	return ""
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
