package layers

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "edgenet"

// layer is a row of the architecture's order, lowest first. A package may import its
// own layer and those below.
type layer struct {
	name     string
	packages []string // a path, or a path with all that is below it where it ends in /...
}

var order = []layer{
	{"report", []string{"report"}},
	{"internal/judge", []string{"internal/judge"}},
	{"internal/{secret,neterr,iothub,proxyurl}", []string{"internal/secret", "internal/neterr", "internal/iothub", "internal/proxyurl"}},
	{"internal/hop", []string{"internal/hop"}},
	{"proxy", []string{"proxy"}},
	{"probe", []string{"probe"}},
	{"the other internal packages, report/render, deploy", []string{"internal/...", "report/render/...", "deploy/..."}},
	{"cmd", []string{"cmd/..."}},
}

// forbidden are edges that point down and are wrong all the same: what judges and what
// is judged have no code in common. Report itself stays with the standard library.
var forbidden = []struct{ from, to, why string }{
	{"report/render/...", "internal/judge", "what draws decides nothing"},
	{"internal/lab/...", "probe", "the lab is what the probes are tested against"},
	{"internal/lab/...", "proxy", "the lab is what the proxy code is tested against"},
	{"internal/lab/...", "internal/hop", "the lab is what the hops are tested against"},
	{"internal/lab/...", "report", "the lab does not know how its faults are called"},
}

func matches(pattern, pkg string) bool {
	base, deep := strings.CutSuffix(pattern, "/...")
	return pkg == base || deep && strings.HasPrefix(pkg, base+"/")
}

// rank finds a package's layer; an exact row wins over one with /... .
func rank(pkg string) (int, bool) {
	best, exact := -1, false
	for i, l := range order {
		for _, p := range l.packages {
			if matches(p, pkg) && !exact {
				best, exact = i, p == pkg
			}
		}
	}
	return best, best >= 0
}

// judge says what is wrong with an import, empty where nothing is. Paths are relative
// to the module; external is an import of another module.
func judge(from, to string, external bool) string {
	rf, ok := rank(from)
	if !ok {
		return fmt.Sprintf("%s has no place in the layers: give it one in order", from)
	}
	if external {
		if rf <= 1 && strings.Contains(strings.SplitN(to, "/", 2)[0], ".") {
			return fmt.Sprintf("%s imports %s: it stays with the standard library", from, to)
		}
		return ""
	}
	for _, f := range forbidden {
		if matches(f.from, from) && matches(f.to, to) {
			return fmt.Sprintf("%s imports %s: %s", from, to, f.why)
		}
	}
	rt, ok := rank(to)
	switch {
	case !ok:
		return fmt.Sprintf("%s imports %s, which has no place in the layers", from, to)
	case rt > rf:
		return fmt.Sprintf("%s (layer %s) imports %s (layer %s): imports point down only", from, order[rf].name, to, order[rt].name)
	}
	return ""
}

func TestImportsPointDown(t *testing.T) {
	t.Parallel()
	root := moduleRoot(t)
	files := 0
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := d.Name()
		if d.IsDir() {
			if name != root && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || base == "node_modules") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(base, ".go") || strings.HasSuffix(base, "_test.go") {
			return nil
		}
		files++
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		checkFile(t, name, path.Dir(filepath.ToSlash(rel)))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 50 {
		t.Errorf("only %d files were read: is %s the module's root?", files, root)
	}
}

func checkFile(t *testing.T, name, pkg string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
	if err != nil {
		t.Error(err)
		return
	}
	for _, spec := range f.Imports {
		to, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Error(err)
			continue
		}
		inside, own := strings.CutPrefix(to, module+"/")
		if wrong := judge(pkg, inside, !own); wrong != "" {
			t.Errorf("%s: %s", name, wrong)
		}
	}
}

func moduleRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
	}
}

// TestJudge makes sure that the rule can fail.
func TestJudge(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to string
		external bool
		bad      bool
	}{
		{"cmd/edgenet", "probe", false, false},
		{"cmd/edgenet", "report/render", false, false},
		{"probe", "proxy", false, false},
		{"proxy", "probe", false, true},
		{"internal/hop", "proxy", false, true},
		{"internal/hop", "internal/neterr", false, false},
		{"internal/iothub", "internal/secret", false, false},
		{"internal/neterr", "internal/hop", false, true},
		{"report", "internal/secret", false, true},
		{"report", "report/render", false, true},
		{"report/render", "report", false, false},
		{"report/render", "cmd/edgenet", false, true},
		{"probe", "internal/lab", false, true},
		{"internal/lab", "probe", false, true},
		{"internal/lab/hub", "report", false, true},
		{"internal/lab/hub", "internal/iothub", false, false},
		{"internal/lab", "internal/hop", false, true},
		{"internal/lab", "proxy", false, true},
		{"internal/device", "report", false, false},
		{"report", "encoding/json", true, false},
		{"report", "golang.org/x/net/idna", true, true},
		{"probe", "github.com/coder/websocket", true, false},
		{"somewhere", "report", false, true},
		{"probe", "somewhere", false, true},
	} {
		if got := judge(c.from, c.to, c.external); (got != "") != c.bad {
			t.Errorf("judge(%s, %s) = %q, want bad %v", c.from, c.to, got, c.bad)
		}
	}
}
