package layers

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDrawingKnowsNoFinding: encoders draw whatever findings a report holds, and name none.
func TestDrawingKnowsNoFinding(t *testing.T) {
	t.Parallel()
	files := token.NewFileSet()
	table, err := parser.ParseFile(files, filepath.Join("..", "..", "..", "report", "finding.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]bool{}
	ast.Inspect(table, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok {
			if kind, ok := v.Type.(*ast.Ident); ok && kind.Name == "FindingCode" {
				codes[v.Names[0].Name] = true
			}
		}
		return true
	})
	if len(codes) < 29 {
		t.Fatalf("%d codes found", len(codes))
	}
	for _, dir := range []string{"report/render", "report/render/html", "internal/sidecar/machine",
		"internal/sidecar/web"} {
		entries, err := os.ReadDir(filepath.Join("..", "..", "..", filepath.FromSlash(dir)))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
				continue
			}
			f, err := parser.ParseFile(files, filepath.Join("..", "..", "..", filepath.FromSlash(dir), e.Name()), nil,
				0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if s, ok := n.(*ast.SelectorExpr); ok && codes[s.Sel.Name] {
					if of, ok := s.X.(*ast.Ident); ok && of.Name == "report" {
						t.Errorf("%s names the finding %s", files.Position(s.Pos()), s.Sel.Name)
					}
				}
				return true
			})
		}
	}
}
