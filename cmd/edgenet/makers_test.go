package main

import (
	"slices"
	"testing"

	"github.com/spf13/cobra"
)

// TestOneCommandIsMade: a command line that names a command makes that one alone, the same as in the
// whole program, and any other command line makes all.
func TestOneCommandIsMade(t *testing.T) {
	t.Parallel()
	names := func(root *cobra.Command) (out []string) {
		for _, c := range root.Commands() {
			out = append(out, c.Name())
		}
		return out
	}
	all := names((&app{}).rootCommand())
	for _, m := range (&app{}).makers() {
		if !slices.Contains(all, m.name) {
			t.Errorf("%s makes another command: %q", m.name, all)
		}
		want := []string{m.name}
		if m.name == man {
			want = all
		}
		if got := names((&app{}).rootCommand(m.name, "--help")); !slices.Equal(got, want) {
			t.Errorf("%s: made %q, want %q", m.name, got, want)
		}
	}
	for _, line := range [][]string{{"--help"}, {"help", "check"}, {"completion", "bash"}, {"chekc"},
		{cobra.ShellCompRequestCmd, "check", ""}} {
		if got := names((&app{}).rootCommand(line...)); !slices.Equal(got, all) {
			t.Errorf("%q: made %q, want %q", line, got, all)
		}
	}
}
