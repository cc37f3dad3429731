package command

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"edgenet/internal/console"
	"edgenet/internal/device"
	"edgenet/internal/endpoints"
	"edgenet/internal/exit"
	"edgenet/internal/hop"
	"edgenet/internal/hostname"
	"edgenet/internal/infile"
	"edgenet/internal/inputs"
	"edgenet/internal/proxyurl"
	"edgenet/report"
	"edgenet/report/render"
)

// EndpointOptions are those of `edgenet endpoints`.
type EndpointOptions struct {
	Host
	inputs.Ways
	Hub              string // zero means what the settings say
	Cloud            string // zero means by the hub's name
	Protocol         string // zero means what settings or manifest say
	Proxies          []string
	ProxyCredentials string
	Failed           string        // file of a report; zero means none
	Test             bool          // probe each
	Timeout          time.Duration // of an endpoint
	Deadline         time.Duration // of all
}

// Endpoints is `edgenet endpoints`.
func Endpoints(ctx context.Context, con *console.Console, o EndpointOptions) error {
	if err := Format(o.Format, "text", "csv", "json", "markdown"); err != nil {
		return err
	}
	if o.Failed != "" {
		if o.Test {
			return exit.Usagef("--failed and --test exclude each other: --test probes, --failed reads what was probed")
		}
		list, err := failedEndpoints(ctx, con, o.Failed)
		if err != nil {
			return exit.Inputf("--failed: %w", err)
		}
		return printEndpoints(con, o.Format, list, len(list.Endpoints) > 0)
	}
	test, list, err := allowlist(ctx, con, o)
	if err != nil {
		return err
	}
	if !o.Test {
		return printEndpoints(con, o.Format, list, false)
	}
	round, cancel := context.WithTimeout(ctx, o.Deadline)
	defer cancel()
	endpoints.Test(round, list, *test)
	if list.Broken() && o.Format == "text" {
		con.Note("edgenet check tells by which ways the hub is reached and why not; edgenet check --dps tells the " +
			"same of the provisioning service")
	}
	return printEndpoints(con, o.Format, list, list.Broken())
}

// allowlist makes the list, and what its test would need.
func allowlist(
	ctx context.Context,
	con *console.Console,
	o EndpointOptions,
) (*endpoints.TestOptions, *endpoints.Allowlist, error) {
	d, err := wholeDevice(ctx, con, o.Host)
	if err != nil {
		return nil, nil, err
	}
	in := endpoints.Input{Device: d}
	if in.Manifest, err = inputs.Manifest(ctx, con, o.Manifest); err != nil {
		return nil, nil, err
	}
	if err := endpointInput(ctx, con, o, &in); err != nil {
		return nil, nil, err
	}
	test := &endpoints.TestOptions{Env: &hop.Env{Trust: &hop.Trust{}}, Timeout: o.Timeout}
	if err := o.Network(test.Env); err != nil {
		return nil, nil, err
	}
	if o.Test {
		if test.Env.Trust.Extra, _, err = o.Roots(ctx, con); err != nil {
			return nil, nil, err
		}
		test.Env.Trust.Bundle, _ = inputs.Bundle(con, d)
	}
	for _, u := range d.Unread {
		con.Note("this host's settings are known in part, %s", u)
	}
	list, err := endpoints.List(in)
	if err != nil {
		return nil, nil, exit.UsageError{Err: err}
	}
	test.Images, test.Parent = in.Images(), in.Parent()
	if in.Manifest != nil {
		test.Credentials = in.Manifest.Registries
	}
	test.Proxies = in.Proxies()
	return test, list, nil
}

// wholeDevice reads a device whose files have to be whole: nothing is listed, and nothing
// merged, by half of them.
func wholeDevice(ctx context.Context, con *console.Console, o Host) (*device.Device, error) {
	d, err := inputs.Device(ctx, con, o.Root, o.Engine)
	if err != nil {
		return nil, err
	}
	for _, b := range d.Broken {
		if b.Place != device.DockerCLI {
			return nil, exit.Input(b)
		}
	}
	return d, nil
}

// endpointInput reads what changes the list.
func endpointInput(ctx context.Context, con *console.Console, o EndpointOptions, in *endpoints.Input) (err error) {
	if in.Hub = o.Hub; in.Hub != "" && (o.Cloud == "" || strings.Contains(in.Hub, ".")) {
		if in.Hub, err = hostname.Read(in.Hub); err != nil {
			return exit.Usagef("--hub: %w", err)
		}
	} else if err := hostname.Characters(in.Hub); err != nil {
		return exit.Usagef("--hub: %w", err)
	}
	if o.Cloud != "" {
		if in.Cloud, err = endpoints.FindCloud(o.Cloud); err != nil {
			return exit.Usagef("--cloud: %w", err)
		}
	}
	if o.Protocol != "" {
		if in.Protocol, err = inputs.Upstream("--protocol", o.Protocol); err != nil {
			return err
		}
	}
	if len(o.Proxies) == 0 {
		return nil
	}
	if len(o.Proxies) > 1 {
		return exit.Usagef("--proxy: one is enough here")
	}
	if in.Proxy, err = inputs.Proxy(o.Proxies[0]); err != nil {
		return err
	}
	return inputs.Credentials(ctx, con, o.ProxyCredentials, []*proxyurl.Proxy{in.Proxy})
}

// failedEndpoints reads the report of a check, or the list of an earlier test.
func failedEndpoints(ctx context.Context, con *console.Console, file string) (*endpoints.Allowlist, error) {
	text, err := con.Read(ctx, file)
	if err != nil {
		return nil, err
	}
	if line, err := infile.BoundJSON(text); err != nil {
		return nil, exit.Inputf("%s: line %d: %w", report.Clean(file, 200), line, err)
	}
	var list endpoints.Allowlist
	if json.Unmarshal(text, &list) == nil && list.Schema == endpoints.Schema {
		return endpoints.OnlyFailed(&list), nil
	}
	r, err := inputs.ParseReport(text)
	if err != nil {
		return nil, exit.Inputf("%s: %w", report.Clean(file, 200), err)
	}
	return endpoints.Failed(r), nil
}

func printEndpoints(con *console.Console, format string, list *endpoints.Allowlist, bad bool) error {
	var err error
	switch format {
	case "json":
		err = render.Value(con.Stdout, list)
	case "csv":
		err = list.CSV(con.Stdout)
	case "markdown":
		err = render.SheetMarkdown(con.Stdout, list.Sheet())
	default:
		err = render.SheetText(con.Stdout, list.Sheet(), con.TextOptions(false, false))
	}
	code := exit.Good
	if bad {
		code = exit.Bad
	}
	return exit.With(code, exit.Result(err))
}
