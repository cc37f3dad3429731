//go:build !device

package main

import (
	"github.com/spf13/cobra"

	fleetcommand "edgenet/internal/fleet/command"
)

func (a *app) fleetCheckCommand() *cobra.Command {
	o := &fleetcommand.CheckOptions{}
	cmd := &cobra.Command{Use: "check", Short: "Have the modules check now, and collect their reports as JSON lines",
		Long: `Check calls the direct method check of every module edgenet that meets the condition, and then
its report. Reports go to -o, a line each, with the device's id; what a device did not answer
is a line with the reason. Run again with the same -o it goes on where it was ended, and asks
those again that did not answer. edgenet fleet sum adds the lines up.

It costs each device a full check. --rate bounds the calls a second.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return fleetcommand.Check(cmd.Context(), a.Console, *o)
		},
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&o.Where, "where", "", "only modules that meet the condition `EXPR`")
	fl.StringVarP(&o.Output, "output", "o", "", "append the lines to `FILE`, and go on where it ends (default: "+
		"standard output)")
	fl.IntVar(&o.Parallel, "parallel", 16, "ask `N` devices at once")
	hubFlags(fl, &o.Hub)
	return cmd
}
