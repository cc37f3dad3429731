package main

import (
	"github.com/spf13/cobra"

	"edgenet/internal/command"
	"edgenet/internal/suggest"
)

func (a *app) diffCommand() *cobra.Command {
	o := &command.DiffOptions{}
	cmd := &cobra.Command{
		Use:   "diff A.json B.json",
		Short: "Compare two reports: yesterday and today, host and container",
		Long: `Diff compares two JSON reports (- is standard input): what changed, path by path (outcome,
address, certificate and who trusts it, time), and in verdict and findings. What differs
between any two runs is left out: ports, and times below three times and half a second. Two sweeps
(JSON lines of check --targets) are compared hub by hub.

It contacts nothing.`,
		Example: `  edgenet check --hub contoso.azure-devices.net -o today.json
  edgenet diff yesterday.json today.json
  edgenet diff yesterday.json today.json -f markdown
  edgenet check --lab -f json | edgenet diff yesterday.json -`,
		Args: arguments(2, 2, "two reports, such as edgenet diff yesterday.json today.json"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return command.Diff(cmd.Context(), a.Console, args[0], args[1], *o)
		},
	}
	fl := cmd.Flags()
	fl.StringVarP(&o.Format, "format", "f", "text", "`FORMAT`: "+suggest.Alternatives(command.DiffFormats()))
	fl.BoolVarP(&o.Quiet, "quiet", "q", false, "one sentence alone")
	oneOf(cmd, "format", command.DiffFormats()...)
	return cmd
}
