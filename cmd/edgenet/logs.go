package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"edgenet/internal/logs"
	livelogs "edgenet/internal/logs/live"
	logsrender "edgenet/internal/logs/render"
	"edgenet/internal/logs/source"
	"edgenet/report"
)

// logsFlags are the flags of `edgenet logs` as they were typed.
type logsFlags struct {
	checkFlags
	since, until, zone string
	year               int
	component          string
	withCheck          bool
}

// logsFormats are the names for --format, and the endings of files.
var logsFormats = []string{"text", "json", "jsonl", "markdown", "html"}

var logsEndings = map[string]string{".txt": "text", ".json": "json", ".jsonl": "jsonl", ".md": "markdown", ".html": "html"}

func (a *app) logsCommand() *cobra.Command {
	f := &logsFlags{}
	cmd := &cobra.Command{
		Use:   "logs [PATH...]",
		Short: "Say what the runtime's own logs say: connected, lost, why, who acts",
		Long: `Logs reads what edgeAgent, edgeHub and the daemons wrote, and says in plain words: is the device
connected, by what, since when; when was it lost, how often, why; who acts; what the log cannot
tell, and which command can.

Without a path it reads this host: the journal of the services, and the containers by the engine's
socket; it changes nothing. A path is a file, a folder, a .gz, the archive of iotedge
support-bundle, or - for standard input. Any form that people paste is read: journalctl, docker
logs, json-file, syslog, Kubernetes, quoted, in UTF-16, newest first.

It names no cause that the log does not bear out: each one is proved, suggested, or only narrowed
down. Secrets are masked in everything that is quoted.

Exit codes: 0 no trouble, and the log could have shown it; 1 trouble, or the log could not have
shown it; 2 nothing of it can be read, or is such a log.`,
		Example: `  edgenet logs support_bundle_2024_11_05_10_30_00_UTC.zip
  sudo edgenet logs                                            this host
  edgenet logs edgeHub.log edgeAgent.log -v
  edgenet logs - < edgeHub.log
  edgenet logs bundle.zip -f html > logs.html
  edgenet logs bundle.zip --since 2024-11-04 --component edgeHub
  sudo edgenet logs --since 24h --with-check`,
		RunE: func(cmd *cobra.Command, args []string) error { return a.logs(cmd.Context(), args, f) },
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.since, "since", "", "only from `T` on: 2024-11-05, 2024-11-05T10:30:00Z, or how long ago: 24h, 7d")
	fl.StringVar(&f.until, "until", "", "only up to `T`")
	fl.StringVar(&f.zone, "tz", "", "`ZONE` of times that do not say theirs: +01:00, UTC, Europe/Berlin")
	fl.IntVar(&f.year, "year", 0, "`Y`, the year of times that do not say theirs (default: when the file was written)")
	fl.StringVar(&f.component, "component", "", "only lines of `NAME`: edgeAgent, edgeHub, identityd, edged, iotedged, dockerd")
	fl.StringVarP(&f.format, "format", "f", "text", "`FORMAT`: "+alternatives(logsFormats)+" (jsonl: one line an event)")
	fl.StringArrayVarP(&f.outputs, "output", "o", nil, "write to `FILE` too, in the format of its ending (.txt, .json, .jsonl, .md or .html); repeatable")
	fl.BoolVarP(&f.verbose, "verbose", "v", false, "the lines themselves, and what the log could have shown")
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "one sentence alone")
	fl.BoolVar(&f.withCheck, "with-check", false, "run check afterwards with what the log says is configured, and put both side by side")
	oneOf(cmd, "format", slices.Clone(logsFormats)...)
	oneOf(cmd, "component", slices.Clone(logsComponents)...)
	return cmd
}

// logsComponents are the names for --component.
var logsComponents = []string{"edgeAgent", "edgeHub", "identityd", "edged", "iotedged", "certd", "keyd", "tpmd", "dockerd"}

func (a *app) logs(ctx context.Context, paths []string, f *logsFlags) error {
	o, err := f.options(time.Now())
	if err != nil {
		return usageError{err}
	}
	set, err := a.logSource(ctx, paths, o)
	defer func() { _ = set.Close() }() // it was only read
	if err != nil {
		return usageError{err}
	}
	r, err := logs.Read(ctx, set, o)
	if ctx.Err() != nil {
		return exitError(exitInterrupted)
	}
	if err != nil {
		return usageError{err}
	}
	code := r.ExitCode()
	if f.withCheck {
		if code = worse(code, a.logsCheck(ctx, r)); ctx.Err() != nil {
			return exitError(exitInterrupted)
		}
	}
	return a.writeLogs(r, f, code)
}

func (a *app) logSource(ctx context.Context, paths []string, o logs.Options) (*source.Set, error) {
	if len(paths) == 0 {
		return livelogs.Open(ctx, livelogs.Options{Root: a.root, Getenv: a.getenv, Since: o.Since, Until: o.Until})
	}
	if i := slices.Index(paths, "-"); i >= 0 && slices.Contains(paths[i+1:], "-") {
		return &source.Set{}, errors.New("standard input can be read once: give - once")
	}
	return source.Open(paths, a.stdin)
}

// writeLogs writes standard output and the files; a file that cannot be written is said.
func (a *app) writeLogs(r *logs.Report, f *logsFlags, code int) error {
	if err := a.logsWriter(f.format, f)(a.stdout, r); err != nil {
		return runError{fmt.Errorf("writing the result: %w", err)}
	}
	for _, path := range f.outputs {
		write := a.logsWriter(logsEndings[strings.ToLower(filepath.Ext(path))], &logsFlags{})
		if err := writeWhole(path, 0o600, func(w io.Writer) error { return write(w, r) }); err != nil {
			return runError{fmt.Errorf("--output %s: %w", path, err)}
		}
	}
	if code != exitGood {
		return exitError(code)
	}
	return nil
}

func (a *app) logsWriter(name string, f *logsFlags) func(io.Writer, *logs.Report) error {
	switch name {
	case "json":
		return logsrender.JSON
	case "jsonl":
		return logsrender.JSONL
	case "markdown":
		return logsrender.Markdown
	case "html":
		return logsrender.HTML
	}
	return func(w io.Writer, r *logs.Report) error { return logsrender.Text(w, r, a.textOptions(&f.checkFlags)) }
}

// options reads the flags.
func (f *logsFlags) options(now time.Time) (o logs.Options, err error) {
	if !slices.Contains(logsFormats, f.format) {
		return o, fmt.Errorf("--format %q: expected %s%s", report.Clean(f.format, 40), alternatives(logsFormats), didYouMean(f.format, logsFormats))
	}
	for _, path := range f.outputs {
		if logsEndings[strings.ToLower(filepath.Ext(path))] == "" {
			return o, fmt.Errorf("--output %q: expected a name that ends in .txt, .json, .jsonl, .md or .html", report.Clean(path, 100))
		}
	}
	if o.Since, err = moment("--since", f.since, now); err != nil {
		return o, err
	}
	if o.Until, err = moment("--until", f.until, now); err != nil {
		return o, err
	}
	if !o.Since.IsZero() && !o.Until.IsZero() && o.Until.Before(o.Since) {
		return o, fmt.Errorf("--until %s is before --since %s", report.Clean(f.until, 40), report.Clean(f.since, 40))
	}
	if f.zone != "" {
		if o.Zone, err = zoneOf(f.zone, now); err != nil {
			return o, err
		}
	}
	if f.year != 0 && (f.year < 2015 || f.year > 2100) {
		return o, fmt.Errorf("--year %d: expected a year such as 2024", f.year)
	}
	if o.Component, err = componentOf(f.component); err != nil {
		return o, err
	}
	o.Year = f.year
	o.Tool = report.Tool{Name: "edgenet", Version: versionText(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	return o, nil
}

func componentOf(name string) (string, error) {
	if name == "" {
		return "", nil
	}
	short := strings.TrimPrefix(strings.ToLower(name), "aziot-")
	for _, c := range logsComponents {
		if strings.EqualFold(c, short) {
			return c, nil
		}
	}
	if strings.HasPrefix(name, "module:") {
		return name, nil
	}
	return "", fmt.Errorf("--component %q: expected %s%s", report.Clean(name, 40), alternatives(logsComponents), didYouMean(short, logsComponents))
}
