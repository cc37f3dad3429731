package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"edgenet/internal/command"
)

func (a *app) moduleCommand() *cobra.Command {
	o := &command.ModuleOptions{}
	cmd := &cobra.Command{
		Use:   "module",
		Short: "Run as an IoT Edge module: watch every upstream path and report to the module twin",
		Long: `Module runs next to the workload on a device, watches every upstream path from where
edgeAgent and edgeHub stand, and reports to its own module twin through edgeHub, so that a
fleet's deployments can set the protocol that works. It ends at SIGTERM.

Who it is, it knows from the environment that the runtime gives every module (IOTEDGE_*),
or for development from EdgeHubConnectionString or EDGENET_CONNECTION_STRING_FILE. A proxy
comes from https_proxy. It never connects to the hub itself with an identity.

The desired properties of its twin set the rest: intervalSec, watchSec, failAfter,
heartbeatSec, expected, prefer, proxies, protocols, endpoints, telemetry, holdSec. What they
may point at is fenced by EDGENET_ALLOW.

Variables for manifests, each as its flag: EDGENET_STATE, EDGENET_HTTP_LISTEN,
EDGENET_HTTP_HOSTS, EDGENET_ALLOW, EDGENET_CONNECT_TO, EDGENET_PROXY_CREDENTIALS,
EDGENET_EDGEHUB_METRICS. Two have no flag: EDGENET_HTTP=all serves the report and the page
too, which name hub, device and proxies to every neighbour; RuntimeLogLevel is the log's.

To try it, give it the moduleEnv of edgenet lab --json as its environment.`,
		Example: `  edgenet module                                     as the runtime starts it
  edgenet module --state /tmp/edgenet --http 127.0.0.1:9600
  edgenet module --http off --allow azure,proxy.corp:3128,10.0.0.0/8:3128`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a.slowEnd() // the twin is told, and the state is kept
			return command.Module(cmd.Context(), a.Console, *o)
		},
	}
	moduleFlags(cmd.Flags(), o)
	return cmd
}

func moduleFlags(fl *pflag.FlagSet, o *command.ModuleOptions) {
	fl.SortFlags = false
	fl.StringVar(&o.State, "state", "", "`DIR` that keeps the state; it has to exist (default "+
		command.DefaultState+")")
	fl.StringVar(&o.HTTP, "http", "", "`ADDR:PORT` of metrics and health, or off (default "+command.DefaultHTTP+")")
	fl.StringSliceVar(
		&o.HTTPHosts,
		"http-host",
		nil,
		"a `NAME` by which the HTTP side may be called, beside the module's; repeatable",
	)
	fl.StringVar(
		&o.Allow,
		"allow",
		"",
		"`LIST` of NAME, *.SUFFIX, ADDRESS or ADDRESS/BITS, each with :PORT or without, that desired properties may "+
			"point at; azure stands for Azure's own suffixes (default azure)",
	)
	fl.StringArrayVar(
		&o.ConnectTo,
		"connect-to",
		nil,
		"`HOST:PORT:ADDR:PORT` dials that address instead and keeps the names; IPv6 in brackets; repeatable",
	)
	fl.StringVar(
		&o.ProxyCredentials,
		"proxy-credentials",
		"",
		"`FILE` with lines HOST:PORT USER:PASSWORD, for proxies of the environment and of the twin",
	)
	fl.StringVar(
		&o.EdgeHubMetrics,
		"edgehub-metrics",
		"",
		"`URL` of edgeHub's own metrics, or off (default http://edgeHub:9600/metrics)",
	)
}
