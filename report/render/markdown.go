package render

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"edgenet/report"
)

// Markdown writes reports for a ticket (GitHub's and GitLab's flavour): verdict, what
// to do and who does it, the paths, and what the admins look for in their logs. What a
// stranger wrote stays text.
func Markdown(w io.Writer, reports ...*report.Report) error {
	var b strings.Builder
	for i, r := range reports {
		if i > 0 {
			b.WriteString("\n---\n\n")
		}
		writeMarkdown(&b, r)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeMarkdown(b *strings.Builder, r *report.Report) {
	read := Read(r)
	fmt.Fprintf(b, "## edgenet: %s (%s)\n\n%s **%s**\n\n", read.Headline, mark(r.Target.Hub), verdictGlyph[read.Tone],
		mark(r.Verdict.Reason))
	if r.Partial {
		b.WriteString("Incomplete: stopped before every path was through.\n\n")
	}
	for _, f := range append(Answers(r.Verdict), RunFacts(r)...) {
		fmt.Fprintf(b, "- %s: %s\n", mark(f.Name), mark(f.Value))
	}
	adviceMarkdown(b, "What to do", read.ToDo)
	matrixMarkdown(b, r, read)
	insideMarkdown(b, ReadInside(r))
	failuresMarkdown(b, r, read)
	adviceMarkdown(b, "Good to know", read.Know)
	fmt.Fprintf(b, "\nMade by %s; times are UTC; `edgenet explain CODE` says what a code means.\n", mark(Made(r)))
}

var verdictGlyph = map[Tone]string{Good: "✅", Warn: "⚠️", Bad: "❌"}

func adviceMarkdown(b *strings.Builder, title string, list []Advice) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(b, "\n### %s\n\n", title)
	for i, a := range list {
		way := ""
		if h := a.Heading(); h != "" {
			way = mark(h) + ": "
		}
		fmt.Fprintf(b, "%d. %s**%s**: %s\n", i+1, way, mark(Sentence(a.Who)), mark(a.Text))
		for _, why := range a.Whys {
			facts := make([]string, len(why))
			for n, f := range why {
				facts[n] = mark(f)
			}
			fmt.Fprintf(b, "   - %s\n", strings.Join(facts, " · "))
		}
	}
}

// matrixMarkdown is a row a protocol and a column a route.
func matrixMarkdown(b *strings.Builder, r *report.Report, read Reading) {
	if len(read.Paths) == 0 {
		return
	}
	fmt.Fprintf(b, "\n### Paths%s\n\n| Path |", FromWhere(r))
	for _, route := range r.Routes {
		fmt.Fprintf(b, " %s |", mark(route.ID))
	}
	fmt.Fprintf(b, "\n|---|%s\n", strings.Repeat("---|", len(r.Routes)))
	for _, row := range Matrix(r, read) {
		fmt.Fprintf(b, "| %s |", mark(strings.TrimSpace(row.Host+" "+row.Protocol+" "+strconv.Itoa(row.Port))))
		for _, cell := range row.Cells {
			words := make([]string, len(cell))
			for i, n := range cell {
				words[i] = pathMarkdown(read.Paths[n])
			}
			if len(words) == 0 {
				words = []string{"not probed"}
			}
			fmt.Fprintf(b, " %s |", strings.Join(words, "; "))
		}
		b.WriteByte('\n')
	}
}

func pathMarkdown(p Path) string {
	out := p.Mark + " " + mark(p.Word)
	if p.Code != "" {
		out += " " + code(p.Code)
	}
	if p.Time != "" {
		out += " " + p.Time
	}
	if p.Chosen {
		out = "**" + out + "**"
	}
	return out
}

// failuresMarkdown is what the admins compare with their logs.
func failuresMarkdown(b *strings.Builder, r *report.Report, read Reading) {
	failed := slices.DeleteFunc(slices.Clone(read.Paths), func(p Path) bool { return p.Result.Status != report.Failed })
	if len(failed) == 0 {
		return
	}
	b.WriteString("\n### What was seen\n\n| Path | Where | Cause | Seen | From and to | UTC " +
		"|\n|---|---|---|---|---|---|\n")
	for _, p := range failed {
		seen := p.Result.Summary
		if seen == "" {
			seen = p.Title
		}
		from, at := endpoints(r, p.Result), ""
		if !from.at.IsZero() {
			at = from.at.UTC().Format(time.DateTime)
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s |\n",
			mark(fmt.Sprintf("%s %d %s", Clean(string(p.Result.Protocol)), p.Result.Port, Clean(p.Result.Route))),
			mark(p.Place), code(p.Code), mark(seen), mark(from.words()), at)
	}
}

// mark escapes a text for markdown, after cleaning it: nothing in it is markup, a link
// or a table's border. What needs no escaping stays readable in tickets that show
// markdown as it is written.
func mark(s string) string {
	s = Clean(s)
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if special(s, i) {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// special tells whether the byte would be more than itself (CommonMark 0.31, and the
// tables, strikethrough, mathematics and bare links of GitHub and GitLab).
func special(s string, i int) bool {
	rest := s[i+1:]
	switch c := s[i]; c {
	case '\\', '`', '*', '[', ']', '<', '|', '~', '$':
		return true
	case '_': // inside a word it is itself
		return i == 0 || !wordByte(s[i-1]) || rest == "" || !wordByte(rest[0])
	case '&':
		return rest != "" && (rest[0] == '#' || wordByte(rest[0]))
	case ':':
		return strings.HasPrefix(rest, "//")
	case '.':
		return i >= 3 && strings.EqualFold(s[i-3:i], "www") || numbered(s[:i]) && strings.HasPrefix(rest, " ")
	case ')':
		return numbered(s[:i]) && strings.HasPrefix(rest, " ")
	case '-', '+', '#', '>', '=':
		return i == 0
	}
	return false
}

// numbered tells whether a line that goes on with a point is an ordered list's.
func numbered(s string) bool {
	return s != "" && len(s) < 10 && strings.Trim(s, "0123456789") == ""
}

// code shows a code's letters as code; what could end it or a cell is taken out.
func code(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '`' || r == '|' {
			return '\''
		}
		return r
	}, Clean(s))
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}

func wordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
