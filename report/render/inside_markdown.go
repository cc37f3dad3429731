package render

import (
	"fmt"
	"strings"
)

// insideMarkdown is the check from a container: where it ran, what goes otherwise
// there, and who does what about it.
func insideMarkdown(b *strings.Builder, in *Inside) {
	if in == nil {
		return
	}
	fmt.Fprintf(b, "\n### %s\n\n", mark(in.Title))
	for _, f := range in.Facts {
		fmt.Fprintf(b, "- %s: %s\n", mark(f.Name), mark(f.Value))
	}
	if in.Error != "" {
		fmt.Fprintf(b, "\n✗ **Nothing came from the container**: %s\n", mark(in.Error))
		return
	}
	if rows := append(in.Paths[:len(in.Paths):len(in.Paths)], in.Places...); len(rows) > 0 {
		b.WriteString("\n| | Host | Container |\n|---|---|---|\n")
		for _, r := range rows {
			fmt.Fprintf(b, "| %s | %s | %s |\n", mark(r.Name), sideMarkdown(r.Host), sideMarkdown(r.Container))
		}
	}
	b.WriteByte('\n')
	if len(in.Paths) == 0 {
		b.WriteString("No path goes otherwise in the container.\n")
	}
	for i, r := range in.Reasons {
		fmt.Fprintf(b, "%d. %s: %s\n", i+1, mark(r.Paths), mark(r.Why))
		if r.What != "" {
			fmt.Fprintf(b, "   - **%s**: %s\n", mark(Sentence(r.Who)), mark(r.What))
		}
	}
}

func sideMarkdown(s Side) string {
	out := mark(s.Word)
	if s.Mark != "" {
		out = s.Mark + " " + out
	}
	if s.Code != "" {
		out += " " + code(s.Code)
	}
	if s.Time != "" {
		out += " " + s.Time
	}
	return out
}
