package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"edgenet/internal/exit"
	"edgenet/internal/fleet"
	"edgenet/internal/iothub/service"
	"edgenet/report"
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
		Example: `  az iot hub query -n contoso -q "SELECT * FROM devices.modules WHERE moduleId='edgenet'" > twins.json
  edgenet fleet status --from twins.json
  edgenet fleet sum reports/`}
	choose(cmd)
	cmd.Example = "  edgenet fleet status --from twins.json             what az iot hub query printed\n  edgenet " +
		"fleet sum reports/"
	cmd.AddCommand(a.fleetStatusCommand(), a.fleetDevicesCommand(), a.fleetCheckCommand(), a.fleetPlanCommand(),
		a.fleetApplyCommand(), a.fleetUndoCommand(), a.fleetSumCommand(), a.fleetSelftestCommand())
	return cmd
}

// hubFlags are those of every command that talks to a hub.
type hubFlags struct {
	hub, tokenFile, connectionString string
	tier                             string
	units, rate                      int
	caFiles, connectTo               []string
	apiVersion                       string
	known                            string // the hub that a plan or a journal names, where nothing else does
}

func (f *hubFlags) add(fl *pflag.FlagSet) {
	fl.StringVar(&f.hub, "hub", "", "the hub's `HOST` name (default: that of the connection string)")
	fl.StringVar(&f.tokenFile, "token-file", "", "`FILE` with a token: of Entra ID for https://iothubs.azure.net, or "+
		"a SharedAccessSignature (- is standard input; also EDGENET_HUB_TOKEN)")
	fl.StringVar(&f.connectionString, "connection-string-file", "",
		"`FILE` with a shared access policy's connection string (- is standard input; also IOTHUB_CONNECTION_STRING)")
	fl.StringVar(&f.tier, "tier", "S1", "the hub's `TIER` S1, S2 or S3, by which its throttles are kept")
	fl.IntVar(&f.units, "units", 1, "how many units the hub has")
	fl.IntVar(&f.rate, "rate", 0, "at most `N` calls a second, so that what else uses the hub keeps its part "+
		"(default: what the tier allows)")
	fl.StringArrayVar(&f.caFiles, "ca-file", nil, "`FILE` with extra roots (PEM); repeatable")
	fl.StringArrayVar(&f.connectTo, "connect-to", nil, "dial another address: `HOST:PORT:ADDR:PORT`; repeatable")
	fl.StringVar(&f.apiVersion, "api-version", service.APIVersion, "`VERSION` of the service API")
}

// hubError says an error of the hub as one of the run: the usage was right.
func hubError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled):
		return exit.CodeError(exit.Interrupted)
	case errors.As(err, new(exit.CodeError)):
		return err
	}
	return exit.Run(errors.New(report.Clean(err.Error(), 900)))
}

// fleetTool says what made a document.
func fleetTool() fleet.Tool { return fleet.Tool{Name: "edgenet", Version: versionText()} }

// age reads a duration that has to be positive.
func age(flag string, d time.Duration) error {
	if d <= 0 {
		return exit.Usagef("--%s %s: expected a duration above 0, such as 13h", flag, d)
	}
	return nil
}

// splitList reads a list of protocols.
func protocolList(flag string, list []string) ([]report.Protocol, error) {
	var out []report.Protocol
	for _, text := range list {
		p, err := report.ParseProtocol(text)
		if err != nil || p == report.HTTPS {
			return nil, fmt.Errorf("--%s %q: expected Amqp, AmqpWs, Mqtt or MqttWs, joined with commas", flag,
				report.Clean(text, 40))
		}
		out = append(out, p)
	}
	return out, nil
}
