package main

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"edgenet/internal/lab"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"edgenet": func() {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			a := system()
			if root := os.Getenv("TEST_ROOT"); root != "" {
				a.root = root
			}
			os.Exit(run(ctx, os.Args[1:], a))
		},
	})
}

// TestScripts runs the command line as a user would. Every script has a lab of its own:
// $HUB, $CA, $CONNECT (the --connect-to flags of the three ports), $OPEN, $BASIC and
// other proxies by name, $DEVICE (a connection string).
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			l, err := lab.Start(context.Background(), lab.Options{Dir: filepath.Join(env.WorkDir, "lab")})
			if err != nil {
				return err
			}
			env.Defer(func() {
				if err := l.Close(); err != nil {
					t.Error(err)
				}
			})
			i := l.Info()
			env.Values["lab"] = l
			env.Setenv("HUB", i.Hub)
			env.Setenv("CA", i.CAFile)
			env.Setenv("DEVICE", i.Device)
			env.Setenv("SERVICE", i.Service)
			ports := []string{"AMQPS", "MQTTS", "HTTPS"}
			for n, c := range i.ConnectTo[:3] {
				env.Setenv(ports[n], c)
			}
			for _, p := range i.Proxies {
				env.Setenv(strings.ToUpper(strings.ReplaceAll("PROXY_"+p.Name, "-", "_")), p.URL)
			}
			env.Setenv("LANG", "C.UTF-8")
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"fault":     faultCommand,
			"code":      codeCommand,
			"moduleenv": moduleEnvCommand, "desire": desireCommand, "twin": twinCommand, "telemetry": telemetryCommand,
		},
	})
}

// faultCommand puts faults on the script's lab: fault PLACE=FAULT[:ARG]…, or takes all
// away: fault clear PLACE.
func faultCommand(ts *testscript.TestScript, _ bool, args []string) {
	l := ts.Value("lab").(*lab.Lab)
	if len(args) == 2 && args[0] == "clear" {
		ts.Check(l.ClearFault(args[1]))
		return
	}
	for _, spec := range args {
		f, err := lab.ParseFault(spec)
		ts.Check(err)
		ts.Check(l.SetFault(f))
	}
}

// codeCommand runs a command and pins its exit code: code N edgenet ARGS….
func codeCommand(ts *testscript.TestScript, _ bool, args []string) {
	want := args[0]
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if got != want {
		ts.Fatalf("exit code %s, want %s (%v)", got, want, args[1:])
	}
}
