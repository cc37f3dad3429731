package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// TestManPagesTellAllThatHelpTells: every command has a page, and every flag stands on it.
func TestManPagesTellAllThatHelpTells(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "man1")
	if code, _, errs := inProcess(t, "man", "--dir", dir); code != 0 || errs != "" {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	root := (&app{}).rootCommand()
	for _, cmd := range commands(root) {
		text, err := os.ReadFile(filepath.Join(dir, strings.ReplaceAll(cmd.CommandPath(), " ", "-")+".1"))
		if err != nil {
			t.Error(err)
			continue
		}
		page := string(text)
		for _, section := range []string{".TH EDGENET", ".SH NAME", ".SH SYNOPSIS", ".SH DESCRIPTION"} {
			if !strings.Contains(page, section) {
				t.Errorf("%s: no %s", cmd.CommandPath(), section)
			}
		}
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden && !strings.Contains(page, `\fB\-\-`+strings.ReplaceAll(f.Name, "-", `\-`)+`\fR`) {
				t.Errorf("%s: --%s is missing", cmd.CommandPath(), f.Name)
			}
		})
		for _, section := range []string{".SH EXIT STATUS\n.TP\n.B 0\n", ".SH ENVIRONMENT\n.TP\n"} {
			if lists(cmd) && !strings.Contains(page, section) {
				t.Errorf("%s: no %q", cmd.CommandPath(), section)
			}
		}
		if cmd.Example != "" && !strings.Contains(page, ".SH EXAMPLES\n.nf\nedgenet ") {
			t.Errorf("%s: no examples", cmd.CommandPath())
		}
		for l := range strings.Lines(page) {
			if strings.HasPrefix(l, "'") ||
				strings.HasPrefix(l, ".") && !strings.Contains(".TH .SH .SS .B .BR .PP .TP .nf .fi",
					strings.Fields(l)[0]) {
				t.Errorf("%s: %q is a request that was not meant", cmd.CommandPath(), l)
			}
		}
	}
}

func TestRoff(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"a-b": `a\-b`, ".TH": `\&.TH`, "a\n.b": "a\n\\&.b", `\n`: `\en`,
		"it's": `it\(aqs`} {
		if got := roff(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
