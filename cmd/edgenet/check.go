package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"edgenet/internal/lab"
	"edgenet/probe"
	"edgenet/report"
)

// checkFlags are the flags of `edgenet check` as they were typed.
type checkFlags struct {
	hub, targets, root, manifest string
	lab                          bool
	scenario                     string
	faults                       []string
	proxies                      []string
	proxyCredentials             string
	routes, protocols            []string
	depth                        string
	connectionString, cert, key  string
	notInUse                     bool
	expect                       string
	prefer, expectClosed         []string
	attempts                     int
	timeout, deadline, hold      time.Duration
	wait, every                  time.Duration
	caFiles                      []string
	trustBundle, source          string
	resolvers, connectTo         []string
	four, six                    bool
	format                       string
	outputs                      []string
	verbose, quiet               bool
	from                         string
	inside                       bool           // this is the check in the container
	typed                        *pflag.FlagSet // what was typed
}

func (a *app) checkCommand() *cobra.Command {
	f := &checkFlags{}
	cmd := &cobra.Command{
		Use:   "check [--hub HOST]",
		Short: "Probe every way out, decide, report: the main job",
		Long: `Check probes AMQP, MQTT, AMQP and MQTT over WebSocket, and HTTPS to the hub, directly and
through each proxy, all at once, and says which UpstreamProtocol works.

It contacts the hub and its proxies, and nothing else. Without --depth auth it uses no
credentials of the device, so a good answer means that the service answers, not that it
would let this device in.

Exit codes: 0 good; 1 no UpstreamProtocol works, or HTTPS does not; 2 wrong usage, nothing
was probed; 3 another protocol works than the expected one; 130 interrupted.`,
		Example: `  edgenet check --lab
  edgenet check --lab --scenario captive-portal
  edgenet check --hub contoso.azure-devices.net
  edgenet check --hub contoso.azure-devices.net --proxy http://proxy.corp:3128 --expect AmqpWs
  edgenet check --hub contoso.azure-devices.net --proxy http://proxy.corp:3128 --proxy-credentials proxy.txt
  edgenet check --hub contoso.azure-devices.net --wait 30m       while the firewall admin works
  edgenet check --hub contoso.azure-devices.net --every 5m -o /var/lib/node_exporter/textfile/edgenet.prom
  edgenet check --hub contoso.azure-devices.net -o report.html -o firewall.csv
  edgenet check --targets hubs.txt -f jsonl
  sudo edgenet check --hub contoso.azure-devices.net --from container
  edgenet check --hub contoso.azure-devices.net --proxy http://proxy.corp:3128 --expect-closed AMQP@direct -f json
  edgenet check --hub contoso.azure-devices.net --depth auth --connection-string-file device.txt --identity-not-in-use`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.check(cmd.Context(), f, cmd.Flags().Changed) },
	}
	f.register(cmd)
	f.complete(cmd)
	f.typed = cmd.Flags()
	return cmd
}

// register declares the flags with their help.
func (f *checkFlags) register(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.hub, "hub", "", "the IoT Hub's (or parent edge gateway's) `HOST` name (default: what this host's settings say, see config show; else a module's own environment)")
	fl.StringVar(&f.targets, "targets", "", "many hubs: `FILE` with one a line (- is standard input); a table, or a report a line with -f jsonl")
	fl.StringVar(&f.root, "root", "", "read the device's settings below `DIR`: an image, a backup (default /)")
	fl.StringVar(&f.manifest, "manifest", "", "also compare the settings with the deployment manifest in `FILE`")
	fl.BoolVar(&f.lab, "lab", false, "start the built-in lab in this process and check against it; ignores this host's files and environment")
	fl.StringVar(&f.scenario, "scenario", "", "with --lab, a set of faults by `NAME` (see edgenet lab scenarios)")
	fl.StringArrayVar(&f.faults, "fault", nil, "with --lab, put a fault on a place, `PLACE=FAULT[:ARG]`; a proxy that has one is probed too; repeatable")
	fl.StringArrayVar(&f.proxies, "proxy", nil, "a proxy to test, `URL` http://, https:// or socks5://[user:password@]host:port; ps shows a password here, --proxy-credentials does not; repeatable (default: what this host's settings and environment say)")
	fl.StringVar(&f.proxyCredentials, "proxy-credentials", "", "`FILE` with a line USER:PASSWORD, or HOST:PORT USER:PASSWORD for each proxy (- is standard input)")
	fl.StringSliceVar(&f.routes, "route", nil, "`LIST` of direct, proxy (default both, where a proxy is known)")
	fl.StringSliceVar(&f.protocols, "protocol", nil, "`LIST` of AMQP, MQTT, AMQPWS, MQTTWS, HTTPS (default all)")
	fl.StringVar(&f.depth, "depth", string(probe.DepthProtocol), "how far to probe, `LEVEL` tcp, tls, protocol or auth")
	fl.StringVar(&f.connectionString, "connection-string-file", "", "`FILE` with the identity for --depth auth (- is standard input; also EDGENET_CONNECTION_STRING)")
	fl.StringVar(&f.cert, "cert", "", "`FILE` with the identity's X.509 certificate chain (PEM)")
	fl.StringVar(&f.key, "key", "", "`FILE` with its private key (PEM)")
	fl.BoolVar(&f.notInUse, "identity-not-in-use", false, "confirm that nobody uses the identity: a second connection throws the first out")
	fl.StringVar(&f.expect, "expect", "", "the `PROTOCOL` that must work; exit code 3 if only another one does (default: what this host's settings say)")
	fl.StringSliceVar(&f.prefer, "prefer", nil, "`LIST` in order of preference among the working ones (default AMQP,AMQPWS,MQTT,MQTTWS)")
	fl.IntVar(&f.attempts, "attempts", 1, "repeat each probe `N` times, report loss and latency spread")
	fl.DurationVar(&f.hold, "hold", 0, "find out how long an idle connection lives on each working path, up to `DURATION`; AMQP and MQTT need --depth auth")
	fl.DurationVar(&f.timeout, "timeout", probe.DefaultTimeout, "silence that a path tolerates (`DURATION`); all its steps share it")
	fl.DurationVar(&f.deadline, "deadline", probe.DefaultDeadline, "`DURATION` of one round; what is not finished then is skipped, not failed")
	fl.StringVar(&f.from, "from", "host", "`WHERE` to probe from: host, or container, which adds the same check from a container on the runtime's network, side by side")
	fl.BoolVar(&f.inside, "inside", false, "be the check in that container")
	_ = fl.MarkHidden("inside") // fails for unknown flags alone
	fl.StringArrayVar(&f.caFiles, "ca-file", nil, "`FILE` with extra roots (PEM), as if installed in the OS store and the trust bundle; repeatable")
	fl.StringVar(&f.trustBundle, "trust-bundle", "", "`FILE` with roots that only the containers have (PEM; default: what this host's settings say)")
	fl.StringVar(&f.source, "source", "", "local `ADDR|IFACE` to probe from")
	fl.StringSliceVar(&f.expectClosed, "expect-closed", nil, "`LIST` of PROTOCOL@ROUTE that must not work; exit code 1 if one does")
	fl.DurationVar(&f.wait, "wait", 0, "repeat what fails until the answer is good, for `DURATION` at most")
	fl.DurationVar(&f.every, "every", 0, "repeat, a round begun every `DURATION`, and print what changes")
	fl.StringArrayVar(&f.resolvers, "resolver", nil, "ask the DNS server at `ADDR[:PORT]` instead of the system's; repeatable")
	fl.StringArrayVar(&f.connectTo, "connect-to", nil, "`HOST:PORT:ADDR:PORT` dials that address instead and keeps the names; IPv6 in brackets; repeatable")
	fl.BoolVarP(&f.four, "ipv4", "4", false, "use IPv4 alone")
	fl.BoolVarP(&f.six, "ipv6", "6", false, "use IPv6 alone")
	fl.StringVarP(&f.format, "format", "f", "text", "`FORMAT` of standard output: "+alternatives(formats()))
	fl.StringArrayVarP(&f.outputs, "output", "o", nil, "write to `FILE` too, in the format of its ending ("+alternatives(endings())+"); repeatable")
	fl.BoolVarP(&f.verbose, "verbose", "v", false, "every step with its time")
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "the verdict alone")
}

// complete says to the shell what the flags take.
func (*checkFlags) complete(cmd *cobra.Command) {
	var protocols, upstream, scenarios []string
	for _, p := range report.Protocols() {
		protocols = append(protocols, string(p))
	}
	for _, p := range report.UpstreamProtocols() {
		upstream = append(upstream, string(p))
	}
	for _, s := range lab.Scenarios() {
		scenarios = append(scenarios, s.Name)
	}
	oneOf(cmd, "protocol", protocols...)
	oneOf(cmd, "expect", upstream...)
	oneOf(cmd, "prefer", upstream...)
	oneOf(cmd, "scenario", scenarios...)
	oneOf(cmd, "route", "direct", "proxy")
	oneOf(cmd, "depth", "tcp", "tls", "protocol", "auth")
	oneOf(cmd, "format", formats()...)
}

// check is the command: flags to plan, plan to report, report to output.
func (a *app) check(ctx context.Context, f *checkFlags, changed func(string) bool) error {
	if f.targets != "" {
		return a.checkTargets(ctx, f, changed)
	}
	j, err := a.checkJob(ctx, f, changed)
	if err != nil {
		return usageError{err}
	}
	if f.lab {
		stop, err := j.enterLab(ctx, f)
		if err != nil {
			return err
		}
		defer stop()
	}
	stop, err := a.enterContainer(ctx, j, f)
	if err != nil {
		return err
	}
	defer stop()
	if f.every > 0 {
		return a.every(ctx, f, a.oneHub(j, f))
	}
	r, err := a.runCheck(ctx, j, f)
	if err != nil {
		return err
	}
	return codeError([]*report.Report{r})
}
