//go:build linux

package engine

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"
)

// call asks the engine over a socket, and gives the status and what it answered.
func call(t *testing.T, url, method, path, body string) (int, map[string]any, []any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url+"/v1.41"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var any1 any
	if response.StatusCode != http.StatusNoContent && response.StatusCode != http.StatusNotModified {
		_ = json.NewDecoder(response.Body).Decode(&any1) // logs are no JSON
	}
	object, _ := any1.(map[string]any)
	list, _ := any1.([]any)
	return response.StatusCode, object, list
}

// TestLifeOfAContainer goes the way of the daemon: pull, create, start, ask, stop, delete.
func TestLifeOfAContainer(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(&Server{Pids: func(string) []int { return []int{42} }})
	defer s.Close()
	const create = `{"Image":"mcr.test/agent:1.5","Labels":{"net.azure-devices.edge.owner":"x"},"Env":["A=b"]}`
	for _, step := range []struct {
		method, path, body string
		status             int
	}{
		{"GET", "/networks", "", 200},
		{"POST", "/networks/create", `{"Name":"azure-iot-edge"}`, 201},
		{"POST", "/networks/create", `{}`, 400},
		{"GET", "/networks/azure-iot-edge", "", 200},
		{"GET", "/networks/none", "", 404},
		{"POST", "/images/create?fromImage=mcr.test/agent&tag=1.5", "", 200},
		{"GET", "/images/json", "", 200},
		{"POST", "/containers/create", create, 400},
		{"POST", "/containers/create?name=edgeAgent", "{", 400},
		{"GET", "/containers/edgeAgent/json", "", 404},
		{"POST", "/containers/create?name=edgeAgent", create, 201},
		{"POST", "/containers/create?name=edgeAgent", create, 409},
		{"GET", "/containers/edgeAgent/top", "", 409},
		{"POST", "/containers/edgeAgent/start", "", 204},
		{"POST", "/containers/edgeAgent/start", "", 304},
		{"POST", "/containers/edgeAgent/restart", "", 204},
		{"GET", "/containers/edgeAgent/stats", "", 200},
		{"GET", "/containers/edgeAgent/logs", "", 200},
		{"GET", "/containers/json", "", 200},
		{"GET", "/info", "", 200},
		{"GET", "/nothing", "", 404},
		{"POST", "/containers/edgeAgent/paint", "", 404},
	} {
		if status, o, _ := call(t, s.URL, step.method, step.path, step.body); status != step.status {
			t.Errorf("%s %s: %d %v, want %d", step.method, step.path, status, o, step.status)
		}
	}
	_, top, _ := call(t, s.URL, "GET", "/containers/edgeAgent/top", "")
	titles, _ := top["Titles"].([]any)
	rows, _ := top["Processes"].([]any)
	if len(rows) != 1 || len(titles) < 2 || titles[1] != "PID" || rows[0].([]any)[1] != "42" {
		t.Errorf("top: %v", top)
	}
	_, one, _ := call(t, s.URL, "GET", "/containers/edgeAgent/json", "")
	state, _ := one["State"].(map[string]any)
	config, _ := one["Config"].(map[string]any)
	if state["Status"] != "running" || !reflect.DeepEqual(config["Env"], []any{"A=b"}) {
		t.Errorf("inspect: %v", one)
	}
	for _, step := range []struct {
		method, path string
		status       int
	}{{"POST", "/containers/edgeAgent/stop", 204}, {"POST", "/containers/edgeAgent/stop", 304},
		{"DELETE", "/containers/edgeAgent", 204}, {"DELETE", "/containers/edgeAgent", 404},
		{"DELETE", "/images/mcr.test/agent:1.5", 200}} {
		if status, _, _ := call(t, s.URL, step.method, step.path, ""); status != step.status {
			t.Errorf("%s %s: %d", step.method, step.path, status)
		}
	}
	for _, path := range []string{"/images/json", "/containers/json"} {
		if _, _, list := call(t, s.URL, "GET", path, ""); len(list) != 0 {
			t.Errorf("%s at the end: %v", path, list)
		}
	}
}

// TestFloor: Docker 29 refuses what is older than its floor, with these words.
func TestFloor(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(&Server{Version: "29.0.1", MinAPI: "1.44"})
	defer s.Close()
	status, o, _ := call(t, s.URL, "GET", "/networks", "")
	if text, _ := o["message"].(string); status != 400 ||
		!strings.Contains(text, "Minimum supported API version is 1.44") {
		t.Errorf("%d %v", status, o)
	}
}

// TestProcesses finds a process by what its environment says it is.
func TestProcesses(t *testing.T) {
	if os.Getenv("IOTEDGE_MODULEID") == "edgenet-engine-test" {
		_, _ = os.Stdin.Read(make([]byte, 1)) // until the test is done
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestProcesses$")
	cmd.Env = append(os.Environ(), "IOTEDGE_MODULEID=edgenet-engine-test")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close(); _ = cmd.Wait() }()
	if got := processesOf("edgenet-engine-test"); !reflect.DeepEqual(got, []int{cmd.Process.Pid}) {
		t.Errorf("%v, want the process %d", got, cmd.Process.Pid)
	}
	if got := processesOf("edgenet-engine"); len(got) != 0 {
		t.Errorf("a part of a name: %v", got)
	}
}
