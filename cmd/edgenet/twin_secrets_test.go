package main

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"edgenet/internal/console"
	"edgenet/internal/lab"
	"edgenet/internal/lab/hub"
	"edgenet/internal/verify/testkit"
)

// desiredWith has the texts wherever desired properties have a value, and as keys.
func desiredWith(t *testing.T, texts []string) []byte {
	t.Helper()
	one := func(i int) string { return texts[i%len(texts)] }
	var endpoints []any
	for _, text := range texts {
		endpoints = append(endpoints, map[string]any{"name": "x", "host": text, "port": 443}, map[string]any{"name": text,
			"host": "x.test"}, text)
	}
	b, err := json.Marshal(map[string]any{
		"expected": one(0), "prefer": texts, "protocols": texts, "proxies": append([]string{one(1)}, texts...),
		"endpoints": endpoints, "intervalSec": one(2), "telemetry": one(3), "upstream": one(1),
		"nonsense" + strings.NewReplacer(".", "", "$", "", " ", "", "\n", "").Replace(one(2)): one(3), "heartbeatSec": 5,
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestDesiredRepeatsNoSecret: what somebody wrote into the module's desired properties is in
// nothing that it reports, serves, logs or keeps.
func TestDesiredRepeatsNoSecret(t *testing.T) {
	t.Parallel()
	const together = 4
	for i := 0; i < len(spoilt); i += together {
		texts := spoilt[i:min(i+together, len(spoilt))]
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			desiredRun(t, texts)
		})
	}
}

func desiredRun(t *testing.T, texts []string) {
	t.Helper()
	l, err := lab.Start(t.Context(), lab.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	id := hub.Identity{Device: lab.DeviceID, Module: lab.ModuleID}
	if _, err := l.Hub().SetDesired(id, desiredWith(t, texts)); err != nil {
		t.Fatal(err)
	}
	env := l.Info().ModuleEnv
	env["EDGENET_HTTP"] = "all"
	state := t.TempDir()
	said, log := io.Pipe()
	t.Cleanup(func() { _ = log.Close() })
	all := &testkit.Buffer{}
	stop := background(t, []string{"module", "--http", "127.0.0.1:0", "--state", state},
		&app{Console: &console.Console{Stdout: io.Discard, Stderr: io.MultiWriter(all, log),
			Getenv: func(name string) string { return env[name] }}})
	site := siteOf(t, said)
	clean := func(what, text string) {
		t.Helper()
		if text == "" || leaked(text) {
			t.Errorf("%s is empty, or holds the secret:\n%s", what, text)
		}
	}
	reported := ""
	for end := time.Now().Add(patience); !strings.Contains(reported, `"configErrors":["`); time.Sleep(50 * time.Millisecond) {
		b, err := l.Hub().Reported(id)
		if reported = string(b); err != nil || time.Now().After(end) {
			t.Fatalf("%s %v\n%s", reported, err, all.String())
		}
	}
	clean("the twin", reported)
	for _, page := range []string{"/", "/metrics", "/healthz", "/readyz", "/v1/upstream", "/v1/report"} {
		clean(page, get(t, site+page))
	}
	for _, text := range texts {
		payload, err := json.Marshal(map[string]any{"protocols": []string{text}, "deadline": text, text: text})
		if err != nil {
			t.Fatal(err)
		}
		for _, method := range []string{"check", "report", "history", text} {
			a, err := l.Hub().Invoke(t.Context(), id, method, payload, patience, patience)
			clean("the answer of "+method, fmt.Sprint(string(a.Payload), err))
		}
	}
	stop()
	clean("the log", all.String())
	files := 0
	err = filepath.WalkDir(state, func(path string, d fs.DirEntry, err error) error {
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
