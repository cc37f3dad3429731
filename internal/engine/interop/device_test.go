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

	"edgenet/internal/lab"
	"edgenet/internal/verify/blackbox"
	"edgenet/internal/verify/testkit"
)

// The addresses, the same for every device:
//
//	container 10.89.0.x --- 10.89.0.1 host 10.67.1.2 --- 10.67.1.1 hub (lab, name server)
//
// Docker's containers are on a subnet that Docker chooses.
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
	docker bool
	env    []string // of podman
	info   lab.Info
	ca     string
}

var lastDevice atomic.Uint32

// deviceOptions say what is wrong with a device. The zero value is one with podman on
// which everything works.
type deviceOptions struct {
	docker    bool   // Docker itself is the engine
	dns       string // what the engine gives its containers; zero means the site's name server
	noNetwork bool   // the runtime's network is not there
	confined  bool   // podman asks for limits that this machine may not let it set
}

func newDevice(t *testing.T, o deviceOptions) *device {
	t.Helper()
	blackbox.Need(t, "podman", "dockerd", "docker", "runc", "iptables", "dnsmasq", "ip", "nsenter", "curl")
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
	if d.docker = o.docker; d.docker {
		d.startDocker(o)
	} else {
		d.startPodman(o)
	}
	return d
}

// eachEngine runs a test on devices with podman and with Docker.
func eachEngine(t *testing.T, o deviceOptions, f func(*testing.T, *device)) {
	t.Run("podman", func(t *testing.T) { f(t, newDevice(t, o)) })
	o.docker = true
	t.Run("docker", func(t *testing.T) { f(t, newDevice(t, o)) })
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
		for name, text := range map[string]string{"resolv.conf": "nameserver " + hubAddress + "\n",
			"hosts": "127.0.0.1 localhost\n"} {
			if err := os.WriteFile(filepath.Join(etc, name), []byte(text),
				0o644); err != nil { //nolint:gosec // as above
				d.t.Fatal(err)
			}
		}
	}
	d.must("ip", "link", "add", "eth0", "netns", d.ns("host"), "type", "veth", "peer", "name", "eth0", "netns",
		d.ns("hub"))
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
	p := blackbox.Start(d.t, nil, d.in("hub", bench.edgenet.Path, "lab", "--listen", hubAddress, "--edge-listen",
		hubAddress, "--standard-ports", "--dir", d.dir, "--json")...)
	p.Await(d.t, time.Minute, "telling how to use it", func() bool {
		line, _, whole := strings.Cut(p.Log(), "\n")
		return whole && json.Unmarshal([]byte(line), &d.info) == nil
	})
	d.ca = filepath.Join(d.dir, "ca.pem")
	dns := blackbox.Start(d.t, nil, d.in("hub", "dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--no-hosts",
		"--no-resolv", "--bind-interfaces",
		"--listen-address="+hubAddress, "--address=/"+hubName+"/"+hubAddress, "--user=root")...)
	dns.Await(d.t, time.Minute, "listening", func() bool {
		out, err := exec.Command("ip", "netns", "exec", d.ns("hub"), "ss", "-Hlun", "sport", "=",
			":53").Output() //nolint:gosec // names from this file
		return err == nil && len(out) > 0
	})
}

// check runs edgenet on the device's host; env are variables beside the few needed.
func (d *device) check(env []string, args ...string) *blackbox.Outcome {
	d.t.Helper()
	o, err := d.edgenet(env...).Check(testkit.Within(d.t, 3*time.Minute),
		append([]string{"--hub", hubName, "--timeout", "5s", "--from", "container"}, args...)...)
	if err != nil {
		d.t.Fatal(err)
	}
	if o.Report.Container == nil {
		d.t.Fatalf("no container in the report; exit %d\n%s", o.Exit, o.Stderr)
	}
	return o
}

func (d *device) edgenet(env ...string) blackbox.Edgenet {
	return bench.edgenet.In(append([]string{"ip", "netns", "exec", d.ns("host"), "env", "DOCKER_HOST=unix://" +
		d.socket()}, env...)...)
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
