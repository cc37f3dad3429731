package main

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"edgenet/internal/infile"
)

// TestHostileFiles: no command takes more than 200 MB or 5 s for any file, whatever is in it.
func TestHostileFiles(t *testing.T) {
	t.Parallel()
	if os.Getenv("EDGENET_HOSTILE") == "" {
		t.Skip("it starts the program some hundred times: EDGENET_HOSTILE=1 runs it, and CI does")
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "edgenet")
	if err := os.Symlink(os.Args[0], program); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "none"), 0o755); err != nil {
		t.Fatal(err)
	}
	for kind, texts := range hostileFiles() {
		for name, text := range texts {
			t.Run(kind+" "+name, func(t *testing.T) {
				t.Parallel()
				path := filepath.Join(dir, kind+"-"+strings.ReplaceAll(name, " ", "-"))
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				for _, args := range takers(t, kind, path) {
					tame(t, program, dir, args)
				}
			})
		}
	}
}

// hostileFiles are of each kind that costs a parser much, by who reads it.
func hostileFiles() map[string]map[string]string {
	const size = infile.Limit - 1024
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	keys := func(form string) string {
		var b strings.Builder
		for i := 0; b.Len() < size-100; i++ {
			fmt.Fprintf(&b, form, i)
		}
		return b.String()
	}
	return map[string]map[string]string{
		"any": {"zeros": fill("\x00"), "lines": fill("\n"), "line": fill("x")},
		"json": {
			"depth": fill(
				"[",
			), "objects": fill(`{"a":`), "array": "[" + fill("0,") + "0]", "keys": "{" + keys(`"k%d":0,`) + `"z":0}`,
			"string": `{"schema":"` + fill("x") + `"}`,
			"results": `{"schema":"edgenet.report/1","results":[` + fill(
				`{},`,
			) + `{}]}`, "findings": `{"schema":"edgenet.report/1","findings":[` + fill(`{"code":"x"},`) + `{}]}`,
			"bounded results": `{"schema":"edgenet.report/1","results":[` + strings.Repeat(
				`{},`,
				900,
			) + `{}]}`, "bounded nulls": `{"schema":"edgenet.report/1","results":[` + strings.Repeat(`null,`, 90_000) +
				`{}]}`,
			"bounded steps": `{"schema":"edgenet.report/1","results":[{"steps":[` + strings.Repeat(
				`{"stage":"tls","detail":{}},`,
				30_000,
			) + `{}]}]}`, "steps": `{"schema":"edgenet.report/1","results":[{"steps":[` +
				fill(`{"stage":"tls","detail":{}},`) + `{}]}]}`, "nulls": `{"schema":"edgenet.report/1","results":[` +
				fill(`null,`) + `{}]}`,
			"labels": `{"schema":"edgenet.report/1","device":{"labels":{` + keys(
				`"k%d":"v",`,
			) + `"z":""}}}`, "strings": `{"schema":"edgenet.report/1","results":[{"steps":[{"stage":"dns","detail":{"addresses":[` + fill(`"",`) + `""]}}]}]}`,
			"modules": `{"modulesContent":{"$edgeAgent":{"properties.desired":{"modules":{` + keys(`"m%d":{},`) +
				`"z":{}}}}}}`,
		},
		"hosts": {"bad": fill("x y\n"), "many": keys("h%d.test\n")},
		"root": {
			"yaml depth": "a: " + fill(
				"[",
			), "yaml sequences": strings.Repeat("- ", 100_000), "yaml literal": "a: |\n" +
				strings.Repeat(" \n", 100_000), "yaml documents": strings.Repeat("---\na: b\n", 25_000),
			"yaml lines": "a:\n" + strings.Repeat(
				" b: |\n  \n",
				2000,
			), "yaml brackets": "a: " + strings.Repeat("[", 99) + strings.Repeat("]", 99),
			"toml tables": keys("[t%d]\n")[:250_000], "toml depth": "a = " + strings.Repeat("[", 250_000),
			"toml dots": strings.Repeat("a.", 120_000), "json": strings.Repeat(`{"a":`, 50_000),
		},
		"pem": {
			"certificates": fill("-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"),
			"others":       fill("-----BEGIN X-----\nAA==\n-----END X-----\n"),
			"begin":        fill("-----BEGIN X-----\n"),
		},
		"credentials": {"many": keys("proxy%d:1 u:p\n"), "token": "SharedAccessSignature " + fill("sr=x&"),
			"string": "HostName=h.azure-devices.net;" + fill("a=b;")},
		"classes": {"toml proxies": keys("[proxies.p%d]\nurl = \"http://p:1\"\n")[:250_000],
			"toml sites": "[proxies.p]\nsites = [" + fill(`"s",`) + "]\n",
			"journal":    keys(`{"n":1,"kind":"tag","id":"d%d","state":"done"}` + "\n"),
			"rows": keys(`{"deviceId":"d%d","moduleId":"edgenet","tags":{"site":"s"},"properties":{"reported":{}}}` +
				"\n"),
			"lines": fill(`{"schema":"edgenet.check/1","device":{"id":"d"}}` + "\n")},
		"zip": hostileArchives(),
	}
}

// hostileArchives are bundles that unpack to far more than they hold.
func hostileArchives() map[string]string {
	pack := func(fill func(z *zip.Writer)) string {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		fill(z)
		_ = z.Close() // a buffer takes all
		return b.String()
	}
	entry := func(z *zip.Writer, name, head, again string, size int) {
		w, _ := z.Create(name) // as above
		_, _ = io.WriteString(w, head)
		many := strings.Repeat(again, 1<<20/len(again))
		for range size {
			_, _ = io.WriteString(w, many)
		}
	}
	const line = "<6> 2024-11-05 10:00:00.000 +00:00 [INF] - Entering connected state\n"
	return map[string]string{
		"description": pack(func(z *zip.Writer) { entry(z, "inspect/edgeHub.json", `[{"Name":"`, "x", 300) }),
		"depth":       pack(func(z *zip.Writer) { entry(z, "inspect/edgeHub.json", "", "[", 3) }),
		"environment": pack(func(z *zip.Writer) {
			entry(z, "inspect/edgeHub.json", `[{"Name":"/edgeHub","Config":{"Env":["a"`, `,"a=b"`, 3)
		}),
		"containers": pack(func(z *zip.Writer) {
			for i := range 300 {
				entry(z, fmt.Sprintf("inspect/m%d.json", i), `[{"Name":"/edgeHub"}]`, " ", 3)
			}
		}),
		"networks": pack(func(z *zip.Writer) { entry(z, "network/a.json", "[{}", ",{}", 3) }),
		"check":    pack(func(z *zip.Writer) { entry(z, "check.json", `{"checks":{"a":{}`, `,"a":{}`, 3) }),
		"log":      pack(func(z *zip.Writer) { entry(z, "logs/edgeHub_log.txt", "", line, 150) }),
		"line":     pack(func(z *zip.Writer) { entry(z, "logs/edgeHub_log.txt", "", "x", 400) }),
		"names": pack(func(z *zip.Writer) {
			for i := range 19_000 {
				entry(z, fmt.Sprintf("logs/%d.txt", i), "x", "x", 0)
			}
		}),
	}
}

// takers are the command lines that read such a file, in each way in which one is named.
func takers(t *testing.T, kind, path string) [][]string {
	t.Helper()
	with := func(more ...string) []string {
		return append(
			[]string{
				"check",
				"--hub",
				"h.test",
				"--root",
				"none",
				"--resolver",
				"127.0.0.1:9",
				"--timeout",
				"1",
				"--deadline",
				"1",
				"--depth",
				"tcp",
				"--protocol",
				"HTTPS",
				"-q",
			},
			more...)
	}
	hub := func(args ...string) []string {
		return append(append([]string{"fleet"}, args...), "--hub", "h.azure-devices.net", "--connect-to",
			"h.azure-devices.net:443:127.0.0.1:9")
	}
	closed := []string{"--hub", "h.azure-devices.net", "--root", "none", "--connect-to",
		"h.azure-devices.net:443:127.0.0.1:9"}
	pem := [][]string{with("--ca-file", path), with("--trust-bundle", path),
		with("--depth", "auth", "--cert", path, "--key",
			path), hub("status", "--token-file", path, "--ca-file", path),
		append([]string{"endpoints", "--test", "--deadline", "1", "--ca-file", path}, closed...),
		append([]string{"bundle", "-o", path + ".out.zip", "--ca-file", path}, closed...)}
	credentials := [][]string{with("--proxy", "http://p.test:1", "--proxy-credentials", path),
		hub("selftest", "--token-file", path), hub("selftest", "--connection-string-file", path),
		{"manifest", "set", path, "--proxy", "http://p.test:1", "--proxy-credentials", path}}
	json := [][]string{
		with(
			"--manifest",
			path,
		), {"explain", path}, {"explain", path, "-f", "html"}, {"diff", path, path}, {"manifest", "lint", path},
		{"manifest", "set", path, "--protocol", "AmqpWs"},
		{
			"endpoints",
			"--failed",
			path,
		}, {"endpoints", "--hub", "h.test", "--manifest", path}, {"config", "generate", "--from-report", path},
	}
	more := [][]string{{"logs", path}, {"logs", path, "-f", "html"}, {"fleet", "status", "--from", path},
		{"fleet", "sum", path}, {"ready", "--root", "none", "--offline", "--manifest", path},
		{"ready", "--root", "none", "--offline", "--with", path}, {"config", "show", "--root", "none",
			"--manifest", path},
		{"config", "show", "--bundle", path}, {"ready", "--bundle", path}}
	fleet := [][]string{hub("plan", "--deployment", path, "--classes", path), hub("apply", path, "--yes"),
		hub("undo", path),
		{"fleet", "devices", "--from", path}, {"manifest", "set", path, path, "--no-proxy", "--diff"},
		{"manifest", "lint", path, "-f", "sarif"}, {"explain", path, "-f", "junit"},
		{"diff", path, path, "-f", "markdown"}}
	hosts := [][]string{{"check", "--targets", path, "--root", "none"}}
	switch kind {
	case "json":
		return append([][]string{json[1], json[2], json[3], json[4], json[6]}, append(more[:7:7], fleet...)...)
	case "zip":
		return [][]string{more[0], more[1], more[7], more[8]}
	case "classes":
		return append(append(fleet[:4:4], more[2], more[3]), json[1])
	case "hosts":
		return hosts
	case "pem":
		return pem
	case "credentials":
		return credentials
	case "root":
		return inRoot(t, path)
	}
	login := [][]string{
		{"check", "--hub", "h.test", "--depth", "auth", "--identity-not-in-use", "--connection-string-file", path},
	}
	return slices.Concat(more, fleet, pem, credentials, json, hosts, login, inRoot(t, path))
}

// inRoot reads the file as each of a device's.
func inRoot(t *testing.T, path string) [][]string {
	t.Helper()
	root := filepath.Join(filepath.Dir(path), "roots", filepath.Base(path))
	for _, name := range []string{"etc/aziot/config.toml", "etc/iotedge/config.yaml",
		"var/lib/aziot/identityd/device_info", "etc/docker/daemon.json"} {
		at := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Link(path, at); err != nil {
			t.Fatal(err)
		}
	}
	return [][]string{
		{"config", "show", "--root", root, "--engine", "none"},
		{"endpoints", "--root", root, "--engine", "none"},
		{"ready", "--root", root, "--offline"},
		{"bundle", "--root", root, "-o", root + ".zip", "--hub", "h.azure-devices.net", "--connect-to",
			"h.azure-devices.net:443:127.0.0.1:9", "--connect-to", "h.azure-devices.net:5671:127.0.0.1:9",
			"--connect-to",
			"h.azure-devices.net:8883:127.0.0.1:9"},
		{"config", "generate", "--root", root, "--engine", "none", "--protocol", "AmqpWs"},
	}
}

var peak = regexp.MustCompile(`(?m)^VmHWM:\s+(\d+) kB$`)

// tame runs a command, and measures it.
func tame(t *testing.T, program, dir string, args []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	status := filepath.Join(t.TempDir(), "status")
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	cmd.Env = []string{"TEST_ROOT=" + dir, "TEST_PEAK=" + status, "PATH=" + os.Getenv("PATH")}
	out, _ := cmd.CombinedOutput() // the exit code is one of many
	said := out[:min(len(out), 300)]
	text, err := os.ReadFile(status)
	found := peak.FindSubmatch(text)
	if err != nil || found == nil || ctx.Err() != nil {
		t.Errorf("%v: %v, %v: %s", args, err, cmd.ProcessState, said)
		return
	}
	kB, err := strconv.Atoi(string(found[1]))
	busy := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if err != nil || kB > 200_000 || busy > 5*time.Second {
		t.Errorf("%v: %d MB, %s at work: %s", args, kB/1000, busy.Round(time.Millisecond), said)
	}
	if code := cmd.ProcessState.ExitCode(); code < 0 || bytes.Contains(out, []byte("goroutine ")) {
		t.Errorf("%v: exit code %d: %s", args, code, said)
	}
}
