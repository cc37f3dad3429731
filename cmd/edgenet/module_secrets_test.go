package main

import (
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"edgenet/internal/console"
	"edgenet/internal/lab"
	"edgenet/internal/verify/testkit"
)

// TestModuleRepeatsNoSecret: a module whose proxy has a password, and whose other variables
// hold what is none of theirs, leaves nothing of it in any page, metric, state, log or twin.
func TestModuleRepeatsNoSecret(t *testing.T) {
	t.Parallel()
	out, in := io.Pipe()
	stopLab := background(t, []string{"lab", "--json"},
		&app{Console: &console.Console{Stdout: in, Stderr: io.Discard, Getenv: func(string) string { return "" }}})
	var info lab.Info
	if err := json.NewDecoder(out).Decode(&info); err != nil {
		t.Fatal(err)
	}
	env := info.ModuleEnv
	env["EDGENET_HTTP"] = "all"
	env["https_proxy"] = "http://user:" + planted + "@127.0.0.1:9"
	env["no_proxy"], env["UpstreamProtocol"] = spoilt[5], spoilt[10]
	state := t.TempDir()
	said, log := io.Pipe()
	t.Cleanup(func() { _ = log.Close() })
	all := &testkit.Buffer{}
	stopModule := background(t, []string{"module", "--http", "127.0.0.1:0", "--state", state},
		&app{Console: &console.Console{Stdout: io.Discard, Stderr: io.MultiWriter(all, log),
			Getenv: func(name string) string { return env[name] }}})
	site, ask := siteOf(t, said), serviceAPI(t, info)
	clean := func(what, text string) {
		t.Helper()
		if text == "" || leaked(text) {
			t.Errorf("%s is empty, or holds the secret:\n%s", what, text)
		}
	}
	twin := ""
	for end := time.Now().Add(patience); !strings.Contains(twin,
		`"recommended":"AMQP"`); time.Sleep(50 * time.Millisecond) {
		if twin = ask("/twins/lab-device/modules/edgenet?api-version=2021-04-12"); time.Now().After(end) {
			t.Fatal(twin)
		}
	}
	clean("the twin", twin)
	for _, page := range []string{"/", "/metrics", "/healthz", "/readyz", "/v1/upstream", "/v1/report"} {
		clean(page, get(t, site+page))
	}
	stopModule()
	stopLab()
	clean("the log", all.String())
	files := 0
	err := filepath.WalkDir(state, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		clean(path, string(text))
		files++
		return err
	})
	if err != nil || files == 0 {
		t.Errorf("%d files of the state, %v", files, err)
	}
}
