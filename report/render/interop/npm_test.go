//go:build interop

package interop

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"edgenet/internal/verify/blackbox"
	"edgenet/internal/verify/testkit"
)

// packages of npm, pinned.
var packages = []string{"puppeteer-core@24.43.1", "axe-core@4.14.1", "html-validate@10.17.0",
	"mocha-junit-reporter@2.2.1", "markdown-it@15.0.3"}

// madeDir is the folder that npmDir made, to be removed at the end.
var madeDir string

func TestMain(m *testing.M) {
	code := m.Run()
	if madeDir != "" {
		_ = os.RemoveAll(madeDir) // it is a temporary folder in any case
	}
	os.Exit(code)
}

// npmDir is set up once for all tests.
var npmDir = sync.OnceValues(func() (string, error) {
	dir := os.Getenv("EDGENET_INTEROP_NPM")
	if dir == "" {
		made, err := os.MkdirTemp("", "edgenet-formats-")
		if err != nil {
			return "", err
		}
		dir, madeDir = made, made
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "markdown-it")); err == nil {
		return dir, nil
	}
	var err error
	for wait := range 3 { // registries have their moments
		time.Sleep(time.Duration(wait) * 3 * time.Second)
		if err = install(dir); err == nil {
			return dir, nil
		}
	}
	return "", err
})

func install(dir string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	args := append([]string{"install", "--prefix", dir, "--no-audit", "--no-fund", "--loglevel=error"}, packages...)
	if text, err := exec.CommandContext(ctx, "npm", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("npm %v: %w\n%s", args, err, text)
	}
	return nil
}

// node runs a script of testdata, or a command of an npm package, and gives what it
// printed.
func node(t *testing.T, script string, args ...string) ([]byte, error) {
	t.Helper()
	blackbox.Need(t, "node", "npm")
	dir, err := npmDir()
	if err != nil {
		blackbox.Miss(t, err.Error())
	}
	path := filepath.Join(dir, "node_modules", ".bin", script)
	if filepath.Ext(script) == ".mjs" {
		text, err := os.ReadFile(filepath.Join("testdata", script))
		if err != nil {
			t.Fatal(err)
		}
		path = filepath.Join(dir, script) // beside the packages, where node looks for them
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(testkit.Within(t, 10*time.Minute), "node", append([]string{path}, args...)...)
	cmd.Stderr = os.Stderr
	return cmd.Output()
}
