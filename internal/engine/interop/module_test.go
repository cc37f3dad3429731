//go:build interop && linux

package interop

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"edgenet/internal/verify/testkit"
)

// maxResident is what the module may hold in memory, in KiB.
const maxResident = 20 << 10

// TestModuleRuns: the module in its image as the manifests run it, on a network of its
// own with edgeHub and the workload socket: it gets ready, keeps state, and ends in time.
func TestModuleRuns(t *testing.T) {
	help, err := bench.edgenet.Command(testkit.Within(t, time.Minute), "help").Output()
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`(?m)^  module `).Match(help) {
		t.Log("there is no command module to run")
		return
	}
	built(t)
	d := newDevice(t, deviceOptions{})
	d.podman("load", "-i", filepath.Join(bench.dir, "tar", "edgenet-amd64.tar"))
	socket := strings.TrimPrefix(d.info.WorkloadURI, "unix://")
	if err := os.Chmod(socket, 0o666); err != nil { //nolint:gosec // as the daemon has it
		t.Fatal(err)
	}
	args := []string{"run", "-d", "--log-driver", "k8s-file", "--read-only", "--read-only-tmpfs=false", "--cap-drop",
		"all", "--security-opt", "no-new-privileges", "--network", network,
		"-v", "edgenet-state:/var/lib/edgenet", "-v", socket + ":" + socket}
	for name, value := range d.info.ModuleEnv {
		args = append(args, "-e", name+"="+value)
	}
	id := d.podman(append(args, "edgenet:dev")...)
	gone := false
	defer func() {
		if !gone {
			d.podman("rm", "-f", "-t", "1", id)
		}
	}()
	address := d.podman("inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", id)
	d.awaitReady(t, id, address)
	volume := d.podman("volume", "inspect", "--format", "{{.Mountpoint}}", "edgenet-state")
	if kept, err := os.ReadDir(volume); err != nil || len(kept) == 0 {
		t.Errorf("no state in the volume: %v", err)
	}
	resident(t, d.podman("inspect", "--format", "{{.State.Pid}}", id))
	start := time.Now()
	d.podman("stop", "-t", "60", id)
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("it took %s to end", took)
	}
	if code := d.podman("inspect", "--format", "{{.State.ExitCode}}", id); code != "0" {
		t.Errorf("exit code %s", code)
	}
	d.podman("rm", id)
	gone = true
}

// awaitReady asks the module beside it, as a neighbour does.
func (d *device) awaitReady(t *testing.T, id, address string) {
	t.Helper()
	until := time.Now().Add(2 * time.Minute)
	for {
		line := d.in("host", "curl", "-s", "-o", "/dev/null", "-m", "5", "-w", "%{http_code}", "-H", "Host: edgenet",
			"http://"+address+":9600/readyz")
		out, _ := exec.Command(line[0], line[1:]...).Output() //nolint:gosec // names from this file
		if string(out) == "200" {
			return
		}
		if time.Now().After(until) {
			line := d.podmanLine("logs", id)
			cmd := exec.Command(line[0], line[1:]...) //nolint:gosec // names from this file
			cmd.Env = d.env
			logs, _ := cmd.CombinedOutput()
			t.Fatalf("not ready, /readyz says %s\n%s", out, logs)
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// resident holds the process's memory against its limit.
func resident(t *testing.T, pid string) {
	t.Helper()
	status, err := os.ReadFile("/proc/" + pid + "/status") //nolint:gosec // a process of ours
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(status)
	if m == nil {
		t.Fatalf("no VmRSS in\n%s", status)
	}
	n, err := strconv.Atoi(string(m[1]))
	if err != nil || n > maxResident {
		t.Errorf("%s KiB resident, at most %d: %v", m[1], maxResident, err)
	}
	t.Logf("%d KiB resident", n)
}
