package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"edgenet/internal/build"
	"edgenet/internal/command"
	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/report"
)

// The limits of a path and of a round, as help texts say them; package probe has them.
const (
	standardTimeout  = 10 * time.Second
	standardDeadline = 60 * time.Second
)

// How long a command may take to end after the first signal, before it is left where it
// is: what reads and writes ends by itself, what a system call holds does not.
const (
	endWithin     = 10 * time.Second
	slowEndWithin = time.Minute
)

// app makes commands of a process.
type app struct {
	*console.Console
	slow atomic.Bool // the command has something to take away at its end
}

// slowEnd is said by a command that needs time to end well.
func (a *app) slowEnd() { a.slow.Store(true) }

func (a *app) patience() time.Duration {
	if a.slow.Load() {
		return slowEndWithin
	}
	return endWithin
}

// system is the real process.
func system(ctx context.Context) *app {
	width := func(f *os.File) func() int { return func() int { return terminalWidth(f) } }
	return &app{Console: &console.Console{
		Stdin: os.Stdin, Stdout: console.Interruptible(ctx, os.Stdout), Stderr: console.Interruptible(ctx, os.Stderr),
		Getenv: os.Getenv, Width: width(os.Stdout), ErrWidth: width(os.Stderr), Height: terminalHeight, Root: "/",
		Version: build.Known().Version,
	}}
}

func terminalWidth(f *os.File) int {
	fd := int(f.Fd()) //nolint:gosec // a file descriptor fits
	if !term.IsTerminal(fd) {
		return 0
	}
	w, _, err := term.GetSize(fd)
	if err != nil || w <= 0 {
		return 80
	}
	return w
}

// terminalHeight is how many rows the terminal has that a person looks at; 0 where there is
// none.
func terminalHeight() int {
	for _, f := range []*os.File{os.Stdout, os.Stderr} {
		if _, rows, err := term.GetSize(int(f.Fd())); err == nil { //nolint:gosec // a file descriptor fits
			return max(rows, 0)
		}
	}
	return 0
}

// run is the whole program as a function of its inputs. The first signal ends it,
// whatever holds it.
func run(ctx context.Context, args []string, a *app) int {
	a = a.discreet(args)
	done := make(chan int, 1)
	go func() { done <- a.runCommand(ctx, args) }()
	select {
	case code := <-done:
		return code
	case <-ctx.Done():
	}
	select {
	case code := <-done:
		return code
	case <-time.After(a.patience()):
		return exit.Interrupted
	}
}

func (a *app) runCommand(ctx context.Context, args []string) int {
	root := a.rootCommand(args...)
	root.SetArgs(args)
	root.SetIn(a.Stdin)
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	cmd, err := execute(ctx, root, args)
	for _, m := range exit.Messages(err) {
		fmt.Fprintf(a.Stderr, "edgenet: %s\n", a.Signs(lines(m)))
	}
	if exit.Help(err) {
		fmt.Fprintf(a.Stderr, "Try '%s --help'.\n", cmd.CommandPath())
	}
	return exit.Code(err)
}

// lines cleans a message and keeps its lines.
func lines(m string) string {
	out := strings.Split(m, "\n")
	for i := range out {
		out[i] = report.Clean(out[i], 600)
	}
	return strings.Join(out, "\n  ")
}

// execute runs the command. One that there is not is said before its flags are, which
// belong to the one that was meant.
func execute(ctx context.Context, root *cobra.Command, args []string) (*cobra.Command, error) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd(args...)
	completes := len(args) > 0 && strings.HasPrefix(args[0], cobra.ShellCompRequestCmd)
	if completes {
		if err := registerCompletions(root); err != nil {
			return root, err
		}
	}
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") && !completes {
		if cmd, _, err := root.Find(args[:1]); err != nil || cmd == root {
			return root, noArguments(root, args)
		}
	}
	return root.ExecuteContextC(ctx)
}

// maker makes a command with its flags.
type maker struct {
	name string
	make func() *cobra.Command
}

// makers are all commands but those that cobra adds.
func (a *app) makers() []maker {
	return append([]maker{
		{"bundle", a.bundleCommand}, {"check", a.checkCommand}, {"config", a.configCommand}, {"diff", a.diffCommand},
		{"endpoints", a.endpointsCommand}, {"explain", a.explainCommand}, {man, a.manCommand},
		{"manifest", a.manifestCommand}, {"module", a.moduleCommand}, {"version", a.versionCommand},
	}, a.deskMakers()...)
}

// man is the one command that looks at the others.
const man = "man"

// addCommands adds all commands, or where the arguments begin with the name of one, that one
// alone: the flags of all together take longer than all else that a start does.
func (a *app) addCommands(root *cobra.Command, args []string) {
	all := a.makers()
	if len(args) > 0 && args[0] != man {
		if i := slices.IndexFunc(all, func(m maker) bool { return m.name == args[0] }); i >= 0 {
			all = all[i : i+1]
			root.CompletionOptions.DisableDefaultCmd = true
		}
	}
	for _, m := range all {
		root.AddCommand(m.make())
	}
}

// rootCommand is the program for a command line; without one it has all commands.
func (a *app) rootCommand(args ...string) *cobra.Command {
	root := &cobra.Command{
		Use:   "edgenet",
		Short: "Find out how an IoT Edge device reaches its cloud, and what stops it",
		Long: `edgenet probes the ways out to IoT Hub (AMQP 5671, MQTT 8883, AMQP and MQTT over
WebSocket 443, HTTPS 443), directly and through the site's proxy, with real protocol
handshakes. It says which hop, which stage and which cause stopped each one, who can
fix it, and which UpstreamProtocol works.`,
		Example: `  edgenet check --lab                                 try it, with nothing but this binary
  edgenet check contoso.azure-devices.net
  edgenet check --hub contoso.azure-devices.net --proxy http://proxy.corp:3128
  edgenet explain tcp.timeout                         what it means, who acts, what to do`,
		SilenceErrors: true, SilenceUsage: true,
	}
	showVersion := root.Flags().Bool("version", false, "print version, commit, date and Go version")
	root.RunE = func(cmd *cobra.Command, _ []string) error {
		if *showVersion { // cobra's own flag would link text/template, and with it two megabytes
			return command.Print(a.Console, build.Known().String()+"\n")
		}
		return cmd.Help()
	}
	a.addCommands(root, args)
	root.SetUsageFunc(a.usage)
	root.SetHelpFunc(a.help)
	root.SetFlagErrorFunc(flagError)
	return root
}

// help is the command's description, its usage, and what its exit codes mean.
func (a *app) help(cmd *cobra.Command, _ []string) {
	text := cmd.Long
	if text == "" {
		text = cmd.Short + "."
	}
	_, _ = io.WriteString(a.Stdout, text+"\n\n") // usage fails for the same reason
	_ = a.usage(cmd)
	if !cmd.HasParent() || cmd.Name() == "check" {
		_ = command.Words(a.Console)
	}
}
