package command

import (
	"fmt"
	"io"
	"strings"

	"edgenet/internal/console"
	"edgenet/report/render"
)

// write prints files and steps with the forms of a format: of a file, of the steps'
// heading, of a step, of a command, of a reason.
func (g generated) write(w io.Writer, file, heading, step, command, why string) error {
	var b strings.Builder
	for _, f := range g.Files {
		fmt.Fprintf(&b, file, f.Path, f.What, f.Text)
	}
	b.WriteString(heading)
	for i, s := range g.Steps {
		fmt.Fprintf(&b, step, i+1, s.Title)
		if s.Why != "" {
			fmt.Fprintf(&b, why, s.Why)
		}
		for _, c := range s.Commands {
			fmt.Fprintf(&b, command, c)
		}
		for _, c := range s.Verify {
			fmt.Fprintf(&b, command, c)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// printScript writes what is pasted: as it is into a pipe or a file, and on a terminal with its
// comments wrapped.
func printScript(con *console.Console, text string) error {
	if con.OutWidth() == 0 {
		_, err := io.WriteString(con.Stdout, text)
		return err
	}
	return render.Script(con.Stdout, text, con.TextOptions(false, false))
}
