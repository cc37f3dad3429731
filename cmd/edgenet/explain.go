package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"edgenet/internal/consistency"
	"edgenet/internal/judge"
	"edgenet/internal/manifest"
	"edgenet/report"
	"edgenet/report/render"
)

func (a *app) explainCommand() *cobra.Command {
	f := &checkFlags{}
	cmd := &cobra.Command{
		Use:   "explain [CODE | REPORT.json]",
		Short: "Say what a cause or finding means and what to do, or tell a report again",
		Long: `Explain says what a cause or finding code means, who acts and what to do. Given the file of a
JSON report (- is standard input) it tells that report again on this screen, or in another
format. Without an argument it lists all codes. It contacts nothing.`,
		Example: `  edgenet explain tls.intercepted
  edgenet explain proxy/tcp.refused
  edgenet explain report.json -v
  edgenet explain report.json -f html
  edgenet explain`,
		Args: arguments(0, 1, "one code or one report"),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				if err := render.Codes(a.stdout, terms()); err != nil {
					return runError{err}
				}
				return nil
			}
			return a.explain(args[0], f)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return codes(), cobra.ShellCompDirectiveDefault
		},
	}
	cmd.Flags().StringVarP(&f.format, "format", "f", "text", "of a report: `FORMAT` "+alternatives(formats()))
	oneOf(cmd, "format", formats()...)
	cmd.Flags().BoolVarP(&f.verbose, "verbose", "v", false, "of a report: every step with its time")
	cmd.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "of a report: the verdict alone")
	return cmd
}

// explain takes its argument for a code first, and then for a file.
func (a *app) explain(what string, f *checkFlags) error {
	found, err := render.Explain(a.stdout, what, terms(), a.textOptions(f))
	if err != nil {
		return runError{err}
	}
	if found {
		if _, err := io.WriteString(a.stdout, logsSay(what)); err != nil {
			return runError{err}
		}
		return nil
	}
	text, err := a.read(what)
	if errors.Is(err, fs.ErrNotExist) {
		return usagef("%q is no cause, no finding and no file%s", report.Clean(what, 80), suggest(what))
	}
	if err != nil {
		return usageError{err}
	}
	r, err := readReport([]byte(text))
	if err != nil {
		return usagef("%s: %w", report.Clean(what, 200), err)
	}
	e, ok := format(f.format, a.textOptions(f))
	if !ok {
		return usagef("--format %q: expected %s%s", report.Clean(f.format, 40), alternatives(formats()), didYouMean(f.format, formats()))
	}
	if err := e.write(a.stdout, r); err != nil {
		return runError{err}
	}
	return nil
}

// readReport reads a JSON report of this major number.
func readReport(text []byte) (*report.Report, error) {
	var r report.Report
	d := json.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(&r); err != nil {
		line := 1 + bytes.Count(text[:min(offset(d, err), len(text))], []byte("\n"))
		return nil, fmt.Errorf("line %d: not a JSON report: %s", line, report.Clean(err.Error(), 160))
	}
	if r.Schema != report.Schema {
		return nil, fmt.Errorf("its schema is %q: expected %q", report.Clean(r.Schema, 60), report.Schema)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one report in it (JSON lines?): expected a single one")
	}
	judge.Complete(&r)
	return &r, nil
}

// offset is how far a decoder came before the error.
func offset(d *json.Decoder, err error) int {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return int(syntax.Offset)
	}
	return int(d.InputOffset())
}

// terms are the codes of commands that are neither causes nor findings: a line for each
// package that prints such.
func terms() []report.Term {
	return slices.Concat(
		manifest.Terms(),
		consistency.Terms(),
	)
}

func codes() []string {
	var out []string
	for _, c := range report.Causes() {
		out = append(out, string(c.Code))
	}
	for _, f := range report.FindingTable() {
		out = append(out, string(f.Code))
	}
	for _, t := range terms() {
		out = append(out, t.Code)
	}
	return out
}

// suggest names the codes that were probably meant: few letters differ, or what comes
// before the dot alone.
func suggest(what string) string {
	what = strings.ToLower(strings.TrimSpace(what))
	if _, code, ok := strings.Cut(what, "/"); ok {
		what = code
	}
	if near := didYouMean(what, codes()); near != "" {
		return near
	}
	_, tail, _ := strings.Cut(what, ".")
	near := slices.DeleteFunc(codes(), func(c string) bool {
		return (tail == "" || !strings.HasSuffix(c, "."+tail)) && !strings.HasSuffix(c, "."+what) && !strings.HasPrefix(c, what)
	})
	if len(near) == 0 || len(near) > 12 {
		return "; edgenet explain lists all codes"
	}
	return "; did you mean " + alternatives(near) + "?"
}
