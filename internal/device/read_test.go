package device_test

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"edgenet/internal/device"
)

// engine serves handler on a Unix socket below a short directory, and gives its path.
func engine(t *testing.T, handler http.Handler) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "e") // a socket's path has at most 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "docker.sock")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close(); <-done })
	return path
}

func read(root, socket string) *device.Device {
	return device.Read(context.Background(), device.Options{Root: root, Engine: socket})
}

func TestEngine(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /containers/json", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`[{"Id":"a1","Names":["/edgeAgent"],"Labels":{}},{"Id":"b2","Names":["/mine"],"Labels":{"net.azure-devices.edge.owner":"x"}},{"Id":"c3","Names":["/other"]}]`))
	})
	for id, name := range map[string]string{"a1": "edgeAgent", "b2": "mine"} {
		mux.HandleFunc("GET /containers/"+id+"/json", func(w http.ResponseWriter, _ *http.Request) {
			_ = json.NewEncoder(w).Encode(map[string]any{"Name": "/" + name,
				"State": map[string]any{"Status": "running"},
				"Config": map[string]any{"Image": "i",
					"Env": []string{"IOTEDGE_IOTHUBHOSTNAME=hub.test", "upstreamprotocol=AmqpWs",
						"https_proxy=http://u:s3cret@p:1"}, "Labels": map[string]string{device.EnvLabel: "{}"}}})
		})
	}
	d := read(t.TempDir(), engine(t, mux))
	if len(d.Containers) != 2 || len(d.Unread) != 0 {
		t.Fatalf("containers %v, unread %v", d.Containers, d.Unread)
	}
	agent, ok := d.Container("edgeAgent")
	if v, _ := agent.Lookup("UpstreamProtocol"); !ok || !agent.FromConfig || v != "AmqpWs" {
		t.Errorf("got %+v", agent)
	}
	if other, _ := d.Container("mine"); other.FromConfig {
		t.Error("only edgeAgent is made by the daemon")
	}
	if s, ok := d.Hub(); !ok || s.Value.Reveal() != "hub.test" || s.Place != device.EdgeAgent {
		t.Errorf("hub %+v", s)
	}
	if text, err := json.Marshal(d); err != nil || strings.Contains(string(text), "s3cret") {
		t.Errorf("%v: the password is shown: %s", err, text)
	}
}

// TestEngineUnwell: an engine that answers badly is said, and breaks nothing.
func TestEngineUnwell(t *testing.T) {
	answer := func(status int, body string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		})
	}
	for want, h := range map[string]http.Handler{
		"answers 500":   answer(500, "no"),
		"no JSON":       answer(200, "<html>"),
		"too long":      answer(200, strings.Repeat("x", 9<<20)),
		"has no id":     answer(200, `[{"Id":"","Names":["/edgeAgent"]}]`),
		"that can be":   http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }),
		"answers 302":   http.RedirectHandler("http://elsewhere.test/", http.StatusFound),
		"expected form": answer(200, `{"Id": 1}`),
	} {
		d := read(t.TempDir(), engine(t, h))
		if len(d.Unread) != 1 || !strings.Contains(d.Unread[0].Error(), want) {
			t.Errorf("%s: got %v", want, d.Unread)
		}
	}
	if d := read(t.TempDir(), "/nowhere/docker.sock"); len(d.Unread) != 1 ||
		!strings.Contains(d.Unread[0].Reason, "no such file") {
		t.Errorf("got %v", d.Unread)
	}
}

// TestLinks: an image's absolute links stay in the image, and what leads nowhere ends.
func TestLinks(t *testing.T) {
	dir := root(t, map[string]string{"real/config.toml": "[provisioning]\niothub_hostname = \"hub.test\"\ndevice_id " +
		"= \"d\"\n"})
	if err := os.MkdirAll(filepath.Join(dir, "etc"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, l := range [][2]string{{"/real", "etc/aziot"}, {"/loop", "var"}, {"/var", "loop"}} {
		if err := os.Symlink(l[0], filepath.Join(dir, l[1])); err != nil {
			t.Fatal(err)
		}
	}
	d := read(dir, "none")
	if s, ok := d.Hub(); !ok || s.Value.Reveal() != "hub.test" ||
		s.Where() != "/etc/aziot/config.toml:2 provisioning.iothub_hostname" {
		t.Errorf("got %+v, %v", s, d.Unread)
	}
}

func TestNotRegular(t *testing.T) {
	dir := root(t, map[string]string{"etc/docker/daemon.json/x": "",
		"etc/aziot/config.toml": strings.Repeat("# x\n",
			2<<20), "etc/aziot/edged/config.d/a.toml": strings.Repeat("# x\n", 1<<17)})
	d := read(dir, "none")
	if got := d.Unread; len(got) != 2 || !strings.Contains(got[0].Error(), "larger than 4 MiB") ||
		!strings.Contains(got[1].Error(), "not a file") || len(d.Broken) != 1 ||
		d.Broken[0].Error() != "/etc/aziot/edged/config.d/a.toml:1: expected at most 256 KiB" {
		t.Errorf("got %v", got)
	}
}

func TestUnreadable(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	dir := root(t, map[string]string{conf: "x = 1",
		"etc/docker/daemon.json": "{\"proxies\":{\"https-proxy\":\"http://p:1\"}}"})
	if err := os.Chmod(filepath.Join(dir, conf), 0); err != nil {
		t.Fatal(err)
	}
	d := read(dir, "none")
	if len(d.Unread) != 1 || d.Unread[0].Error() != "/"+conf+": permission denied" || len(d.Of(device.Proxy)) != 1 ||
		!d.Configured {
		t.Errorf("unread %v, proxies %v", d.Unread, d.Of(device.Proxy))
	}
}

func TestModuleEnvironment(t *testing.T) {
	env := map[string]string{"IOTEDGE_IOTHUBHOSTNAME": "hub.test", "IOTEDGE_DEVICEID": "d",
		"UpstreamProtocol": "MqttWs", "HTTPS_PROXY": "http://p:1"}
	d := device.Read(context.Background(),
		device.Options{Root: t.TempDir(), Getenv: func(k string) string { return env[k] }})
	if s, ok := d.Hub(); !ok || s.Place != device.ModuleEnv || len(d.Of(device.Proxy)) != 1 {
		t.Errorf("got %+v", d.Settings)
	}
}
