//go:build interop && linux

package interop

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"edgenet/internal/device"
	"edgenet/internal/proxyurl"
)

// serve starts a program that serves a Unix socket, and ends it with the test.
func serve(t *testing.T, socket string, cmd *exec.Cmd) {
	t.Helper()
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		select {
		case <-ended:
		case <-time.After(limit):
			_ = cmd.Process.Kill()
			<-ended
		}
	})
	for end := time.Now().Add(limit); time.Now().Before(end); {
		if c, err := net.Dial("unix", socket); err == nil {
			_ = c.Close()
			return
		}
		select {
		case <-ended:
			t.Fatalf("%s ended: %s", cmd.Path, log.String())
		case <-time.After(20 * time.Millisecond):
		}
	}
	t.Fatalf("%s does not serve %s", cmd.Path, socket)
}

// TestPodman: discovery reads the containers of an engine that nobody here wrote.
func TestPodman(t *testing.T) {
	podman := tool(t, "podman")
	if os.Geteuid() != 0 {
		t.Skip("needs root: storage of its own")
	}
	dir := shared(t)
	args := []string{"--root", filepath.Join(dir, "root"), "--runroot", filepath.Join(dir, "run"), "--storage-driver",
		"vfs", "--cgroup-manager", "cgroupfs"}
	rootfs := filepath.Join(dir, "fs")
	if err := os.Mkdir(rootfs, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, create := range [][]string{
		{"--name", "edgeAgent", "-e", "UpstreamProtocol=AmqpWs", "-e", "https_proxy=http://edge:p%40ss@proxy.corp:3128",
			"-e", "IOTEDGE_IOTHUBHOSTNAME=contoso.azure-devices.net", "-l", device.EnvLabel + "={}"},
		{"--name", "edgeHub", "-e", "UpstreamProtocol=AmqpWs", "-l", "net.azure-devices.edge.owner=x"},
		{"--name", "unrelated", "-e", "https_proxy=http://other:1"},
	} {
		cmd := exec.Command(podman, append(append(append([]string(nil), args...), "create"),
			append(create, "--rootfs", rootfs, "/bin/true")...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("podman create: %v: %s", err, out)
		}
	}
	socket := filepath.Join(dir, "s")
	serve(t, socket, exec.Command(podman, append(append([]string(nil), args...), "system", "service", "--time=0",
		"unix://"+socket)...))
	d := device.Read(context.Background(), device.Options{Root: t.TempDir(), Engine: socket})
	if len(d.Unread) > 0 || len(d.Containers) != 2 {
		t.Fatalf("containers %v, unread %v", d.Containers, d.Unread)
	}
	agent, _ := d.Container("edgeAgent")
	hub, _ := d.Container("edgeHub")
	if !agent.FromConfig || hub.FromConfig {
		t.Error("who made the containers is told wrong")
	}
	if s, ok := d.At(device.EdgeAgent, device.Proxy); !ok ||
		proxyurl.Mask(s.Value.Reveal()) != "http://edge:****@proxy.corp:3128" {
		t.Errorf("proxy %+v", s)
	}
	if s, ok := d.Hub(); !ok || s.Value.Reveal() != "contoso.azure-devices.net" {
		t.Errorf("hub %+v", s)
	}
}

// dockerd starts an engine with everything of its own below a directory.
func dockerd(t *testing.T, dir, config string, more ...string) (*exec.Cmd, string) {
	t.Helper()
	socket := filepath.Join(dir, "s")
	args := []string{"--config-file", config, "--data-root", filepath.Join(dir, "data"), "--exec-root",
		filepath.Join(dir, "exec"), "--pidfile", filepath.Join(dir, "pid"),
		"-H", "unix://" + socket, "--iptables=false", "--ip6tables=false", "--bridge=none", "--storage-driver=vfs"}
	return exec.Command(tool(t, "dockerd"), append(args, more...)...), socket
}

// TestDockerd: the engine takes the proxy out of the drop-in's environment; daemon.json
// is accepted by 23.0 and later, and stops an older one at the very key that the text
// warns of.
func TestDockerd(t *testing.T) {
	tool(t, "dockerd")
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	root := t.TempDir()
	plant(t, root, "etc/docker/daemon.json", "{\n  \"log-driver\": \"local\"\n}\n")
	s, p := plan(t, root, "")
	for _, f := range s.Files {
		if strings.HasPrefix(f.Path, "/etc/docker/") || strings.Contains(f.Path, "docker.service.d") {
			plant(t, root, f.Path, f.Text)
		}
	}
	config := filepath.Join(root, "etc/docker/daemon.json")
	dir := shared(t)
	check, _ := dockerd(t, dir, config, "--validate")
	out, err := check.CombinedOutput()
	if strings.Contains(string(out), "unknown flag") { // before 23.0
		refused, _ := dockerd(t, dir, config)
		if out, err = refused.CombinedOutput(); err == nil || !strings.Contains(string(out), "https-proxy") ||
			!strings.Contains(s.Files[4].What, "23.0") {
			t.Errorf("%v: %s", err, out)
		}
	} else if err != nil {
		t.Errorf("dockerd --validate: %v: %s", err, out)
	}
	plant(t, root, "etc/docker/daemon.json", "{}\n")
	setting, ok := device.Read(context.Background(), device.Options{Root: root, Engine: "none"}).At(device.EngineUnit,
		device.Proxy)
	if !ok || setting.Value.Reveal() != p.URL() {
		t.Fatalf("the drop-in has %+v", setting)
	}
	engine, socket := dockerd(t, dir, config)
	engine.Env = append(os.Environ(), setting.Key+"="+setting.Value.Reveal())
	serve(t, socket, engine)
	if got := engineProxy(t, socket); !strings.Contains(got, "@proxy.corp:3128") {
		t.Errorf("the engine's proxy is %q", got)
	}
	if d := device.Read(context.Background(), device.Options{Root: root, Engine: socket}); len(d.Unread) > 0 ||
		len(d.Containers) != 0 {
		t.Errorf("containers %v, unread %v", d.Containers, d.Unread)
	}
}

// engineProxy asks the engine which proxy it has; it masks the user itself.
func engineProxy(t *testing.T, socket string) string {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _,
		_ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}}}
	res, err := client.Get("http://engine/info")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var info struct {
		HTTPSProxy string `json:"HttpsProxy"`
	}
	if err := json.NewDecoder(res.Body).Decode(&info); err != nil {
		t.Fatal(err)
	}
	return info.HTTPSProxy
}
