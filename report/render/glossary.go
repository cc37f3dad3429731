package render

import (
	"io"

	"edgenet/report"
)

// Words writes the glossary, below a help text.
func Words(w io.Writer, o TextOptions) error {
	p := newPen(o)
	p.o.Width = min(p.o.Width, 100)
	const column = 20
	out := []line{{}, {{"Words:", plain}}}
	for _, word := range report.Glossary() {
		for i, l := range wrap(p.clean(word.Means), p.o.Width-column) {
			head := ""
			if i == 0 {
				head = word.Word
			}
			out = append(out, line{{"  " + padRight(head, column-2), plain}, {l, plain}})
		}
	}
	_, err := io.WriteString(w, p.join([][]line{out}))
	return err
}
