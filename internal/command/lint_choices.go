package command

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/infile"
	"edgenet/internal/manifest"
	"edgenet/internal/sarif"
	"edgenet/internal/suggest"
	"edgenet/report"
)

// LintOptions are those of `edgenet manifest lint`.
type LintOptions struct {
	Format   string   // of standard output; zero means text
	Disable  []string // ids of rules
	Severity []string // ID=LEVEL
	Profile  string   // of the device; zero means that of the file beside the manifest, or default
}

// choices are what people decided of rules.
type choices struct {
	disable  map[string]bool
	severity map[string]report.Severity
	profile  manifest.Profile // zero: not chosen
}

func newChoices() choices {
	return choices{disable: map[string]bool{}, severity: map[string]report.Severity{}}
}

// choices reads the flags.
func (o LintOptions) choices() (choices, error) {
	c := newChoices()
	for _, id := range o.Disable {
		if err := c.leaveOut(id); err != nil {
			return c, exit.Usagef("--disable: %w", err)
		}
	}
	for _, s := range o.Severity {
		id, level, _ := strings.Cut(s, "=")
		if err := c.grade(id, level); err != nil {
			return c, exit.Usagef("--severity: %w", err)
		}
	}
	if o.Profile != "" {
		if err := c.choose(o.Profile); err != nil {
			return c, exit.Usagef("--profile: %w", err)
		}
	}
	return c, nil
}

// choose takes a profile by its name.
func (c *choices) choose(name string) error {
	p := manifest.Profile(name)
	if !slices.Contains(manifest.Profiles(), p) {
		return errors.New("there is no profile " + quoted(name) + ": expected constrained or default")
	}
	c.profile = p
	return nil
}

func (c choices) leaveOut(id string) error {
	if err := knownRule(id); err != nil {
		return err
	}
	c.disable[id] = true
	return nil
}

func (c choices) grade(id, level string) error {
	if err := knownRule(id); err != nil {
		return err
	}
	s := report.Severity(level)
	if !slices.Contains([]report.Severity{report.SeverityError, report.SeverityWarning, report.SeverityInfo}, s) {
		return errors.New("level " + quoted(level) + ": expected ID=error, ID=warning or ID=info")
	}
	c.severity[id] = s
	return nil
}

func quoted(s string) string { return `"` + report.Clean(s, 60) + `"` }

// knownRule refuses what is no rule. That a file cannot be read is none to switch off.
func knownRule(id string) error {
	var names []string
	for _, r := range manifest.Rules() {
		if r != manifest.RuleUnreadable {
			names = append(names, string(r))
		}
	}
	if slices.Contains(names, id) {
		return nil
	}
	hint := suggest.DidYouMean(id, names)
	if hint == "" {
		hint = "; edgenet explain lists all"
	}
	return errors.New("there is no rule " + quoted(id) + hint)
}

// over lays these choices over others: they win.
func (c choices) over(below choices) choices {
	out := choices{maps.Clone(below.disable), maps.Clone(below.severity), cmp.Or(c.profile, below.profile)}
	if out.disable == nil {
		return c
	}
	maps.Copy(out.disable, c.disable)
	maps.Copy(out.severity, c.severity)
	return out
}

// judge lints for the chosen profile, leaves out, and grades anew.
func (c choices) judge(m *manifest.Manifest) []manifest.Problem {
	out := []manifest.Problem{}
	for _, p := range manifest.LintFor(m, c.profile) {
		if c.disable[string(p.Rule)] {
			continue
		}
		if s, ok := c.severity[string(p.Rule)]; ok {
			p.Severity = s
		}
		out = append(out, p)
	}
	return out
}

// beside reads .edgenet-lint.toml in the manifest's folder; none is no error, and standard
// input has no folder.
func beside(ctx context.Context, con *console.Console, file string) (choices, error) {
	const name = ".edgenet-lint.toml"
	c := newChoices()
	if file == "-" {
		return c, nil
	}
	path := filepath.Join(filepath.Dir(file), name)
	text, err := infile.Reader{Limit: 64 << 10}.Read(ctx, path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return c, exit.Input(err)
	}
	var in struct {
		Disable  []string          `toml:"disable"`
		Severity map[string]string `toml:"severity"`
		Profile  *string           `toml:"profile"`
	}
	d := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return c, exit.Inputf(
			"%s: expected profile = \"NAME\", disable = [\"ID\"] and, below [severity], \"ID\" = \"LEVEL\" (%s)",
			report.Clean(path, 200),
			report.Clean(err.Error(), 120),
		)
	}
	if in.Profile != nil {
		if err := c.choose(*in.Profile); err != nil {
			return c, exit.Inputf("%s: %w", report.Clean(path, 200), err)
		}
	}
	for _, id := range in.Disable {
		if err := c.leaveOut(id); err != nil {
			return c, exit.Inputf("%s: %w", report.Clean(path, 200), err)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(in.Severity)) {
		if err := c.grade(id, in.Severity[id]); err != nil {
			return c, exit.Inputf("%s: %w", report.Clean(path, 200), err)
		}
	}
	return c, nil
}

// lintSARIF writes the problems for code hosts and editors.
func lintSARIF(con *console.Console, linted []manifest.Linted) error {
	l := sarif.New(con.Version)
	for _, r := range manifest.Table() {
		l.Rule(r.Code, r.Meaning, r.Remedy)
	}
	for _, f := range linted {
		for _, p := range f.Problems {
			level := string(p.Severity)
			if p.Severity == report.SeverityInfo {
				level = "note"
			}
			text := report.Clean(p.Summary, 600)
			if p.Module != "" {
				text = report.Clean(p.Module, 128) + ": " + text
			}
			l.Add(sarif.Result{
				Rule: string(p.Rule), Level: level, Message: sarif.Text{Text: text + ". " + p.Remedy},
				Locations: sarif.At(report.Clean(f.File, 400), p.Line, p.Column),
			})
		}
	}
	return l.Write(con.Stdout)
}
