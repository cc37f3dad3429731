package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"edgenet/internal/consistency"
	"edgenet/internal/device"
	"edgenet/internal/manifest"
	"edgenet/report"
	"edgenet/report/render"
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

// hostFlags say where a device's settings are read.
type hostFlags struct {
	root, engine, manifest, format string
}

func (f *hostFlags) register(cmd *cobra.Command, formats string) {
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.root, "root", "", "read the device's files below `DIR`: an image, a backup (default /)")
	fl.StringVar(&f.engine, "engine", "", "the container engine's `SOCKET`, or none (default: as configured)")
	fl.StringVar(&f.manifest, "manifest", "", "also the deployment manifest in `FILE` (- is standard input)")
	fl.StringVarP(&f.format, "format", "f", "text", "`FORMAT` of standard output: "+formats)
}

func (f *hostFlags) checkFormat(known string) error {
	if !slices.Contains(strings.Split(known, ", "), f.format) {
		return usagef("--format %q: expected %s", report.Clean(f.format, 40), known)
	}
	return nil
}

// readDevice reads the host's settings; another root than this host's has no environment
// of its own.
func (a *app) readDevice(ctx context.Context, root, engine string) (*device.Device, error) {
	o := device.Options{Root: a.root, Getenv: a.getenv, Engine: engine}
	if root != "" {
		if err := isDirectory(root); err != nil {
			return nil, usagef("--root: %w", err)
		}
		o.Root, o.Getenv = root, nil
	}
	return device.Read(ctx, o), nil
}

// readManifest reads a manifest that a flag names, nil where none does.
func (a *app) readManifest(file string) (*manifest.Manifest, error) {
	if file == "" {
		return nil, nil
	}
	text, err := a.read(file)
	if err != nil {
		return nil, usagef("--manifest: %w", err)
	}
	m, err := manifest.Parse(file, []byte(text))
	if err != nil {
		return nil, usageError{err}
	}
	return m, nil
}

func (a *app) configShowCommand() *cobra.Command {
	const formats = "text, json, markdown"
	f := &hostFlags{}
	cmd := &cobra.Command{Use: "show", Short: "Every place where hub, protocol or proxy are set, side by side, and whether they agree",
		Long: `Show reads the IoT Edge configuration and what was derived from it, the daemons' and the
container engine's units with their drop-ins, daemon.json, the running containers and the
environment, each value with its file and line; says who uses it for what, and whether the
places agree; and tells what the containers will have after the next apply, restart or
deployment. It changes nothing and contacts nothing but the container engine's socket.
Secrets are masked. Without root it shows what can be read, and names what cannot.

Exit codes: 0 the places agree; 1 a finding of severity error; 2 a file is broken.`,
		Example: `  edgenet config show
  edgenet config show --manifest deployment.json
  edgenet config show --root /mnt/image -f json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.checkFormat(formats); err != nil {
				return err
			}
			return a.configShow(cmd.Context(), f)
		}}
	f.register(cmd, formats)
	return cmd
}

func (a *app) configShow(ctx context.Context, f *hostFlags) error {
	d, err := a.readDevice(ctx, f.root, f.engine)
	if err != nil {
		return err
	}
	m, err := a.readManifest(f.manifest)
	if err != nil {
		return err
	}
	v := consistency.Compare(d, m)
	switch f.format {
	case "json":
		err = render.Value(a.stdout, v)
	case "markdown":
		err = render.SheetMarkdown(a.stdout, v.Sheet())
	default:
		err = render.SheetText(a.stdout, v.Sheet(), a.textOptions(&checkFlags{}))
	}
	if err != nil {
		return runError{fmt.Errorf("writing the result: %w", err)}
	}
	return a.settled(v)
}

// settled gives the exit code of a view: broken files over findings.
func (a *app) settled(v *consistency.View) error {
	for _, e := range v.Errors {
		fmt.Fprintf(a.stderr, "edgenet: %s\n", e)
	}
	switch {
	case len(v.Errors) > 0:
		return exitError(exitUsage)
	case v.Worst() == report.SeverityError:
		return exitError(exitBad)
	}
	return nil
}
