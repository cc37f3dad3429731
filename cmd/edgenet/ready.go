//go:build !device

package main

import (
	"github.com/spf13/cobra"

	"edgenet/internal/command"
	"edgenet/internal/suggest"
)

func (a *app) readyCommand() *cobra.Command {
	o := &command.ReadyOptions{}
	cmd := &cobra.Command{
		Use:   "ready",
		Short: "Say whether this device is fit for production: the whole checklist, with evidence",
		Long: `Ready goes through the checklist for production on this device: certificates, container engine,
runtime and images, edgeHub's store, settings, clock and name, registries, logs, security, and the
way to the hub. It says what is wrong, who acts, and what to do first; what could not be seen, and
what would be needed to see it; and it asks what nothing on the device can answer.

It changes nothing and sends no credentials. Without root it sees less, and says so. --offline
leaves out what leaves this host.`,
		Example: `  edgenet ready --offline --manifest deployment.json
  sudo edgenet ready
  edgenet ready --root /mnt/image -f json
  edgenet ready --bundle bundle.zip --manifest deployment.json
  edgenet ready --root /mnt/image --with check.json -o ready.html`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return command.Ready(cmd.Context(), a.Console, *o) },
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(
		&o.Root,
		"root",
		"",
		"read the device's files below `DIR`: an image, a backup; what needs the running device is left out",
	)
	fl.StringVar(&o.Bundle, "bundle", "", "read the archive `ZIP` of iotedge support-bundle instead of this host")
	fl.StringVar(&o.Engine, "engine", "", "the container engine's `SOCKET`, or none (default: as configured)")
	fl.StringVar(&o.Manifest, "manifest", "", "also the deployment manifest in `FILE` (- is standard input)")
	fl.BoolVar(&o.Offline, "offline", false, "leave out what leaves this host: the way to the hub, the registries")
	fl.StringVar(
		&o.With,
		"with",
		"",
		"show the runtime's own check beside: its JSON in `FILE` (- is standard input), or run to run iotedge check",
	)
	fl.BoolVar(&o.Strict, "strict", false, "a warning fails as well")
	fl.StringVarP(
		&o.Format,
		"format",
		"f",
		"text",
		"`FORMAT` of standard output: "+suggest.Alternatives(command.ReadyFormats()),
	)
	fl.StringArrayVarP(
		&o.Outputs,
		"output",
		"o",
		nil,
		"write to `FILE` too, in the format of its ending ("+suggest.Alternatives(
			command.ReadyEndings(),
		)+"); repeatable",
	)
	fl.BoolVarP(&o.Verbose, "verbose", "v", false, "every row, with where it was seen")
	fl.BoolVarP(&o.Quiet, "quiet", "q", false, "the verdict alone")
	oneOf(cmd, "format", command.ReadyFormats()...)
	return cmd
}
