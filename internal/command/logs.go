//go:build !device

package command

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/logs"
	livelogs "edgenet/internal/logs/live"
	logsrender "edgenet/internal/logs/render"
	"edgenet/internal/logs/source"
	"edgenet/internal/outfile"
	"edgenet/internal/suggest"
	"edgenet/report"
)

// LogsOptions are those of `edgenet logs`, as they were typed.
type LogsOptions struct {
	Since, Until, Zone string
	Year               int
	Component          string
	Format             string
	Outputs            []string
	Verbose, Quiet     bool
	WithCheck          bool
	// Check runs the command line's check with these arguments on a console, and gives its
	// exit code.
	Check func(ctx context.Context, con *console.Console, args []string) int
}

// LogsFormats are the names for --format.
func LogsFormats() []string { return []string{"text", "json", "jsonl", "markdown", "html"} }

var logsEndings = map[string]string{
	".txt": "text", ".json": "json", ".jsonl": "jsonl", ".md": "markdown", ".html": "html",
}

// LogsComponents are the names for --component.
func LogsComponents() []string {
	return []string{"edgeAgent", "edgeHub", "identityd", "edged", "iotedged", "certd", "keyd", "tpmd", "dockerd"}
}

// Logs is `edgenet logs`.
func Logs(ctx context.Context, con *console.Console, paths []string, f LogsOptions) error {
	o, err := f.options(time.Now(), con.Version)
	if err != nil {
		return exit.UsageError{Err: err}
	}
	for _, path := range f.Outputs {
		if err := outfile.Check(path); err != nil {
			return exit.Input(err)
		}
	}
	set, err := logSource(ctx, con, paths, o)
	defer func() { _ = set.Close() }() // it was only read
	if err != nil {
		return exit.Input(err)
	}
	r, err := logs.Read(ctx, set, o)
	if ctx.Err() != nil {
		return exit.CodeError(exit.Interrupted)
	}
	if err != nil {
		return exit.Input(err)
	}
	code := r.ExitCode()
	if f.WithCheck {
		if code = exit.Worse(code, f.check(ctx, con, r)); ctx.Err() != nil {
			return exit.CodeError(exit.Interrupted)
		}
	}
	return exit.With(code, writeLogs(ctx, con, r, f))
}

func logSource(ctx context.Context, con *console.Console, paths []string, o logs.Options) (*source.Set, error) {
	if len(paths) == 0 {
		return livelogs.Open(ctx, livelogs.Options{Root: con.Root, Getenv: con.Getenv, Since: o.Since, Until: o.Until})
	}
	if i := slices.Index(paths, "-"); i >= 0 && slices.Contains(paths[i+1:], "-") {
		return &source.Set{}, errors.New("standard input can be read once: give - once")
	}
	return source.Open(paths, con.Stdin)
}

// writeLogs writes standard output and the files; what cannot be written costs nothing
// else.
func writeLogs(ctx context.Context, con *console.Console, r *logs.Report, f LogsOptions) error {
	errs := []error{exit.Result(logsWriter(con, f.Format, f)(con.Stdout, r))}
	for _, path := range f.Outputs {
		write := logsWriter(con, logsEndings[strings.ToLower(filepath.Ext(path))], LogsOptions{})
		errs = append(errs, exit.Result(outfile.Write(ctx, path, outfile.Options{Private: true},
			func(w io.Writer) error { return write(w, r) })))
	}
	return errors.Join(errs...)
}

func logsWriter(con *console.Console, name string, f LogsOptions) func(io.Writer, *logs.Report) error {
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
	return func(w io.Writer, r *logs.Report) error {
		return logsrender.Text(w, r, con.TextOptions(f.Verbose, f.Quiet))
	}
}

// check runs check as its user would, with what the log says is configured, and puts its
// report beside the log's. It gives check's exit code; a check that could not run is no
// good answer.
func (f LogsOptions) check(ctx context.Context, con *console.Console, r *logs.Report) int {
	var out, complaints bytes.Buffer
	probe := *con
	probe.Stdout, probe.Stderr = &out, &complaints
	probe.Width, probe.ErrWidth = nil, nil
	code := f.Check(ctx, &probe, append([]string{"-f", "json"}, r.CheckArguments()...))
	var found report.Report
	if err := json.Unmarshal(out.Bytes(), &found); err != nil || found.Schema != report.Schema {
		con.Note("check could not run: %s", report.Clean(complaints.String(), 300))
		return exit.Bad
	}
	r.Check = &found
	return code
}

// options reads the flags.
func (f LogsOptions) options(now time.Time, version string) (o logs.Options, err error) {
	if err := Format(f.Format, LogsFormats()...); err != nil {
		return o, err
	}
	for _, path := range f.Outputs {
		if logsEndings[strings.ToLower(filepath.Ext(path))] == "" {
			return o, fmt.Errorf("--output %q: expected a name that ends in .txt, .json, .jsonl, .md or .html",
				report.Clean(path, 100))
		}
	}
	if o.Since, err = moment("--since", f.Since, now); err != nil {
		return o, err
	}
	if o.Until, err = moment("--until", f.Until, now); err != nil {
		return o, err
	}
	if !o.Since.IsZero() && !o.Until.IsZero() && o.Until.Before(o.Since) {
		return o, fmt.Errorf("--until %s is before --since %s", report.Clean(f.Until, 40), report.Clean(f.Since, 40))
	}
	if f.Zone != "" {
		if o.Zone, err = zoneOf(f.Zone, now); err != nil {
			return o, err
		}
	}
	if f.Year != 0 && (f.Year < 2015 || f.Year > 2100) {
		return o, fmt.Errorf("--year %d: expected a year such as 2024", f.Year)
	}
	if o.Component, err = componentOf(f.Component); err != nil {
		return o, err
	}
	o.Year = f.Year
	o.Tool = report.Tool{Name: "edgenet", Version: version, OS: runtime.GOOS, Arch: runtime.GOARCH}
	return o, nil
}

func componentOf(name string) (string, error) {
	if name == "" {
		return "", nil
	}
	short := strings.TrimPrefix(strings.ToLower(name), "aziot-")
	for _, c := range LogsComponents() {
		if strings.EqualFold(c, short) {
			return c, nil
		}
	}
	if strings.HasPrefix(name, "module:") {
		return name, nil
	}
	return "", fmt.Errorf("--component %q: expected %s%s", report.Clean(name, 40),
		suggest.Alternatives(LogsComponents()), suggest.DidYouMean(short, LogsComponents()))
}
