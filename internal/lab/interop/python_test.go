//go:build interop

package interop

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

// pythonDir is a virtual environment with the vendor's SDKs, made once. An index
// that cannot be reached is the only reason to go without.
var pythonDir = sync.OnceValues(func() (string, error) {
	if dir := os.Getenv("EDGENET_INTEROP_VENV"); dir != "" {
		return dir, nil
	}
	dir, err := os.MkdirTemp("", "edgenet-venv-")
	if err != nil {
		return "", err
	}
	madeVenv = dir
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	// Without uamqp, which is in C, has no builds for new versions of Python, and is not needed
	// for what goes by HTTPS; msrest and six are what the rest imports.
	pip := []string{filepath.Join(dir, "bin", "pip"), "install", "--quiet", "--disable-pip-version-check"}
	for _, line := range [][]string{
		{"python3", "-m", "venv", dir}, append(slices.Clone(pip), "--no-deps",
			"azure-iot-hub==2.7.0"),
		append(slices.Clone(pip), "msrest==0.7.1", "six", "azure-iot-device==2.14.0"),
	} {
		if out, err := exec.CommandContext(ctx, line[0], line[1:]...).CombinedOutput(); err != nil {
			return "", &installError{string(out), err}
		}
	}
	return dir, nil
})

// madeVenv is the folder that pythonDir made, to be removed at the end.
var madeVenv string

// The vendor's service SDK for Python, whose models come from the service's own schema.
func TestPythonServiceSDKFleet(t *testing.T) {
	dir, err := pythonDir()
	if err != nil {
		t.Skipf("!!! NOT RUN: azure-iot-hub cannot be had from the Python package index: %v", err)
	}
	l := startFleet(t, 400)
	own := l.Fleet().Count()
	script, err := filepath.Abs(filepath.Join("testdata", "fleet.py"))
	if err != nil {
		t.Fatal(err)
	}
	p := run(t, l, map[string]string{"LAB_CONNECTION": l.Info().Service, "REQUESTS_CA_BUNDLE": l.Info().CAFile},
		filepath.Join(dir, "bin", "python"), script)
	var sweep []int
	if err := json.Unmarshal([]byte(p.expect("sweep")), &sweep); err != nil || len(sweep) != 3 {
		t.Fatalf("%v %v", sweep, err)
	}
	if sweep[0] != sweep[1] || sweep[0] < own.Reporting || sweep[0] > 400 || sweep[2] != 3 {
		t.Errorf("%v modules, distinct ones and pages; the lab knows of %d reports", sweep, own.Reporting)
	}
	for _, step := range [][2]string{
		{"counted", "400"}, {"bad query", "400"}, {"tag", `{"class": "ws"}`}, {"stale", "412"}, {"module",
			`["edgenet", "edgenet.twin/1"]`}, {"desired", "60"}, {"nobody", "404"},
		{"created", `["py-1", 30]`}, {"tested", `[true, ["b"]]`}, {"tested right", "null"},
		{"metrics", `{"targetedCount": 1, "appliedCount": 1, "reportedSuccessfulCount": 1, "reportedFailedCount": 0}`},
		{"changed", "31"}, {"changed late", "412"}, {"listed", `["base", "py-1"]`}, {"deleted", "404"},
		{"job", `["scheduleUpdateTwin", "completed", 40]`}, {"no job", "404"},
		{"statistics", "[400, true]"}, {"devices", "25"}, {"identity", `"edge-000003"`}, {"modules",
			`["$edgeAgent", "$edgeHub", "edgenet"]`},
		{"check", "[200, true]"}, {"offline", "404"}, {"done", "null"},
	} {
		p.expectValue(step[0], step[1])
	}
}
