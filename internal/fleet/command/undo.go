package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/fleet"
	"edgenet/internal/fleet/rollout"
	"edgenet/internal/fleet/show"
	"edgenet/internal/secret"
)

// UndoOptions are those of `edgenet fleet undo`.
type UndoOptions struct{ Hub HubOptions }

// Undo is `edgenet fleet undo`. A journal that is not there is not made.
func Undo(ctx context.Context, con *console.Console, path string, o UndoOptions) error {
	if _, err := os.Stat(path); err != nil {
		return exit.Input(err)
	}
	log, err := rollout.OpenFile(path)
	if err != nil {
		return exit.Inputf("%s: %w", secret.Name(path, 200), err)
	}
	defer func() { _ = log.Close() }() // every line of it is on the disk
	j := log.Journal()
	if len(j.Writes) == 0 {
		_, err := fmt.Fprintln(con.Stdout, "Nothing was written: there is nothing to undo.")
		return exit.Result(err)
	}
	p := newProgress(con, false)
	client, err := o.Hub.client(ctx, con, j.Hub, p)
	if err != nil {
		return err
	}
	if j.Hub != "" && !strings.EqualFold(client.Hub(), j.Hub) {
		return exit.Usagef("the journal is of the hub %s, and this is %s", secret.Name(j.Hub, 120), client.Hub())
	}
	out, err := rollout.Undo(ctx, rollout.Options{
		Hub: client, Log: log, HubName: client.Hub(), PlanHash: j.Plan, Plan: &fleet.Plan{}, Progress: p.rollout,
	})
	p.clear()
	written := writeSheet(con, "text", nil, show.TakenBack(out))
	switch {
	case err != nil:
		con.Note("run the same command again to go on")
		return errors.Join(hubError(err), written)
	case len(out.Left) > 0:
		return exit.With(exit.Bad, written)
	}
	return written
}
