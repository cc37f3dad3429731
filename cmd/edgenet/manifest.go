package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"edgenet/internal/manifest"
	"edgenet/proxy"
	"edgenet/report"
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

// setFlags are the flags of `edgenet manifest set`.
type setFlags struct {
	protocol, proxy, credentials string
	noProxy, diff, write         bool
}

func (a *app) manifestSetCommand() *cobra.Command {
	f := &setFlags{}
	cmd := &cobra.Command{Use: "set FILE…", Short: "Set UpstreamProtocol and proxy for edgeAgent and edgeHub, and nothing else",
		Long: `Set writes UpstreamProtocol, https_proxy or both for both system modules of a base deployment
manifest ({"modulesContent": …}, also inside {"content": …}). Every other byte stays: order,
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
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return a.manifestSet(args, f) }}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.protocol, "protocol", "", "the `PROTOCOL` Amqp, AmqpWs, Mqtt or MqttWs, in any spelling")
	fl.StringVar(&f.proxy, "proxy", "", "the proxy's `URL`, http://[user:password@]host:port; ps shows a password here, --proxy-credentials does not")
	fl.StringVar(&f.credentials, "proxy-credentials", "", "`FILE` with a line USER:PASSWORD (- is standard input)")
	fl.BoolVar(&f.noProxy, "no-proxy", false, "take the proxy out")
	fl.BoolVar(&f.diff, "diff", false, "show what changes, with secrets masked, in place of the manifest")
	fl.BoolVarP(&f.write, "write", "w", false, "write the file in place")
	return cmd
}

// setting reads the protocol and proxy of a command that writes settings.
func (a *app) setting(protocol, url, credentials string) (manifest.Change, error) {
	var c manifest.Change
	var err error
	if protocol != "" {
		if c.Protocol, err = upstream("--protocol", protocol); err != nil {
			return c, err
		}
	}
	if url == "" {
		if credentials != "" {
			return c, errors.New("--proxy-credentials: give the proxy with --proxy URL")
		}
		return c, nil
	}
	if c.Proxy, err = proxy.Parse(url, "flag"); err != nil {
		return c, fmt.Errorf("--proxy: %w", err)
	}
	if credentials != "" {
		file, err := a.open(credentials)
		if err != nil {
			return c, fmt.Errorf("--proxy-credentials: %w", err)
		}
		defer func() { _ = file.Close() }()
		if err := proxy.ReadCredentials(file, []*proxy.Proxy{c.Proxy}); err != nil {
			return c, fmt.Errorf("--proxy-credentials %s: %w", credentials, err)
		}
	}
	return c, a.usableProxy(c)
}

// usableProxy refuses what the runtime cannot use at all, and warns of the rest.
func (a *app) usableProxy(c manifest.Change) error {
	for _, t := range proxy.EdgeAgent.Trouble(c.Proxy.URL()) {
		if t.Severity == report.SeverityError {
			return fmt.Errorf("--proxy %s: %s. %s", c.Proxy, t.Text, t.Remedy)
		}
		fmt.Fprintf(a.stderr, "edgenet: %s: %s. %s\n", c.Proxy, t.Text, t.Remedy)
	}
	if c.Protocol != "" && !c.Protocol.Proxied() {
		fmt.Fprintf(a.stderr, "edgenet: %s never goes through a proxy: AmqpWs and MqttWs do\n", c.Protocol.RuntimeName())
	}
	return nil
}

func (a *app) manifestSet(files []string, f *setFlags) error {
	c, err := a.setting(f.protocol, f.proxy, f.credentials)
	if err != nil {
		return usageError{err}
	}
	c.NoProxy = f.noProxy
	switch {
	case c.NoProxy && c.Proxy != nil:
		return usagef("--no-proxy takes the proxy out, and --proxy sets one: give one of the two")
	case c.Protocol == "" && c.Proxy == nil && !c.NoProxy:
		return usagef("nothing to set: give --protocol, --proxy, --no-proxy or several of them")
	case f.write && slices.Contains(files, "-"):
		return usagef("-w writes a file in place, and - is standard input")
	case len(files) > 1 && !f.write && !f.diff:
		return usagef("several files: give -w to write them in place, or --diff")
	}
	var refused error
	for _, file := range files {
		text, out, err := a.setManifest(file, c)
		if err != nil && len(files) == 1 {
			return usageError{err}
		}
		if err != nil { // the others are done all the same
			fmt.Fprintf(a.stderr, "edgenet: %s\n", report.Clean(err.Error(), 600))
			refused = exitError(exitUsage)
			continue
		}
		if err := a.writeManifest(file, text, out, f); err != nil {
			return runError{fmt.Errorf("writing the result: %w", err)}
		}
	}
	return refused
}

// setManifest reads a manifest, and gives its text as it is and as it is to be.
func (a *app) setManifest(file string, c manifest.Change) (text string, out []byte, err error) {
	if text, err = a.read(file); err != nil {
		return "", nil, err
	}
	m, err := manifest.Parse(file, []byte(text))
	if err != nil {
		return "", nil, err
	}
	out, err = m.Set(c)
	return text, out, err
}

// writeManifest shows the difference, writes the file, or prints the manifest.
func (a *app) writeManifest(file, text string, out []byte, f *setFlags) error {
	var err error
	if f.diff {
		if d := diff.Diff(report.Clean(file, 200), manifest.Masked([]byte(text)), report.Clean(file, 200)+" (set)", manifest.Masked(out)); len(d) > 0 {
			_, err = a.stdout.Write(d)
		} else if string(out) != text {
			fmt.Fprintf(a.stderr, "edgenet: %s: only a secret changes, which is not shown\n", report.Clean(file, 200))
		} else {
			fmt.Fprintf(a.stderr, "edgenet: %s: nothing changes\n", report.Clean(file, 200))
		}
	}
	switch {
	case err != nil:
	case f.write && string(out) != text:
		err = writeWhole(file, 0, whole(string(out)))
	case !f.diff && !f.write:
		_, err = a.stdout.Write(out)
	}
	return err
}
