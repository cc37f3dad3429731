package blackbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"edgenet/report"
)

// Edgenet is a built command.
type Edgenet struct {
	Path string
	// Prefix goes before the command, such as ip netns exec NAME. Zero means none.
	Prefix []string
}

// Build builds the command into dir. It works from any directory of the module.
func Build(dir string) (Edgenet, error) {
	out := filepath.Join(dir, "edgenet")
	cmd := exec.Command("go", "build", "-o", out, "edgenet/cmd/edgenet")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return Edgenet{}, fmt.Errorf("build edgenet: %w\n%s", err, text)
	}
	return Edgenet{Path: out}, nil
}

// In gives the same command behind another prefix.
func (e Edgenet) In(prefix ...string) Edgenet {
	e.Prefix = prefix
	return e
}

// Command prepares a run with an environment of nothing but what is needed, so that
// neither a proxy nor an identity of this machine takes part.
func (e Edgenet) Command(ctx context.Context, args ...string) *exec.Cmd {
	line := append(append(slices.Clone(e.Prefix), e.Path), args...)
	cmd := exec.CommandContext(ctx, line[0], line[1:]...) //nolint:gosec // the tests' own command lines
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=/nonexistent", "LANG=C.UTF-8"}
	return cmd
}

// Outcome is what a check left behind.
type Outcome struct {
	Args   []string
	Exit   int
	Report report.Report
	Stderr string
	Took   time.Duration // of the whole process
}

// Check runs `edgenet check ARGS -f json`.
func (e Edgenet) Check(ctx context.Context, args ...string) (*Outcome, error) {
	args = append(append([]string{"check"}, args...), "-f", "json")
	cmd := e.Command(ctx, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	start := time.Now()
	err := cmd.Run()
	o := &Outcome{Args: args, Took: time.Since(start), Stderr: stderr.String()}
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() >= 0:
		o.Exit = exit.ExitCode()
	case err != nil:
		return nil, fmt.Errorf("edgenet %s: %w\n%s", strings.Join(args, " "), err, o.Stderr)
	}
	if err := json.Unmarshal(stdout.Bytes(), &o.Report); err != nil {
		return nil, fmt.Errorf("edgenet %s: exit %d, and no report (%w)\n%s", strings.Join(args, " "), o.Exit,
			err, o.Stderr)
	}
	return o, nil
}
