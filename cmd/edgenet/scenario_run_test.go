package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"edgenet/internal/console"
	"edgenet/internal/lab"
	"edgenet/report"
)

// inProcess runs the program with an empty environment and gives what it printed.
func inProcess(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	return runUnder(t.TempDir(), args...)
}

// runUnder does the same with a folder as the device's file system.
func runUnder(root string, args ...string) (code int, out, errs string) {
	var stdout, stderr bytes.Buffer
	a := &app{Console: &console.Console{Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr,
		Getenv: func(string) string { return "" }, Root: root}}
	code = run(context.Background(), args, a)
	return code, stdout.String(), stderr.String()
}

// scenarioRun is a check of one scenario, with its flags, and all that it wrote.
type scenarioRun struct {
	code       int
	json, errs string
	files      map[string]string // by ending
	r          report.Report
	err        error
}

// scenarioRuns are the checks of the lab's scenarios, each run once, by whoever asks first:
// the gallery shows it, and the other tests look at the same one.
var scenarioRuns = lazyScenarios()

func lazyScenarios() map[string]func() *scenarioRun {
	all := map[string]func() *scenarioRun{}
	for _, s := range lab.Scenarios() {
		all[s.Name] = sync.OnceValue(func() *scenarioRun {
			x := runScenario(s)
			for range 2 { // an experiment that was starved says that it knows nothing, and nothing is concluded
				if x.shows(s.Shows) {
					break
				}
				x = runScenario(s)
			}
			return x
		})
	}
	return all
}

// shows tells whether the findings are those of the scenario.
func (x *scenarioRun) shows(codes []string) bool {
	var found []string
	for _, f := range x.r.Findings {
		found = append(found, string(f.Code))
	}
	return slices.Equal(slices.Sorted(slices.Values(found)), slices.Sorted(slices.Values(codes)))
}

// runScenario gives a satellite's round trips the time that they need.
func runScenario(s lab.ScenarioInfo) *scenarioRun {
	timeout := "5s"
	if s.Name == "satellite" {
		timeout = "30s"
	}
	x := &scenarioRun{files: map[string]string{}}
	dir, err := os.MkdirTemp("", "edgenet-scenario-")
	if err != nil {
		x.err = err
		return x
	}
	defer func() { _ = os.RemoveAll(dir) }()
	args := []string{"check", "--lab", "--scenario", s.Name, "--timeout", timeout, "-v", "-f", "json"}
	endings := []string{"txt", "jsonl", "json", "html", "md", "csv", "xml", "prom"}
	for _, e := range endings {
		args = append(args, "-o", filepath.Join(dir, "r."+e))
	}
	x.code, x.json, x.errs = runUnder(dir, append(args, s.Flags...)...)
	for _, e := range endings {
		text, err := os.ReadFile(filepath.Join(dir, "r."+e))
		if err != nil {
			x.err = fmt.Errorf("%w: %s", err, x.errs)
			return x
		}
		x.files[e] = string(text)
	}
	x.err = json.Unmarshal([]byte(x.json), &x.r)
	return x
}
