package command

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"edgenet/internal/bundle"
	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/outfile"
	"edgenet/internal/outputs"
	"edgenet/report"
)

// BundleOptions are those of `edgenet bundle`, as they were typed.
type BundleOptions struct {
	Hub              string
	Root             string
	Proxies          []string
	ProxyCredentials string
	CAFiles          []string
	ConnectTo        []string
	Labels           []string
	Anonymous        bool   // placeholders in place of this site's names and addresses
	Output           string // zero means a name of host and time
	// Run runs a command line on a console, and gives its exit code.
	Run func(ctx context.Context, con *console.Console, args []string) int
}

// part is a member of the bundle and the command that makes it.
type part struct {
	name, about string
	args        []string
}

// Bundle is `edgenet bundle`. A part that fails keeps no other from being made: what it said
// is in the bundle.
func Bundle(ctx context.Context, con *console.Console, o BundleOptions) error {
	now := time.Now()
	if o.ProxyCredentials == "-" {
		return exit.Usagef("--proxy-credentials -: several parts need them: expected a file")
	}
	path := o.Output
	if path == "" {
		path = bundleName(now, o.Anonymous)
	}
	if !strings.HasSuffix(strings.ToLower(path), ".zip") {
		return exit.Usagef("--output %q: expected a name that ends in .zip", report.Clean(path, 100))
	}
	if err := outfile.Check(path); err != nil {
		return exit.Inputf("--output: %w", err)
	}
	members, lines := []bundle.Member{}, []string{}
	var notes bytes.Buffer
	for _, p := range o.parts() {
		con.Status(p.about + " …")
		m, code, said := o.make(ctx, con, p)
		con.Status("")
		if ctx.Err() != nil {
			return exit.CodeError(exit.Interrupted)
		}
		if code == exit.Usage && len(m.Text) == 0 && p.name == bundle.ReportName {
			return exit.Inputf("the check could not be made, so there is no bundle: %s", firstLine(said))
		}
		line := fmt.Sprintf("%-16s %s (exit code %d)", p.name, p.about, code)
		if len(m.Text) == 0 {
			line = fmt.Sprintf("%-16s not there: %s", p.name, firstLine(said))
		} else {
			members = append(members, m)
		}
		lines = append(lines, line)
		if said != "" {
			fmt.Fprintf(&notes, "edgenet %s\n%s\n", p.args[0], said)
		}
	}
	members = append(members, bundle.Member{Name: "notes.txt", Text: notes.Bytes()})
	members = slices.Insert(members, 0, bundle.Member{Name: "README.txt", Text: []byte(readme(lines, now))})
	what := "Secrets are masked."
	if o.Anonymous {
		members = bundle.Anonymous(members, o.known())
		what = "Secrets are masked, and names of hubs, devices and hosts and addresses are placeholders."
	}
	err := outfile.Write(ctx, path, outfile.Options{Private: true}, func(w io.Writer) error {
		return bundle.Write(w, now, members)
	})
	if err != nil {
		return exit.OutputError{Err: fmt.Errorf("--output: %w", err)}
	}
	return Print(con, fmt.Sprintf("%s\n  %s\nSend this file to support. %s To read it: edgenet explain %s\n",
		report.Clean(path, 200), strings.Join(lines, "\n  "), what, report.Clean(path, 200)))
}

// known are the names of this site that need not be found: this host's, and what was given.
func (o BundleOptions) known() bundle.Known {
	k := bundle.Known{Hosts: slices.Concat([]string{o.Hub}, o.Proxies)}
	if host, err := os.Hostname(); err == nil {
		k.Names = append(k.Names, host)
	}
	for _, l := range o.Labels {
		_, value, _ := strings.Cut(l, "=")
		k.Labels = append(k.Labels, value)
	}
	return k
}

// make runs a part's command on a console of its own, with nothing on its input.
func (o BundleOptions) make(ctx context.Context, con *console.Console, p part) (bundle.Member, int, string) {
	var out, said bytes.Buffer
	aside := &console.Console{Stdin: nil, Stdout: &out, Stderr: &said, Getenv: con.Getenv, Root: con.Root,
		Version: con.Version}
	code := o.Run(ctx, aside, p.args)
	return bundle.Member{Name: p.name, Text: out.Bytes()}, code, strings.TrimSpace(said.String())
}

// parts are what a bundle holds.
func (o BundleOptions) parts() []part {
	host := func(flag string) []string { return given(flag, o.Root) }
	ways := slices.Concat(given("--hub", o.Hub), given("--proxy-credentials", o.ProxyCredentials),
		each("--proxy", o.Proxies), each("--ca-file", o.CAFiles), each("--connect-to", o.ConnectTo))
	return []part{
		{bundle.ReportName, "the check of every way to the hub",
			slices.Concat([]string{"check", "-f", "json"}, host("--root"), ways, each("--label", o.Labels))},
		{"config.json", "what is set on this host",
			slices.Concat([]string{"config", "show", "-f", "json"}, host("--root"))},
		{"endpoints.json", "every host that the device needs, tried",
			slices.Concat([]string{"endpoints", "--test", "-f", "json"}, host("--root"), ways)},
		{"logs.json", "what the runtime's logs say", []string{"logs", "-f", "json", "--since", "48h"}},
		{"version.txt", "what made this", []string{"version"}},
	}
}

func given(flag, value string) []string {
	if value == "" {
		return nil
	}
	return []string{flag + "=" + value}
}

func each(flag string, values []string) []string {
	var out []string
	for _, v := range values {
		out = append(out, flag+"="+v)
	}
	return out
}

func bundleName(now time.Time, anonymous bool) string {
	host, err := os.Hostname()
	if err != nil || host == "" || anonymous {
		host = "device"
	}
	host = strings.Map(func(r rune) rune {
		if r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '-'
	}, host)
	return "edgenet-" + host + "-" + now.UTC().Format("20060102-150405") + ".zip"
}

func firstLine(said string) string {
	line, _, _ := strings.Cut(said, "\n")
	if line = report.Clean(strings.TrimPrefix(line, "edgenet: "), 200); line == "" {
		return "it said nothing"
	}
	return line
}

func readme(lines []string, now time.Time) string {
	return "A bundle for support, made by edgenet " + now.UTC().Format("2006-01-02 15:04:05 UTC") + ".\n" +
		"To read it: edgenet explain FILE. Secrets are masked.\n\n  " + strings.Join(lines, "\n  ") +
		"\n\nnotes.txt has what the commands said besides.\n"
}

// explainBundle tells the report of a bundle.
func explainBundle(con *console.Console, what string, text []byte, o ExplainOptions, format outputs.Format,
	to outputs.Options) error {
	text, err := bundle.Report(text)
	if err != nil {
		return exit.Inputf("%s: %w", report.Clean(what, 200), err)
	}
	r, err := parseReport(what+": "+bundle.ReportName, text)
	if err != nil {
		return err
	}
	return exit.Result(to.Addressed(format, con.TextOptions(o.Verbose, o.Quiet)).Write(con.Stdout, r))
}
