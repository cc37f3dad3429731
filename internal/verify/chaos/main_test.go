//go:build chaos && linux

package chaos

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"edgenet/internal/verify/blackbox"
)

// inside names the directory of a run whose namespaces are made.
const inside = "EDGENET_CHAOS_INSIDE"

func TestMain(m *testing.M) {
	flag.Parse()
	dir := os.Getenv(inside)
	switch {
	case flag.Lookup("test.list").Value.String() != "":
		os.Exit(m.Run())
	case dir == "":
		os.Exit(enter())
	}
	if err := furnish(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

// enter builds the module, and runs this program again in namespaces of its own.
func enter() int {
	dir, err := os.MkdirTemp("", "edgenet-chaos-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if _, err := blackbox.Build(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	runtime.LockOSThread()                                // whose end would be taken for this process's
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...) //nolint:gosec // it is this program
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), inside+"="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWNET,
		Pdeathsig: syscall.SIGKILL}
	if id := os.Getuid(); id != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: id, Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	if err := cmd.Start(); err != nil {
		fmt.Fprintf(os.Stderr, "NOT TESTED: no namespaces here: %v\n", err)
		if os.Getenv("EDGENET_CI") == "1" {
			return 1
		}
		return 0
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() > 0:
		return exit.ExitCode()
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// stateSize is how large the file system of the state is: the state twice, and not much more.
const stateSize = "size=1m"

// furnish makes the namespaces a site: loopback, a resolv.conf, and a small file system.
func furnish(dir string) error {
	if out, err := exec.Command("ip", "link", "set", "lo", "up").CombinedOutput(); err != nil {
		return fmt.Errorf("ip link set lo up: %w\n%s", err, out)
	}
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	own := filepath.Join(dir, "resolv.conf")
	if err := os.WriteFile(own, []byte("nameserver "+resolverIP+"\noptions timeout:2 attempts:1\n"),
		0o600); err != nil {
		return err
	}
	system, err := filepath.EvalSymlinks("/etc/resolv.conf")
	if err == nil {
		err = syscall.Mount(own, system, "", syscall.MS_BIND, "")
	}
	if err != nil {
		return fmt.Errorf("a resolv.conf of its own: %w", err)
	}
	state := filepath.Join(dir, "state")
	if err := os.Mkdir(state, 0o700); err != nil {
		return err
	}
	if err := syscall.Mount("none", state, "tmpfs", 0, stateSize); err != nil {
		return fmt.Errorf("a small file system: %w", err)
	}
	return nil
}
