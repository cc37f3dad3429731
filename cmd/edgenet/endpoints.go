package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"edgenet/internal/command"
)

func (a *app) endpointsCommand() *cobra.Command {
	o := &command.EndpointOptions{Timeout: standardTimeout, Deadline: standardDeadline}
	cmd := &cobra.Command{
		Use:   "endpoints [HOST]",
		Short: "The exact allowlist of this device: host, port, protocol, who uses it, needed or optional",
		Long: `Endpoints lists what this device has to be allowed to reach, from its settings and its
deployment manifest: hub or parent, provisioning service, registries and where they keep
their layers, time, and what is optional. It contacts nothing, but with --test every host on
the list; a registry is asked for a real layer then (with its own registryCredentials), to
learn where its redirect leads.

--failed REPORT.json prints only what has to be opened, by the report of a check or of an
earlier endpoints --test -f json.`,
		Example: `  edgenet endpoints
  edgenet endpoints contoso.azure-devices.net --manifest deployment.json -f csv
  edgenet endpoints --test
  edgenet endpoints --failed report.json -f markdown`,
		Args: arguments(0, 1, "one host"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := hostArgument(&o.Hub, args); err != nil {
				return err
			}
			return command.Endpoints(cmd.Context(), a.Console, *o)
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	endpointFlags(cmd.Flags(), o)
	oneOf(cmd, "format", "text", "csv", "json", "markdown")
	oneOf(cmd, "cloud", "public", "usgov", "china")
	oneOf(cmd, "protocol", upstreamNames()...)
	return cmd
}

func endpointFlags(fl *pflag.FlagSet, o *command.EndpointOptions) {
	fl.SortFlags = false
	fl.Var(named{&o.Hub}, "hub", "the IoT Hub's `HOST` name (default: what this host's settings say)")
	fl.StringVar(&o.Cloud, "cloud", "", "the `CLOUD` public, usgov or china (default: by the hub's name)")
	fl.StringVar(
		&o.Protocol,
		"protocol",
		"",
		"the UpstreamProtocol `PROTOCOL` to list for (default: what the settings or the manifest say)",
	)
	fl.StringArrayVar(&o.Proxies, "proxy", nil, "the site's proxy, `URL` (default: what the settings say)")
	fl.StringVar(&o.ProxyCredentials, "proxy-credentials", "", "`FILE` with a line USER:PASSWORD (- is standard input)")
	fl.StringVar(&o.Failed, "failed", "", "print only what has to be opened by the JSON report in `FILE`")
	fl.BoolVar(&o.Test, "test", false, "probe each endpoint")
	durationFlag(
		fl,
		&o.Timeout,
		"timeout",
		standardTimeout.String(),
		"with --test, how long an endpoint may be silent (`DURATION`; a number is seconds)",
	)
	durationFlag(fl, &o.Deadline, "deadline", standardDeadline.String(), "with --test, `DURATION` of all of it")
	waysFlags(fl, &o.Ways, "with --test, ")
	hostFlags(fl, &o.Host, "text, csv, json, markdown")
}
