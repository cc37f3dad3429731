package main

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// Where no locale says UTF-8, as on a Windows console with a code page of its own, nothing
// that we say has a sign beyond ASCII: help of every command, results and errors.
func TestASCIIWithoutALocale(t *testing.T) {
	t.Parallel()
	runs := [][]string{{"explain"}, {"lab", "scenarios"}, {"lab", "faults"}, {"version"},
		{"check", "--lab", "--scenario", "everything-down", "-v"}, {"check", "--lab", "--scenario", "proxy-only"},
		{"config", "generate", "--protocol", "AmqpWs", "--proxy", "http://proxy.corp:3128"},
		{"endpoints", "--hub", "contoso.azure-devices.net"}, {"ready", "--root", "testdata", "--offline"},
		{"check", "--hub", strings.Repeat("x", 300)}, {"check", "--targets", strings.Repeat("x", 700)}, // errors that are cut
		{"manifest", "set", "no-such-file"}, {"explain", strings.Repeat("y.", 200)}}
	var add func(c *cobra.Command)
	add = func(c *cobra.Command) {
		if c.Name() != "completion" { // the flag library's own words
			runs = append(runs, append(strings.Fields(c.CommandPath())[1:], "--help"))
			for _, sub := range c.Commands() {
				add(sub)
			}
		}
	}
	add((&app{}).rootCommand())
	if len(runs) < 40 {
		t.Fatalf("%d runs: the commands were not found", len(runs))
	}
	cut := false
	for _, args := range runs {
		_, out, errs := inProcess(t, args...)
		if out+errs == "" {
			t.Errorf("%v says nothing", args)
		}
		cut = cut || strings.Contains(errs, "...")
		for _, line := range strings.Split(out+errs, "\n") {
			if i := strings.IndexFunc(line, func(r rune) bool { return r > 0x7e }); i >= 0 {
				t.Errorf("%v: %q has %q", args, line, line[i:])
			}
		}
	}
	if !cut {
		t.Error("no message was cut: the ellipsis was not tried")
	}
}
