package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"edgenet/internal/command"
)

func (a *app) configCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "config", Short: "Show and write this device's settings of hub, protocol and proxy",
		Long: `A device's hub, UpstreamProtocol and proxy are set in seven to ten places, and one wrong place
cuts it off. Config show lays them side by side, config generate writes the text for every
one of them.`,
		Example: `  edgenet config show
  edgenet config generate --protocol AmqpWs --proxy http://proxy.corp:3128`}
	choose(cmd)
	cmd.AddCommand(a.configShowCommand(), a.configGenerateCommand())
	return cmd
}

// hostFlags declares the flags that say where a device's settings are read.
func hostFlags(fl *pflag.FlagSet, o *command.Host, formats string) {
	fl.StringVar(&o.Root, "root", "", "read the device's files below `DIR`: an image, a backup (default /)")
	fl.StringVar(&o.Engine, "engine", "", "the container engine's `SOCKET`, or none (default: as configured)")
	fl.StringVar(&o.Manifest, "manifest", "", "also the deployment manifest in `FILE` (- is standard input)")
	fl.StringVarP(&o.Format, "format", "f", "text", "`FORMAT` of standard output: "+formats)
}

func (a *app) configShowCommand() *cobra.Command {
	o := &command.Host{}
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Every place where hub, protocol or proxy are set, side by side, and whether they agree",
		Long: `Show reads the IoT Edge configuration and what was derived from it, the daemons' and the
container engine's units with their drop-ins, daemon.json, the running containers and the
environment, each value with its file and line; says who uses it for what, and whether the
places agree; and tells what the containers will have after the next apply, restart or
deployment. It changes nothing and contacts nothing but the container engine's socket.
Secrets are masked. Without root it shows what can be read, and names what cannot.
Of a support bundle it shows what the containers were given; the host's files are not in it.

The answer is bad where a finding is an error, and unreadable where a file is broken.`,
		Example: `  edgenet config show
  edgenet config show --manifest deployment.json
  edgenet config show --root /mnt/image -f json
  edgenet config show --bundle bundle.zip`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return command.Show(cmd.Context(), a.Console, *o) },
	}
	cmd.Flags().SortFlags = false
	hostFlags(cmd.Flags(), o, "text, json, markdown")
	cmd.Flags().StringVar(&o.Bundle, "bundle", "",
		"read the archive `FILE` of iotedge support-bundle instead of this host")
	oneOf(cmd, "format", "text", "json", "markdown")
	return cmd
}

func (a *app) configGenerateCommand() *cobra.Command {
	o := &command.GenerateOptions{}
	cmd := &cobra.Command{
		Use:   "generate",
		Short: "The text for every place where protocol and proxy are set, and the steps to apply it",
		Long: `Generate makes, from one protocol and one proxy URL, the text for every place on this device
(systemd drop-ins, daemon.json merged with what is there, config.toml) and for the deployment,
each with the escaping that the place needs, and the commands to apply and to verify it, in the
order that never strands the device. It changes nothing on the device.

On the screen the proxy's password is masked; --out DIR writes the files with it, readable for
their owner alone, below DIR as they lie on the device.`,
		Example: `  edgenet config generate --protocol AmqpWs --proxy http://proxy.corp:3128
  edgenet config generate --protocol AmqpWs --proxy http://proxy.corp:3128 --proxy-credentials proxy.txt --out settings
  edgenet config generate --from-report report.json --manifest deployment.json`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return command.Generate(cmd.Context(), a.Console, *o) },
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	settingFlags(fl, &o.Setting)
	fl.StringVar(
		&o.NoProxy,
		"no-proxy",
		"",
		"`LIST` of registries that the container engine reaches directly; nobody else honours one",
	)
	fl.StringVar(&o.FromReport, "from-report", "", "take protocol and proxy from the JSON report of a check in `FILE`")
	fl.StringVar(&o.Out, "out", "", "write the files below `DIR`")
	fl.BoolVar(&o.Force, "force", false, "with --out, replace files that are there")
	hostFlags(fl, &o.Host, "text, json, markdown")
	oneOf(cmd, "format", "text", "json", "markdown")
	oneOf(cmd, "protocol", runtimeNames()...)
	return cmd
}

// settingFlags declares the flags of commands that write protocol and proxy.
func settingFlags(fl *pflag.FlagSet, s *command.Setting) {
	fl.StringVar(&s.Protocol, "protocol", "", "the `PROTOCOL` Amqp, AmqpWs, Mqtt or MqttWs, in any spelling")
	fl.StringVar(
		&s.Proxy,
		"proxy",
		"",
		"the proxy's `URL`, http://[user:password@]host:port; ps shows a password here, --proxy-credentials does not",
	)
	fl.StringVar(&s.Credentials, "proxy-credentials", "", "`FILE` with a line USER:PASSWORD (- is standard input)")
}
