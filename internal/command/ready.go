//go:build !device

package command

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"edgenet/internal/consistency"
	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/inputs"
	"edgenet/internal/manifest"
	"edgenet/internal/outfile"
	"edgenet/internal/ready"
	"edgenet/internal/ready/gather"
	"edgenet/internal/ready/show"
	"edgenet/internal/secret"
	"edgenet/internal/suggest"
	"edgenet/report"
)

// ReadyOptions are those of `edgenet ready`.
type ReadyOptions struct {
	Root     string // of the file system; zero means the process' own
	Bundle   string // archive of iotedge support-bundle; zero means none
	Engine   string // socket of the container engine, or none; zero means as configured
	Manifest string // file of the deployment; zero means none
	Offline  bool   // leaves out what leaves this host
	With     string // JSON of the runtime's own check, or run; zero means none
	Strict   bool   // a warning fails as well
	Verbose  bool   // every row
	Quiet    bool   // the verdict alone
	Format   string // of standard output; zero means text
	Outputs  []string
}

// readyForms are the formats by their names, and the endings of files.
var readyForms = []struct{ name, ending string }{
	{
		"text",
		".txt",
	}, {"json", ".json"}, {"markdown", ".md"}, {"html", ".html"}, {"junit", ".xml"}, {"csv", ".csv"},
	{"sarif", ".sarif"},
}

// ReadyFormats are the names for ready's --format.
func ReadyFormats() []string {
	var out []string
	for _, f := range readyForms {
		out = append(out, f.name)
	}
	return out
}

// ReadyEndings are the endings of files that ready writes.
func ReadyEndings() []string {
	var out []string
	for _, f := range readyForms {
		out = append(out, f.ending)
	}
	return out
}

// Ready is `edgenet ready`.
func Ready(ctx context.Context, con *console.Console, o ReadyOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	started := time.Now()
	g := gather.Options{Root: o.Root, Getenv: con.Getenv, Engine: strings.TrimPrefix(o.Engine, "unix://"), Now: started}
	if err := o.deployment(ctx, con, &g); err != nil {
		return err
	}
	theirs, err := o.theirs(ctx, con)
	if err != nil {
		return err
	}
	facts, more, err := o.facts(ctx, con, g)
	if err != nil {
		return err
	}
	if theirs == nil {
		theirs = more
	}
	if ctx.Err() != nil {
		return exit.CodeError(exit.Interrupted)
	}
	a := ready.Answered(facts, theirs, "edgenet "+con.Version, started, time.Since(started))
	secret.Walk(a) // rows quote what people put into files, also where a host or an id belongs
	code := exit.Good
	if a.Failed(o.Strict) {
		code = exit.Bad
	}
	return exit.With(code, o.write(ctx, con, a))
}

// check refuses what does not go together, before anything is looked at.
func (o ReadyOptions) check() error {
	if err := Format(o.Format, ReadyFormats()...); err != nil {
		return err
	}
	switch {
	case o.Root != "" && o.Bundle != "":
		return exit.Usagef("--root and --bundle exclude each other: each is a device of its own")
	case o.With == "run" && (o.Root != "" || o.Bundle != ""):
		return exit.Usagef(
			"--with run runs the check of this host: expected the file of its JSON beside --root or --bundle",
		)
	case o.Bundle != "" && o.Engine != "" || o.With == "-" && o.Manifest == "-":
		return exit.Usagef(
			"--bundle has no engine, and standard input is one file: leave out --engine, or give --with or " +
				"--manifest as a file",
		)
	case o.Verbose && o.Quiet:
		return exit.Usagef("-v and -q exclude each other")
	}
	for _, path := range o.Outputs {
		if formOf(path) == "" {
			return exit.Usagef(
				"--output %q: expected a name that ends in %s",
				report.Clean(path, 100),
				suggest.Alternatives(ReadyEndings()),
			)
		}
		if err := outfile.Check(path); err != nil {
			return exit.Inputf("--output: %w", err)
		}
	}
	return nil
}

func formOf(path string) string {
	for _, f := range readyForms {
		if f.ending == strings.ToLower(filepath.Ext(path)) {
			return f.name
		}
	}
	return ""
}

// deployment reads the manifest that a flag names, and lints it.
func (o ReadyOptions) deployment(ctx context.Context, con *console.Console, g *gather.Options) error {
	if o.Manifest == "" {
		return nil
	}
	m, _, err := inputs.ReadManifest(ctx, con, o.Manifest)
	if err != nil {
		return exit.Inputf("--manifest: %w", err)
	}
	g.Deployment, g.DeploymentFile = m.Doc.Text, o.Manifest // as UTF-8, however it was saved
	g.Problems = func() []ready.Problem {
		out := []ready.Problem{}
		for _, p := range manifest.Lint(m) {
			x := ready.Problem{
				Rule:     string(p.Rule),
				Summary:  p.Summary,
				Remedy:   p.Remedy,
				File:     p.File,
				Module:   p.Module,
				Line:     p.Line,
				Column:   p.Column,
				Severity: p.Severity,
			}
			out = append(out, x)
		}
		return out
	}
	return nil
}

// theirs reads, or makes, what the runtime's own check says.
func (o ReadyOptions) theirs(ctx context.Context, con *console.Console) ([]ready.Their, error) {
	switch o.With {
	case "":
		return nil, nil
	case "run":
		text, err := gather.TheirCheck(ctx)
		if err != nil {
			return nil, exit.Inputf("--with run: %w", err)
		}
		return readTheirs("iotedge check", text)
	}
	text, err := con.Read(ctx, o.With)
	if err != nil {
		return nil, exit.Inputf("--with: %w", err)
	}
	return readTheirs(o.With, text)
}

func readTheirs(name string, text []byte) ([]ready.Their, error) {
	list, err := ready.ReadTheirs(bytes.NewReader(text))
	if err != nil {
		return nil, exit.Inputf("--with %s: %w", report.Clean(name, 200), err)
	}
	return list, nil
}

// facts gathers from where the options say. A bundle brings the runtime's own check along.
func (o ReadyOptions) facts(
	ctx context.Context,
	con *console.Console,
	g gather.Options,
) (*ready.Facts, []ready.Their, error) {
	if o.Bundle != "" {
		f, check, err := gather.Bundle(o.Bundle, g)
		if err != nil {
			return nil, nil, exit.Inputf("--bundle %s: %w", report.Clean(o.Bundle, 200), err)
		}
		more, _ := ready.ReadTheirs(bytes.NewReader(check)) // a bundle without it has none
		return f, more, nil
	}
	if _, err := inputs.Device(ctx, con, o.Root, "none"); err != nil { // says what is wrong with --root
		return nil, nil, err
	}
	if g.Root == "" && con.Root != "/" {
		g.Root = con.Root
	}
	if live := g.Root == ""; live && !o.Offline {
		o.network(con, &g)
	} else {
		g.Settings = func(ctx context.Context) []report.Finding { return o.settings(ctx, con) }
	}
	f := gather.All(ctx, g)
	if gather.Nothing(f) {
		where := "this host"
		if g.Root != "" {
			where = report.Clean(g.Root, 200)
		}
		return nil, nil, exit.Inputf(
			"no IoT Edge runtime was found on %s: no configuration in /etc/aziot or /etc/iotedge, no package, no "+
				"container; expected a device, or --root, --bundle or --manifest",
			where,
		)
	}
	return f, nil, nil
}

// settings judges what needs no probe: whether the places that set hub, protocol and proxy
// agree. A check has that in its report.
func (o ReadyOptions) settings(ctx context.Context, con *console.Console) []report.Finding {
	d, err := inputs.Device(ctx, con, o.Root, o.Engine)
	if err != nil || !d.Configured {
		return nil
	}
	m, _ := inputs.Manifest(ctx, con, o.file()) // it was read before
	return consistency.Compare(d, m).Findings
}

// write gives the answer to standard output and into the files.
func (o ReadyOptions) write(ctx context.Context, con *console.Console, a *ready.Answer) error {
	text := con.TextOptions(o.Verbose, o.Quiet)
	s := show.Options{All: o.Verbose, Strict: o.Strict}
	draw := func(form string) func(io.Writer) error {
		return func(w io.Writer) error {
			switch form {
			case "json":
				return show.JSON(w, a)
			case "markdown":
				return show.Markdown(w, a, s)
			case "html":
				return show.HTML(w, a, s)
			case "junit":
				return show.JUnit(w, a, s)
			case "csv":
				return show.CSV(w, a)
			case "sarif":
				return show.SARIF(w, a)
			}
			return show.Text(w, a, s, text)
		}
	}
	var failed []string
	for _, path := range o.Outputs {
		if err := outfile.Write(ctx, path, outfile.Options{}, draw(formOf(path))); err != nil {
			failed = append(failed, err.Error())
		}
	}
	if err := draw(o.Format)(con.Stdout); err != nil {
		failed = append(failed, err.Error())
	}
	if failed != nil {
		slices.Sort(failed)
		return exit.Result(fmt.Errorf("%s", strings.Join(failed, "; ")))
	}
	return nil
}
