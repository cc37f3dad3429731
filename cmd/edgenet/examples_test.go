package main

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"edgenet/deploy/module"
	"edgenet/internal/lab"
)

// pages whose commands are run, besides the examples of every command's help.
var pages = []string{"../../docs/installer.md", "../../docs/admin.md", "../../docs/fleet.md",
	"../../docs/lab-fleet.md",
	"../../docs/logs.md"}

// example is a command line that the documentation tells people to type.
type example struct{ where, line string }

// TestExamples runs every example of the help and of docs/ as it stands there, with the
// lab's names in place of those of the examples.
func TestExamples(t *testing.T) {
	t.Parallel()
	all := examples(t)
	if len(all) < 30 {
		t.Fatalf("only %d examples were found", len(all))
	}
	testscript.Run(t, testscript.Params{
		Files: []string{script(t, all)},
		Setup: func(env *testscript.Env) error {
			if err := setupLab(t, env); err != nil {
				return err
			}
			return materials(env)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"example": exampleCommand},
	})
}

// examples finds the lines of help and pages.
func examples(t *testing.T) []example {
	t.Helper()
	var out []example
	for _, cmd := range append(commands((&app{}).rootCommand()), (&app{}).manCommand()) {
		for l := range strings.Lines(cmd.Example) {
			out = append(out, example{"help of " + cmd.CommandPath(), l})
		}
	}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		lines := commandLines(string(text))
		if len(lines) == 0 || strings.Index(string(text), lines[0]) > 700 {
			t.Errorf("%s does not begin with a command to run", page)
		}
		for _, l := range lines {
			out = append(out, example{filepath.Base(page), l})
		}
	}
	comment := regexp.MustCompile(`\s{2,}\S.*$`)
	for i := range out {
		out[i].line = strings.TrimSpace(comment.ReplaceAllString(strings.TrimSpace(out[i].line), ""))
		out[i].line = strings.TrimPrefix(out[i].line, "sudo ")
		if !strings.HasPrefix(out[i].line, "edgenet ") && out[i].line != "edgenet" {
			t.Errorf("%s: %q is no command of edgenet", out[i].where, out[i].line)
		}
	}
	slices.SortStableFunc(out, func(a, b example) int { return strings.Compare(a.line, b.line) })
	return slices.CompactFunc(out, func(a, b example) bool { return a.line == b.line })
}

// commandLines are those of the fences that name no language.
func commandLines(page string) []string {
	var out []string
	inside, commands := false, false
	for l := range strings.Lines(page) {
		switch l = strings.TrimSuffix(l, "\n"); {
		case strings.HasPrefix(l, "```"):
			inside = !inside
			commands = inside && l == "```"
		case commands:
			out = append(out, l)
		}
	}
	return out
}

// script is a test script that runs them all.
func script(t *testing.T, all []example) string {
	t.Helper()
	var b strings.Builder
	for _, e := range all {
		b.WriteString("# " + e.where + ": " + e.line + "\nexample '" + e.line + "'\n")
	}
	path := filepath.Join(t.TempDir(), "examples.txtar")
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// materials are the files that examples name.
func materials(env *testscript.Env) error {
	i := env.Values["lab"].(*lab.Lab).Info()
	env.Setenv("EDGENET_HTTP_LISTEN", "127.0.0.1:0")
	env.Setenv("EDGENET_STATE", env.WorkDir)
	env.Setenv("DOCKER_HOST", "unix://"+filepath.Join(env.WorkDir, "no-engine.sock"))
	manifest := strings.ReplaceAll(
		string(module.Base()),
		"http://proxy.corp:3128",
		i.Proxy("basic"),
	) // as the device has it
	for _, name := range []string{"support_bundle_2024_11_05_10_30_00_UTC.zip", "bundle.zip"} {
		if err := os.WriteFile(filepath.Join(env.WorkDir, name), supportBundle(), 0o600); err != nil {
			return err
		}
	}
	for name, text := range map[string]string{"proxy.txt": "edge:lab\n", "device.txt": i.Device + "\n",
		"hubs.txt":   "# all of them\n" + i.Hub + "\n",
		"check.json": `{"checks":{"hostname":{"result":{"result":"ok"}}}}`, "edgeHub.log": runtimeLog,
		"edgeAgent.log":   agentLog,
		"deployment.json": manifest, "deployments/a.json": manifest,
		"twins.json": twins, "reports/a.json": oneReport} {
		path := filepath.Join(env.WorkDir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// The logs of a device that is connected.
const (
	runtimeLog = "<6> 2024-11-05 10:30:42.000 +00:00 [INF] - Created cloud proxy for client dev1/$edgeHub via AMQP, " +
		"with client operation timeout 20 seconds.\n"
	agentLog = "<6> 2024-11-05 10:30:40.000 +00:00 [INF] - Edge agent connected to IoT Hub via Amqp_Tcp_Only.\n"
)

// supportBundle is what iotedge support-bundle makes of them.
func supportBundle() []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range map[string]string{"logs/edgeHub_log.txt": runtimeLog, "logs/edgeAgent_log.txt": agentLog,
		"inspect/edgeHub.json": `[{"Name":"/edgeHub","Config":{"Env":["UpstreamProtocol=Amqp"]}}]`} {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(w, text)
		}
		if err != nil {
			panic(err) // a buffer takes all
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// twins is what az iot hub query prints of one module and one device, the report of which
// is old by now; oneReport is what of a report is added up.
const (
	twins = `[{"deviceId":"line-1","moduleId":"edgenet","properties":{"desired":{},"reported":{"edgenet":{"schema":"edgenet.twin/1","status":"ok",` +
		`"recommended":"AMQP","route":"direct","configured":"AMQP","consistent":true,"checkedAt":"2026-01-02T03:04:05Z"}}}},{"deviceId":"line-2","tags":{"site":"plant-3"},"capabilities":{"iotEdge":true}}]`
	oneReport = `{"schema":"edgenet.report/1","startedAt":"2026-01-02T03:04:05Z","target":{"hub":"h"},"device":{"id":"line-1"},"verdict":{"upstreamProtocol":"AMQP","route":"direct","httpsOk":true},"results":[]}`
)

// exampleCommand runs one line as it would be typed, in the lab's world. Whoever waits
// for Ctrl-C is ended once it has said something.
func exampleCommand(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range []string{"report.json", "yesterday.json", "today.json", "before.json", "after.json"} {
		if strings.Contains(args[0], name) && !strings.Contains(args[0], "-o "+name) {
			ts.Check(
				ts.Exec("sh", "-c", "[ -s once.json ] || edgenet check --lab -q -o once.json; cp once.json "+name),
			) // today is as yesterday was
		}
	}
	deviceCommand(ts, false, []string{"image"})
	line := inLab(ts, args[0])
	if unending(line) {
		line = `rm -f said; ` + line + ` >said 2>&1 & p=$!; n=0; until [ -s said ] || [ $n -gt 600 ]; do sleep 0.1; n=$((n+1)); done; kill -INT $p; wait $p; c=$?; cat said; [ -s said ] && [ $c = ` + endsWith(
			line,
		) + ` ]`
	}
	err := ts.Exec("sh", "-c", line)
	for _, r := range bad {
		if strings.Contains(args[0], r.of) && err != nil {
			if said := ts.ReadFile("stdout") + ts.ReadFile("stderr"); !strings.Contains(said, r.says) {
				ts.Fatalf("%s does not say %q:\n%s", args[0], r.says, said)
			}
			err = nil
		}
	}
	if err != nil {
		ts.Fatalf("%s: %v", args[0], err)
	}
}

// bad are examples whose answer is not good in the lab's world, and has to say why.
var bad = []struct{ of, says string }{
	{"--expect-closed", "Expected to be closed"}, // the lab is open
	{"--scenario captive-portal", "captive-portal"},
	{"--from container", "no-engine.sock"}, // there is no engine
	{"edgenet ready", "ready"},             // a device of files alone
	{"endpoints --test", "dns.nxdomain"},   // of all its names, the lab knows the hub's alone
	{"edgenet logs", "log of the"},         // this machine runs no IoT Edge
	{"| edgenet diff", "time:"},            // a busy machine is slower than it was
}

// inLab puts the lab's names in place of those of the examples, and its device in place
// of this machine's settings.
func inLab(ts *testscript.TestScript, line string) string {
	line = strings.NewReplacer("contoso.azure-devices.net", ts.Getenv("HUB"), "http://proxy.corp:3128",
		ts.Getenv("PROXY_OPEN"), "/var/lib/node_exporter/textfile/", "",
		"man -l -", "cat >page.1", "/mnt/image", "image", "/tmp/edgenet", ".", "127.0.0.1:9600", "127.0.0.1:0").
		Replace(line)
	bundled := strings.Contains(line, "--bundle")
	ofDevice := strings.HasPrefix(line, "edgenet config") && !bundled ||
		strings.HasPrefix(line, "edgenet endpoints") ||
		strings.HasPrefix(line, "edgenet ready") && !bundled ||
		strings.HasPrefix(line, "edgenet check") && !strings.Contains(line, "--hub") &&
			!strings.Contains(line, "--targets") &&
			!strings.Contains(line+" ", "--lab ")
	if ofDevice && !strings.Contains(line, "--root") {
		line = strings.Replace(line, " -", " --root image -", 1)
		if !strings.Contains(line, "--root") {
			line += " --root image"
		}
	}
	if strings.HasPrefix(line, "edgenet endpoints --root image --test") {
		line += " --resolver " + ts.Value("lab").(*lab.Lab).Info().DNS
	}
	if strings.Contains(line, "edgenet check") && !strings.Contains(line+" ", "--lab ") {
		line += " --ca-file " + ts.Getenv(
			"CA",
		) + " --connect-to " + ts.Getenv(
			"AMQPS",
		) + " --connect-to " + ts.Getenv(
			"MQTTS",
		) + " --connect-to " + ts.Getenv(
			"HTTPS",
		)
	}
	if strings.HasPrefix(line, "edgenet module") {
		vars := "env"
		for name, value := range ts.Value("lab").(*lab.Lab).Info().ModuleEnv {
			vars += " " + name + "='" + value + "'"
		}
		line = vars + " " + line
	}
	return line
}

// endsWith is the exit code of a command that Ctrl-C ends: whoever serves is done then,
// whoever watches was interrupted.
func endsWith(line string) string {
	if strings.Contains(line, "edgenet check") {
		return "130"
	}
	return "0"
}

// unending tells of commands that run until they are stopped.
func unending(line string) bool {
	return strings.Contains(line, "--every") || strings.Contains(line, " edgenet module") ||
		strings.HasPrefix(line, "edgenet lab") && line != "edgenet lab faults" && line != "edgenet lab scenarios"
}
