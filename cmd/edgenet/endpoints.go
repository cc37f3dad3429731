package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"edgenet/internal/device"
	"edgenet/internal/endpoints"
	"edgenet/internal/hop"
	"edgenet/probe"
	"edgenet/report"
	"edgenet/report/render"
)

// endpointFlags are the flags of `edgenet endpoints`; those that say how to connect are
// check's.
type endpointFlags struct {
	hostFlags
	net                     checkFlags
	cloud, protocol, failed string
	test                    bool
}

func (a *app) endpointsCommand() *cobra.Command {
	const formats = "text, csv, json, markdown"
	f := &endpointFlags{}
	cmd := &cobra.Command{Use: "endpoints", Short: "The exact allowlist of this device: host, port, protocol, who uses it, needed or optional",
		Long: `Endpoints lists what this device has to be allowed to reach, from its settings and its
deployment manifest: hub or parent, provisioning service, registries and where they keep
their layers, time, and what is optional. It contacts nothing, but with --test every host on
the list; a registry is asked for a real layer then (with its own registryCredentials), to
learn where its redirect leads.

--failed REPORT.json prints only what has to be opened, by the report of a check or of an
earlier endpoints --test -f json.

Exit codes: 0; 1 with --test, something needed does not answer, with --failed, something
has to be opened; 2 wrong usage.`,
		Example: `  edgenet endpoints
  edgenet endpoints --hub contoso.azure-devices.net --manifest deployment.json -f csv
  edgenet endpoints --test
  edgenet endpoints --failed report.json -f markdown`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.checkFormat(formats); err != nil {
				return err
			}
			return a.endpoints(cmd.Context(), f)
		}}
	f.registerAll(cmd, formats)
	return cmd
}

func (f *endpointFlags) registerAll(cmd *cobra.Command, formats string) {
	fl := cmd.Flags()
	fl.SortFlags = false
	n := &f.net
	fl.StringVar(&n.hub, "hub", "", "the IoT Hub's `HOST` name (default: what this host's settings say)")
	fl.StringVar(&f.cloud, "cloud", "", "the `CLOUD` public, usgov or china (default: by the hub's name)")
	fl.StringVar(&f.protocol, "protocol", "", "the UpstreamProtocol `PROTOCOL` to list for (default: what the settings or the manifest say)")
	fl.StringArrayVar(&n.proxies, "proxy", nil, "the site's proxy, `URL` (default: what the settings say)")
	fl.StringVar(&n.proxyCredentials, "proxy-credentials", "", "`FILE` with a line USER:PASSWORD (- is standard input)")
	fl.StringVar(&f.failed, "failed", "", "print only what has to be opened by the JSON report in `FILE`")
	fl.BoolVar(&f.test, "test", false, "probe each endpoint")
	fl.DurationVar(&n.timeout, "timeout", probe.DefaultTimeout, "with --test, silence that an endpoint tolerates (`DURATION`)")
	fl.DurationVar(&n.deadline, "deadline", probe.DefaultDeadline, "with --test, `DURATION` of all of it")
	fl.StringArrayVar(&n.caFiles, "ca-file", nil, "with --test, `FILE` with extra roots (PEM); repeatable")
	fl.StringVar(&n.source, "source", "", "with --test, local `ADDR|IFACE` to probe from")
	fl.StringArrayVar(&n.resolvers, "resolver", nil, "with --test, ask the DNS server at `ADDR[:PORT]`; repeatable")
	fl.StringArrayVar(&n.connectTo, "connect-to", nil, "with --test, `HOST:PORT:ADDR:PORT` dials that address instead; repeatable")
	fl.BoolVarP(&n.four, "ipv4", "4", false, "with --test, use IPv4 alone")
	fl.BoolVarP(&n.six, "ipv6", "6", false, "with --test, use IPv6 alone")
	f.register(cmd, formats)
}

func (a *app) endpoints(ctx context.Context, f *endpointFlags) error {
	if f.failed != "" {
		if f.test {
			return usagef("--failed and --test exclude each other: --test probes, --failed reads what was probed")
		}
		list, err := a.failedEndpoints(f.failed)
		if err != nil {
			return usagef("--failed %s: %w", report.Clean(f.failed, 200), err)
		}
		return a.printEndpoints(f, list, len(list.Endpoints) > 0)
	}
	j, list, err := a.allowlist(ctx, f)
	if err != nil {
		return err
	}
	if !f.test {
		return a.printEndpoints(f, list, false)
	}
	round, cancel := context.WithTimeout(ctx, f.net.deadline)
	defer cancel()
	endpoints.Test(round, list, *j)
	return a.printEndpoints(f, list, list.Broken())
}

// allowlist makes the list, and what its test would need.
func (a *app) allowlist(ctx context.Context, f *endpointFlags) (*endpoints.TestOptions, *endpoints.Allowlist, error) {
	d, err := a.readDevice(ctx, f.root, f.engine)
	if err != nil {
		return nil, nil, err
	}
	for _, b := range d.Broken {
		if b.Place != device.DockerCLI {
			return nil, nil, usageError{b}
		}
	}
	in := endpoints.Input{Device: d, Hub: f.net.hub}
	if in.Manifest, err = a.readManifest(f.manifest); err != nil {
		return nil, nil, err
	}
	o, err := a.endpointInput(f, &in)
	if err != nil {
		return nil, nil, usageError{err}
	}
	for _, u := range d.Unread {
		fmt.Fprintf(a.stderr, "edgenet: this host's settings are known in part, %s\n", u)
	}
	list, err := endpoints.List(in)
	if err != nil {
		return nil, nil, usageError{err}
	}
	o.Images, o.Parent = in.Images(), in.Parent()
	if in.Manifest != nil {
		o.Credentials = in.Manifest.Registries
	}
	o.Proxies = in.Proxies()
	return o, list, nil
}

// endpointInput reads the flags that change the list, and those of its test.
func (a *app) endpointInput(f *endpointFlags, in *endpoints.Input) (*endpoints.TestOptions, error) {
	var err error
	if in.Hub != "" && (f.cloud == "" || strings.Contains(in.Hub, ".")) {
		if err := checkHost(in.Hub); err != nil {
			return nil, fmt.Errorf("hub %q: %w", report.Clean(in.Hub, 100), err)
		}
	}
	if f.cloud != "" {
		if in.Cloud, err = endpoints.FindCloud(f.cloud); err != nil {
			return nil, fmt.Errorf("--cloud: %w", err)
		}
	}
	if f.protocol != "" {
		if in.Protocol, err = upstream("--protocol", f.protocol); err != nil {
			return nil, err
		}
	}
	switch {
	case len(f.net.proxies) > 1:
		return nil, errors.New("--proxy: one is enough here")
	case f.net.timeout <= 0 || f.net.deadline <= 0:
		return nil, errors.New("--timeout and --deadline: expected more than 0, such as 10s")
	case f.net.four && f.net.six:
		return nil, errors.New("-4 and -6 exclude each other: without both, both families are used")
	}
	return a.testOptions(f, in)
}

// testOptions reads the flags that say how to connect.
func (a *app) testOptions(f *endpointFlags, in *endpoints.Input) (*endpoints.TestOptions, error) {
	j := &job{env: &hop.Env{Trust: &hop.Trust{}}, device: in.Device}
	if len(f.net.proxies) == 1 {
		proxies, err := a.proxies(&f.net, j)
		if err != nil {
			return nil, err
		}
		in.Proxy = proxies[0]
	}
	if err := f.net.network(j.env); err != nil {
		return nil, err
	}
	if f.test {
		if err := a.trust(&f.net, j); err != nil {
			return nil, err
		}
	}
	return &endpoints.TestOptions{Env: j.env, Timeout: f.net.timeout}, nil
}

// failedEndpoints reads the report of a check, or the list of an earlier test.
func (a *app) failedEndpoints(file string) (*endpoints.Allowlist, error) {
	text, err := a.read(file)
	if err != nil {
		return nil, err
	}
	var list endpoints.Allowlist
	if json.Unmarshal([]byte(text), &list) == nil && list.Schema == endpoints.Schema {
		return endpoints.OnlyFailed(&list), nil
	}
	r, err := readReport([]byte(text))
	if err != nil {
		return nil, err
	}
	return endpoints.Failed(r), nil
}

func (a *app) printEndpoints(f *endpointFlags, list *endpoints.Allowlist, bad bool) error {
	var err error
	switch f.format {
	case "json":
		err = render.Value(a.stdout, list)
	case "csv":
		err = list.CSV(a.stdout)
	case "markdown":
		err = render.SheetMarkdown(a.stdout, list.Sheet())
	default:
		err = render.SheetText(a.stdout, list.Sheet(), a.textOptions(&f.net))
	}
	if err != nil {
		return runError{fmt.Errorf("writing the result: %w", err)}
	}
	if bad {
		return exitError(exitBad)
	}
	return nil
}
