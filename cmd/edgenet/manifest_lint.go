package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"edgenet/internal/manifest"
	"edgenet/report"
	"edgenet/report/render"
)

func (a *app) manifestLintCommand() *cobra.Command {
	const formats = "text, json, junit"
	f := &hostFlags{}
	cmd := &cobra.Command{Use: "lint FILE…", Short: "Say what in a deployment manifest would cut the device off",
		Long: `Lint judges what deployment manifests say of the way to the hub, by the runtime's own rules:
protocol and proxy of edgeAgent and edgeHub, values that the runtime silently ignores,
createOptions.Env that wins over env, proxy URLs that one of them cannot read; and what
edgeAgent refuses, since it refuses a deployment whole. Placeholders of templates are not
judged. It reads whole and layered deployments, az's and the portal's files, twins, exports
of IoT Central, and manifests inside another document. It contacts nothing.

Exit codes: 0 no errors; 1 errors; 2 a file cannot be read, or is no manifest.`,
		Example: `  edgenet manifest lint deployment.json
  edgenet manifest lint deployments/*.json -f junit > lint.xml`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := f.checkFormat(formats); err != nil {
				return err
			}
			return a.manifestLint(args, f.format)
		}}
	cmd.Flags().StringVarP(&f.format, "format", "f", "text", "`FORMAT` of standard output: "+formats)
	return cmd
}

func (a *app) manifestLint(files []string, format string) error {
	linted := []manifest.Linted{}
	unread := 0
	for _, file := range files {
		text, err := a.read(file)
		var m *manifest.Manifest
		if err == nil {
			m, err = manifest.Parse(file, []byte(text))
		}
		if err != nil { // the others are judged all the same, and this one is not left out
			fmt.Fprintf(a.stderr, "edgenet: %s\n", report.Clean(err.Error(), 600))
			unread++
			linted = append(linted, manifest.Linted{File: file, Problems: []manifest.Problem{manifest.Unreadable(file, err)}})
			continue
		}
		linted = append(linted, manifest.Linted{File: file, Kind: m.Kind, Problems: manifest.Lint(m)})
	}
	var err error
	switch format {
	case "json":
		err = render.Value(a.stdout, struct {
			Schema string            `json:"schema"`
			Files  []manifest.Linted `json:"files"`
		}{"edgenet.lint/1", linted})
	case "junit":
		err = manifest.JUnit(a.stdout, linted)
	default:
		err = render.SheetText(a.stdout, lintSheet(linted, unread), a.textOptions(&checkFlags{}))
	}
	if err != nil {
		return runError{fmt.Errorf("writing the result: %w", err)}
	}
	if unread > 0 {
		return exitError(exitUsage)
	}
	if errs, _ := countProblems(linted); errs > 0 {
		return exitError(exitBad)
	}
	return nil
}

func countProblems(linted []manifest.Linted) (errs, warnings int) {
	for _, l := range linted {
		if l.Unread() {
			continue // counted by itself
		}
		for _, p := range l.Problems {
			switch p.Severity {
			case report.SeverityError:
				errs++
			case report.SeverityWarning:
				warnings++
			}
		}
	}
	return errs, warnings
}

var lintMarks = map[report.Severity]render.Mark{
	report.SeverityError: render.MarkBad, report.SeverityWarning: render.MarkOdd, report.SeverityInfo: render.MarkOpen,
}

// lintSheet groups the problems by file, each with its remedy.
func lintSheet(linted []manifest.Linted, unread int) *render.Sheet {
	s := &render.Sheet{Title: "manifest lint"}
	for _, l := range linted {
		form := string(l.Kind)
		if l.Unread() {
			form = "not read"
		}
		b := render.Block{Heading: fmt.Sprintf("%s (%s)", l.File, form), Columns: []string{"LINE", "RULE", "PROBLEM"}}
		for _, p := range l.Problems {
			mark, known := lintMarks[p.Severity]
			if !known {
				mark = render.MarkOdd
			}
			summary := p.Summary
			if p.Module != "" && !strings.HasPrefix(summary, p.Module) {
				summary = p.Module + ": " + summary
			}
			b.Rows = append(b.Rows, render.SheetRow{Mark: mark, Cells: []string{fmt.Sprintf("%d:%d", p.Line, p.Column), string(p.Rule), summary}, Notes: []string{p.Remedy}})
		}
		if len(b.Rows) == 0 {
			b.Rows = []render.SheetRow{{Mark: render.MarkGood, Cells: []string{"", "", "nothing to object to"}}}
		}
		s.Blocks = append(s.Blocks, b)
	}
	errs, warnings := countProblems(linted)
	s.Failed = errs > 0 || unread > 0
	s.Verdict = fmt.Sprintf("%s, %s in %s.", count(errs, "error"), count(warnings, "warning"), count(len(linted)-unread, "manifest"))
	if unread > 0 {
		s.Verdict = fmt.Sprintf("%s could not be read. ", count(unread, "file")) + s.Verdict
	}
	return s
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
