//go:build !device

package main

import (
	"github.com/spf13/cobra"

	fleetcommand "edgenet/internal/fleet/command"
)

func (a *app) fleetSelftestCommand() *cobra.Command {
	o := &fleetcommand.SelftestOptions{}
	cmd := &cobra.Command{Use: "selftest", Short: "What this hub's query language and your rights allow; reads only",
		Long: `Selftest asks the hub one small question of every kind that the other commands ask, and says
which it takes: which way status can count, and which rights are there for which command. It
writes nothing.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return fleetcommand.Selftest(cmd.Context(), a.Console, *o)
		},
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVarP(&o.Format, "format", "f", "text", "`FORMAT`: text, json or markdown")
	oneOf(cmd, "format", fleetcommand.SheetFormats()...)
	hubFlags(fl, &o.Hub)
	return cmd
}
