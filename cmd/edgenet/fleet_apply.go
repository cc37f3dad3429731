//go:build !device

package main

import (
	"time"

	"github.com/spf13/cobra"

	fleetcommand "edgenet/internal/fleet/command"
)

func (a *app) fleetApplyCommand() *cobra.Command {
	o := &fleetcommand.ApplyOptions{}
	cmd := &cobra.Command{Use: "apply PLAN.json", Short: "Carry a plan out: deployments, then tags, wave by wave, " +
		"each device verified",
		Long: `Apply creates the plan's deployments, reads each back, and then moves the devices by their tags:
first --canary devices of every class, then --wave at a time. Before a device is moved its
twin is read again: what is no longer proven is left. Every device of a wave has to come back
within --window: its deployment applied, edgeAgent's status 200, and edgenet's own check made
after the change, ok, with the protocol that was meant. The first that does not stops the run,
and its wave is taken back, but for devices that are back and whose own report says that the
way they came from is closed.

Every write stands in the journal (PLAN.json.journal) before it is sent. A run that was ended
in any way goes on with the same command; edgenet fleet undo takes everything back.`,
		Args: arguments(1, 1, "one plan, as edgenet fleet plan -o plan.json makes it"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return fleetcommand.Apply(cmd.Context(), a.Console, args[0], *o)
		},
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.IntVar(&o.Canary, "canary", 5, "move `N` devices first, of every class some")
	fl.IntVar(&o.Wave, "wave", 100, "then at most `N` devices at a time")
	fl.DurationVar(&o.Window, "window", 30*time.Minute, "within which a device has to come back")
	fl.StringVar(&o.Journal, "journal", "", "the journal's `FILE` (default: the plan's name with .journal)")
	fl.BoolVarP(&o.Yes, "yes", "y", false, "do not ask")
	hubFlags(fl, &o.Hub)
	return cmd
}

func (a *app) fleetUndoCommand() *cobra.Command {
	o := &fleetcommand.UndoOptions{}
	cmd := &cobra.Command{Use: "undo JOURNAL", Short: "Every tag and deployment as it was before",
		Long: `Undo takes back what apply wrote: every device's tags as the journal says they were, and then
the deployments, unless a device is still under one. What somebody else changed since is left,
and named. It may be run again after a kill.

A device that was moved because its old way is closed goes back to that way: it is cut off if
nothing else reaches it.`,
		Args: arguments(1, 1, "one journal, as edgenet fleet apply makes it"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return fleetcommand.Undo(cmd.Context(), a.Console, args[0], *o)
		},
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	hubFlags(fl, &o.Hub)
	return cmd
}
