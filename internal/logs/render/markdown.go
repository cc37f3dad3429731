package render

import (
	"fmt"
	"io"
	"strings"

	"edgenet/internal/logs"
	"edgenet/report"
)

// Markdown writes the report for a ticket.
func Markdown(w io.Writer, r *logs.Report) error {
	v := newView(r)
	var b strings.Builder
	fmt.Fprintf(&b, "# edgenet logs: %s\n\n**%s.**\n\n%s\n", md(v.title), md(v.headline),
		md(strings.Join(v.facts, ", ")))
	if len(v.rows) > 0 {
		b.WriteString("\n| component | state | how |\n|---|---|---|\n")
		for _, row := range v.rows {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", md(row.name), row.state, md(row.detail))
		}
	}
	if len(v.why) > 0 {
		b.WriteString("\n## Why\n\n")
		for _, y := range v.why {
			b.WriteString(md(y) + "\n\n")
		}
		if v.quote != "" {
			b.WriteString("> " + md(v.quote) + "\n")
		}
		for _, a := range v.also {
			b.WriteString("\n" + md(a) + "\n")
		}
	}
	if len(v.beside) > 0 {
		b.WriteString("\n## The log, and what a check found now\n\n| the log | the check |\n|---|---|\n")
		for _, row := range v.beside {
			fmt.Fprintf(&b, "| %s | %s |\n", md(row[0]), md(row[1]))
		}
	}
	if len(v.findings) > 0 {
		b.WriteString("\n## What follows, and who acts\n\n")
		for _, f := range v.findings {
			fmt.Fprintf(&b, "- **%s** (`%s`, %s)\n", md(f.what), f.code, f.proved)
			fmt.Fprintf(&b, "  %s: %s\n", md(sentence(f.who)), md(f.remedy))
		}
	}
	if len(v.cannot) > 0 {
		b.WriteString("\n## What this log cannot tell\n\n")
		for _, c := range v.cannot {
			b.WriteString("- " + md(sentence(c)) + "\n")
		}
	}
	fmt.Fprintf(&b, "\nWhat would prove it:\n\n    %s\n", report.Clean(v.confirm, 600))
	_, err := io.WriteString(w, b.String())
	return err
}

// md keeps a text from being taken for markup.
func md(s string) string {
	s = report.Clean(s, 600)
	return strings.NewReplacer("\\", "\\\\", "|", "\\|", "*", "\\*", "_", "\\_", "`", "\\`", "<", "&lt;", ">", "&gt;",
		"[", "\\[", "]", "\\]", "#", "\\#", "~", "\\~").Replace(s)
}
