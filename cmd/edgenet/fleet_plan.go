//go:build !device

package main

import (
	"time"

	"github.com/spf13/cobra"

	fleetcommand "edgenet/internal/fleet/command"
)

func (a *app) fleetPlanCommand() *cobra.Command {
	o := &fleetcommand.PlanOptions{}
	cmd := &cobra.Command{Use: "plan --deployment BASE.json|ID",
		Short: "Which devices move to which protocol and proxy, and what that restarts; writes nothing",
		Long: `Plan gives each device that cannot stay as it is a class (a protocol, and a proxy by its name)
that its own module has proven: said ok of, in a check younger than --fresh, unchanged for
longer than --steady, not flapping, by a clock that is right. What works stays, unless
--prefer says otherwise. Devices that are silent, unproven or contradict themselves are held,
each with the rule (F1 to F4) and the reason.

Every class gets one base deployment, made of the template --deployment (a file, or the id of
a deployment of the hub) with protocol and proxy set for edgeAgent and edgeHub. Refused is
what manifest lint finds an error in, what no twin holds, what shares devices with another
deployment of the same priority, and what exceeds the hub's 100 deployments.

The classes file is TOML:
  site = "site"                              the tag of the devices that says the site
  [proxies.plant3]
  url = "http://proxy.plant3.corp:3128"
  sites = ["plant-3", "plant-4"]             the tag's values
  credentials = "plant3.txt"                 optional: a file with USER:PASSWORD

It only reads. The plan holds no secret; apply reads the template and the classes file again.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return fleetcommand.Plan(cmd.Context(), a.Console, *o)
		},
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&o.Deployment, "deployment", "", "the template: a manifest's `FILE`, or the id of a deployment of "+
		"the hub")
	fl.StringVar(&o.Classes, "classes", "", "the classes `FILE`: proxies by name, and which sites have which")
	fl.DurationVar(&o.Fresh, "fresh", 24*time.Hour, "the last check has to be younger")
	fl.DurationVar(&o.Steady, "steady", 24*time.Hour, "the last change has to be older")
	fl.StringSliceVar(&o.Prefer, "prefer", nil, "move also what works, to the first of these protocols that is "+
		"proven: `LIST`")
	fl.StringVar(&o.Where, "where", "", "only modules that meet the condition `EXPR`")
	fl.StringVarP(&o.Output, "output", "o", "", "write the plan to `FILE`, for apply")
	fl.StringVarP(&o.Format, "format", "f", "text", "`FORMAT` of standard output: text, json or markdown")
	oneOf(cmd, "format", fleetcommand.SheetFormats()...)
	hubFlags(fl, &o.Hub)
	return cmd
}
