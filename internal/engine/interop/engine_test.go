//go:build interop && linux

package interop

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"edgenet/internal/verify/blackbox"
)

// startPodman serves podman's Docker-compatible API, the way the runtime's own engine is
// there on a device.
func (d *device) startPodman(o deviceOptions) {
	d.t.Helper()
	conf := filepath.Join(d.dir, "containers.conf")
	ulimits := `default_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]`
	if o.confined {
		ulimits = ""
	}
	text := fmt.Sprintf(`[containers]
dns_servers = [%q]
%s
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_backend = "cni"
network_config_dir = %q
`, o.dns, ulimits, filepath.Join(d.dir, "cni"))
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
	d.env = append(os.Environ(), "CONTAINERS_CONF="+conf)
	if !o.noNetwork {
		d.podman("network", "create", network)
	}
	p := blackbox.Start(d.t, d.env, d.podmanLine("system", "service", "--time", "0", "unix://"+d.socket())...)
	d.awaitEngine(p)
}

// startDocker runs a Docker daemon of the device's own, as IoT Edge's usual engine is one.
func (d *device) startDocker(o deviceOptions) {
	d.t.Helper()
	conf := filepath.Join(d.dir, "daemon.json")
	if err := os.WriteFile(conf, fmt.Appendf(nil, `{"dns":[%q],"storage-driver":"vfs"}`, o.dns), 0o600); err != nil {
		d.t.Fatal(err)
	}
	p := blackbox.Start(d.t, nil, d.in("host", "dockerd", "--config-file", conf, "--data-root",
		filepath.Join(d.dir, "data"), "--exec-root", filepath.Join(d.dir, "exec"),
		"--pidfile", filepath.Join(d.dir, "pid"), "-H", "unix://"+d.socket())...)
	d.awaitEngine(p)
	if !o.noNetwork {
		d.must("docker", "-H", "unix://"+d.socket(), "network", "create", network)
	}
}

func (d *device) awaitEngine(p *blackbox.Process) {
	d.t.Helper()
	p.Await(d.t, time.Minute, "serving", func() bool {
		return exec.Command("curl", "-sf", "--unix-socket", d.socket(),
			"http://engine/_ping").Run() == nil //nolint:gosec // names from this file
	})
}

func (d *device) socket() string { return filepath.Join(d.dir, "engine.sock") }

func (d *device) podmanLine(args ...string) []string {
	return d.in("host", append([]string{
		"podman", "--root", filepath.Join(d.dir, "store"), "--runroot", filepath.Join(d.dir, "run"), "--tmpdir",
		filepath.Join(d.dir, "tmp"),
		"--storage-driver", "vfs", "--runtime", "runc", "--cgroup-manager", "cgroupfs",
	}, args...)...)
}

// podman runs one of its commands against the device's storage.
func (d *device) podman(args ...string) string {
	d.t.Helper()
	line := d.podmanLine(args...)
	cmd := exec.Command(line[0], line[1:]...) //nolint:gosec // the tests' own command lines
	cmd.Env = d.env
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		d.t.Fatalf("podman %s: %v\n%s%s", strings.Join(args, " "), err, out, errs.String())
	}
	return strings.TrimSpace(string(out))
}

// list asks either engine, quietly.
func (d *device) list(args ...string) string {
	d.t.Helper()
	if d.docker {
		return strings.TrimSpace(d.must(append([]string{"docker", "-H", "unix://" + d.socket()}, args...)...))
	}
	return d.podman(args...)
}

// leftNothing fails where the engine still has something of edgenet's.
func (d *device) leftNothing() {
	d.t.Helper()
	if left := d.list("ps", "-aq") + d.list("images", "-aq"); left != "" {
		d.t.Errorf("left in the engine: %s\n%s", d.list("ps", "-a"), d.list("images", "-a"))
	}
}
