//go:build interop && linux

package interop

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"edgenet/internal/blackbox"
	"edgenet/internal/lab"
)

// The addresses, the same for every device:
//
//	container 10.89.0.x --- 10.89.0.1 host 10.67.1.2 --- 10.67.1.1 hub (lab, name server)
const (
	hostAddress = "10.67.1.2"
	hubAddress  = "10.67.1.1"
	network     = "azure-iot-edge"
	hubName     = lab.HubName
)

// device is a host with a container engine, and the hub's side of the network.
type device struct {
	t      *testing.T
	prefix string
	dir    string
	env    []string // of podman
	info   lab.Info
	ca     string
}

var lastDevice atomic.Uint32

// options of a device. The zero value is a device on which everything works.
type deviceOptions struct {
	dns       string // what the engine gives its containers; zero means the site's name server
	noNetwork bool   // the runtime's network is not there
}

func newDevice(t *testing.T, o deviceOptions) *device {
	t.Helper()
	blackbox.Need(t, "podman", "runc", "iptables", "dnsmasq", "ip", "nsenter")
	d := &device{t: t, prefix: fmt.Sprintf("edgenetbox%dx%d", os.Getpid(), lastDevice.Add(1))}
	dir, err := os.MkdirTemp("", "box")
	if err != nil {
		t.Fatal(err)
	}
	d.dir = dir
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	d.wire()
	d.serveHub()
	if o.dns == "" {
		o.dns = hubAddress
	}
	d.startEngine(o)
	return d
}

func (d *device) ns(role string) string { return d.prefix + "-" + role }

// must runs a command that has to work.
func (d *device) must(line ...string) string {
	d.t.Helper()
	out, err := exec.Command(line[0], line[1:]...).CombinedOutput() //nolint:gosec // the tests' own command lines
	if err != nil {
		d.t.Fatalf("%s: %v\n%s", strings.Join(line, " "), err, out)
	}
	return string(out)
}

// in puts a command into a namespace's network, and leaves everything else to it: an
// engine needs the cgroups that ip netns exec hides.
func (d *device) in(role string, line ...string) []string {
	return append([]string{"nsenter", "--net=/run/netns/" + d.ns(role)}, line...)
}

// wire builds the namespaces host and hub, and the cable between them.
func (d *device) wire() {
	d.t.Helper()
	d.t.Cleanup(func() {
		for _, role := range []string{"host", "hub"} {
			_ = exec.Command("ip", "netns", "del", d.ns(role)).Run() //nolint:gosec // names from this file
			_ = os.RemoveAll("/etc/netns/" + d.ns(role))
		}
	})
	for _, role := range []string{"host", "hub"} {
		d.must("ip", "netns", "add", d.ns(role))
		d.must("ip", "-n", d.ns(role), "link", "set", "lo", "up")
		etc := "/etc/netns/" + d.ns(role)
		if err := os.MkdirAll(etc, 0o755); err != nil { //nolint:gosec // ip netns exec reads it
			d.t.Fatal(err)
		}
		for name, text := range map[string]string{"resolv.conf": "nameserver " + hubAddress + "\n", "hosts": "127.0.0.1 localhost\n"} {
			if err := os.WriteFile(filepath.Join(etc, name), []byte(text), 0o644); err != nil { //nolint:gosec // as above
				d.t.Fatal(err)
			}
		}
	}
	d.must("ip", "link", "add", "eth0", "netns", d.ns("host"), "type", "veth", "peer", "name", "eth0", "netns", d.ns("hub"))
	for role, address := range map[string]string{"host": hostAddress, "hub": hubAddress} {
		d.must("ip", "-n", d.ns(role), "addr", "add", address+"/24", "dev", "eth0")
		d.must("ip", "-n", d.ns(role), "link", "set", "eth0", "up")
	}
	d.must("ip", "-n", d.ns("host"), "route", "add", "default", "via", hubAddress)
	d.must(d.in("host", "sysctl", "-qw", "net.ipv4.ip_forward=1")...)
}

// serveHub starts the lab and a name server that knows it.
func (d *device) serveHub() {
	d.t.Helper()
	p := blackbox.Start(d.t, nil, d.in("hub", bench.edgenet.Path, "lab", "--listen", hubAddress, "--edge-listen", hubAddress, "--standard-ports", "--dir", d.dir, "--json")...)
	p.Await(d.t, time.Minute, "telling how to use it", func() bool {
		line, _, whole := strings.Cut(p.Log(), "\n")
		return whole && json.Unmarshal([]byte(line), &d.info) == nil
	})
	d.ca = filepath.Join(d.dir, "ca.pem")
	dns := blackbox.Start(d.t, nil, d.in("hub", "dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--no-hosts", "--no-resolv", "--bind-interfaces",
		"--listen-address="+hubAddress, "--address=/"+hubName+"/"+hubAddress, "--user=root")...)
	dns.Await(d.t, time.Minute, "listening", func() bool {
		out, err := exec.Command("ip", "netns", "exec", d.ns("hub"), "ss", "-Hlun", "sport", "=", ":53").Output() //nolint:gosec // names from this file
		return err == nil && len(out) > 0
	})
}

// startEngine serves podman's Docker-compatible API, the way the runtime's own engine
// is there on a device.
func (d *device) startEngine(o deviceOptions) {
	d.t.Helper()
	conf := filepath.Join(d.dir, "containers.conf")
	text := fmt.Sprintf(`[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]
dns_servers = [%q]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_backend = "cni"
network_config_dir = %q
`, o.dns, filepath.Join(d.dir, "cni"))
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
	d.env = append(os.Environ(), "CONTAINERS_CONF="+conf)
	if !o.noNetwork {
		d.podman("network", "create", network)
	}
	p := blackbox.Start(d.t, d.env, d.podmanLine("system", "service", "--time", "0", "unix://"+d.socket())...)
	p.Await(d.t, time.Minute, "serving", func() bool {
		return exec.Command("curl", "-sf", "--unix-socket", d.socket(), "http://engine/_ping").Run() == nil //nolint:gosec // names from this file
	})
}

func (d *device) socket() string { return filepath.Join(d.dir, "engine.sock") }

func (d *device) podmanLine(args ...string) []string {
	return d.in("host", append([]string{
		"podman", "--root", filepath.Join(d.dir, "store"), "--runroot", filepath.Join(d.dir, "run"), "--tmpdir", filepath.Join(d.dir, "tmp"),
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

// check runs edgenet on the device's host; env are variables beside the few needed.
func (d *device) check(env []string, args ...string) *blackbox.Outcome {
	d.t.Helper()
	o, err := d.edgenet(env...).Check(blackbox.Timeout(d.t, 3*time.Minute), append([]string{"--hub", hubName, "--timeout", "5s", "--from", "container"}, args...)...)
	if err != nil {
		d.t.Fatal(err)
	}
	if o.Report.Container == nil {
		d.t.Fatalf("no container in the report; exit %d\n%s", o.Exit, o.Stderr)
	}
	return o
}

func (d *device) edgenet(env ...string) blackbox.Edgenet {
	return bench.edgenet.In(append([]string{"ip", "netns", "exec", d.ns("host"), "env", "DOCKER_HOST=unix://" + d.socket()}, env...)...)
}

// leftNothing fails where the engine still has something of edgenet's.
func (d *device) leftNothing() {
	d.t.Helper()
	if left := d.podman("ps", "-aq") + d.podman("images", "-aq"); left != "" {
		d.t.Errorf("left in the engine: %s\n%s", d.podman("ps", "-a"), d.podman("images", "-a"))
	}
}

// ended waits for a command and gives its exit code.
func ended(ctx context.Context, t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	err := cmd.Wait()
	if ctx.Err() != nil {
		t.Fatalf("did not end: %v", err)
	}
	return cmd.ProcessState.ExitCode()
}
