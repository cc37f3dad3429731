//go:build interop && linux

package interop

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"edgenet/internal/lab"
	"edgenet/internal/verify/blackbox"
	"edgenet/internal/verify/testkit"
)

// buildImage runs the one command that builds the image, once for all tests, and gives
// the OCI layout and the directory of archives.
var buildImage = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("go", "run", "edgenet/deploy/module/build", "--out", filepath.Join(bench.dir, "oci"),
		"--archives", filepath.Join(bench.dir, "tar")).CombinedOutput() //nolint:gosec // the tests' own
	if err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return string(out), nil
})

func built(t *testing.T) (table string) {
	t.Helper()
	table, err := buildImage()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// TestSkopeoReadsTheLayout: all three platforms, every digest checked.
func TestSkopeoReadsTheLayout(t *testing.T) {
	blackbox.Need(t, "skopeo")
	table := built(t)
	dir := t.TempDir()
	out, err := exec.Command("skopeo", "--insecure-policy", "copy", "--all", "oci:"+filepath.Join(bench.dir, "oci")+
		":dev", "dir:"+dir).CombinedOutput() //nolint:gosec // the tests' own
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, platform := range []string{"linux/amd64", "linux/arm64", "linux/arm/v7"} {
		if !strings.Contains(table, platform+" ") {
			t.Errorf("no %s in\n%s", platform, table)
		}
	}
	if n := strings.Count(string(out), "Copying config"); n != 3 {
		t.Errorf("%d images\n%s", n, out)
	}
	t.Logf("\n%s", table)
}

// TestImageRuns: under podman and runc as a module runs: read-only, without
// capabilities, as the image's own user, on a network of its own.
func TestImageRuns(t *testing.T) {
	built(t)
	d := newDevice(t, deviceOptions{})
	d.podman("load", "-i", filepath.Join(bench.dir, "tar", "edgenet-amd64.tar"))
	base := []string{"--read-only", "--read-only-tmpfs=false", "--cap-drop", "all", "--security-opt",
		"no-new-privileges", "--network", network, "-v", "edgenet-state:/var/lib/edgenet"}
	run := func(args ...string) string {
		return d.podman(append(append([]string{"run", "--rm"}, base...),
			append([]string{"edgenet:dev"}, args...)...)...)
	}
	if got := run("version"); !strings.HasPrefix(got, "edgenet dev (") {
		t.Errorf("version: %q", got)
	}
	volume := d.podman("volume", "inspect", "--format", "{{.Mountpoint}}", "edgenet-state")
	if got := strings.TrimSpace(d.must("stat", "-c", "%u:%g %a", volume)); got != "10001:10001 700" {
		t.Errorf("the state volume is %s", got)
	}
	ca, err := os.ReadFile(d.ca)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(volume, "ca.pem"), ca,
		0o644); err != nil { //nolint:gosec // the container's user reads it
		t.Fatal(err)
	}
	got := run("check", "--hub", hubName, "--ca-file", "ca.pem", "--expect",
		"Amqp") // WorkingDir is the state directory
	if !strings.Contains(got, "UpstreamProtocol Amqp") {
		t.Errorf("check: %s", got)
	}
	if err := os.Remove(filepath.Join(volume, "ca.pem")); err != nil { // root's: the lab writes its own
		t.Fatal(err)
	}
	d.heldShort(t, base)
}

// heldShort looks at a running container from outside: user, capabilities, privileges.
func (d *device) heldShort(t *testing.T, base []string) {
	t.Helper()
	id := d.podman(append(append([]string{"run", "-d", "--log-driver", "k8s-file"}, base...), "edgenet:dev", "check",
		"--hub", hubName, "--every", "1m")...)
	defer d.podman("rm", "-f", "-t", "1", id)
	pid := d.podman("inspect", "--format", "{{.State.Pid}}", id)
	until := time.Now().Add(time.Minute)
	for d.podman("logs", id) == "" { // it has looked once, and goes on
		if time.Now().After(until) || d.podman("inspect", "--format", "{{.State.Running}}", id) != "true" {
			t.Fatalf("the check does not run in the container: %s", d.podman("logs", id))
		}
		time.Sleep(100 * time.Millisecond)
	}
	status, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Uid:\t10001\t10001\t10001\t10001", "CapEff:\t0000000000000000",
		"CapBnd:\t0000000000000000", "NoNewPrivs:\t1"} {
		if !strings.Contains(string(status), want) {
			t.Errorf("no %q in\n%s", want, status)
		}
	}
}

// TestOtherArchitectures: the arm images hold programs that start and work, under qemu.
func TestOtherArchitectures(t *testing.T) {
	blackbox.Need(t, "skopeo", "umoci", "qemu-aarch64-static", "qemu-arm-static")
	built(t)
	toLab := ownLab(t) // the module's image has none
	for arch, c := range map[string]struct{ variant, qemu string }{"arm64": {"", "qemu-aarch64-static"},
		"arm": {"v7", "qemu-arm-static"}} {
		dir := filepath.Join(t.TempDir(), "one")
		line := []string{"skopeo", "--insecure-policy", "--override-arch", arch, "--override-variant", c.variant,
			"copy", "oci:" + filepath.Join(bench.dir, "oci") + ":dev", "oci:" + dir + ":x"}
		if out, err := exec.Command(line[0],
			line[1:]...).CombinedOutput(); err != nil { //nolint:gosec // the tests' own
			t.Fatalf("%s: %v\n%s", arch, err, out)
		}
		bundle := filepath.Join(t.TempDir(), "bundle")
		if out, err := exec.Command("umoci", "unpack", "--image", dir+":x",
			bundle).CombinedOutput(); err != nil { //nolint:gosec // the tests' own
			t.Fatalf("%s: %v\n%s", arch, err, out)
		}
		binary := filepath.Join(bundle, "rootfs", "edgenet")
		if out := qemu(t, c.qemu, binary, "version"); !strings.HasPrefix(out, "edgenet dev (") {
			t.Errorf("%s: version %q", arch, out)
		}
		check := append([]string{c.qemu, binary, "check", "--timeout", "60s", "--deadline", "2m"}, toLab...)
		if out := qemu(t, check...); !strings.Contains(out, "UpstreamProtocol Amqp") {
			t.Errorf("%s: %v:\n%s", arch, check, out)
		}
	}
}

// ownLab starts a lab in this process, and gives the flags that lead there.
func ownLab(t *testing.T) []string {
	t.Helper()
	l, err := lab.Start(t.Context(), lab.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	i := l.Info()
	flags := []string{"--hub", i.Hub, "--ca-file", i.CAFile}
	for _, c := range i.ConnectTo {
		if strings.HasPrefix(c, i.Hub+":") {
			flags = append(flags, "--connect-to", c)
		}
	}
	return flags
}

func qemu(t *testing.T, line ...string) string {
	t.Helper()
	cmd := exec.CommandContext(testkit.Within(t, 5*time.Minute), line[0],
		line[1:]...) //nolint:gosec // the tests' own
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Errorf("%s: %v\n%s%s", strings.Join(line, " "), err, out.String(), errs.String())
	}
	return out.String()
}
