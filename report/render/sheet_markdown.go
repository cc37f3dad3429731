package render

import (
	"io"
	"strings"

	"edgenet/report"
)

// SheetMarkdown writes the sheet for a ticket or a wiki.
func SheetMarkdown(w io.Writer, s *Sheet) error {
	var b strings.Builder
	b.WriteString("## " + cell(s.Title) + "\n")
	for _, f := range s.Facts {
		b.WriteString("\n" + cell(f) + "\n")
	}
	for _, t := range s.Blocks {
		if len(t.Rows) > 0 {
			markdownTable(&b, t)
		}
	}
	if len(s.Findings) > 0 {
		b.WriteString("\n### What to do\n\n")
	}
	for _, f := range s.Findings {
		b.WriteString("- **" + cell(string(f.Severity)) + "** `" + cell(string(f.Code)) + "` " + cell(f.Summary) +
			"  \n  " + cell(f.Remedy) + "\n")
	}
	if len(s.Notes) > 0 {
		b.WriteString("\n")
	}
	for _, n := range s.Notes {
		b.WriteString("- " + cell(n) + "\n")
	}
	if s.Verdict != "" {
		b.WriteString("\n**" + cell(s.Verdict) + "**\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func markdownTable(b *strings.Builder, t Block) {
	if t.Heading != "" {
		b.WriteString("\n### " + cell(t.Heading) + "\n")
	}
	mark, rule := " |", "---|"
	if t.Plain {
		mark, rule = "", ""
	}
	b.WriteString("\n|" + mark)
	for _, c := range t.Columns {
		b.WriteString(" " + cell(c) + " |")
	}
	b.WriteString("\n|" + rule + strings.Repeat("---|", len(t.Columns)) + "\n")
	for _, r := range t.Rows {
		b.WriteString("|")
		if !t.Plain {
			b.WriteString(" " + markWords[r.Mark] + " |")
		}
		for i, c := range r.Cells {
			text := cell(c)
			if i == len(r.Cells)-1 && len(r.Notes) > 0 {
				text += "<br>" + cell(strings.Join(r.Notes, "; "))
			}
			b.WriteString(" " + text + " |")
		}
		b.WriteString("\n")
	}
}

var markWords = map[Mark]string{MarkNone: "", MarkGood: "ok", MarkBad: "**wrong**", MarkOdd: "look",
	MarkIdle: "no effect", MarkOpen: "not set"}

// cell is a text that markdown takes for nothing but text.
func cell(s string) string {
	return markdownEscapes.Replace(report.Clean(s, 600))
}

var markdownEscapes = strings.NewReplacer(`\`, `\\`, "|", `\|`, "<", "&lt;", ">", "&gt;", "*", `\*`, "`", "\\`", "[",
	`\[`, "]", `\]`, "_", `\_`)
