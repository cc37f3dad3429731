package main

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

const sample = `package p

import "edgenet/report"

func f(a, b int, ok bool) report.Cause {
	if a == b && ok {
		a++
	}
	if ok {
		g()
	}
	switch a {
	case 1:
		return report.TCPTimeout
	}
	return report.Unknown
}

func g() {}

var rows = []row{
	{Code: "a", Weigh: always(SeverityError), Follows: []string{"x", "y"}, Says: "one " +
		"two"},
	{Code: "b"},
}
`

func TestMutants(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "p.go")
	if err := os.WriteFile(name, []byte(sample), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := mutants(name, regexp.MustCompile("^f$"))
	if err != nil {
		t.Fatal(err)
	}
	var what []string
	for _, m := range got {
		what = append(what, m.what)
		changed := m.apply([]byte(sample))
		if string(changed) == sample {
			t.Errorf("%s changes nothing", m)
		}
		if _, err := parser.ParseFile(token.NewFileSet(), "", changed, 0); err != nil {
			t.Errorf("%s: %v", m, err)
		}
	}
	for _, want := range []string{"&& becomes || in a == b && ok", "== becomes != in a == b", "deleted: a++",
		"negated: if ok", "deleted: g()", "deleted: if ok …",
		"deleted: case 1", "1 becomes 2", "report.TCPTimeout becomes report.Unknown"} {
		if !slices.Contains(what, want) {
			t.Errorf("no mutant %q among %q", want, what)
		}
	}
	rows, err := mutants(name, regexp.MustCompile("^rows$"))
	if err != nil {
		t.Fatal(err)
	}
	what = nil
	for _, m := range rows {
		what = append(what, m.what)
		if _, err := parser.ParseFile(token.NewFileSet(), "", m.apply([]byte(sample)), 0); err != nil {
			t.Errorf("%s: %v", m, err)
		}
	}
	slices.Sort(what)
	if want := []string{"SeverityError becomes SeverityWarning", `deleted: "x"`, `deleted: "y"`,
		`deleted: Follows: []string{"x", "y"}`, "deleted: Weigh: always(SeverityError)", `deleted: {Code: "a", Weigh: ` +
			`always(SeverityError), Follows: []string{…`, `deleted: {Code: "b"}`}; !slices.Equal(what, want) {
		t.Errorf("mutants of a table: %q", what)
	}
	if none, err := mutants(name, regexp.MustCompile("^nothing$")); err != nil || len(none) != 0 {
		t.Errorf("mutants of no function: %v %v", none, err)
	}
}
