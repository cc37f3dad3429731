package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"edgenet/internal/exit"
	"edgenet/report"
)

// usageWidth is how wide a help text is where no terminal says otherwise.
const usageWidth = 100

// usage prints how a command is used: wrapped to the terminal, and without the
// "=true|false" that pflag writes behind every switch.
func (a *app) usage(cmd *cobra.Command) error {
	width := usageWidth
	if w := a.OutWidth(); w >= 60 {
		width = min(w, usageWidth)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Usage:\n  %s\n", cmd.UseLine())
	if cmd.Example != "" {
		fmt.Fprintf(&b, "\nExamples:\n%s\n", cmd.Example)
	}
	if cmd.HasAvailableSubCommands() {
		b.WriteString("\nCommands:\n")
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() {
				fmt.Fprintf(&b, "  %-12s %s\n", c.Name(), c.Short)
			}
		}
	}
	flags := cmd.LocalFlags()
	for _, name := range append(groups(), "") {
		set := grouped(flags, name)
		if !set.HasAvailableFlags() {
			continue
		}
		if name == "" {
			name = "Flags"
		}
		const noise = "[=true|false]"
		fmt.Fprintf(
			&b,
			"\n%s:\n%s",
			name,
			strings.ReplaceAll(set.FlagUsagesWrapped(width), noise, strings.Repeat(" ", len(noise))),
		)
	}
	b.WriteString(exitText(cmd))
	_, err := io.WriteString(cmd.OutOrStderr(), b.String())
	return err
}

// choose makes a command that only holds others ask for one of them.
func choose(cmd *cobra.Command) {
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var names []string
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() {
				names = append(names, c.Name())
			}
		}
		if len(args) > 0 {
			return exit.Usagef(
				"%s has no command %q: it has %s",
				cmd.CommandPath(),
				report.Clean(args[0], 40),
				strings.Join(names, ", "),
			)
		}
		return exit.Usagef("%s: which one? %s", cmd.CommandPath(), strings.Join(names, ", "))
	}
	cmd.Args = cobra.ArbitraryArgs
}
