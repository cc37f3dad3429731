// Package build says how this binary was built, and answers `edgenet version` where the
// linker was told.
package build

import (
	"runtime"
	"time"
)

// Set by the linker for releases.
var version, commit, date = "", "", ""

// Facts are what a binary knows of how it was built; empty means unknown. Date is in RFC 3339.
type Facts struct{ Version, Commit, Date, GoVersion string }

// Linked are the facts that the linker was told.
func Linked() Facts {
	return Facts{Version: version, Commit: commit, Date: date, GoVersion: runtime.Version()}
}

// String is one line: edgenet 1.2.3 (commit 0123456789ab, 2026-01-02, go1.26.8, linux/arm64).
func (f Facts) String() string {
	line := "edgenet " + f.Version + " ("
	if f.Commit != "" {
		line += "commit " + shortCommit(f.Commit) + ", "
	}
	if at, err := time.Parse(time.RFC3339, f.Date); err == nil {
		line += at.UTC().Format(time.DateOnly) + ", "
	}
	return line + f.GoVersion + ", " + runtime.GOOS + "/" + runtime.GOARCH + ")"
}

// shortCommit is twelve digits of a commit, and what follows its + sign.
func shortCommit(commit string) string {
	end := len(commit)
	for i := range commit {
		if commit[i] == '+' {
			end = i
			break
		}
	}
	return commit[:min(12, end)] + commit[end:]
}
