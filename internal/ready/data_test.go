package ready

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestData: every row of every dated table is whole, and says where it is from.
func TestData(t *testing.T) {
	t.Parallel()
	for name, table := range map[string]any{"supports": supports(), "engineEnds": engineEnds(), "osBuilds": osBuilds(),
		"osTiers": osTiers(), "demos": Demos(), "dates": Dates(), "platforms": Platforms(), "tiers": Tiers()} {
		rows := reflect.ValueOf(table)
		if rows.Len() == 0 {
			t.Errorf("%s is empty", name)
		}
		for i := range rows.Len() {
			whole(t, name, rows.Index(i))
		}
	}
	for _, s := range supports() {
		if dockerFloors()[s.Release] == "" {
			t.Errorf("which API the daemon of %s speaks is not told", s.Release)
		}
	}
	if staleData(DataDate.Add(staleAfter)) != "" || staleData(DataDate.Add(staleAfter+time.Hour)) == "" {
		t.Error("a table that is older than a year has to say so")
	}
}

// whole wants every field of a row, but for those that may be false.
func whole(t *testing.T, name string, row reflect.Value) {
	t.Helper()
	for i := range row.NumField() {
		f := row.Field(i)
		switch {
		case row.Type().Field(i).Anonymous:
			whole(t, name, f)
		case f.Kind() != reflect.Bool && f.IsZero():
			t.Errorf("%s: %s is missing in %+v", name, row.Type().Field(i).Name, row)
		}
	}
	if _, has := row.Type().FieldByName("Source"); !has && !strings.HasPrefix(name, "osBuild") {
		t.Errorf("%s has no source", name)
	}
}

// TestEveryDateHasASource: a date in the code stands in a table that has sources, or is the
// date of one.
func TestEveryDateHasASource(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	sourced := []string{"supports", "engineEnds"} // TestData looks at their sources
	dates := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			where := ""
			if f, ok := d.(*ast.FuncDecl); ok {
				where = f.Name.Name
			}
			ast.Inspect(d, func(n ast.Node) bool {
				c, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				f, ok := c.Fun.(*ast.Ident)
				if !ok || f.Name != "day" {
					return true
				}
				dates++
				if where != "" && !slices.Contains(sourced, where) {
					t.Errorf("%s: a date in %s, which has no source", name, where)
				}
				return true
			})
		}
	}
	if want := len(supports()) + len(engineEnds()) + 2; dates != want { // and the dates of two tables
		t.Errorf("%d dates, and %d in the tables", dates, want)
	}
}

// TestTiers: the tier of a system is told with the age of its page, and of no system that the
// page does not name.
func TestTiers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		os   OS
		tier int
	}{
		{OS{"ubuntu", "22.04", "arm64"}, 1}, {OS{"ubuntu", "22.04", "arm"}, 2}, {OS{"rhel", "9.4", "amd64"}, 1},
		{OS{"debian", "11", "arm"}, 1}, {OS{"debian", "11", "amd64"}, 2}, {OS{"debian", "12", "amd64"}, 0},
		{OS{"rhel", "90", "amd64"}, 0}, {OS{"ubuntu", "22.04", ""}, 0},
	} {
		if got := osTierOf(tt.os); got != tt.tier || (osTierWords(tt.os) != "") != (tt.tier > 0) {
			t.Errorf("%v: tier %d, want %d", tt.os, got, tt.tier)
		}
	}
}
