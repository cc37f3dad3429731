// Package build says how this binary was built, and answers `edgenet version`.
package build

import (
	"cmp"
	"runtime"
	"time"
)

// Set by the linker for releases.
var version, commit, date = "", "", ""

// Facts are what a binary knows of how it was built; empty means unknown. Date is in RFC 3339.
type Facts struct{ Version, Commit, Date, GoVersion string }

// Known are the facts that the linker was told, and where it was told no version, those that the
// go command leaves in every binary that it builds in a checkout.
func Known() Facts {
	f := Facts{Version: version, Commit: commit, Date: date}
	if version == "" {
		own := stamped(moduleInfo())
		f = Facts{cmp.Or(own.Version, "dev"), cmp.Or(commit, own.Commit), cmp.Or(date, own.Date), ""}
	}
	f.GoVersion = runtime.Version()
	return f
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
