package command

import (
	"context"
	"fmt"
	"strings"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/inputs"
	"edgenet/internal/manifest"
	"edgenet/internal/manifest/junit"
	"edgenet/internal/secret"
	"edgenet/report"
	"edgenet/report/render"
)

// LintFormats are the names for manifest lint's --format.
func LintFormats() []string { return []string{"text", "json", "junit", "sarif"} }

// ManifestLint is `edgenet manifest lint`.
func ManifestLint(ctx context.Context, con *console.Console, files []string, o LintOptions) error {
	format := o.Format
	if err := Format(format, append(LintFormats(), "xml")...); err != nil {
		return err
	}
	typed, err := o.choices()
	if err != nil {
		return err
	}
	linted := []manifest.Linted{}
	unread := 0
	for _, file := range files {
		m, _, err := inputs.ReadManifest(ctx, con, file)
		if ctx.Err() != nil {
			return exit.CodeError(exit.Interrupted)
		}
		if err != nil { // the others are judged all the same, and this one is not left out
			con.Note("%s", err)
			unread++
			linted = append(linted, manifest.Linted{File: secret.Path(file),
				Problems: []manifest.Problem{manifest.Unreadable(file, err)}})
			continue
		}
		c, err := beside(ctx, con, file)
		if err != nil {
			return err
		}
		linted = append(linted, manifest.Linted{File: file, Kind: m.Kind,
			Problems: typed.over(c).judge(m)})
	}
	code := exit.Good
	if errs, _ := countProblems(linted); errs > 0 {
		code = exit.Bad
	}
	if unread > 0 {
		code = exit.Usage
	}
	return exit.With(code, exit.Result(writeLint(con, linted, unread, format)))
}

func writeLint(con *console.Console, linted []manifest.Linted, unread int, format string) error {
	switch format {
	case "json":
		return render.Value(con.Stdout, struct {
			Schema string            `json:"schema"`
			Files  []manifest.Linted `json:"files"`
		}{"edgenet.lint/1", linted})
	case "sarif":
		return lintSARIF(con, linted)
	case "junit", "xml":
		return junit.Write(con.Stdout, linted)
	}
	return render.SheetText(con.Stdout, lintSheet(linted, unread), con.TextOptions(false, false))
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
			b.Rows = append(
				b.Rows,
				render.SheetRow{
					Mark:  mark,
					Cells: []string{fmt.Sprintf("%d:%d", p.Line, p.Column), string(p.Rule), summary},
					Notes: []string{p.Remedy},
				},
			)
		}
		if len(b.Rows) == 0 {
			b.Rows = []render.SheetRow{{Mark: render.MarkGood, Cells: []string{"", "", "nothing to object to"}}}
		}
		s.Blocks = append(s.Blocks, b)
	}
	errs, warnings := countProblems(linted)
	s.Failed = errs > 0 || unread > 0
	s.Verdict = fmt.Sprintf(
		"%s, %s in %s.",
		count(errs, "error"),
		count(warnings, "warning"),
		count(len(linted)-unread, "manifest"),
	)
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
