package layers

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write dependencies.txt anew")

// TestDependencies holds dependencies.txt against what the packages import and what the
// program links, so that a review sees what is new. It is written anew by
//
//	go test ./internal/verify/layers -update
func TestDependencies(t *testing.T) {
	t.Parallel()
	root := moduleRoot(t)
	got := "# What each package imports directly, and what the program links (linux/amd64).\n# Written by go test " +
		"./internal/verify/layers -update\n\n" + direct(t, root) + "\n" + linked(t, root)
	file := filepath.Join(root, "internal", "verify", "layers", "dependencies.txt")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil { //nolint:gosec // everybody may read it
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	had, has := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	for _, l := range has {
		if !slices.Contains(had, l) {
			t.Errorf("new:  %s", l)
		}
	}
	for _, l := range had {
		if !slices.Contains(has, l) {
			t.Errorf("gone: %s", l)
		}
	}
	if t.Failed() {
		t.Log("if that is meant: go test ./internal/verify/layers -update, and say why in the commit")
	} else if got != string(want) {
		t.Error("dependencies.txt is in another order: go test ./internal/verify/layers -update")
	}
}

// list asks the go command, for one platform whatever this one is.
func list(t *testing.T, root string, args ...string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list"}, args...)...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0", "GOFLAGS=")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %v: %v", args, err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// direct is a paragraph a package: its own module's packages, those of others, the standard
// library's.
func direct(t *testing.T, root string) string {
	t.Helper()
	var b strings.Builder
	for _, line := range list(t, root, "-f", "{{.ImportPath}}{{range .Imports}} {{.}}{{end}}", "./...") {
		words := strings.Fields(line)
		own, foreign, standard := sorted(words[1:])
		fmt.Fprintf(&b, "%s\n", strings.TrimPrefix(words[0], module+"/"))
		for _, group := range []struct {
			name  string
			paths []string
		}{{"own", own}, {"other", foreign}, {"standard", standard}} {
			if len(group.paths) > 0 {
				fmt.Fprintf(&b, "  %s: %s\n", group.name, strings.Join(group.paths, " "))
			}
		}
	}
	return b.String()
}

// sorted tells the three origins of packages apart.
func sorted(paths []string) (own, foreign, standard []string) {
	for _, p := range slices.Sorted(slices.Values(paths)) {
		first, _, _ := strings.Cut(p, "/")
		switch {
		case first == module:
			own = append(own, strings.TrimPrefix(p, module+"/"))
		case strings.Contains(first, "."):
			foreign = append(foreign, p)
		default:
			standard = append(standard, p)
		}
	}
	return own, foreign, standard
}

// linked is everything in the program, but for the inside of the standard library, which
// changes with every version of Go.
func linked(t *testing.T, root string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("The program links:\n")
	own, foreign, standard := sorted(list(t, root, "-deps", "./cmd/edgenet"))
	for _, p := range slices.Concat(own, foreign, standard) {
		if !strings.HasPrefix(p, "vendor/") && !slices.Contains(strings.Split(p, "/"), "internal") ||
			slices.Contains(own, p) {
			fmt.Fprintf(&b, "  %s\n", p)
		}
	}
	return b.String()
}
