package command

import (
	"context"
	"errors"
	"fmt"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/fleet"
	"edgenet/internal/fleet/show"
	"edgenet/internal/fleet/survey"
)

// CheckOptions are those of `edgenet fleet check`.
type CheckOptions struct {
	Hub           HubOptions
	Where, Output string
	Parallel      int // how many devices are asked at once
}

// Check is `edgenet fleet check`.
func Check(ctx context.Context, con *console.Console, o CheckOptions) error {
	if err := survey.CheckWhere(o.Where); err != nil {
		return exit.Usagef("--where: %w", err)
	}
	if o.Parallel < 1 || o.Parallel > 256 {
		return exit.Usagef("--parallel %d: expected 1 to 256", o.Parallel)
	}
	out, err := openLines(ctx, con, o.Output)
	if err != nil {
		return err
	}
	err = o.ask(ctx, con, out)
	return errors.Join(err, exit.Result(out.Close()))
}

// ask asks those that have not answered yet.
func (o CheckOptions) ask(ctx context.Context, con *console.Console, out *lines) error {
	p := newProgress(con, false)
	client, err := o.Hub.client(ctx, con, "", p)
	if err != nil {
		return err
	}
	var ids []string
	s := survey.Options{Hub: client, Name: client.Hub(), Where: o.Where, Progress: p.at}
	err = survey.Devices(ctx, s, func(row fleet.Row) error {
		if !out.answered[row.Device] {
			ids = append(ids, row.Device)
		}
		return nil
	})
	if err != nil {
		p.clear()
		return hubError(err)
	}
	c := &checking{client: client, out: out, p: p, of: len(ids)}
	err = c.all(ctx, ids, o.Parallel)
	p.clear()
	before := ""
	if len(out.answered) > 0 {
		before = fmt.Sprintf("; %s had answered before", show.Count(len(out.answered), "device"))
	}
	con.Note("%s answered, %d did not%s", show.Count(c.reports, "device"), c.silent, before)
	switch {
	case err != nil:
		return hubError(err)
	case c.silent > 0:
		return exit.CodeError(exit.Bad)
	}
	return nil
}
