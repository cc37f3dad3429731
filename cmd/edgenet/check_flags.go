package main

import (
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"edgenet/internal/check"
	"edgenet/internal/inputs"
	"edgenet/internal/outputs"
	"edgenet/internal/suggest"
)

// checkFlags declares the flags with their help, in groups.
func checkFlags(cmd *cobra.Command, o *check.Options) {
	fl := cmd.Flags()
	fl.SortFlags = false
	for _, g := range []struct {
		name    string
		declare func(*pflag.FlagSet, *check.Options)
	}{
		{groupTarget, targetFlags},
		{groupProxy, routeFlags},
		{groupTry, tryFlags},
		{groupLogin, loginFlags},
		{groupRepeat, repeatFlags},
		{groupOutput, outputFlags},
		{groupLab, scenarioFlags},
	} {
		group(fl, g.name, func(fl *pflag.FlagSet) { g.declare(fl, o) })
	}
}

func targetFlags(fl *pflag.FlagSet, o *check.Options) {
	fl.Var(
		named{&o.Hub},
		"hub",
		"the IoT Hub's (or parent edge gateway's) `HOST` name (default: what this host's settings say, see config "+
			"show; else a module's own environment)",
	)
	fl.BoolVar(&o.DPS, "dps", false, "probe the provisioning service (DPS) in place of the hub: the one of this "+
		"device's settings, else the cloud's (a device that is set for DPS and not provisioned yet does so by "+
		"itself)")
	fl.BoolVar(&o.All, "all", false, "also try what the device needs beside its hub, as endpoints --test does: the "+
		"provisioning service, registries, time")
	fl.Var(
		named{&o.Targets},
		"targets",
		"many hubs: `FILE` with one a line, and a label behind it (- is standard input); a table, or a report a line "+
			"with -f jsonl",
	)
	fl.Var(number{&o.Parallel}, "parallel",
		"with --targets, make `N` connections at once; those that only wait for an "+
			"answer do not count")
	fl.Lookup("parallel").DefValue = "256"
	fl.BoolVar(&o.Unordered, "unordered", false,
		"with --targets, write each report as soon as it is there, not in the list's order")
	fl.StringVar(&o.Resume, "resume", "",
		"with --targets, do not probe again what stands in `FILE`, the JSON lines of a "+
			"run that was stopped")
	fl.StringVar(&o.Root, "root", "", "read the device's settings below `DIR`: an image, a backup (default /)")
	fl.StringVar(&o.Manifest, "manifest", "", "also compare the settings with the deployment manifest in `FILE`")
	fl.StringArrayVar(&o.Labels, "label", nil, "note `KEY=VALUE` in the report, such as site=plant-3; repeatable")
	fl.BoolVar(&o.Anonymous, "anonymous", false, "leave this device's name and id out of the report")
}

func routeFlags(fl *pflag.FlagSet, o *check.Options) {
	fl.StringArrayVar(
		&o.Proxies,
		"proxy",
		nil,
		"a proxy to test, `URL` http://, https:// or socks5://[user:password@]host:port; ps shows a password here, "+
			"--proxy-credentials does not; repeatable (default: what this host's settings and environment say)",
	)
	fl.StringVar(
		&o.ProxyCredentials,
		"proxy-credentials",
		"",
		"`FILE` with a line USER:PASSWORD, or HOST:PORT USER:PASSWORD for each proxy (- is standard input)",
	)
	fl.StringSliceVar(&o.Routes, "route", nil, "`LIST` of direct, proxy (default both, where a proxy is known)")
	fl.StringVar(
		&o.From,
		"from",
		"host",
		"`WHERE` to probe from: host, or container, which adds the same check from a container on the runtime's "+
			"network, side by side",
	)
	waysFlags(fl, &o.Ways, "")
	fl.StringVar(
		&o.TrustBundle,
		"trust-bundle",
		"",
		"`FILE` with roots that only the containers have (PEM; default: what this host's settings say)",
	)
	fl.BoolVar(&o.Inside, "inside", false, "be the check in that container")
	_ = fl.MarkHidden("inside") // fails for unknown flags alone
}

func tryFlags(fl *pflag.FlagSet, o *check.Options) {
	fl.StringSliceVar(&o.Protocols, "protocol", nil, "`LIST` of AMQP, MQTT, AMQPWS, MQTTWS, HTTPS (default all)")
	fl.StringVar(&o.Depth, "depth", "protocol", "how far to probe, `LEVEL` tcp, tls, protocol or auth")
	fl.Var(number{&o.Attempts}, "attempts", "repeat each probe `N` times, report loss and latency spread")
	fl.Lookup("attempts").DefValue = "1"
	durationFlag(
		fl,
		&o.Hold,
		"hold",
		"",
		"find out how long an idle connection lives on each working path, up to `DURATION`; AMQP and MQTT need "+
			"--depth auth",
	)
	durationFlag(
		fl,
		&o.Timeout,
		"timeout",
		"10s",
		"how long a path may be silent (`DURATION`; a number is seconds); all its steps share it",
	)
	durationFlag(
		fl,
		&o.Deadline,
		"deadline",
		"1m0s",
		"`DURATION` of one round; what is not finished then is skipped, not failed",
	)
	fl.StringVar(
		&o.Expect,
		"expect",
		"",
		"the `PROTOCOL` that must work; exit code 3 if only another one does (default: what this host's settings say)",
	)
	fl.StringSliceVar(
		&o.Prefer,
		"prefer",
		nil,
		"`LIST` in order of preference among the working ones (default AMQP,AMQPWS,MQTT,MQTTWS)",
	)
	fl.StringSliceVar(
		&o.ExpectClosed,
		"expect-closed",
		nil,
		"`LIST` of PROTOCOL@ROUTE that must not work, such as AMQP@direct; that alone decides: exit code 0 if all "+
			"are closed, 1 if one is open",
	)
}

func loginFlags(fl *pflag.FlagSet, o *check.Options) {
	id := &o.Identity
	fl.StringVar(
		&id.ConnectionStringFile,
		"connection-string-file",
		"",
		"`FILE` with the identity for --depth auth (- is standard input; also EDGENET_CONNECTION_STRING)",
	)
	fl.StringVar(&id.Cert, "cert", "", "`FILE` with the identity's X.509 certificate chain (PEM)")
	fl.StringVar(&id.Key, "key", "", "`FILE` with its private key (PEM)")
	fl.BoolVar(
		&id.NotInUse,
		"identity-not-in-use",
		false,
		"confirm that nobody uses the identity: a second connection throws the first out",
	)
}

func repeatFlags(fl *pflag.FlagSet, o *check.Options) {
	durationFlag(fl, &o.Wait, "wait", "", "repeat what fails until the answer is good, for `DURATION` at most")
	durationFlag(fl, &o.Every, "every", "",
		"repeat, a round begun every `DURATION`, and print what changes; Ctrl-C sums up")
	fl.StringVar(&o.Keep, "keep", "", "with --every, how much of the history a .jsonl file of -o keeps, `SIZE` "+
		"such as 20MB (default 20MB)")
}

func outputFlags(fl *pflag.FlagSet, o *check.Options) {
	fl.StringVarP(&o.Format, "format", "f", "text", "`FORMAT` of standard output: "+
		suggest.Alternatives(outputs.Names()))
	fl.StringArrayVarP(
		&o.Files,
		"output",
		"o",
		nil,
		"write to `FILE` too, in the format of its ending ("+suggest.Alternatives(outputs.Endings(false))+
			"); repeatable",
	)
	fl.StringVar(&o.For, "for", "", "make the files of -o that people read (.md, .txt, .html) the ticket of one "+
		"`WHO`: "+
		suggest.Alternatives(outputs.Recipients()))
	fl.BoolVarP(&o.Verbose, "verbose", "v", false, "every step with its time")
	fl.BoolVarP(&o.Quiet, "quiet", "q", false, "the verdict alone")
}

func scenarioFlags(fl *pflag.FlagSet, o *check.Options) {
	fl.VarPF(labFlag{o}, "lab", "", "start the built-in lab in this process and check against it; ignores this "+
		"host's files and environment (--lab=NAME: with that scenario)").NoOptDefVal = "true"
	fl.StringVar(&o.Scenario, "scenario", "", "with --lab, a set of faults by `NAME` (see edgenet lab scenarios)")
	fl.StringArrayVar(
		&o.Faults,
		"fault",
		nil,
		"with --lab, put a fault on a place, `PLACE=FAULT[:ARG]`; a proxy that has one is probed too; repeatable",
	)
}

// labFlag is --lab, and --lab=NAME with a scenario.
type labFlag struct{ o *check.Options }

func (f labFlag) String() string { return "false" }
func (f labFlag) Type() string   { return "bool" }

func (f labFlag) Set(s string) error {
	on, err := strconv.ParseBool(s)
	if f.o.Lab = on || err != nil; err != nil {
		f.o.Scenario = s
	}
	return nil
}

// waysFlags declares the flags that say how connections are made.
func waysFlags(fl *pflag.FlagSet, w *inputs.Ways, when string) {
	fl.StringVar(&w.Source, "source", "", when+"local `ADDR|IFACE` to probe from")
	fl.StringArrayVar(
		&w.Resolvers,
		"resolver",
		nil,
		when+"ask the DNS server at `ADDR[:PORT]` instead of the system's; repeatable",
	)
	fl.StringArrayVar(
		&w.ConnectTo,
		"connect-to",
		nil,
		when+"`HOST:PORT:ADDR:PORT` dials that address instead and keeps the names; IPv6 in brackets; repeatable",
	)
	fl.BoolVarP(&w.IPv4, "ipv4", "4", false, when+"use IPv4 alone")
	fl.BoolVarP(&w.IPv6, "ipv6", "6", false, when+"use IPv6 alone")
	fl.StringArrayVar(
		&w.CAFiles,
		"ca-file",
		nil,
		when+"`FILE` with extra roots (PEM), as if installed in the OS store and the trust bundle; repeatable",
	)
}
