package command

import (
	"fmt"
	"io"
	"strings"
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
