package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/generate"
	"edgenet/internal/infile"
	"edgenet/internal/inputs"
	"edgenet/internal/outfile"
	"edgenet/report"
	"edgenet/report/render"
)

// GenerateOptions are those of `edgenet config generate`.
type GenerateOptions struct {
	Host
	Setting
	NoProxy    string
	FromReport string // file to take protocol and proxy from
	Out        string // folder for the files; zero means none
	Force      bool   // replace what is there
}

// Generate is `edgenet config generate`.
func Generate(ctx context.Context, con *console.Console, o GenerateOptions) error {
	if err := Format(o.Format, "text", "json", "markdown"); err != nil {
		return err
	}
	d, err := wholeDevice(ctx, con, o.Host)
	if err != nil {
		return err
	}
	in := generate.Input{Device: d, NoProxy: o.NoProxy}
	if err := generateInput(ctx, con, o, &in); err != nil {
		return err
	}
	if in.Manifest, err = inputs.Manifest(ctx, con, o.Manifest); err != nil {
		return err
	}
	s, err := generate.Plan(in)
	if err != nil {
		return exit.UsageError{Err: err}
	}
	for _, w := range generate.Warnings(in) {
		con.Note("%s", w)
	}
	for _, u := range d.Unread {
		con.Note("not merged with what is there: %s", u)
	}
	if o.Out != "" {
		if err := writeSet(ctx, o, s, in); err != nil {
			return err
		}
	}
	return exit.Result(printSet(con, o, s, in))
}

// writeSet writes the files below a folder, and the steps beside them. What is there
// already is left alone unless forced. All of it can hold the proxy's password.
func writeSet(ctx context.Context, o GenerateOptions, s *generate.Set, in generate.Input) error {
	files := map[string]string{filepath.Join(o.Out, "STEPS.txt"): stepsText(s, in)}
	for _, f := range s.Files {
		files[filepath.Join(o.Out, filepath.FromSlash(f.Path))] = f.Text
	}
	for name, text := range files {
		old, err := infile.Reader{}.Read(ctx, name)
		switch {
		case errors.Is(err, fs.ErrNotExist), err == nil && (o.Force || string(old) == text):
		case err != nil:
			return exit.Inputf("--out: %w", err)
		default:
			return exit.Inputf(
				"--out: %s is there already, and different: give another folder, or --force",
				report.Clean(name, 200),
			)
		}
	}
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil { //nolint:gosec // folders hold no secret
			return exit.OutputError{Err: fmt.Errorf("--out: %s", report.Clean(err.Error(), 300))}
		}
		if err := outfile.Write(ctx, name, outfile.Options{Private: true, Closed: true},
			outfile.Text(text)); err != nil {
			return exit.OutputError{Err: fmt.Errorf("--out: %w", err)}
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

func printSet(con *console.Console, o GenerateOptions, s *generate.Set, in generate.Input) error {
	g := generated{Schema: "edgenet.generate/1", Protocol: in.Protocol.RuntimeName(), Steps: s.Steps}
	if in.Proxy != nil {
		g.Proxy = in.Proxy.String()
	}
	for _, x := range s.Files {
		g.Files = append(g.Files, generatedFile{x.Path, x.What, x.Shown})
	}
	switch o.Format {
	case "json":
		return render.Value(con.Stdout, g)
	case "markdown":
		return g.write(con.Stdout, "### `%s`\n\n%s\n\n```\n%s```\n\n", "## Steps\n", "\n%d. %s\n",
			"   - `%s`\n", "   %s\n")
	}
	var text strings.Builder
	if err := g.write(&text, "# ---- %s\n# %s\n%s\n", "# ---- Steps\n", "#\n# %d. %s\n", "%s\n",
		"#    %s\n"); err != nil {
		return err
	}
	if err := printScript(con, text.String()); err != nil {
		return err
	}
	switch {
	case o.Out != "":
		con.Note("%d files and STEPS.txt written below %s", len(s.Files), o.Out)
	case in.Proxy != nil && in.Proxy.HasAuth:
		con.Note("the proxy's password is masked here; --out DIR writes the files with it")
	}
	return nil
}
