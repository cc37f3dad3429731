//go:build unix

package blackbox

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Process is a foreign server that runs for the time of a test.
type Process struct {
	cmd  *exec.Cmd
	log  *logBuffer
	done chan struct{}
	once sync.Once
}

// Start starts a command in a process group of its own, killed when the test ends.
// Its output is shown if the test fails. A zero env means this process's own.
func Start(t testing.TB, env []string, line ...string) *Process {
	t.Helper()
	cmd := exec.Command(line[0], line[1:]...) //nolint:gosec // the tests' own command lines
	p := &Process{cmd: cmd, log: &logBuffer{}, done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.log, p.log
	cmd.Env = env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", line[0], err)
	}
	go func() {
		_ = cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(func() {
		p.Stop()
		if t.Failed() {
			t.Logf("output of %s:\n%s", strings.Join(line, " "), p.log)
		}
	})
	return p
}

// Pid is the process' number.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Stop ends the process and its children.
func (p *Process) Stop() {
	p.once.Do(func() {
		group := -p.cmd.Process.Pid
		_ = syscall.Kill(group, syscall.SIGCONT)
		_ = syscall.Kill(group, syscall.SIGTERM)
		select {
		case <-p.done:
		case <-time.After(2 * time.Second):
		}
		_ = syscall.Kill(group, syscall.SIGKILL) // children that outlived it
		<-p.done
	})
}

// Freeze stops the process's time: its sockets still accept, and nothing answers.
func (p *Process) Freeze(t testing.TB) {
	t.Helper()
	if err := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
}

// Log is what the process has written so far.
func (p *Process) Log() string { return p.log.String() }

// Await waits until ready, and fails the test if the process ends before or within
// limit nothing comes.
func (p *Process) Await(t testing.TB, limit time.Duration, what string, ready func() bool) {
	t.Helper()
	until := time.Now().Add(limit)
	for !ready() {
		select {
		case <-p.done:
			t.Fatalf("%s ended before %s:\n%s", p.cmd.Path, what, p.log)
		default:
		}
		if time.Now().After(until) {
			t.Fatalf("%s: not %s within %s:\n%s", p.cmd.Path, what, limit, p.log)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// AwaitTCP waits until the process accepts on every address.
func (p *Process) AwaitTCP(t testing.TB, limit time.Duration, addresses ...string) *Process {
	t.Helper()
	for _, a := range addresses {
		p.Await(t, limit, "listening on "+a, func() bool {
			c, err := net.DialTimeout("tcp", a, time.Second)
			if err == nil {
				_ = c.Close()
			}
			return err == nil
		})
	}
	return p
}

// logBuffer keeps a server's first output; a chatty one fills no memory.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if room := 64<<10 - l.b.Len(); room > 0 {
		l.b.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// Need skips the test loudly where a command is missing, and fails it where
// everything is expected to be there: in CI, which sets EDGENET_CI=1.
func Need(t testing.TB, commands ...string) {
	t.Helper()
	for _, c := range commands {
		if _, err := exec.LookPath(c); err != nil {
			Miss(t, fmt.Sprintf("%s is not installed (.ci/run installs it)", c))
		}
	}
}

// Miss skips, and fails in CI.
func Miss(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("EDGENET_CI") == "1" {
		t.Fatal(why)
	}
	t.Skip("NOT TESTED: " + why)
}
