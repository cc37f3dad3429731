// Package live finds the logs of the runtime on this host: the journal of its services,
// through journalctl, and what its containers wrote, through the engine's socket. It
// reads, and changes nothing.
package live

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"

	"edgenet/internal/engine"
	"edgenet/internal/logs/pattern"
	"edgenet/internal/logs/source"
	"edgenet/internal/supportbundle"
	"edgenet/report"
)

// Options say what to read.
type Options struct {
	Root         string // whose settings name the engine; zero means /
	Getenv       func(string) string
	Since, Until time.Time
	Journalctl   string // the program; zero means journalctl
}

// units are the runtime's services, in packages and in snaps, up to 1.1 and after, and what
// they rest on.
var units = []string{"aziot-edged", "aziot-identityd", "aziot-certd", "aziot-keyd", "aziot-tpmd", "iotedge",
	"snap.azure-iot-identity.identityd", "snap.azure-iot-identity.certd", "snap.azure-iot-identity.keyd",
	"snap.azure-iot-identity.tpmd", "snap.azure-iot-edge.edged",
	"docker", "snap.docker.dockerd", "systemd-timesyncd", "chrony", "chronyd"}

// Open finds what there is. An error means that there is neither a journal nor an engine.
func Open(ctx context.Context, o Options) (*source.Set, error) {
	if o.Root == "" {
		o.Root = "/"
	}
	s := &source.Set{Whole: true}
	journalErr := o.journal(ctx, s)
	engineErr := o.containers(ctx, s)
	for _, err := range []error{journalErr, engineErr} {
		if err != nil {
			s.Unread = append(s.Unread, err)
		}
	}
	if journalErr != nil && engineErr != nil {
		return s, fmt.Errorf("this host has no log of the runtime that can be read: %w",
			errors.Join(journalErr, engineErr))
	}
	return s, nil
}

func (o Options) journal(ctx context.Context, s *source.Set) error {
	program, err := exec.LookPath(firstOf(o.Journalctl, "journalctl"))
	if err != nil {
		return errors.New("the journal: there is no journalctl here")
	}
	args := []string{"--quiet", "--all", "--no-pager", "--output=json",
		"--output-fields=MESSAGE,_SYSTEMD_UNIT,SYSLOG_IDENTIFIER,_PID,CONTAINER_NAME"}
	for _, u := range units {
		args = append(args, "--unit="+u)
	}
	if !o.Since.IsZero() {
		args = append(args, fmt.Sprintf("--since=@%d", o.Since.Unix()))
	}
	if !o.Until.IsZero() {
		args = append(args, fmt.Sprintf("--until=@%d", o.Until.Unix()+1))
	}
	s.Inputs = append(s.Inputs, source.Input{Name: "journal",
		Open: func() (io.ReadCloser, error) { return run(ctx, program, args) }})
	return nil
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// command is a program whose output is read.
type command struct {
	cmd    *exec.Cmd
	out    io.Reader
	stderr *bounded
	cancel context.CancelFunc
	ended  bool
}

func run(ctx context.Context, program string, args []string) (io.ReadCloser, error) {
	ctx, cancel := context.WithCancel(ctx)
	c := &command{cmd: exec.CommandContext(ctx, program, args...), stderr: &bounded{},
		cancel: cancel} //nolint:gosec // the program is journalctl
	c.cmd.Stderr = c.stderr
	out, err := c.cmd.StdoutPipe()
	if err == nil {
		err = c.cmd.Start()
	}
	if err != nil {
		cancel()
		return nil, fmt.Errorf("journalctl: %w", err)
	}
	c.out = out
	return c, nil
}

// Read gives what the program writes; its own complaint comes in place of the end.
func (c *command) Read(p []byte) (int, error) {
	if c.ended {
		return 0, io.EOF
	}
	n, err := c.out.Read(p)
	if errors.Is(err, io.EOF) && !c.ended {
		c.ended = true
		if c.cmd.Wait() != nil && c.stderr.text() != "" {
			return n, fmt.Errorf("journalctl: %s", report.Clean(c.stderr.text(), 200))
		}
	}
	return n, err
}

// Close ends the program.
func (c *command) Close() error {
	c.cancel()
	if !c.ended {
		c.ended = true
		_ = c.cmd.Wait() // it was ended on purpose
	}
	return nil
}

// bounded keeps the first bytes of what a program complains.
type bounded struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *bounded) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if room := 2000 - b.b.Len(); room > 0 {
		b.b.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

func (b *bounded) text() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.TrimSpace(b.b.String())
}

// containers adds the runtime's own containers and what the engine says of them.
func (o Options) containers(ctx context.Context, s *source.Set) error {
	settings, unread := engine.Find(o.Root, o.Getenv)
	s.Unread = append(s.Unread, unread...)
	c, err := engine.Open(ctx, settings)
	if err != nil {
		return fmt.Errorf("the engine: %w", err)
	}
	s.Closes(closer(c.Close))
	list, err := c.Containers(ctx)
	if err != nil {
		return fmt.Errorf("the engine: %w", err)
	}
	for _, box := range list {
		if who := pattern.WhoIs(box.Name); who != pattern.Agent && who != pattern.Hub {
			continue
		}
		s.Inputs = append(s.Inputs, source.Input{Name: "container " + box.Name, Tag: box.Name,
			Open: func() (io.ReadCloser, error) { return c.Logs(ctx, box.ID, o.Since, o.Until) }})
		text, err := c.Inspect(ctx, box.ID)
		if err == nil {
			var all []supportbundle.Container
			if all, err = supportbundle.ParseInspect(text, box.Name); err == nil {
				s.Containers = append(s.Containers, all...)
			}
		}
		if err != nil {
			s.Unread = append(s.Unread, fmt.Errorf("container %s: %w", box.Name, err))
		}
	}
	return nil
}

type closer func()

func (c closer) Close() error {
	c()
	return nil
}
