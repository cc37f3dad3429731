package main

import (
	"math"

	"github.com/spf13/cobra"

	"edgenet/internal/command"
	"edgenet/internal/suggest"
)

func (a *app) manifestCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "manifest", Short: "Check and set UpstreamProtocol and proxy of deployment manifests",
		Long: `A deployment that does not repeat protocol and proxy for edgeAgent and edgeHub takes them
away, and the device with them. Manifest lint says whether one does; manifest set writes both,
and changes nothing else.`,
		Example: `  edgenet manifest lint deployment.json
  edgenet manifest set deployment.json --protocol AmqpWs --proxy http://proxy.corp:3128 --diff`}
	choose(cmd)
	cmd.AddCommand(a.manifestSetCommand(), a.manifestLintCommand())
	return cmd
}

func (a *app) manifestSetCommand() *cobra.Command {
	o := &command.SetOptions{}
	cmd := &cobra.Command{
		Use:   "set FILE...",
		Short: "Set UpstreamProtocol and proxy for edgeAgent and edgeHub, and nothing else",
		Long: `Set writes UpstreamProtocol, https_proxy or both for both system modules of a base deployment
manifest ({"modulesContent": ...}, also inside {"content": ...}). Every other byte stays: order,
numbers, white space. Where createOptions.Env sets the same variable it is changed as well,
since it would win. A layered manifest is refused: it cannot hold system modules. Where the
deployment has edgenet's own module, its proxy and what it expects are kept in step.

The manifest goes to standard output (with the proxy's password, as the device needs it);
--diff shows what changes instead, with secrets masked; -w writes the files in place. Several
files need one of the two; a file that is refused is named, the others are done.`,
		Example: `  edgenet manifest set deployment.json --protocol AmqpWs > new.json
  edgenet manifest set deployment.json --protocol AmqpWs --proxy http://proxy.corp:3128 --diff
  edgenet manifest set deployment.json --proxy http://proxy.corp:3128 --proxy-credentials proxy.txt -w
  edgenet manifest set deployments/*.json --protocol Amqp --no-proxy -w`,
		Args: arguments(1, math.MaxInt, "manifests, or - for standard input, at least one"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return command.ManifestSet(cmd.Context(), a.Console, args, *o)
		},
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	settingFlags(fl, &o.Setting)
	fl.BoolVar(&o.NoProxy, "no-proxy", false, "take the proxy out")
	fl.BoolVar(&o.Diff, "diff", false, "show what changes, with secrets masked, in place of the manifest")
	fl.BoolVarP(&o.Write, "write", "w", false, "write the file in place")
	oneOf(cmd, "protocol", runtimeNames()...)
	return cmd
}

func (a *app) manifestLintCommand() *cobra.Command {
	o := command.LintOptions{}
	cmd := &cobra.Command{Use: "lint FILE...",
		Short: "Say what in a deployment manifest would cut the device off, or is not fit for production",
		Long: `Lint judges what deployment manifests say of the way to the hub, by the runtime's own rules:
protocol and proxy of edgeAgent and edgeHub, values that the runtime silently ignores,
createOptions.Env that wins over env, proxy URLs that one of them cannot read; and what
edgeAgent refuses, since it refuses a deployment whole. Placeholders of templates are not
judged. It names as well what does not belong on a device in production: tags that move, debug
builds and ports, powers over the host, secrets, sizes. It reads whole and layered deployments,
az's and the portal's files, twins, exports of IoT Central, and manifests inside another
document. It contacts nothing.

A file .edgenet-lint.toml in the manifest's folder sets rules for it (profile = "NAME",
disable = ["ID"], and ID = "LEVEL" below [severity]); flags win over it.`,
		Example: `  edgenet manifest lint deployment.json
  edgenet manifest lint deployments/*.json -f junit > lint.xml
  edgenet manifest lint deployment.json --profile constrained`,
		Args: arguments(1, math.MaxInt, "manifests, at least one"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return command.ManifestLint(cmd.Context(), a.Console, args, o)
		}}
	fl := cmd.Flags()
	fl.StringVarP(&o.Format, "format", "f", "text", "`FORMAT` of standard output: "+
		suggest.Alternatives(command.LintFormats()))
	fl.StringSliceVar(&o.Disable, "disable", nil, "leave out the rules of `LIST`; repeatable")
	fl.StringSliceVar(&o.Severity, "severity", nil,
		"`ID=LEVEL`: what a rule says is an error, a warning or info; repeatable")
	fl.StringVar(&o.Profile, "profile", "",
		"`NAME` of the kind of device: constrained (1 or 2 GiB of memory, or 32 bits) or default")
	oneOf(cmd, "format", command.LintFormats()...)
	oneOf(cmd, "profile", "constrained", "default")
	return cmd
}
