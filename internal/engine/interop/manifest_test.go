//go:build interop && linux

package interop

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"edgenet/deploy/module"
)

// TestManifestCreatesTheModule: engines take the manifests' createOptions as they stand,
// as the daemon passes them on; the volume becomes the image's user's.
func TestManifestCreatesTheModule(t *testing.T) {
	built(t)
	eachEngine(t, deviceOptions{}, func(t *testing.T, d *device) {
		d.list("load", "-i", filepath.Join(bench.dir, "tar", "edgenet-amd64.tar"))
		options := createOptions(t)
		options["Image"], options["Cmd"] = "edgenet:dev", []string{"version"}
		options["HostConfig"].(map[string]any)["NetworkMode"] = network
		d.post(t, "/containers/create?name=edgenet", options)
		d.post(t, "/containers/edgenet/start", nil)
		if end := d.post(t, "/containers/edgenet/wait", nil); end["StatusCode"] != 0.0 {
			t.Errorf("the module ends with %v", end)
		}
		volume := d.list("volume", "inspect", "--format", "{{.Mountpoint}}", "edgenet-state")
		if got := strings.TrimSpace(d.must("stat", "-c", "%u:%g %a", volume)); got != "10001:10001 700" {
			t.Errorf("the state volume is %s", got)
		}
	})
}

// createOptions are those of the base manifest.
func createOptions(t *testing.T) map[string]any {
	t.Helper()
	var m struct {
		ModulesContent struct {
			Agent struct {
				Desired struct {
					Modules struct {
						Edgenet struct {
							Settings struct{ CreateOptions string }
						}
					}
				} `json:"properties.desired"`
			} `json:"$edgeAgent"`
		}
	}
	if err := json.Unmarshal(module.Base(), &m); err != nil {
		t.Fatal(err)
	}
	var options map[string]any
	if err := json.Unmarshal([]byte(m.ModulesContent.Agent.Desired.Modules.Edgenet.Settings.CreateOptions),
		&options); err != nil {
		t.Fatal(err)
	}
	return options
}

// post calls the engine's API as the daemon does, and gives its answer.
func (d *device) post(t *testing.T, path string, body any) map[string]any {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"-s", "-f", "-m", "60", "--unix-socket", d.socket(), "-X", "POST", "http://engine" + path}
	if body != nil {
		args = append(args, "-H", "Content-Type: application/json", "--data-binary", "@-")
	}
	cmd := exec.CommandContext(t.Context(), "curl", args...) //nolint:gosec // the test's own
	cmd.Stdin = bytes.NewReader(text)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("POST %s: %v\n%s", path, err, out)
	}
	answer := map[string]any{}
	if len(out) > 0 {
		if err := json.Unmarshal(out, &answer); err != nil {
			t.Fatalf("POST %s: %v\n%s", path, err, out)
		}
	}
	return answer
}
