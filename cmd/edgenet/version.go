package main

import (
	"runtime/debug"

	"github.com/spf13/cobra"

	"edgenet/internal/build"
	"edgenet/internal/command"
)

// buildFacts are what the linker was told, and where it was not, what the go command leaves in
// every binary that it builds in a checkout.
func buildFacts() build.Facts {
	f := build.Linked()
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	if f.Version == "" && info.Main.Version != "(devel)" {
		f.Version = info.Main.Version
	}
	if f.Version == "" {
		f.Version = "dev"
	}
	if f.Commit == "" {
		f.Commit = settings["vcs.revision"]
		if f.Commit != "" && settings["vcs.modified"] == "true" {
			f.Commit += "+changes"
		}
	}
	if f.Date == "" {
		f.Date = settings["vcs.time"]
	}
	return f
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{Use: "version", Short: "Print version, commit, date and Go version", Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			return command.Print(a.Console, buildFacts().String()+"\n")
		}}
}
