//go:build !device

package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	fleetcommand "edgenet/internal/fleet/command"
)

func (a *app) fleetCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "fleet", Short: "See what a fleet's devices have proven, and give each the protocol " +
		"that works",
		Long: `Fleet reads what the modules of all devices say in their twins, through the hub's own query
language, and moves devices to other deployments by tags: to a protocol and proxy that the
device's own module has proven, and to nothing else.

Credentials, in this order: --token-file, EDGENET_HUB_TOKEN; --connection-string-file (- is
standard input), IOTHUB_CONNECTION_STRING; the machine's managed identity; az. Status,
devices, plan and selftest only read. Check calls a direct method. Apply and undo write
deployments and the tags below tags.edgenet.`,
		Example: `  edgenet fleet status --from twins.json             what az iot hub query printed
  edgenet fleet sum reports/`}
	choose(cmd)
	cmd.AddCommand(a.fleetStatusCommand(), a.fleetDevicesCommand(), a.fleetCheckCommand(), a.fleetPlanCommand(),
		a.fleetApplyCommand(), a.fleetUndoCommand(), a.fleetSumCommand(), a.fleetSelftestCommand())
	return cmd
}

// hubFlags are those of every command that talks to a hub.
func hubFlags(fl *pflag.FlagSet, o *fleetcommand.HubOptions) {
	fl.StringVar(&o.Host, "hub", "", "the hub's `HOST` name (default: that of the connection string)")
	fl.StringVar(&o.TokenFile, "token-file", "", "`FILE` with a token: of Entra ID for https://iothubs.azure.net, "+
		"or a SharedAccessSignature (- is standard input; also EDGENET_HUB_TOKEN)")
	fl.StringVar(&o.ConnectionStringFile, "connection-string-file", "", "`FILE` with a shared access policy's "+
		"connection string (- is standard input; also IOTHUB_CONNECTION_STRING)")
	fl.StringVar(&o.Tier, "tier", "S1", "the hub's `TIER` S1, S2 or S3, by which its throttles are kept")
	fl.IntVar(&o.Units, "units", 1, "how many units the hub has")
	fl.IntVar(&o.Rate, "rate", 0, "at most `N` calls a second, so that what else uses the hub keeps its part "+
		"(default: what the tier allows)")
	fl.StringArrayVar(&o.CAFiles, "ca-file", nil, "`FILE` with extra roots (PEM); repeatable")
	fl.StringArrayVar(&o.ConnectTo, "connect-to", nil, "dial another address: `HOST:PORT:ADDR:PORT`; repeatable")
	fl.StringVar(&o.APIVersion, "api-version", fleetcommand.APIVersion, "`VERSION` of the service API")
}
