//go:build !device

package main

import (
	"context"

	"github.com/spf13/cobra"

	"edgenet/internal/command"
	"edgenet/internal/console"
	"edgenet/internal/suggest"
)

func (a *app) logsCommand() *cobra.Command {
	o := &command.LogsOptions{Check: a.checkAside}
	cmd := &cobra.Command{
		Use:   "logs [PATH...]",
		Short: "Say what the runtime's own logs say: connected, lost, why, who acts",
		Long: `Logs reads what edgeAgent, edgeHub and the daemons wrote, and says in plain words: is the device
connected, by what, since when; when was it lost, how often, why; who acts; what the log cannot
tell, and which command can.

Without a path it reads this host: the journal of the services, and the containers by the engine's
socket; it changes nothing. A path is a file, a folder, a .gz, the archive of iotedge
support-bundle, or - for standard input. Any form that people paste is read: journalctl, docker
logs, json-file, syslog, Kubernetes, quoted, in UTF-16, newest first.

It names no cause that the log does not bear out: each one is proved, suggested, or only narrowed
down. Secrets are masked in everything that is quoted.`,
		Example: `  edgenet logs support_bundle_2024_11_05_10_30_00_UTC.zip
  sudo edgenet logs                                            this host
  edgenet logs edgeHub.log edgeAgent.log -v
  edgenet logs - < edgeHub.log
  edgenet logs bundle.zip -f html > logs.html
  edgenet logs bundle.zip --since 2024-11-04 --component edgeHub
  sudo edgenet logs --since 24h --with-check`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return command.Logs(cmd.Context(), a.Console, args, *o)
		},
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&o.Since, "since", "", "only from `T` on: 2024-11-05, 2024-11-05T10:30:00Z, or how long ago: 24h, 7d")
	fl.StringVar(&o.Until, "until", "", "only up to `T`")
	fl.StringVar(&o.Zone, "tz", "", "`ZONE` of times that do not say theirs: +01:00, UTC, Europe/Berlin")
	fl.IntVar(&o.Year, "year", 0, "`Y`, the year of times that do not say theirs (default: when the file was written)")
	fl.StringVar(&o.Component, "component", "",
		"only lines of `NAME`: edgeAgent, edgeHub, identityd, edged, iotedged, dockerd")
	fl.StringVarP(&o.Format, "format", "f", "text", "`FORMAT`: "+suggest.Alternatives(command.LogsFormats())+
		" (jsonl: one line an event)")
	fl.StringArrayVarP(&o.Outputs, "output", "o", nil,
		"write to `FILE` too, in the format of its ending (.txt, .json, .jsonl, .md or .html); repeatable")
	fl.BoolVarP(&o.Verbose, "verbose", "v", false, "the lines themselves, and what the log could have shown")
	fl.BoolVarP(&o.Quiet, "quiet", "q", false, "one sentence alone")
	fl.BoolVar(&o.WithCheck, "with-check", false,
		"run check afterwards with what the log says is configured, and put both side by side")
	oneOf(cmd, "format", command.LogsFormats()...)
	oneOf(cmd, "component", command.LogsComponents()...)
	return cmd
}

// checkAside runs check on a console of its own.
func (a *app) checkAside(ctx context.Context, con *console.Console, args []string) int {
	return run(ctx, append([]string{"check"}, args...), &app{Console: con})
}
