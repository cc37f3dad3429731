package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"edgenet/internal/device"
	"edgenet/internal/generate"
	"edgenet/report/render"
)

// generateFlags are the flags of `edgenet config generate`.
type generateFlags struct {
	hostFlags
	protocol, proxy, credentials, noProxy, fromReport, out string
	force                                                  bool
}

func (a *app) configGenerateCommand() *cobra.Command {
	const formats = "text, json, markdown"
	f := &generateFlags{}
	cmd := &cobra.Command{Use: "generate", Short: "The text for every place where protocol and proxy are set, and the steps to apply it",
		Long: `Generate makes, from one protocol and one proxy URL, the text for every place on this device
(systemd drop-ins, daemon.json merged with what is there, config.toml) and for the deployment,
each with the escaping that the place needs, and the commands to apply and to verify it, in the
order that never strands the device. It changes nothing on the device.

On the screen the proxy's password is masked; --out DIR writes the files with it, readable for
their owner alone, below DIR as they lie on the device.`,
		Example: `  edgenet config generate --protocol AmqpWs --proxy http://proxy.corp:3128
  edgenet config generate --protocol AmqpWs --proxy http://proxy.corp:3128 --proxy-credentials proxy.txt --out settings
  edgenet config generate --from-report report.json --manifest deployment.json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.checkFormat(formats); err != nil {
				return err
			}
			return a.configGenerate(cmd.Context(), f)
		}}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.protocol, "protocol", "", "the `PROTOCOL` Amqp, AmqpWs, Mqtt or MqttWs, in any spelling")
	fl.StringVar(&f.proxy, "proxy", "", "the proxy's `URL`, http://[user:password@]host:port; ps shows a password here, --proxy-credentials does not")
	fl.StringVar(&f.credentials, "proxy-credentials", "", "`FILE` with a line USER:PASSWORD (- is standard input)")
	fl.StringVar(&f.noProxy, "no-proxy", "", "`LIST` of registries that the container engine reaches directly; nobody else honours one")
	fl.StringVar(&f.fromReport, "from-report", "", "take protocol and proxy from the JSON report of a check in `FILE`")
	fl.StringVar(&f.out, "out", "", "write the files below `DIR`")
	fl.BoolVar(&f.force, "force", false, "with --out, replace files that are there")
	f.register(cmd, formats)
	return cmd
}

func (a *app) configGenerate(ctx context.Context, f *generateFlags) error {
	d, err := a.readDevice(ctx, f.root, f.engine)
	if err != nil {
		return err
	}
	for _, b := range d.Broken {
		if b.Place != device.DockerCLI { // nothing is merged with what cannot be read
			return usageError{b}
		}
	}
	in := generate.Input{Device: d, NoProxy: f.noProxy}
	if err := a.generateInput(f, &in); err != nil {
		return usageError{err}
	}
	if in.Manifest, err = a.readManifest(f.manifest); err != nil {
		return err
	}
	s, err := generate.Plan(in)
	if err != nil {
		return usageError{err}
	}
	for _, w := range generate.Warnings(in) {
		fmt.Fprintf(a.stderr, "edgenet: %s\n", w)
	}
	for _, u := range d.Unread {
		fmt.Fprintf(a.stderr, "edgenet: not merged with what is there: %s\n", u)
	}
	if f.out != "" {
		if err := writeSet(f.out, s, in, f.force); err != nil {
			return err
		}
	}
	if err := a.printSet(f, s, in); err != nil {
		return runError{fmt.Errorf("writing the result: %w", err)}
	}
	return nil
}

// writeSet writes the files below a directory, and the steps beside them. What is there
// already is left alone unless forced.
func writeSet(dir string, s *generate.Set, in generate.Input, force bool) error {
	files := map[string]string{filepath.Join(dir, "STEPS.txt"): stepsText(s, in)}
	for _, f := range s.Files {
		files[filepath.Join(dir, filepath.FromSlash(f.Path))] = f.Text
	}
	for name, text := range files {
		old, err := os.ReadFile(name) //nolint:gosec // below the directory that the user names
		switch {
		case errors.Is(err, fs.ErrNotExist), err == nil && (force || string(old) == text):
		case err != nil:
			return usagef("--out: %w", err)
		default:
			return usagef("--out: %s is there already, and different: give another directory, or --force", name)
		}
	}
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil { //nolint:gosec // directories hold no secret
			return usagef("--out: %w", err)
		}
		if err := writeWhole(name, 0o600, whole(text)); err != nil {
			return usagef("--out: %w", err)
		}
	}
	return nil
}

// stepsText is the list of steps for a terminal without edgenet.
func stepsText(s *generate.Set, in generate.Input) string {
	var b strings.Builder
	fmt.Fprintf(&b, "UpstreamProtocol %s", in.Protocol.RuntimeName())
	if in.Proxy != nil {
		fmt.Fprintf(&b, ", proxy %s", in.Proxy)
	}
	b.WriteString("\n\nFiles (they hold the proxy's password where there is one):\n")
	for _, f := range s.Files {
		fmt.Fprintf(&b, "  %s   %s\n", strings.TrimPrefix(f.Path, "/"), f.What)
	}
	for i, st := range s.Steps {
		fmt.Fprintf(&b, "\n%d. %s\n", i+1, st.Title)
		if st.Why != "" {
			fmt.Fprintf(&b, "   (%s)\n", st.Why)
		}
		for _, c := range slices.Concat(st.Commands, st.Verify) {
			fmt.Fprintf(&b, "     %s\n", c)
		}
	}
	return b.String()
}

// generated is the JSON form; texts have their passwords masked.
type generated struct {
	Schema   string          `json:"schema"`
	Protocol string          `json:"protocol"`
	Proxy    string          `json:"proxy,omitempty"`
	Files    []generatedFile `json:"files"`
	Steps    []generate.Step `json:"steps"`
}

type generatedFile struct {
	Path string `json:"path"`
	What string `json:"what"`
	Text string `json:"text"`
}

func (a *app) printSet(f *generateFlags, s *generate.Set, in generate.Input) error {
	g := generated{Schema: "edgenet.generate/1", Protocol: in.Protocol.RuntimeName(), Steps: s.Steps}
	if in.Proxy != nil {
		g.Proxy = in.Proxy.String()
	}
	for _, x := range s.Files {
		g.Files = append(g.Files, generatedFile{x.Path, x.What, x.Shown})
	}
	switch f.format {
	case "json":
		return render.Value(a.stdout, g)
	case "markdown":
		return g.write(a.stdout, "### `%s`\n\n%s\n\n```\n%s```\n\n", "## Steps\n", "\n%d. %s\n", "   - `%s`\n", "   %s\n")
	}
	if err := g.write(a.stdout, "# ---- %s\n# %s\n%s\n", "# ---- Steps\n", "#\n# %d. %s\n", "%s\n", "#    %s\n"); err != nil {
		return err
	}
	switch {
	case f.out != "":
		fmt.Fprintf(a.stderr, "edgenet: %d files and STEPS.txt written below %s\n", len(s.Files), f.out)
	case in.Proxy != nil && in.Proxy.HasAuth:
		fmt.Fprintln(a.stderr, "edgenet: the proxy's password is masked here; --out DIR writes the files with it")
	}
	return nil
}
