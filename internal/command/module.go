package command

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"runtime"
	"runtime/debug"
	"strings"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/hostname"
	"edgenet/internal/inputs"
	"edgenet/internal/proxyurl"
	"edgenet/internal/sidecar"
	"edgenet/internal/sidecar/fence"
	"edgenet/internal/twin"
	"edgenet/report"
	"edgenet/report/render/html"
)

// ModuleOptions are those of `edgenet module`; each has a variable for manifests, which
// know no command line that is pleasant to edit.
type ModuleOptions struct {
	State            string // folder; zero means DefaultState
	HTTP             string // ADDR:PORT or off; zero means DefaultHTTP
	HTTPHosts        []string
	Allow            string
	ConnectTo        []string
	ProxyCredentials string // file
	EdgeHubMetrics   string // URL or off
}

// The addresses and places of a module that says nothing else.
const (
	DefaultHTTP  = ":9600" // where IoT Edge modules have their metrics
	DefaultState = "/var/lib/edgenet"
)

// Module is `edgenet module`: it runs until ctx ends.
func Module(ctx context.Context, con *console.Console, f ModuleOptions) error {
	asked := f.HTTP != "" || con.Getenv("EDGENET_HTTP_LISTEN") != ""
	o, err := moduleOptions(ctx, con, &f)
	if err != nil {
		return err
	}
	o.Log = slog.New(sidecar.NewLogHandler(con.Stderr, sidecar.ParseLevel(con.Getenv("RuntimeLogLevel"))))
	if o.Listener, err = listenHTTP(ctx, f, asked, o.Log); err != nil {
		return exit.UsageError{Err: err}
	}
	o.Page, o.PagePolicy = modulePage, html.ContentSecurityPolicy()
	debug.SetGCPercent(50) // it is idle nearly always: a small heap is worth more than speed
	p := newProcessors()
	defer runtime.GOMAXPROCS(p.all)
	o.Spread = p.spread
	return exit.Run(sidecar.Run(ctx, o))
}

// listenHTTP opens the HTTP side's port. One that was asked for has to be there; without
// the default one the module still does what matters.
func listenHTTP(ctx context.Context, f ModuleOptions, asked bool, log *slog.Logger) (net.Listener, error) {
	if strings.EqualFold(f.HTTP, "off") {
		return nil, nil
	}
	var c net.ListenConfig
	l, err := c.Listen(ctx, "tcp", f.HTTP)
	switch {
	case err == nil:
		log.Info("metrics and health at http://" + l.Addr().String())
		return l, nil
	case asked:
		return nil, fmt.Errorf("--http %q: %w: expected ADDR:PORT that is free, or off", report.Clean(f.HTTP, 60), err)
	}
	log.Warn("metrics and health are not served: " + report.Clean(err.Error(), 200))
	return nil, nil
}

// moduleOptions reads flags and environment. Every error says what was wrong and what
// was expected; nothing has been contacted then.
func moduleOptions(ctx context.Context, con *console.Console, f *ModuleOptions) (sidecar.Options, error) {
	moduleDefaults(con, f)
	o := sidecar.Options{
		Version:   con.Version,
		StateDir:  f.State,
		HTTPHosts: f.HTTPHosts,
		NoProxy:   cmp.Or(con.Getenv("no_proxy"), con.Getenv("NO_PROXY")),
		ConnectTo: map[string]netip.AddrPort{},
	}
	var err error
	if o.Module, err = twin.FromEnvironment(con.Getenv); err != nil {
		return o, exit.Usagef("environment variable %w", err)
	}
	if o.Upstream = con.Getenv("IOTEDGE_PARENTHOSTNAME"); o.Upstream != "" { // nested: edgeHub's way goes to the parent
		if o.Upstream, err = hostname.Valid(o.Upstream); err != nil {
			return o, exit.Inputf("environment variable IOTEDGE_PARENTHOSTNAME: %w", err)
		}
	}
	if o.Allow, err = fence.Parse(f.Allow); err != nil {
		return o, exit.Usagef("--allow (EDGENET_ALLOW): %w", err)
	}
	for _, c := range f.ConnectTo {
		key, to, err := inputs.ConnectTo(strings.TrimSpace(c))
		if err != nil {
			return o, err
		}
		o.ConnectTo[key] = to
	}
	if o.EdgeHubMetrics, err = metricsURL(f.EdgeHubMetrics); err != nil {
		return o, err
	}
	switch word := strings.ToLower(con.Getenv("EDGENET_HTTP")); word {
	case "":
	case "all":
		o.HTTPAll = true
	case "off":
		f.HTTP = "off"
	default:
		return o, exit.Usagef("environment variable EDGENET_HTTP %q: expected all, off, or nothing",
			report.Clean(word, 40))
	}
	// A value that the runtime does not know counts there as none, without a word.
	o.Configured, _ = inputs.Upstream("UpstreamProtocol", con.Getenv("UpstreamProtocol"))
	return o, moduleProxies(ctx, con, f, &o)
}

// moduleDefaults fills flags that were not given from the environment.
func moduleDefaults(con *console.Console, f *ModuleOptions) {
	f.State = cmp.Or(f.State, con.Getenv("EDGENET_STATE"), DefaultState)
	f.HTTP = cmp.Or(f.HTTP, con.Getenv("EDGENET_HTTP_LISTEN"), DefaultHTTP)
	f.Allow = cmp.Or(f.Allow, con.Getenv("EDGENET_ALLOW"))
	f.ProxyCredentials = cmp.Or(f.ProxyCredentials, con.Getenv("EDGENET_PROXY_CREDENTIALS"))
	f.EdgeHubMetrics = cmp.Or(f.EdgeHubMetrics, con.Getenv("EDGENET_EDGEHUB_METRICS"))
	if text := con.Getenv("EDGENET_CONNECT_TO"); len(f.ConnectTo) == 0 && text != "" {
		f.ConnectTo = strings.Split(text, ",")
	}
	if text := con.Getenv("EDGENET_HTTP_HOSTS"); len(f.HTTPHosts) == 0 && text != "" {
		f.HTTPHosts = strings.Split(strings.ReplaceAll(text, " ", ""), ",")
	}
}

func metricsURL(text string) (string, error) {
	if text == "" || strings.EqualFold(text, "off") {
		return map[bool]string{true: "", false: "-"}[text == ""], nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" || u.Host == "" || u.User != nil {
		return "", exit.Usagef("--edgehub-metrics: expected http://HOST:PORT/PATH, or off")
	}
	return text, nil
}

// moduleProxies takes the environment's proxies, and the file of credentials.
func moduleProxies(ctx context.Context, con *console.Console, f *ModuleOptions, o *sidecar.Options) (err error) {
	if o.Proxies, err = proxyurl.FromEnvironment(con.Getenv); err != nil {
		return exit.Input(err)
	}
	if f.ProxyCredentials == "" {
		return nil
	}
	if o.Bound, err = inputs.Bound(ctx, con, f.ProxyCredentials); err != nil {
		return err
	}
	for _, p := range o.Proxies {
		for _, b := range o.Bound {
			b.Give(p)
		}
	}
	return nil
}
