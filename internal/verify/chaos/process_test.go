//go:build chaos && linux

package chaos

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"edgenet/internal/verify/blackbox"
)

// process is one run of the module.
type process struct {
	cmd      *exec.Cmd
	emulated bool  // by qemu, with a clock that can be moved
	logged   int64 // bytes of the log that were there before
	done     chan struct{}
	err      error // once done
}

// program is the module as it is started again and again.
type program struct {
	t   *testing.T
	dir string
	env map[string]string
	lib string // of faketime; empty where clocks cannot be moved
	now *process
}

// newProgram finds what moves the clock of a static program.
func newProgram(t *testing.T, dir string, env map[string]string) *program {
	t.Helper()
	p := &program{t: t, dir: dir, env: env}
	found, _ := filepath.Glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
	if _, err := exec.LookPath("qemu-x86_64"); err == nil && len(found) > 0 {
		p.lib = found[0]
	} else if os.Getenv("EDGENET_CI") == "1" {
		t.Error("qemu-x86_64 or faketime is not installed (.ci/run installs them)")
	} else {
		t.Log("NOT TESTED: a jumping clock: qemu-x86_64 or faketime is not installed")
	}
	t.Cleanup(func() {
		if p.now != nil {
			p.kill()
		}
		if t.Failed() {
			t.Logf("the module's log:\n%s", p.log(200))
		}
	})
	return p
}

func (p *program) logFile() string { return filepath.Join(p.dir, "module.log") }

// log is the last lines of what all runs said.
func (p *program) log(lines int) string {
	b, err := os.ReadFile(p.logFile())
	if err != nil {
		return err.Error()
	}
	all := strings.Split(string(b), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// start starts the module, natively or emulated.
func (p *program) start(emulated bool) {
	p.t.Helper()
	p.setClock(0)
	log, err := os.OpenFile(p.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = log.Close() }() // the process has its own
	before, err := log.Stat()
	if err != nil {
		p.t.Fatal(err)
	}
	e := blackbox.Edgenet{Path: filepath.Join(p.dir, "edgenet")}
	x := &process{emulated: emulated && p.lib != "", logged: before.Size(), done: make(chan struct{})}
	if x.emulated {
		e = e.In("qemu-x86_64")
	}
	x.cmd = e.Command(p.t.Context(), "module")
	for _, name := range slices.Sorted(maps.Keys(p.env)) {
		x.cmd.Env = append(x.cmd.Env, name+"="+p.env[name])
	}
	if x.emulated {
		x.cmd.Env = append(x.cmd.Env, "LD_PRELOAD="+p.lib, "FAKETIME_TIMESTAMP_FILE="+p.clockFile(),
			"FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1", "DONT_FAKE_MONOTONIC=1")
	}
	x.cmd.Stdout, x.cmd.Stderr = log, log
	x.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true,
		Pdeathsig: syscall.SIGKILL} // it does not outlive a test that is killed
	if err := x.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	go func() {
		x.err = x.cmd.Wait()
		close(x.done)
	}()
	p.now = x
}

// spoke tells whether the module has said a word. Before, a signal may meet a program that
// has not begun to listen for it.
func (p *program) spoke() bool {
	info, err := os.Stat(p.logFile())
	return err == nil && info.Size() > p.now.logged
}

// alive fails the test where the module ended by itself. An emulator that broke is no
// news about the module, and is started again.
func (p *program) alive() {
	p.t.Helper()
	select {
	case <-p.now.done:
	default:
		return
	}
	said := p.log(40)
	if p.now.emulated && !strings.Contains(said, "panic:") && !strings.Contains(said, "fatal error:") {
		p.t.Logf("the emulator ended: %v", p.now.err)
		p.start(false)
		return
	}
	p.t.Fatalf("the module ended by itself: %v\n%s", p.now.err, said)
}

// kill is SIGKILL.
func (p *program) kill() {
	_ = p.now.cmd.Process.Kill() // fails where it has ended
	<-p.now.done
}

// stopLimit is the ten seconds that a container engine waits before it kills, and what a
// busy machine may add.
const stopLimit = 15 * time.Second

// stop is SIGTERM, and gives how long the module took to end well. Of an emulator that hangs
// no more is asked than of one that is killed.
func (p *program) stop() time.Duration {
	p.t.Helper()
	begun, spoke := time.Now(), p.spoke()
	if err := p.now.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Fatal(err)
	}
	select {
	case <-p.now.done:
	case <-time.After(stopLimit):
		if p.now.emulated {
			p.t.Log("the emulator hangs")
			p.kill()
			break
		}
		_ = p.now.cmd.Process.Signal(syscall.SIGQUIT) // it says where it hangs
		<-p.now.done
		p.t.Fatalf("no end within %s of SIGTERM:\n%s", stopLimit, p.log(300))
	}
	if p.now.err != nil && spoke && !p.now.emulated {
		p.t.Errorf("after SIGTERM: %v\n%s", p.now.err, p.log(60))
	}
	return time.Since(begun)
}

func (p *program) clockFile() string { return filepath.Join(p.dir, "clock") }

// setClock moves the clock of an emulated run by so much against the true one.
func (p *program) setClock(by time.Duration) {
	p.t.Helper()
	next := p.clockFile() + ".new"
	err := os.WriteFile(next, []byte(fmt.Sprintf("%+d\n", int(by/time.Second))), 0o600)
	if err == nil {
		err = os.Rename(next, p.clockFile()) // whole, at every moment
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// ballast is the file that fills the state's file system.
func (p *program) ballast() string { return filepath.Join(p.dir, "state", "ballast") }

// fill leaves no room on the disk.
func (p *program) fill() {
	p.t.Helper()
	f, err := os.OpenFile(p.ballast(), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return // it is as full as it can be
	}
	defer func() { _ = f.Close() }() // an error would be the one that is wanted
	for size := 64 << 10; size > 0; size /= 2 {
		for {
			if _, err := f.Write(make([]byte, size)); err != nil {
				break
			}
		}
	}
}

func (p *program) free() {
	p.t.Helper()
	if err := os.Remove(p.ballast()); err != nil && !errors.Is(err, os.ErrNotExist) {
		p.t.Fatal(err)
	}
}

// number reads an environment variable that is a number.
func number(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}
