package gather

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"time"
)

// Machine is how the running machine is asked. The zero value asks it itself.
type Machine struct {
	// Run runs a program that only tells something, and gives what it prints. Zero means the
	// programs of this host.
	Run func(ctx context.Context, name string, args ...string) (string, error)
	// Resolver looks names up. Zero means as this host does.
	Resolver *net.Resolver
	// StatFS tells of the file system that a path lies on. Zero means that the kernel is asked.
	StatFS func(path string) (FileSystem, error)
}

// FileSystem is a mounted file system.
type FileSystem struct {
	ID                    string // tells two of them from one another
	Type                  string // such as ext4; empty where it has no name here
	FreeBytes, TotalBytes uint64
	FreeInodes, Inodes    uint64 // 0: it has no such number
}

// program runs a program of the machine.
func (g *gatherer) program(ctx context.Context, name string, args ...string) (string, error) {
	if g.Machine.Run != nil {
		return g.Machine.Run(ctx, name, args...)
	}
	return run(ctx, name, args...)
}

func (g *gatherer) resolver() *net.Resolver {
	if g.Machine.Resolver != nil {
		return g.Machine.Resolver
	}
	return net.DefaultResolver
}

func (g *gatherer) statFS(name string) (FileSystem, error) {
	if g.Machine.StatFS != nil {
		return g.Machine.StatFS(name)
	}
	return statFS(name)
}

// system is where a file of the kernel's or of the running system lies: below Root where the
// running host is mounted there.
func (g *gatherer) system(name string) string {
	if g.Live && g.Root != "" && g.Root != "/" {
		return filepath.Join(g.Root, name)
	}
	return name
}

// fsType names the file system of a directory, or of the nearest one above it that is there.
func (g *gatherer) fsType(dir string) string {
	for dir = path.Clean(dir); dir != "."; dir = path.Dir(dir) {
		f, err := g.statFS(dir)
		if err == nil || dir == "/" {
			return f.Type
		}
	}
	return ""
}

const maxOutput = 256 << 10

// run runs a program of this host that only tells something.
func run(ctx context.Context, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 4*time.Second)
	defer cancel()
	c := exec.CommandContext(ctx, name, args...)
	c.WaitDelay = time.Second
	c.Env = append(os.Environ(), "LC_ALL=C")
	out, err := c.Output()
	if len(out) > maxOutput {
		out = out[:maxOutput]
	}
	return string(out), err
}
