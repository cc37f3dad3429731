package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// The exit codes of all commands; exitOther and exitInterrupted come with a verdict.
const (
	exitGood        = 0
	exitBad         = 1
	exitUsage       = 2
	exitOther       = 3 // another protocol than the expected one works
	exitInterrupted = 130
)

// app is what a command may touch of the process.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	width          func() int // of the terminal behind stdout; 0 means it is none
	errWidth       func() int // of the one behind stderr; nil means none
	root           string     // of the file system whose settings are read
}

// system is the real process.
func system() *app {
	width := func(f *os.File) func() int { return func() int { return terminalWidth(f) } }
	return &app{os.Stdin, os.Stdout, os.Stderr, os.Getenv, width(os.Stdout), width(os.Stderr), "/"}
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

// usageError is wrong usage or unreadable input: nothing was probed.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// exitError carries an exit code that is no error of the program.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// run is the whole program as a function of its inputs.
func run(ctx context.Context, args []string, a *app) int {
	root := a.rootCommand()
	root.SetArgs(args)
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	cmd, err := execute(ctx, root, args)
	var code exitError
	switch {
	case err == nil:
		return exitGood
	case errors.As(err, &code):
		return int(code)
	}
	fmt.Fprintf(a.stderr, "edgenet: %s\n", err)
	if _, ok := err.(runError); ok { //nolint:errorlint // never wrapped
		return exitBad
	}
	fmt.Fprintf(a.stderr, "Try '%s --help'.\n", cmd.CommandPath())
	return exitUsage
}

// execute runs the command. One that there is not is said before its flags are, which
// belong to the one that was meant.
func execute(ctx context.Context, root *cobra.Command, args []string) (*cobra.Command, error) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd(args...)
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") && !strings.HasPrefix(args[0], cobra.ShellCompRequestCmd) {
		if cmd, _, err := root.Find(args[:1]); err != nil || cmd == root {
			return root, noArguments(root, args)
		}
	}
	return root.ExecuteContextC(ctx)
}

// runError is a failure of the program itself, after the usage was found right.
type runError struct{ error }

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "edgenet",
		Short: "Find out how an IoT Edge device reaches its cloud, and what stops it",
		Long: `edgenet probes the ways out to IoT Hub (AMQP 5671, MQTT 8883, AMQP and MQTT over
WebSocket 443, HTTPS 443), directly and through the site's proxy, with real protocol
handshakes. It says which hop, which stage and which cause stopped each one, who can
fix it, and which UpstreamProtocol works.`,
		Example: `  edgenet check --lab                                 try it, with nothing but this binary
  edgenet check --hub contoso.azure-devices.net
  edgenet check --hub contoso.azure-devices.net --proxy http://proxy.corp:3128
  edgenet explain tcp.timeout                         what it means, who acts, what to do`,
		SilenceErrors: true, SilenceUsage: true,
	}
	root.AddCommand(a.checkCommand(), a.configCommand(), a.diffCommand(), a.endpointsCommand(), a.explainCommand(), a.labCommand(), a.logsCommand(), a.manCommand(), a.manifestCommand(), a.moduleCommand(), a.versionCommand())
	root.SetUsageFunc(a.usage)
	root.SetFlagErrorFunc(flagError)
	return root
}
