package main

import (
	"github.com/spf13/cobra"

	"edgenet/internal/command"
	"edgenet/internal/outputs"
	"edgenet/internal/suggest"
)

func (a *app) explainCommand() *cobra.Command {
	o := &command.ExplainOptions{}
	cmd := &cobra.Command{
		Use:   "explain [CODE | FILE]",
		Short: "Say what a cause or finding means and what to do, or tell a report again",
		Long: `Explain says what a cause or finding code means, who acts and what to do. Given the file of a
JSON report (- is standard input) it tells that report again on this screen, or in another
format. A JSON-lines file of check --every is told as a timeline: availability, outages, how it
stands; a zip of edgenet bundle by its report. Without an argument it lists all codes. It
contacts nothing.`,
		Example: `  edgenet explain tls.intercepted
  edgenet explain proxy/tcp.refused
  edgenet explain report.json -v
  edgenet explain report.json -f html
  edgenet explain report.json --for firewall-admin -f markdown
  edgenet explain`,
		Args: arguments(0, 1, "one code or one report"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return command.Explain(cmd.Context(), a.Console, append(args, "")[0], *o)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return command.Codes(), cobra.ShellCompDirectiveDefault
		},
	}
	cmd.Flags().
		StringVarP(&o.Format, "format", "f", "text", "of a report: `FORMAT` "+suggest.Alternatives(outputs.Names()))
	oneOf(cmd, "format", outputs.Names()...)
	cmd.Flags().StringVar(&o.For, "for", "", "of a report: the ticket of one `WHO`: "+
		suggest.Alternatives(outputs.Recipients()))
	oneOf(cmd, "for", outputs.Recipients()...)
	cmd.Flags().BoolVarP(&o.Verbose, "verbose", "v", false, "of a report: every step with its time")
	cmd.Flags().BoolVarP(&o.Quiet, "quiet", "q", false, "of a report: the verdict alone")
	return cmd
}
