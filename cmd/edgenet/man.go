package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"edgenet/internal/command"
	"edgenet/internal/exit"
	"edgenet/internal/outfile"
	"edgenet/report"
)

// manCommand writes man pages out of what the commands and flags say of themselves.
// Cobra's own generator would bring a markdown parser and a YAML library along, and
// shows defaults in place of what a flag takes.
func (a *app) manCommand() *cobra.Command {
	dir := ""
	cmd := &cobra.Command{
		Use:   "man [COMMAND]",
		Short: "Print a man page, or write all of them",
		Long: `Man prints the man page of a command, or with --dir writes all of them into a folder, each
with its own name.`,
		Example: `  edgenet man check | man -l -
  edgenet man --dir man1`,
		Hidden: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if dir != "" {
				return a.writeManPages(cmd.Context(), cmd.Root(), dir)
			}
			page, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return exit.Usagef("no command %q: edgenet --help lists them",
					report.Clean(strings.Join(args, " "), 60))
			}
			return command.Print(a.Console, a.manPage(page))
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "write all pages into `DIR`, made where it is missing")
	return cmd
}

// writeManPages writes a page for every command that help lists.
func (a *app) writeManPages(ctx context.Context, root *cobra.Command, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // man pages are for everybody
		return exit.Inputf("--dir: %s", report.Clean(err.Error(), 300))
	}
	for _, cmd := range commands(root) {
		name := strings.ReplaceAll(cmd.CommandPath(), " ", "-") + ".1"
		if err := outfile.Write(ctx, filepath.Join(dir, name), outfile.Options{},
			outfile.Text(a.manPage(cmd))); err != nil {
			return exit.Result(err)
		}
	}
	return nil
}

// commands are all that help lists, the root first.
func commands(root *cobra.Command) []*cobra.Command {
	out := []*cobra.Command{root}
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() {
			out = append(out, commands(c)...)
		}
	}
	return out
}

// manPage is one page in the man macros that every system has. It has no date, so that
// the same binary writes the same page.
func (a *app) manPage(cmd *cobra.Command) string {
	var b strings.Builder
	name := strings.ReplaceAll(cmd.CommandPath(), " ", "-")
	fmt.Fprintf(&b, ".TH %s 1 \"\" \"edgenet %s\" \"User Commands\"\n", strings.ToUpper(roff(name)), roff(a.Version))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(name), roff(cmd.Short))
	fmt.Fprintf(
		&b,
		".SH SYNOPSIS\n.B %s\n%s\n",
		roff(cmd.CommandPath()),
		roff(strings.TrimSpace(strings.TrimPrefix(cmd.UseLine(), cmd.CommandPath()))),
	)
	long := cmd.Long
	if long == "" {
		long = cmd.Short + "."
	}
	b.WriteString(".SH DESCRIPTION\n")
	for i, p := range strings.Split(strings.TrimSpace(long), "\n\n") {
		if i > 0 {
			b.WriteString(".PP\n")
		}
		if code, ok := strings.CutPrefix(strings.TrimRight(p, "\n"), "\t"); ok { // a block to type, as cobra writes it
			b.WriteString(".nf\n" + roff(strings.ReplaceAll(code, "\n\t", "\n")) + "\n.fi\n")
			continue
		}
		b.WriteString(roff(p) + "\n")
	}
	manCommands(&b, cmd)
	if flags := cmd.LocalFlags(); flags.HasAvailableFlags() {
		b.WriteString(".SH OPTIONS\n")
		for _, name := range append(groups(), "") {
			set := grouped(flags, name)
			if name != "" && set.HasAvailableFlags() {
				fmt.Fprintf(&b, ".SS %s\n", roff(name))
			}
			set.VisitAll(func(f *pflag.Flag) { manFlag(&b, f) })
		}
	}
	if lists(cmd) {
		manSection(&b, "EXIT STATUS", exits(cmd))
		manSection(&b, "ENVIRONMENT", variables(cmd))
		manSection(&b, "FILES", files(cmd))
	}
	if cmd.Example != "" {
		fmt.Fprintf(&b, ".SH EXAMPLES\n.nf\n%s\n.fi\n", roff(strings.ReplaceAll(cmd.Example, "\n  ", "\n")[2:]))
	}
	if cmd.HasParent() {
		fmt.Fprintf(&b, ".SH SEE ALSO\n.BR %s (1)\n", roff(strings.ReplaceAll(cmd.Parent().CommandPath(), " ", "-")))
	}
	return b.String()
}

func manCommands(b *strings.Builder, cmd *cobra.Command) {
	if !cmd.HasAvailableSubCommands() {
		return
	}
	b.WriteString(".SH COMMANDS\n")
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			fmt.Fprintf(b, ".TP\n.BR %s (1)\n%s.\n", roff(strings.ReplaceAll(c.CommandPath(), " ", "-")), roff(c.Short))
		}
	}
}

// manFlag is -f, --format FORMAT with its words; pflag finds what a flag takes.
func manFlag(b *strings.Builder, f *pflag.Flag) {
	if f.Hidden {
		return
	}
	takes, usage := pflag.UnquoteUsage(f)
	b.WriteString(".TP\n")
	if f.Shorthand != "" {
		fmt.Fprintf(b, "\\fB\\-%s\\fR, ", roff(f.Shorthand))
	}
	fmt.Fprintf(b, "\\fB\\-\\-%s\\fR", roff(f.Name))
	if takes != "" && f.NoOptDefVal == "" {
		fmt.Fprintf(b, " \\fI%s\\fR", roff(takes))
	}
	fmt.Fprintf(b, "\n%s\n", roff(usage))
}

// roff escapes a text: what begins a request, and the characters that troff changes.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`).Replace(s)
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, ".") {
			lines[i] = `\&` + l
		}
	}
	return strings.Join(lines, "\n")
}
