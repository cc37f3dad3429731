package layers

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "edgenet"

// order has one row for each package, lowest first: a package may import those above it in
// this list, and none below. Who adds a package gives it the row that it deserves.
var order = []string{
	"report",
	"internal/judge",
	"report/diff",
	"report/watch",
	"internal/lazyregexp",
	"internal/markup",
	"internal/sorting",
	"internal/secret",
	"internal/neterr",
	"internal/amqpwire",
	"internal/iothub",
	"internal/iothub/service",
	"internal/proxyurl",
	"internal/exit",
	"internal/suggest",
	"internal/placeholder",
	"internal/bundle",
	"internal/practice",
	"internal/rule",
	"internal/infile",
	"internal/outfile",
	"internal/hostname",
	"internal/metrics",
	"internal/hop",
	"proxy",
	"probe",
	"report/render",
	"report/render/html",
	"internal/build",
	"internal/console",
	"internal/outputs",
	"internal/jsonedit",
	"internal/edgeagent",
	"internal/supportbundle",
	"internal/device",
	"internal/manifest",
	"internal/manifest/junit",
	"internal/inputs",
	"internal/consistency",
	"internal/generate",
	"internal/endpoints",
	"internal/image",
	"internal/engine",
	"internal/sarif",
	"internal/ready",
	"internal/ready/gather",
	"internal/ready/show",
	"internal/vantage",
	"internal/alarm",
	"internal/twin",
	"internal/sidecar/fence",
	"internal/sidecar/desired",
	"internal/sidecar/machine",
	"internal/sidecar/store",
	"internal/sidecar/web",
	"internal/sidecar",
	"internal/lab/pki",
	"internal/lab/mqtt",
	"internal/lab/amqp",
	"internal/lab/workload",
	"internal/lab/engine",
	"internal/lab/hub",
	"internal/lab/dps",
	"internal/lab/twinsql",
	"internal/lab/fleet",
	"internal/lab",
	"internal/lab/rollout",
	"internal/logs/record",
	"internal/logs/pattern",
	"internal/logs/story",
	"internal/logs/redact",
	"internal/logs/source",
	"internal/logs",
	"internal/logs/live",
	"internal/logs/render",
	"internal/fleet",
	"internal/fleet/rollout",
	"internal/fleet/survey",
	"internal/fleet/show",
	"internal/fleet/fakehub",
	"internal/fleet/measure",
	"internal/fleet/command",
	"internal/check/sweep",
	"internal/check",
	"internal/command",
	"deploy/module",
	"deploy/module/build",
	"deploy/fleet",
	"cmd/edgenet",
	"deploy/module/interop",
	"deploy/fleet/interop",
	"internal/verify/blackbox",
	"internal/verify/chaos",
	"internal/engine/interop",
	"internal/generate/interop",
	"internal/verify/interop",
	"internal/lab/interop",
	"internal/verify/layers",
	"internal/verify/mutate",
	"internal/verify/netns",
	"internal/verify/devicelog",
	"internal/verify/sample",
	"internal/verify/testkit",
	"internal/verify/speed",
	"internal/sidecar/interop",
	"internal/twin/interop",
	"report/render/interop",
}

// strict is the last package that stays with the standard library, with all before it.
const strict = "internal/judge"

// forbidden are edges that point down and are wrong all the same: what judges and what
// is judged have no code in common. Report itself stays with the standard library.
var forbidden = []struct{ from, to, why string }{
	{"report/render/...", "internal/judge", "what draws decides nothing"},
	{"internal/lab/...", "probe", "the lab is what the probes are tested against"},
	{"internal/lab/...", "proxy", "the lab is what the proxy code is tested against"},
	{"internal/lab/...", "internal/hop", "the lab is what the hops are tested against"},
	{"internal/lab/...", "internal/amqpwire", "the lab writes the frames that this one reads"},
	{"internal/lab/...", "report", "the lab does not know how its faults are called"},
}

func matches(pattern, pkg string) bool {
	base, deep := strings.CutSuffix(pattern, "/...")
	return pkg == base || deep && strings.HasPrefix(pkg, base+"/")
}

// judge says what is wrong with an import, empty where nothing is. Paths are relative
// to the module; external is an import of another module.
func judge(from, to string, external bool) string {
	rf := slices.Index(order, from)
	if rf < 0 {
		return fmt.Sprintf("%s has no place in the layers: give it a row in order", from)
	}
	if external {
		if rf <= slices.Index(order, strict) && strings.Contains(strings.SplitN(to, "/", 2)[0], ".") {
			return fmt.Sprintf("%s imports %s: it stays with the standard library", from, to)
		}
		return ""
	}
	for _, f := range forbidden {
		if matches(f.from, from) && matches(f.to, to) {
			return fmt.Sprintf("%s imports %s: %s", from, to, f.why)
		}
	}
	rt := slices.Index(order, to)
	switch {
	case rt < 0:
		return fmt.Sprintf("%s imports %s, which has no place in the layers", from, to)
	case rt >= rf:
		return fmt.Sprintf("%s imports %s, which stands below it in order: imports point up that list only", from, to)
	}
	return ""
}

// TestOneRowAPackage: no row stands twice, and none is left of a package that went.
func TestOneRowAPackage(t *testing.T) {
	t.Parallel()
	root := moduleRoot(t)
	seen := map[string]bool{}
	for _, p := range order {
		if seen[p] {
			t.Errorf("%s has two rows", p)
		}
		seen[p] = true
		if files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(p), "*.go")); err != nil ||
			len(files) == 0 {
			t.Errorf("%s has a row and no files, %v", p, err)
		}
	}
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
			if name != root && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" ||
				base == "node_modules") {
				return filepath.SkipDir
			}
			if _, err := os.Stat(filepath.Join(name, "go.mod")); err == nil && name != root {
				return filepath.SkipDir // a module of its own
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
