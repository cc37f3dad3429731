package command

import (
	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/report/render"
)

// Words prints the glossary, below the help of who meets the words first.
func Words(con *console.Console) error {
	return exit.Result(render.Words(con.Stdout, con.TextOptions(false, false)))
}
