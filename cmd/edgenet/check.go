package main

import (
	"github.com/spf13/cobra"

	"edgenet/internal/check"
	"edgenet/internal/exit"
	"edgenet/internal/outputs"
	"edgenet/report"
)

func (a *app) checkCommand() *cobra.Command {
	o := &check.Options{}
	cmd := &cobra.Command{
		Use:   "check [HOST]",
		Short: "Probe every way out, decide, report: the main job",
		Long: `Check probes AMQP, MQTT, AMQP and MQTT over WebSocket, and HTTPS to the hub, directly and
through each proxy, all at once, and says which UpstreamProtocol works.

It contacts the hub and its proxies, and nothing else. Without --depth auth it uses no
credentials of the device, so a good answer means that the service answers, not that it
would let this device in.

The report names this device (its host name, its id at the hub, --label), so that whoever
reads many of them knows which is whose; --anonymous leaves that out.`,
		Example: `  edgenet check --lab
  edgenet check --lab --scenario captive-portal
  edgenet check contoso.azure-devices.net
  edgenet check --hub contoso.azure-devices.net --proxy http://proxy.corp:3128 --expect AmqpWs
  edgenet check --hub contoso.azure-devices.net --proxy http://proxy.corp:3128 --proxy-credentials proxy.txt
  edgenet check --hub contoso.azure-devices.net --wait 30m       while the firewall admin works
  edgenet check --hub contoso.azure-devices.net --every 5m -o /var/lib/node_exporter/textfile/edgenet.prom
  edgenet check --hub contoso.azure-devices.net --label site=plant-3 -o report.html -o firewall.csv
  edgenet check --targets hubs.txt -f jsonl
  sudo edgenet check --hub contoso.azure-devices.net --from container
  edgenet check --hub contoso.azure-devices.net --proxy http://proxy.corp:3128 --expect-closed AMQP@direct -f json
  edgenet check --hub contoso.azure-devices.net --depth auth --connection-string-file device.txt --identity-not-in-use`,
		Args: arguments(0, 1, "one host"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := hostArgument(&o.Hub, args); err != nil {
				return err
			}
			if o.From == "container" {
				a.slowEnd() // container and image are taken away
			}
			return check.Run(cmd.Context(), a.Console, *o)
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	checkFlags(cmd, o)
	checkCompletion(cmd)
	return cmd
}

// hostArgument takes a host without its flag.
func hostArgument(hub *string, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case *hub != "":
		return exit.Usagef("the hub stands twice: as an argument, and in --hub")
	}
	if err := (named{hub}).Set(args[0]); err != nil {
		return exit.Usagef("the hub's name %w", err)
	}
	return nil
}

// checkCompletion says to the shell what the flags take.
func checkCompletion(cmd *cobra.Command) {
	var protocols []string
	for _, p := range report.Protocols() {
		protocols = append(protocols, string(p))
	}
	oneOf(cmd, "protocol", protocols...)
	oneOf(cmd, "expect", upstreamNames()...)
	oneOf(cmd, "prefer", upstreamNames()...)
	oneOf(cmd, "scenario", scenarioNames()...)
	oneOf(cmd, "route", "direct", "proxy")
	oneOf(cmd, "from", "host", "container")
	oneOf(cmd, "depth", "tcp", "tls", "protocol", "auth")
	oneOf(cmd, "format", outputs.Names()...)
	oneOf(cmd, "for", outputs.Recipients()...)
}

// upstreamNames are the values of UpstreamProtocol as reports have them.
func upstreamNames() []string {
	var out []string
	for _, p := range report.UpstreamProtocols() {
		out = append(out, string(p))
	}
	return out
}

// runtimeNames are the same as the runtime has them.
func runtimeNames() []string {
	var out []string
	for _, p := range report.UpstreamProtocols() {
		out = append(out, p.RuntimeName())
	}
	return out
}
