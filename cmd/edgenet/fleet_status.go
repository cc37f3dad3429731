//go:build !device

package main

import (
	"github.com/spf13/cobra"

	fleetcommand "edgenet/internal/fleet/command"
	"edgenet/internal/suggest"
)

func (a *app) fleetStatusCommand() *cobra.Command {
	o := &fleetcommand.StatusOptions{}
	cmd := &cobra.Command{Use: "status", Short: "What the fleet says, who is silent, and who acts",
		Long: `Status counts what the modules of all devices report: how many are silent and since when, what
works, what is set, what is in the way and who can act on it.

A device that has no way out cannot write its twin, so that its last word is no news: whose
last check is older than --stale counts as silent, and what it said last is not counted.

With --from it reads what az iot hub query printed (a JSON array, JSON lines, - is standard
input), contacts nothing and needs no right on the hub:
  az iot hub query -n HUB -q "SELECT * FROM devices.modules WHERE moduleId='edgenet'"
Rows of SELECT * FROM devices in the same file add the devices that have no module, and
their tags for --by.`,
		Example: `  edgenet fleet status --from twins.json
  edgenet fleet status --from twins.json --by site -f markdown
  edgenet fleet status --from twins.json -o fleet.json -o fleet.html -o fleet.prom`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return fleetcommand.Status(cmd.Context(), a.Console, *o)
		},
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&o.From, "from", "", "read rows from `FILE` in place of the hub (- is standard input)")
	fl.StringVar(&o.By, "by", "", "also count by the values of a `TAG` of the devices, such as site")
	fl.StringVar(&o.Where, "where", "", "only modules that meet the condition `EXPR`, in the hub's query language, "+
		"such as \"tags.edgenet.class = 'amqpws'\"")
	fl.DurationVar(&o.Stale, "stale", fleetcommand.DefaultStale,
		"a device is silent whose last check is older than this")
	summaryFlags(cmd, &o.SummaryOptions)
	hubFlags(fl, &o.Hub)
	return cmd
}

// summaryFlags are those of every command that writes a summary.
func summaryFlags(cmd *cobra.Command, o *fleetcommand.SummaryOptions) {
	fl := cmd.Flags()
	fl.StringVarP(&o.Format, "format", "f", "text",
		"`FORMAT` of standard output: "+suggest.Alternatives(fleetcommand.SummaryFormats()))
	fl.StringArrayVarP(&o.Outputs, "output", "o", nil, "write `FILE` too, its format by its ending: "+
		suggest.Alternatives(fleetcommand.SummaryEndings())+"; repeatable")
	fl.BoolVarP(&o.Quiet, "quiet", "q", false, "one sentence alone")
	oneOf(cmd, "format", fleetcommand.SummaryFormats()...)
}
