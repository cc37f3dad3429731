package command

import (
	"io"

	"edgenet/internal/console"
	"edgenet/internal/exit"
)

// Print writes a result whole to standard output.
func Print(con *console.Console, text string) error {
	_, err := io.WriteString(con.Stdout, text)
	return exit.Result(err)
}
