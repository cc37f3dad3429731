//go:build !device

package main

import (
	"github.com/spf13/cobra"

	fleetcommand "edgenet/internal/fleet/command"
	"edgenet/internal/suggest"
)

func (a *app) fleetDevicesCommand() *cobra.Command {
	o := &fleetcommand.DevicesOptions{}
	cmd := &cobra.Command{Use: "devices", Short: "The devices behind a figure, one a line",
		Long: `Devices lists the devices whose module meets the condition, as they come from the hub, page by
page: device, status, what works by which route, what is configured, cause, class, and when it
was last checked.

--silent lists who does not report: whose last check is older than --stale, and devices of
IoT Edge that never reported. No question about the status finds these: who has no way out
cannot write that down.`,
		Example: `  edgenet fleet devices --from twins.json --silent
  edgenet fleet devices --from twins.json -f csv`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return fleetcommand.Devices(cmd.Context(), a.Console, *o)
		},
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&o.From, "from", "", "read rows from `FILE` in place of the hub (- is standard input)")
	fl.StringVar(&o.Where, "where", "", "the condition `EXPR` on the module's twin, such as "+
		"\"properties.reported.edgenet.status = 'down'\"")
	fl.BoolVar(&o.Silent, "silent", false, "who does not report")
	fl.DurationVar(&o.Stale, "stale", fleetcommand.DefaultStale,
		"a device is silent whose last check is older than this")
	fl.IntVar(&o.Limit, "limit", 0, "at most `N` devices (default: all)")
	fl.StringVarP(&o.Format, "format", "f", "text", "`FORMAT`: "+suggest.Alternatives(fleetcommand.DeviceFormats()))
	oneOf(cmd, "format", fleetcommand.DeviceFormats()...)
	hubFlags(fl, &o.Hub)
	return cmd
}
