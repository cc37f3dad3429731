package main

import (
	"context"

	"github.com/spf13/cobra"

	"edgenet/internal/command"
	"edgenet/internal/console"
)

func (a *app) bundleCommand() *cobra.Command {
	o := &command.BundleOptions{Run: func(ctx context.Context, con *console.Console, args []string) int {
		return run(ctx, args, &app{Console: con})
	}}
	cmd := &cobra.Command{
		Use:   "bundle [HOST]",
		Short: "Pack what support needs into one file",
		Long: `Bundle runs check, config show, endpoints --test and logs, and packs what they say, with the
versions, into one zip file for support. Secrets are masked. A part that cannot be made (logs of
a host without the runtime) is said in its README.txt, and the others are there all the same.

It contacts the hub, its proxies, and what endpoints --test tries. The answer of the check is in
the file and is not the exit code: that says whether the file was made. Edgenet explain FILE.zip
reads it.`,
		Example: `  edgenet bundle contoso.azure-devices.net -o support.zip
  edgenet bundle contoso.azure-devices.net --proxy http://proxy.corp:3128 -o support.zip
  edgenet bundle contoso.azure-devices.net --anonymous -o support.zip`,
		Args: arguments(0, 1, "one host"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.Hub = args[0]
			}
			return command.Bundle(cmd.Context(), a.Console, *o)
		},
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&o.Hub, "hub", "", "the hub's `HOST` name (default: what this host's settings say)")
	fl.StringArrayVar(&o.Proxies, "proxy", nil, "a proxy to test, `URL`; repeatable (default: as configured)")
	fl.StringVar(&o.ProxyCredentials, "proxy-credentials", "", "`FILE` with a line USER:PASSWORD")
	fl.StringVar(&o.Root, "root", "", "read the device's settings below `DIR`: an image, a backup (default /)")
	fl.StringArrayVar(&o.CAFiles, "ca-file", nil, "`FILE` with extra roots (PEM); repeatable")
	fl.StringArrayVar(&o.ConnectTo, "connect-to", nil, "`HOST:PORT:ADDR:PORT` dials that address instead; repeatable")
	fl.StringArrayVar(&o.Labels, "label", nil, "note `KEY=VALUE` in the report; repeatable")
	fl.BoolVar(&o.Anonymous, "anonymous", false, "placeholders in place of the names of hubs, devices, hosts and "+
		"users and of addresses, the same in every part; names of CAs stay")
	fl.StringVarP(&o.Output, "output", "o", "", "the `FILE`.zip to write (default edgenet-HOST-TIME.zip)")
	return cmd
}
