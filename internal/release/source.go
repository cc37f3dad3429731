package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// semver is a version as semver.org wants it, without build metadata, which package
// managers read differently.
var semver = regexp.MustCompile(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$`)

// source is what is built: a checkout, its commit, and the one time that everything in
// the release carries.
type source struct {
	Root, Version, Commit string
	Modified              bool // the checkout has changes that no commit holds
	Time                  time.Time
}

// readSource finds the checkout around the working directory. SOURCE_DATE_EPOCH
// (reproducible-builds.org) wins over the commit's time.
func readSource(ctx context.Context, version string) (source, error) {
	s := source{Version: version, Commit: "unknown", Time: time.Unix(0, 0).UTC()}
	root, err := output(ctx, "", "go", "list", "-m", "-f", "{{.Dir}}", "edgenet")
	if err != nil {
		return s, err
	}
	s.Root = root
	if commit, err := output(ctx, root, "git", "rev-parse", "HEAD"); err == nil {
		s.Commit = commit
		status, err := output(ctx, root, "git", "status", "--porcelain", "--untracked-files=no")
		s.Modified = err != nil || status != ""
		stamp, err := output(ctx, root, "git", "log", "-1", "--format=%ct")
		if err != nil {
			return s, err
		}
		if s.Time, err = unix(stamp); err != nil {
			return s, fmt.Errorf("time of the commit: %w", err)
		}
	}
	if stamp := os.Getenv("SOURCE_DATE_EPOCH"); stamp != "" {
		if s.Time, err = unix(stamp); err != nil {
			return s, fmt.Errorf("SOURCE_DATE_EPOCH %q: expected seconds since 1970: %w", stamp, err)
		}
	}
	return s, nil
}

func unix(stamp string) (time.Time, error) {
	n, err := strconv.ParseInt(stamp, 10, 64)
	return time.Unix(n, 0).UTC(), err
}

// output runs a program and gives what it prints, trimmed.
func output(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // programs and arguments are ours
	cmd.Dir = dir
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w %s", name, strings.Join(args, " "), err, strings.TrimSpace(errs.String()))
	}
	return strings.TrimSpace(string(out)), nil
}

// goFlags is what the program is built with: it speaks no HTTP/2, and only where the processor's time
// goes is code inlined, which makes all other code smaller.
//
//go:embed goflags
var goFlags string

// linkFlags are the linker's for a processor. On amd64 it would begin each function at a multiple of
// 32 bytes, which costs 0.3 MB and showed no gain.
func linkFlags(arch string) string {
	if arch == "amd64" {
		return "-s -w -buildid= -funcalign=1"
	}
	return "-s -w -buildid="
}

// compile builds the program for a target and gives the path of the binary: static,
// without paths of this machine, without a build id that depends on where it was built.
func (s source) compile(ctx context.Context, dir string, t target) (string, error) {
	to := filepath.Join(dir, t.String(), t.binary())
	commit := s.Commit
	if s.Modified {
		commit += "+changes"
	}
	flags := fmt.Sprintf("%[1]s -X %[2]s.version=%[3]s -X %[2]s.commit=%[4]s -X %[2]s.date=%[5]s", linkFlags(t.Arch),
		"edgenet/internal/build", s.Version, commit, s.Time.Format(time.RFC3339))
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", flags, "-o", to,
		"edgenet/cmd/edgenet") //nolint:gosec // checked
	cmd.Dir = s.Root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=readonly "+strings.TrimSpace(goFlags),
		"GOPROXY=off", "GOWORK=off", "GOAMD64=v1", "GOOS="+t.OS, "GOARCH="+t.Arch, "GOARM="+t.ARM)
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build for %s: %w\n%s\nThe modules must have been downloaded: go mod download",
			t, err, text)
	}
	return to, nil
}

// here is the target that this machine can run, in order to write man pages and
// completion.
func here() target {
	return target{OS: runtime.GOOS, Arch: runtime.GOARCH, ARM: map[bool]string{true: "6"}[runtime.GOARCH == "arm"]}
}
