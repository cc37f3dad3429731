package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"edgenet/internal/command"
)

// Set by the linker for releases; else the build's own information is used.
var version, commit, date = "", "", ""

// buildFacts is what a binary knows of how it was built; empty means unknown.
type buildFacts struct{ version, commit, date, goVersion string }

// readBuildFacts prefers what the linker was told, and takes the rest from what the go
// command leaves in every binary that it builds in a checkout.
func readBuildFacts() buildFacts {
	b := buildFacts{version: version, commit: commit, date: date, goVersion: runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	if b.version == "" && info.Main.Version != "(devel)" {
		b.version = info.Main.Version
	}
	if b.version == "" {
		b.version = "dev"
	}
	if b.commit == "" {
		b.commit = settings["vcs.revision"]
		if b.commit != "" && settings["vcs.modified"] == "true" {
			b.commit += "+changes"
		}
	}
	if b.date == "" {
		b.date = settings["vcs.time"]
	}
	return b
}

// String is one line: edgenet 1.2.3 (commit 0123456789ab, 2026-01-02, go1.26.8, linux/arm64).
func (b buildFacts) String() string {
	var facts []string
	if b.commit != "" {
		hash, changes, _ := strings.Cut(b.commit, "+")
		short := hash[:min(12, len(hash))]
		if changes != "" {
			short += "+" + changes
		}
		facts = append(facts, "commit "+short)
	}
	if at, err := time.Parse(time.RFC3339, b.date); err == nil {
		facts = append(facts, at.UTC().Format(time.DateOnly))
	}
	facts = append(facts, b.goVersion, runtime.GOOS+"/"+runtime.GOARCH)
	return fmt.Sprintf("edgenet %s (%s)", b.version, strings.Join(facts, ", "))
}

// versionText is the version alone, as reports and man pages carry it.
func versionText() string { return readBuildFacts().version }

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{Use: "version", Short: "Print version, commit, date and Go version", Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			return command.Print(a.Console, readBuildFacts().String()+"\n")
		}}
}
