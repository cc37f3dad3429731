package layers

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// The room that code has, outside tests.
const (
	mostColumns       = 120 // a tab takes four
	mostFunctionLines = 60
	mostFileLines     = 350
)

// TestRoom: functions that one can see whole, files of one concept, lines that fit.
func TestRoom(t *testing.T) {
	t.Parallel()
	root := moduleRoot(t)
	files := 0
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		base := d.Name()
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != root && (strings.HasPrefix(base, ".") || base == "testdata" ||
			base == "node_modules"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(base, ".go") || strings.HasSuffix(base, "_test.go"):
			return nil
		}
		files++
		src, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for _, wrong := range tooLong(t, name, src) {
			t.Errorf("%s%s", strings.TrimPrefix(name, root+string(filepath.Separator)), wrong)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 400 {
		t.Errorf("only %d files were read", files)
	}
}

// tooLong says what of a file takes more room than it has.
func tooLong(t *testing.T, name string, src []byte) []string {
	t.Helper()
	files := token.NewFileSet()
	f, err := parser.ParseFile(files, name, src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	line := func(p token.Pos) int { return files.Position(p).Line }
	if n := strings.Count(string(src), "\n"); n > mostFileLines {
		out = append(out, fmt.Sprintf(" has %d lines, at most %d", n, mostFileLines))
	}
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok {
			if n := line(fn.End()) - line(fn.Pos()) + 1; n > mostFunctionLines {
				out = append(out, fmt.Sprintf(": %s has %d lines, at most %d", fn.Name.Name, n, mostFunctionLines))
			}
		}
	}
	whole := unbreakable(src)
	for i, l := range strings.Split(string(src), "\n") {
		if n := columns(l); n > mostColumns && !whole[i+1] {
			out = append(out, fmt.Sprintf(":%d has %d columns, at most %d", i+1, n, mostColumns))
		}
	}
	return out
}

// columns is how wide a line is drawn.
func columns(l string) int {
	n := 0
	for _, r := range l {
		n++
		if r == '\t' {
			n += 4 - 1 - (n-1)%4
		}
	}
	return n
}

// unbreakable are the lines that hold a raw string, or a comment that is a directive or has
// a single word over the limit: there is no place at which they could be broken.
func unbreakable(src []byte) map[int]bool {
	out := map[int]bool{}
	var s scanner.Scanner
	files := token.NewFileSet()
	file := files.AddFile("", -1, len(src))
	s.Init(file, src, nil, scanner.ScanComments)
	for {
		pos, kind, text := s.Scan()
		if kind == token.EOF {
			return out
		}
		first := file.Line(pos)
		switch {
		case kind == token.STRING && strings.HasPrefix(text, "`"):
			for i := range strings.Count(text, "\n") + 1 {
				out[first+i] = true
			}
		case kind == token.COMMENT && (strings.HasPrefix(text, "//go:") || strings.HasPrefix(text, "//nolint") || oneWord(text)):
			out[first] = true
		}
	}
}

// oneWord tells of a comment whose longest word, such as an address, fills a line by itself.
func oneWord(comment string) bool {
	for w := range strings.FieldsSeq(comment) {
		if utf8.RuneCountInString(w) > mostColumns-10 {
			return true
		}
	}
	return false
}

func TestTooLong(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", mostColumns)
	for code, want := range map[string]int{
		"":                                      0,
		"var x = \"" + long + "\"\n":            1,
		"var x = `" + long + "`\n":              0,
		"var x = `\n" + long + long + "`\n":     0,
		"// " + strings.Repeat("x ", 70) + "\n": 1,
		"// https://" + long + "\n":             0,
		"//go:embed " + strings.Repeat("x ", 70) + "\nvar x string\n":      0,
		"var x = 1 // " + strings.Repeat("ü", mostColumns-13) + "\n":       0,
		"func f() {" + strings.Repeat("\n", mostFunctionLines-1) + "}\n":   0,
		"func f() {" + strings.Repeat("\n", mostFunctionLines) + "}\n":     1,
		strings.Repeat("\n", mostFileLines):                                1,
		"var x = func() {\n" + strings.Repeat("\t", 29) + "_ = 12345\n}\n": 1,
	} {
		if got := tooLong(t, "x.go", []byte("package p\n"+code)); len(got) != want {
			t.Errorf("%.60q: %q", code, got)
		}
	}
}
