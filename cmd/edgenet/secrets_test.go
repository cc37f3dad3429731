package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"edgenet/internal/console"
	"edgenet/internal/verify/testkit"
)

// planted and plantedNumber are what no output may hold, in any case of letters.
const (
	planted       = "Pl4ntedS3cret"
	plantedNumber = "739146852" // no time, size or port is that
)

// leaked tells whether a text holds what was planted.
func leaked(text string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(planted)) || strings.Contains(text, plantedNumber)
}

// spoilt are URLs and connection strings as people spoil them, each with the planted
// secret where its secret is, and none of them good for anything.
var spoilt = []string{
	"http://user:" + planted + "%40proxy.test:3128", "http://user:" + planted + "%2540proxy.test:3128",
	"http%3A%2F%2Fuser%3A" + planted + "%40proxy.test%3A3128",
	"http://user:" + planted + "\uff20proxy.test:3128", "http\uff1a\u2215\u2215user\u2236" + planted +
		"\ufe6bproxy.test:3128",
	"user:" + planted + "@proxy.test:3128", "http://us er:" + planted + "@proxy.test:x", "http://user:a,b@" + planted +
		"@proxy.test:99999", "http://user:" + planted, "://user\n:" + planted + "@proxy.test",
	"HostName=x.azure-devices.net;DeviceId=d;SharedAccessKey=" + planted,
	"HostName=x.azure-devices.net;SharedAccessKeyName=a;sharedaccesskey = " + planted + "=", "SharedAccesKey=" +
		planted + ",DeviceId=d",
	"SharedAccessSignature sr=x.azure-devices.net&sig=" + planted + "%3D&se=1",
	"http://admin:" + plantedNumber + "/", "admin:" + plantedNumber,
}

// secretRun is the program in a folder of its own, with whatever it wrote.
type secretRun struct {
	t     *testing.T
	dir   string
	env   map[string]string // replaced, and never written to: runs read it
	runs  int
	slots chan struct{}
	all   sync.WaitGroup
}

// sideBySide is how many runs are under way: most of their time they wait.
const sideBySide = 8

// do runs the program beside others.
func (s *secretRun) do(what string, args ...string) {
	s.runs++
	env := s.env
	s.slots <- struct{}{}
	s.all.Go(func() {
		defer func() { <-s.slots }()
		s.one(what, env, args)
	})
}

// one runs the program and looks for the planted secret in all that it leaves. Some
// commands run until they are told to stop.
func (s *secretRun) one(what string, env map[string]string, args []string) {
	s.t.Helper()
	var out, errs testkit.Buffer // who is told to end may still write on a busy machine
	a := &app{Console: &console.Console{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
		Getenv: func(name string) string { return env[name] }, Width: func() int { return 0 },
		Root: filepath.Join(s.dir, "empty")}}
	limit := 3 * time.Second
	if args[0] == "lab" || args[0] == "module" {
		limit = 60 * time.Millisecond
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	code := run(ctx, args, a)
	if leaked(out.String() + errs.String()) {
		s.t.Errorf("%s: the secret is shown (exit code %d):\n%s%s\n%q", what, code, out.String(), errs.String(), args)
	}
}

// sweep looks through every file that the runs left, but for those that the test wrote.
func (s *secretRun) sweep(mine string) {
	s.t.Helper()
	s.all.Wait()
	err := filepath.WalkDir(s.dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(name, mine) || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(name)
		if leaked(unzipped(b)) {
			s.t.Errorf("%s holds the secret", name)
		}
		return err
	})
	if err != nil {
		s.t.Error(err)
	}
}

// base are the arguments with which a command gets to work without leaving this host.
func (s *secretRun) base(path string) []string {
	here := []string{"--resolver", "127.0.0.1:1", "--connect-to", "x.azure-devices.net:443:127.0.0.1:1", "--timeout",
		"40ms", "--deadline", "60ms", "--root", filepath.Join(s.dir, "empty")}
	switch path {
	case "check":
		return append([]string{"--hub", "x.azure-devices.net", "--protocol", "HTTPS", "-v"}, here...)
	case "endpoints":
		return append([]string{"--hub", "x.azure-devices.net"}, here...)
	case "config show", "config generate":
		return []string{"--root", filepath.Join(s.dir, "empty")}
	}
	return nil
}

// leaves are the commands that do something.
func leaves(cmd *cobra.Command) (out []*cobra.Command) {
	for _, c := range cmd.Commands() {
		if c.HasSubCommands() {
			out = append(out, leaves(c)...)
		} else if c.Name() != "help" && c.Name() != "completion" {
			out = append(out, c)
		}
	}
	return out
}

func newSecretRun(t *testing.T) *secretRun {
	t.Helper()
	s := &secretRun{t: t, dir: t.TempDir(), env: map[string]string{}, slots: make(chan struct{}, sideBySide)}
	t.Cleanup(s.all.Wait)
	for _, d := range []string{"empty", "tmp", "mine"} {
		if err := os.Mkdir(filepath.Join(s.dir, d), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// TestNothingTypedIsRepeated gives every flag and argument of every command what may be a
// secret in the wrong place.
func TestNothingTypedIsRepeated(t *testing.T) {
	s := newSecretRun(t)
	t.Chdir(s.dir) // a flag may name a file to write
	t.Setenv("TMPDIR", filepath.Join(s.dir, "tmp"))
	for _, cmd := range leaves((&app{Console: &console.Console{}}).rootCommand()) {
		path := strings.TrimPrefix(cmd.CommandPath(), "edgenet ")
		words := append(strings.Fields(path), s.base(path)...)
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			for i, text := range spoilt {
				if f.Value.Type() == "bool" && i > 3 || i%2 == 1 && f.Value.Type() == "duration" {
					continue
				}
				s.do(path+" --"+f.Name, append(words[:len(words):len(words)], "--"+f.Name+"="+text)...)
			}
		})
		for _, text := range spoilt {
			s.do(path+" ARGUMENT", append(words[:len(words):len(words)], text)...)
			s.do(path+" two arguments", append(words[:len(words):len(words)], text, text)...)
		}
		s.do(path+" --UNKNOWN", append(words[:len(words):len(words)], "--"+spoilt[0])...)
	}
	for _, text := range spoilt {
		s.do("COMMAND", text)
		s.do("config COMMAND", "config", text)
		s.do("a flag of no command", "--"+text)
		s.do("a short flag", "check", "-x"+text)
	}
	if s.runs < 900 {
		t.Errorf("only %d runs", s.runs)
	}
	s.sweep(filepath.Join(s.dir, "mine"))
}

// TestNoVariableIsRepeated does the same with every variable of the environment.
func TestNoVariableIsRepeated(t *testing.T) {
	t.Parallel()
	s := newSecretRun(t)
	for _, name := range secretVariables {
		for i, text := range spoilt {
			s.env = map[string]string{
				"IOTEDGE_DEVICEID": "d", "IOTEDGE_MODULEID": "m", "IOTEDGE_GATEWAYHOSTNAME": "127.0.0.1",
				"IOTEDGE_IOTHUBHOSTNAME": "x.azure-devices.net", "IOTEDGE_WORKLOADURI": "unix:///nowhere/sock",
				"IOTEDGE_MODULEGENERATIONID": "1", "IOTEDGE_APIVERSION": "2022-08-03", "IOTEDGE_AUTHSCHEME": "sasToken",
				"EDGENET_CONNECT_TO": "x.azure-devices.net:443:127.0.0.1:1", "EDGENET_HTTP_LISTEN": "127.0.0.1:0",
			}
			s.env[name] = text
			if name == "UpstreamProtocol" || i%4 == 0 || strings.Contains(strings.ToLower(name), "proxy") {
				s.do(name+" of check", append([]string{"check"}, s.base("check")...)...)
			}
			s.do(name+" of config show", append([]string{"config", "show"}, s.base("config show")...)...)
			if text == spoilt[0] || text == spoilt[10] { // each runs for a while
				s.do(name+" of module", "module", "--state", filepath.Join(s.dir, "mine"))
			}
		}
	}
	s.sweep(filepath.Join(s.dir, "none"))
}

// TestNoFileIsRepeated does the same with every file that is read.
func TestNoFileIsRepeated(t *testing.T) {
	t.Parallel()
	s := newSecretRun(t)
	for i, text := range spoilt {
		mine := filepath.Join(s.dir, "mine", fmt.Sprint(i))
		quoted := strings.NewReplacer("\n", `\n`, `"`, `\"`).Replace(text)
		sentence := quoted
		if i == 8 { // a host and a port, as far as a sentence shows
			sentence = "x"
		}
		files := map[string]string{
			"text": text, "lines": "x.azure-devices.net\n" + text + "\n", "list.json": `["` + quoted + `"]`,
			"broken.json": `{"modulesContent": ` + text,
			"credentials": "proxy.test:3128 " + text, "connection": text, "pem": "-----BEGIN CERTIFICATE-----\n" +
				text + "\n-----END CERTIFICATE-----\n",
			"report.json": `{"schema":"edgenet.report/1","target":{"hub":"` + quoted +
				`"},"routes":[{"id":"direct","url":"` + quoted +
				`"}],"findings":[{"code":"proxy.required","summary":"the proxy \"` + sentence + `\" (x)"}]}`,
			"manifest.json": manifestWith(quoted),
			"toml/etc/aziot/config.toml": "hostname = \"" + quoted +
				"\"\n[provisioning]\nsource = \"manual\"\nconnection_string = \"" + quoted +
				"\"\n[agent]\nname=\"edgeAgent\"\n[agent.env]\nhttps_proxy = \"" + quoted +
				"\"\nUpstreamProtocol = \"" + quoted + "\"\n",
			"broken/etc/aziot/config.toml": "[provisioning]\nsource = \"manual\"\nconnection_string = " +
				text + "\n",
			"yaml/etc/iotedge/config.yaml": "provisioning:\n  source: manual\n  device_connection_string: \"" +
				quoted + "\"\nagent:\n  name: edgeAgent\n  type: docker\n  env:\n    https_proxy: \"" + quoted +
				"\"\n    UpstreamProtocol: \"" + quoted + "\"\n",
			"badyaml/etc/iotedge/config.yaml": "provisioning:\n  source: manual\n device_connection_string: \"" +
				text + "\n",
			"units/etc/systemd/system/aziot-edged.service.d/proxy.conf": "[Service]\nEnvironment=\"https_proxy=" +
				quoted + "\"\n",
			"units/etc/systemd/system/docker.service.d/proxy.conf": "[Service]\nEnvironment=https_proxy=" +
				text + "\n",
			"units/etc/docker/daemon.json": `{"proxies":{"https-proxy":"` + quoted +
				`","no-proxy":"` + quoted + `"}}`,
			"daemon/etc/docker/daemon.json": `{"proxies":{"https-proxy": ` + text,
		}
		for name, content := range files {
			file := filepath.Join(mine, name)
			if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		at := func(name string) string { return filepath.Join(mine, name) }
		check := append([]string{"check"}, s.base("check")...)
		with := func(args ...string) []string { return append(check[:len(check):len(check)], args...) }
		for k, name := range []string{"text", "lines", "list.json", "credentials", "connection", "pem", "report.json",
			"manifest.json", "broken.json"} {
			if (i+k)%3 != 0 { // a third of the pairs shows what all do, in a third of the time
				continue
			}
			s.do("--targets "+name, append([]string{"check", "--targets", at(name)}, check[3:]...)...)
			s.do("--proxy-credentials "+name, with("--proxy", "http://proxy.test:3128", "--connect-to",
				"proxy.test:3128:127.0.0.1:1", "--proxy-credentials", at(name))...)
			s.do("--connection-string-file "+name, with("--depth", "auth", "--identity-not-in-use",
				"--connection-string-file", at(name))...)
			s.do("--ca-file "+name, with("--ca-file", at(name))...)
			s.do("--trust-bundle "+name, with("--trust-bundle", at(name))...)
			s.do("--cert "+name, with("--depth", "auth", "--cert", at(name), "--key", at(name))...)
			s.do("--manifest "+name, with("--manifest", at(name))...)
			for _, f := range []string{"text", "json", "html"} {
				s.do("explain "+name, "explain", at(name), "-f", f)
				s.do("diff "+name, "diff", at(name), at(name), "-f", f)
			}
			for _, f := range []string{"text", "json", "junit"} {
				s.do("lint "+name, "manifest", "lint", at(name), "-f", f)
			}
			s.do("set --diff "+name, "manifest", "set", "--diff", "--protocol", "AmqpWs", at(name))
			s.do("endpoints "+name, append([]string{"endpoints", "--manifest", at(name)}, s.base("endpoints")...)...)
			s.do("endpoints --failed "+name, "endpoints", "--failed", at(name))
			s.do("generate --from-report "+name, "config", "generate", "--root", at("toml"), "--from-report", at(name))
		}
		for k, root := range []string{"toml", "broken", "yaml", "badyaml", "units", "daemon"} {
			if (i+k)%3 != 0 {
				continue
			}
			for _, f := range []string{"text", "json"} {
				s.do("config show "+root, "config", "show", "--root", at(root), "-f", f)
				s.do("config show with a manifest "+root, "config", "show", "--root", at(root), "--manifest",
					at("manifest.json"), "-f", f)
				s.do("endpoints "+root, "endpoints", "--root", at(root), "-f", f)
				out := filepath.Join(s.dir, fmt.Sprintf("%s%d.%s.", root, i,
					f)) // each run's own: all are looked through
				s.do("check "+root, append(check[:len(check)-1:len(check)-1], at(root), "-f", f, "-o", out+"html",
					"-o", out+"md", "-o", out+"csv", "-o", out+"xml", "-o", out+"prom")...)
			}
			s.do("check with the hub of "+root, "check", "--root", at(root), "--timeout", "40ms", "--deadline", "60ms",
				"--resolver", "127.0.0.1:1")
			s.do("generate "+root, "config", "generate", "--root", at(root), "--protocol", "AmqpWs")
		}
	}
	s.sweep(filepath.Join(s.dir, "mine"))
}

// imageOf is the text in an image's place, where a number behind a name is its tag.
func imageOf(text string) string {
	if text == "admin:"+plantedNumber {
		return "x"
	}
	return text
}

func manifestWith(text string) string {
	module := func(env string) string {
		return `{"type":"docker","settings":{"image":"` + imageOf(text) + `","createOptions":"{\"Env\":[\"https_proxy=` +
			strings.ReplaceAll(text, `\`, `\\`) + `\"]}"},"env":{` + env + `}}`
	}
	env := `"https_proxy":{"value":"` + text + `"},"UpstreamProtocol":{"value":"` + text + `"},"` + text +
		`":{"value":"x"},"no_proxy":{"value":"` + text + `"}`
	return `{"modulesContent":{"$edgeAgent":{"properties.desired":{"schemaVersion":"1.1","runtime":{"type":"docker","settings":{"registryCredentials":{"` + text + `":{"username":"u","password":"` + text + `","address":"` + text + `"}}}},"systemModules":{"edgeAgent":` +
		module(env) + `,"edgeHub":` + module(env) + `},"modules":{"m":` + module(env) + `}}}}}`
}
