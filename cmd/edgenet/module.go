package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"edgenet/internal/proxyurl"
	"edgenet/internal/sidecar"
	"edgenet/internal/sidecar/fence"
	"edgenet/internal/sidecar/machine"
	"edgenet/internal/twin"
	"edgenet/report"
	"edgenet/report/render/html"
)

// moduleFlags are the flags of `edgenet module` as they were typed; each has a variable
// for manifests, which know no command line that is pleasant to edit.
type moduleFlags struct {
	state, http, allow, proxyCredentials, edgeHubMetrics string
	connectTo, httpHosts                                 []string
}

// The addresses and places of a module that says nothing else.
const (
	defaultHTTP  = ":9600" // where IoT Edge modules have their metrics
	defaultState = "/var/lib/edgenet"
)

func (a *app) moduleCommand() *cobra.Command {
	f := &moduleFlags{}
	cmd := &cobra.Command{
		Use:   "module",
		Short: "Run as an IoT Edge module: watch every upstream path and report to the module twin",
		Long: `Module runs next to the workload on a device, watches every upstream path from where
edgeAgent and edgeHub stand, and reports to its own module twin through edgeHub, so that a
fleet's deployments can set the protocol that works. It ends at SIGTERM.

Who it is, it knows from the environment that the runtime gives every module (IOTEDGE_…),
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
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.module(cmd.Context(), f, cmd.Flags().Changed) },
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.state, "state", "", "`DIR` that keeps the state; it has to exist (default "+defaultState+")")
	fl.StringVar(&f.http, "http", "", "`ADDR:PORT` of metrics and health, or off (default "+defaultHTTP+")")
	fl.StringSliceVar(&f.httpHosts, "http-host", nil, "a `NAME` by which the HTTP side may be called, beside the module's; repeatable")
	fl.StringVar(&f.allow, "allow", "", "`LIST` of NAME, *.SUFFIX, ADDRESS or ADDRESS/BITS, each with :PORT or without, that desired properties may point at; azure stands for Azure's own suffixes (default azure)")
	fl.StringArrayVar(&f.connectTo, "connect-to", nil, "`HOST:PORT:ADDR:PORT` dials that address instead and keeps the names; IPv6 in brackets; repeatable")
	fl.StringVar(&f.proxyCredentials, "proxy-credentials", "", "`FILE` with lines HOST:PORT USER:PASSWORD, for proxies of the environment and of the twin")
	fl.StringVar(&f.edgeHubMetrics, "edgehub-metrics", "", "`URL` of edgeHub's own metrics, or off (default http://edgeHub:9600/metrics)")
	return cmd
}

// module is the command.
func (a *app) module(ctx context.Context, f *moduleFlags, changed func(string) bool) error {
	o, err := a.moduleOptions(f)
	if err != nil {
		return usageError{err}
	}
	o.Log = slog.New(sidecar.NewLogHandler(a.stderr, sidecar.ParseLevel(a.getenv("RuntimeLogLevel"))))
	if o.Listener, err = listenHTTP(ctx, f, changed("http") || a.getenv("EDGENET_HTTP_LISTEN") != "", o.Log); err != nil {
		return usageError{err}
	}
	o.Page, o.PagePolicy = modulePage, html.ContentSecurityPolicy()
	debug.SetGCPercent(50) // it is idle nearly always: a small heap is worth more than speed
	if err := sidecar.Run(ctx, o); err != nil {
		return runError{err}
	}
	return nil
}

// modulePage is the HTML report with the history, latest last, as the module has it.
func modulePage(w io.Writer, r *report.Report, history []machine.Transition) error {
	o := html.Options{}
	for _, t := range history {
		o.History = append(o.History, html.Transition{At: t.At, From: string(t.From), To: string(t.To), Cause: t.Cause, Route: t.Route,
			Protocol: string(t.Protocol), Duration: time.Duration(t.DurationSec) * time.Second})
	}
	return html.Write(w, r, o)
}

// listenHTTP opens the HTTP side's port. One that was asked for has to be there; without
// the default one the module still does what matters.
func listenHTTP(ctx context.Context, f *moduleFlags, asked bool, log *slog.Logger) (net.Listener, error) {
	if strings.EqualFold(f.http, "off") {
		return nil, nil
	}
	var c net.ListenConfig
	l, err := c.Listen(ctx, "tcp", f.http)
	switch {
	case err == nil:
		log.Info("metrics and health at http://" + l.Addr().String())
		return l, nil
	case asked:
		return nil, fmt.Errorf("--http %q: %w: expected ADDR:PORT that is free, or off", report.Clean(f.http, 60), err)
	}
	log.Warn("metrics and health are not served: " + report.Clean(err.Error(), 200))
	return nil, nil
}

// moduleOptions reads flags and environment. Every error says what was wrong and what
// was expected; nothing has been contacted then.
func (a *app) moduleOptions(f *moduleFlags) (sidecar.Options, error) {
	a.moduleDefaults(f)
	o := sidecar.Options{Version: versionText(), StateDir: f.state, HTTPHosts: f.httpHosts, NoProxy: cmp.Or(a.getenv("no_proxy"), a.getenv("NO_PROXY")), ConnectTo: map[string]netip.AddrPort{}}
	var err error
	if o.Module, err = twin.FromEnvironment(a.getenv); err != nil {
		return o, fmt.Errorf("environment variable %w", err)
	}
	if o.Upstream = a.getenv("IOTEDGE_PARENTHOSTNAME"); o.Upstream != "" { // nested: edgeHub's way goes to the parent
		if err := checkHost(o.Upstream); err != nil {
			return o, fmt.Errorf("environment variable IOTEDGE_PARENTHOSTNAME %q: %w", report.Clean(o.Upstream, 100), err)
		}
	}
	if o.Allow, err = fence.Parse(f.allow); err != nil {
		return o, fmt.Errorf("--allow (EDGENET_ALLOW): %w", err)
	}
	for _, c := range f.connectTo {
		key, to, err := parseConnectTo(strings.TrimSpace(c))
		if err != nil {
			return o, err
		}
		o.ConnectTo[key] = to
	}
	if o.EdgeHubMetrics, err = metricsURL(f.edgeHubMetrics); err != nil {
		return o, err
	}
	switch word := strings.ToLower(a.getenv("EDGENET_HTTP")); word {
	case "":
	case "all":
		o.HTTPAll = true
	case "off":
		f.http = "off"
	default:
		return o, fmt.Errorf("environment variable EDGENET_HTTP %q: expected all, off, or nothing", report.Clean(word, 40))
	}
	// A value that the runtime does not know counts there as none, without a word.
	o.Configured, _ = upstream("UpstreamProtocol", a.getenv("UpstreamProtocol"))
	return o, a.moduleProxies(f, &o)
}

// moduleDefaults fills flags that were not given from the environment.
func (a *app) moduleDefaults(f *moduleFlags) {
	f.state = cmp.Or(f.state, a.getenv("EDGENET_STATE"), defaultState)
	f.http = cmp.Or(f.http, a.getenv("EDGENET_HTTP_LISTEN"), defaultHTTP)
	f.allow = cmp.Or(f.allow, a.getenv("EDGENET_ALLOW"))
	f.proxyCredentials = cmp.Or(f.proxyCredentials, a.getenv("EDGENET_PROXY_CREDENTIALS"))
	f.edgeHubMetrics = cmp.Or(f.edgeHubMetrics, a.getenv("EDGENET_EDGEHUB_METRICS"))
	if text := a.getenv("EDGENET_CONNECT_TO"); len(f.connectTo) == 0 && text != "" {
		f.connectTo = strings.Split(text, ",")
	}
	if text := a.getenv("EDGENET_HTTP_HOSTS"); len(f.httpHosts) == 0 && text != "" {
		f.httpHosts = strings.Split(strings.ReplaceAll(text, " ", ""), ",")
	}
}

func metricsURL(text string) (string, error) {
	if text == "" || strings.EqualFold(text, "off") {
		return map[bool]string{true: "", false: "-"}[text == ""], nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" || u.Host == "" || u.User != nil {
		return "", errors.New("--edgehub-metrics: expected http://HOST:PORT/PATH, or off")
	}
	return text, nil
}

// moduleProxies takes the environment's proxies, and the file of credentials.
func (a *app) moduleProxies(f *moduleFlags, o *sidecar.Options) error {
	var err error
	if o.Proxies, err = proxyurl.FromEnvironment(a.getenv); err != nil {
		return err
	}
	if f.proxyCredentials == "" {
		return nil
	}
	file, err := os.Open(f.proxyCredentials)
	if err != nil {
		return fmt.Errorf("--proxy-credentials: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	if o.Bound, err = proxyurl.ReadBound(file); err != nil {
		return fmt.Errorf("--proxy-credentials %s: %w", f.proxyCredentials, err)
	}
	for _, p := range o.Proxies {
		for _, b := range o.Bound {
			b.Give(p)
		}
	}
	return nil
}
