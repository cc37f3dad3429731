package main

import (
	"context"
	"flag"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"edgenet/internal/lab"
)

// atOnce is how many tests run side by side where nobody says otherwise: most of them wait
// for a timeout, and need no processor for that.
const atOnce = 16

func TestMain(m *testing.M) {
	if strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe") != "edgenet" { // else it is the program of a script
		flag.Parse()
		given := false
		flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
		if !given {
			_ = flag.Set("test.parallel", strconv.Itoa(atOnce)) // a flag of every test binary
		}
	}
	testscript.Main(m, map[string]func(){
		"edgenet": func() {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			a := system(ctx)
			if root := os.Getenv("TEST_ROOT"); root != "" {
				a.Root = root
			}
			code := run(ctx, os.Args[1:], a)
			if file := os.Getenv("TEST_PEAK"); file != "" {
				status, _ := os.ReadFile("/proc/self/status") // whoever asks knows that it is there
				_ = os.WriteFile(file, status, 0o600)
			}
			os.Exit(code)
		},
	})
}

// TestScripts runs the command line as a user would. Every script has a lab of its own:
// $HUB, $CA, $CONNECT (the --connect-to flags of the three ports), $OPEN, $BASIC and
// other proxies by name, $DEVICE (a connection string).
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:   "testdata/script",
		Setup: func(env *testscript.Env) error { return setupLab(t, env) },
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"fault":     faultCommand,
			"code":      codeCommand,
			"appears":   appearsCommand,
			"mkdev":     deviceCommand,
			"moduleenv": moduleEnvCommand, "desire": desireCommand, "twin": twinCommand, "telemetry": telemetryCommand,
			"pack": packCommand,
		},
	})
}

// setupLab gives a script a lab of its own, and its names.
func setupLab(t *testing.T, env *testscript.Env) error {
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
	env.Setenv("DNS", i.DNS)
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

// appearsCommand waits until a file matches: appears FILE PATTERN.
func appearsCommand(ts *testscript.TestScript, _ bool, args []string) {
	pattern := regexp.MustCompile(args[1])
	for until := time.Now().Add(2 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		text, err := os.ReadFile(ts.MkAbs(args[0]))
		if err == nil && pattern.Match(text) {
			return
		}
		if time.Now().After(until) {
			ts.Fatalf("%s never matched %s:\n%s", args[0], args[1], text)
		}
	}
}

// deviceCommand makes a device's files for the script's lab: mkdev DIR has the lab's hub by
// DPS, AmqpWs, the Basic proxy with its password, and the lab's CA as trust bundle.
func deviceCommand(ts *testscript.TestScript, _ bool, args []string) {
	ca := ts.ReadFile(ts.Getenv("CA"))
	for name, text := range map[string]string{
		"etc/aziot/config.toml": "trust_bundle_cert = \"file:///etc/ca.pem\"\n[provisioning]\nsource = " +
			"\"dps\"\nglobal_endpoint = \"https://global.azure-devices-provisioning.test\"\nid_scope = \"0ne0\"\n" +
			"[provisioning.attestation]\nmethod = \"tpm\"\nregistration_id = \"d\"\n[agent]\nname = \"edgeAgent\"\n" +
			"type = \"docker\"\nconfig.image = \"a.test/agent:1.5\"\n[agent.env]\nUpstreamProtocol = \"AmqpWs\"\n" +
			"https_proxy = \"" + ts.Getenv("PROXY_BASIC") + "\"\n",
		"etc/ca.pem": ca,
		"var/lib/aziot/identityd/device_info": "hub_name = \"" + ts.Getenv("HUB") + "\"\nlocal_gateway_hostname = \"" +
			ts.Getenv("HUB") + "\"\ndevice_id = \"d\"\n",
	} {
		path := ts.MkAbs(filepath.Join(args[0], name))
		ts.Check(os.MkdirAll(filepath.Dir(path), 0o755))
		ts.Check(os.WriteFile(path, []byte(text), 0o600))
	}
}
