package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"edgenet/internal/exit"
	"edgenet/internal/lazyregexp"
	"edgenet/internal/suggest"
	"edgenet/report"
)

// noArguments refuses arguments: of a command that has others below it, with the one
// that was probably meant.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	what := report.Clean(args[0], 60)
	if !cmd.HasAvailableSubCommands() {
		return exit.Usagef("%s takes no arguments, only flags: what is %q for?", cmd.CommandPath(), what)
	}
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	if near := suggest.DidYouMean(args[0], names); near != "" {
		return exit.Usagef("unknown command %q for %q%s", what, cmd.CommandPath(), near)
	}
	return exit.Usagef("unknown command %q for %q: expected %s", what, cmd.CommandPath(), suggest.Alternatives(names))
}

// arguments refuses any other number of arguments than from least to most, and says
// which are wanted.
func arguments(least, most int, wanted string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < least || len(args) > most {
			return exit.Usagef("%s takes %s, got %d arguments", cmd.CommandPath(), wanted, len(args))
		}
		return nil
	}
}

var unknownFlag = lazyregexp.New(`^unknown flag: --([\w-]+)`)

// flagError adds to what pflag says of a mistyped flag the one that was probably meant.
func flagError(cmd *cobra.Command, err error) error {
	m := unknownFlag().FindStringSubmatch(err.Error())
	if m == nil {
		return exit.UsageError{Err: err}
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	near := suggest.Nearest(m[1], names)
	for i := range near {
		near[i] = "--" + near[i]
	}
	if len(near) == 0 {
		return exit.UsageError{Err: err}
	}
	return exit.Usagef("%w; did you mean %s?", err, suggest.Alternatives(near))
}

// completesKey marks the values that complete a flag.
const completesKey = "edgenet completes"

// oneOf says which values complete a flag. The shell's request alone registers them: cobra
// keeps what is registered for good, with the whole tree of commands.
func oneOf(cmd *cobra.Command, flag string, values ...string) {
	f := cmd.Flags().Lookup(flag)
	if f.Annotations == nil {
		f.Annotations = map[string][]string{}
	}
	f.Annotations[completesKey] = slices.Sorted(slices.Values(values))
}

// registerCompletions tells cobra what completes the flags of a command and of those below it.
func registerCompletions(cmd *cobra.Command) error {
	var failed error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if values := f.Annotations[completesKey]; len(values) > 0 {
			failed = errors.Join(failed, cmd.RegisterFlagCompletionFunc(f.Name, completer(values)))
		}
	})
	for _, c := range cmd.Commands() {
		failed = errors.Join(failed, registerCompletions(c))
	}
	return failed
}

// completer completes the last value of a list.
func completer(values []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		before := "" // what stands before the last comma
		if i := strings.LastIndex(typed, ","); i >= 0 {
			before = typed[:i+1]
		}
		out := make([]string, len(values))
		for i, v := range values {
			out[i] = before + v
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	}
}
