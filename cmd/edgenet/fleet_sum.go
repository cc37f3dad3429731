//go:build !device

package main

import (
	"github.com/spf13/cobra"

	fleetcommand "edgenet/internal/fleet/command"
)

func (a *app) fleetSumCommand() *cobra.Command {
	o := &fleetcommand.SumOptions{}
	cmd := &cobra.Command{Use: "sum REPORT...", Short: "Add up report files: how many devices work by what, and what " +
		"stops the others",
		Long: `Sum adds up reports of edgenet check and edgenet fleet check: JSON files, JSON lines, and
folders with them (- is standard input). A device counts once, by its latest report; reports
that name no device count one by one. What in a folder is no report is said and left out.

It contacts nothing.`,
		Example: `  edgenet fleet sum reports/
  edgenet fleet sum report.json -f json`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return fleetcommand.Sum(cmd.Context(), a.Console, args, *o)
		},
	}
	summaryFlags(cmd, &o.SummaryOptions)
	return cmd
}
