package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestUsage: what is wrong is said before anything is compiled or written.
func TestUsage(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "out")
	for args, want := range map[string]string{
		"":                       "--out DIR",
		"--out " + dir + " more": "no arguments",
		"--out " + dir + " --platform linux/mips":    "expected linux/amd64",
		"--out " + dir + " --version a/b":            "image's tag",
		"--out " + dir + " --version -X":             "do not start with",
		"--out " + dir + " --nothing":                "unknown flag",
		"--out " + dir + " --version x'-s=w":         "image's tag",
		"--platform linux/amd64 --archives /nowhere": "--out DIR",
	} {
		var out, errs bytes.Buffer
		if code := run(t.Context(), strings.Fields(args), &out, &errs); code != 2 ||
			!strings.Contains(errs.String(), want) {
			t.Errorf("build %s: exit %d, %s", args, code, errs.String())
		}
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("wrong usage made the directory")
	}
}
