package main

import (
	"github.com/spf13/cobra"

	"edgenet/internal/build"
	"edgenet/internal/command"
)

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{Use: "version", Short: "Print version, commit, date and Go version", Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			return command.Print(a.Console, build.Known().String()+"\n")
		}}
}
